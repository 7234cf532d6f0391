/*
 * Control groups (version 2) of the kernel: limits that no process in the group can get around.
 *
 * A group is made below the caller's own where the system allows it (root, or a delegated subtree:
 * `systemd-run --user --scope -p Delegate=yes`), else below the nearest one above that has the
 * memory controller.  The environment variable ZEROGAP_CGROUP names another folder to make it in,
 * or is `none`.  Like scratch folders, groups stay locked while the process that made them lives,
 * and making one kills and removes those that nobody holds.
 */
#ifndef ZG_BASE_CGROUP_H
#define ZG_BASE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

#define ZG_CGROUP_SIZE 1024

typedef struct zg_cgroup {
    char path[ZG_CGROUP_SIZE]; /* empty: none could be made */
    int lock;
    bool controlled; /* the memory and pids controllers are there, not just the group */
} zg_cgroup;

typedef struct zg_cgroup_usage {
    double memory_bytes; /* highest so far, page cache included */
    double cpu_seconds;  /* of all processes that ever were in the group */
    bool out_of_memory;  /* the kernel killed the group at its limit */
    bool refused_fork;   /* at the limit of processes */
} zg_cgroup_usage;

void zg_cgroup_make(zg_cgroup *out);
/* Sets limits; 0 means none.  At the limit of memory the kernel kills all processes of the group;
 * swap is not used.  Without controllers it returns false, and no limit is in force. */
bool zg_cgroup_limit(const zg_cgroup *group, double memory_bytes, size_t processes);
/* Moves the calling process into the group. */
bool zg_cgroup_enter(const zg_cgroup *group);
void zg_cgroup_measure(const zg_cgroup *group, zg_cgroup_usage *out);
/* Kills every process in it, including those started meanwhile. */
void zg_cgroup_kill(const zg_cgroup *group);
/* Kills what is left and removes the group; does nothing for a zeroed structure. */
void zg_cgroup_remove(zg_cgroup *group);

#endif
