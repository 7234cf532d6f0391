/* All processes below one, through /proc: what they use, and signals to them.
 *
 * Children of every thread of every process are followed, to any depth. */
#ifndef ZG_BASE_PROCESS_TREE_H
#define ZG_BASE_PROCESS_TREE_H

#include <stddef.h>
#include <sys/types.h>

typedef struct zg_tree_usage {
    double rss_bytes;   /* resident; pages that two processes share count twice */
    double cpu_seconds; /* user and system, of living processes and children they waited for */
    size_t processes;
} zg_tree_usage;

/* Of the processes below root, root not included. */
void zg_tree_measure(pid_t root, zg_tree_usage *out);
void zg_tree_signal(pid_t root, int signal);

/* The processes that root started itself, or adopted; *out is the caller's to free, NULL when there
 * is none. */
size_t zg_tree_children(pid_t root, pid_t **out);

#endif
