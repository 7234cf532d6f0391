/* Control groups (see cgroup.h). */
#include "base/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "zerogap-case-"
#define RUNNER "zerogap-runner" /* where a delegated group's only process steps aside to */
#define TRIES 8
#define PATIENCE 2000 /* milliseconds for killed processes to leave */

/* ---- files of a group --------------------------------------------------------------------------- */

static bool write_file(const char *group, const char *name, const char *text)
{
    char path[ZG_CGROUP_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", group, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool good = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    close(file);
    return good;
}

static bool read_file(const char *group, const char *name, char *text, size_t size)
{
    char path[ZG_CGROUP_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", group, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t got = read(file, text, size - 1);
    close(file);
    text[got > 0 ? got : 0] = '\0';
    return got >= 0;
}

static bool has_file(const char *group, const char *name)
{
    char path[ZG_CGROUP_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", group, name);
    return access(path, W_OK) == 0;
}

/* The number after a key in a file such as cpu.stat; 0 when the key is absent. */
static double number_in(const char *group, const char *name, const char *key)
{
    char text[4096];
    if (!read_file(group, name, text, sizeof text)) return 0;
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
    }
    return 0;
}

/* ---- where groups can be made ---------------------------------------------------------------------- */

/* The folder where the hierarchy of version 2 is mounted, and which of its groups lies there. */
static bool find_mount(char place[ZG_CGROUP_SIZE], char root[ZG_CGROUP_SIZE])
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    while (file && !found && getline(&line, &size, file) > 0)
        found = strstr(line, " - cgroup2 ") != NULL &&
                sscanf(line, "%*s %*s %*s %1023s %1023s", root, place) == 2;
    free(line);
    if (file) fclose(file);
    return found;
}

/* The caller's own group, as a folder; *top is the length of the mount's path in it. */
static bool own_group(char path[ZG_CGROUP_SIZE], size_t *top)
{
    char place[ZG_CGROUP_SIZE], root[ZG_CGROUP_SIZE], line[ZG_CGROUP_SIZE];
    if (!find_mount(place, root)) return false;
    FILE *file = fopen("/proc/self/cgroup", "re");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, "0::/", 4) == 0;
    if (file) fclose(file);
    if (!found) return false;
    line[strcspn(line, "\n")] = '\0';
    const char *own = line + 3;
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(own, root, length) != 0 || strstr(own, "/..")) return false; /* outside of ours */
    int written = snprintf(path, ZG_CGROUP_SIZE, "%s%s", place, own + length);
    *top = strlen(place);
    if (written <= 0 || written >= ZG_CGROUP_SIZE - 64) return false;
    while (strlen(path) > *top && path[strlen(path) - 1] == '/')
        path[strlen(path) - 1] = '\0';
    return true;
}

/* Enables the controllers in the groups below.  A group that holds processes cannot do that: where
 * ours is the only one, it first moves into a group of its own. */
static bool hand_down(const char *group)
{
    char text[64], own[24], aside[ZG_CGROUP_SIZE + 32];
    if (write_file(group, "cgroup.subtree_control", "+memory +pids")) return true;
    if (errno != EBUSY || !read_file(group, "cgroup.procs", text, sizeof text)) return false;
    snprintf(own, sizeof own, "%d\n", getpid());
    if (strcmp(text, own) != 0) return false;
    snprintf(aside, sizeof aside, "%s/" RUNNER, group);
    if (mkdir(aside, 0755) != 0 && errno != EEXIST) return false;
    return write_file(aside, "cgroup.procs", "0") &&
           write_file(group, "cgroup.subtree_control", "+memory +pids");
}

/* ---- locks and removal ------------------------------------------------------------------------------ */

static int lock_group(const char *path)
{
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
    if (lock >= 0) close(lock);
    return -1;
}

static void kill_members(const char *path)
{
    char text[4096];
    if (write_file(path, "cgroup.kill", "1")) return; /* Linux 5.14 */
    if (!read_file(path, "cgroup.procs", text, sizeof text)) return;
    char *at = text, *end;
    for (long pid = strtol(at, &end, 10); end != at; pid = strtol(at, &end, 10)) {
        if (pid > 1) (void)kill((pid_t)pid, SIGKILL);
        at = end;
    }
}

/* Groups that a case made below its own are removed first. */
static void remove_group(const char *path, int depth)
{
    DIR *folder = depth < 32 ? opendir(path) : NULL;
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL) {
        char below[ZG_CGROUP_SIZE + 300];
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
        int length = snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (length < ZG_CGROUP_SIZE) remove_group(below, depth + 1);
    }
    if (folder) closedir(folder);
    (void)rmdir(path);
}

static void kill_and_remove(const char *path)
{
    for (int waited = 0; waited < PATIENCE && access(path, F_OK) == 0; waited += 5) {
        kill_members(path);
        remove_group(path, 0);
        if (access(path, F_OK) == 0) (void)poll(NULL, 0, 5);
    }
}

/* Removes the groups of dead runs. */
static void sweep(const char *parent)
{
    DIR *folder = opendir(parent);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL) {
        char path[ZG_CGROUP_SIZE + 300];
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", parent, entry->d_name);
        struct stat info;
        int lock = lock_group(path);
        if (lock < 0) continue;
        if (fstat(lock, &info) == 0 && info.st_uid == geteuid()) kill_and_remove(path);
        close(lock);
    }
    if (folder) closedir(folder);
}

/* ---- the interface ------------------------------------------------------------------------------------ */

static bool make_in(const char *parent, zg_cgroup *out)
{
    if (!has_file(parent, "cgroup.procs")) return false;
    sweep(parent);
    for (int i = 0; i < TRIES; i++) {
        unsigned number = 0;
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) break;
        snprintf(out->path, sizeof out->path, "%.900s/" PREFIX "%08x", parent, number);
        if (mkdir(out->path, 0755) != 0 && errno != EEXIST) break;
        /* Until it is locked another sweep may take it for dead. */
        out->lock = lock_group(out->path);
        if (out->lock >= 0 && has_file(out->path, "cgroup.procs")) {
            out->controlled = has_file(out->path, "memory.max") && has_file(out->path, "pids.max");
            return true;
        }
        if (out->lock >= 0) close(out->lock);
    }
    *out = (zg_cgroup){.lock = -1};
    return false;
}

void zg_cgroup_make(zg_cgroup *out)
{
    const char *chosen = getenv("ZEROGAP_CGROUP"); // NOLINT(concurrency-mt-unsafe): never set here
    char parent[ZG_CGROUP_SIZE];
    size_t top;
    *out = (zg_cgroup){.lock = -1};
    if (chosen && strcmp(chosen, "none") == 0) return;
    if (chosen && *chosen) {
        (void)make_in(chosen, out);
        return;
    }
    if (!own_group(parent, &top)) return;
    zg_cgroup plain = {.lock = -1}; /* no controllers, but it finds and kills them all */
    if (make_in(parent, &plain) && !plain.controlled && hand_down(parent))
        plain.controlled = has_file(plain.path, "memory.max") && has_file(plain.path, "pids.max");
    while (!plain.controlled && strlen(parent) > top) {
        *strrchr(parent, '/') = '\0';
        if (!has_file(parent, "cgroup.procs") || !make_in(parent, out)) continue;
        if (out->controlled) break;
        zg_cgroup_remove(out);
    }
    if (out->path[0])
        zg_cgroup_remove(&plain);
    else
        *out = plain;
}

bool zg_cgroup_limit(const zg_cgroup *group, double memory_bytes, size_t processes)
{
    char text[32];
    if (!group->controlled) return false;
    (void)write_file(group->path, "memory.oom.group", "1");
    (void)write_file(group->path, "memory.swap.max", "0");
    snprintf(text, sizeof text, "%.0f", memory_bytes);
    if (memory_bytes > 0 && !write_file(group->path, "memory.max", text)) return false;
    snprintf(text, sizeof text, "%zu", processes);
    return processes == 0 || write_file(group->path, "pids.max", text);
}

bool zg_cgroup_enter(const zg_cgroup *group)
{
    return group->path[0] && write_file(group->path, "cgroup.procs", "0");
}

void zg_cgroup_measure(const zg_cgroup *group, zg_cgroup_usage *out)
{
    char text[64];
    *out =
        (zg_cgroup_usage){.cpu_seconds = number_in(group->path, "cpu.stat", "usage_usec") * 1e-6};
    if (!group->controlled) return;
    if (read_file(group->path, "memory.peak", text, sizeof text) || /* Linux 5.19 */
        read_file(group->path, "memory.current", text, sizeof text))
        out->memory_bytes = strtod(text, NULL);
    /* A kill because memory ran out elsewhere counts as oom_kill only. */
    out->out_of_memory = number_in(group->path, "memory.events", "oom") > 0 &&
                         number_in(group->path, "memory.events", "oom_kill") > 0;
    out->refused_fork = number_in(group->path, "pids.events", "max") > 0;
}

void zg_cgroup_kill(const zg_cgroup *group)
{
    if (group->path[0]) kill_members(group->path);
}

void zg_cgroup_remove(zg_cgroup *group)
{
    if (!group->path[0]) return;
    kill_and_remove(group->path);
    close(group->lock);
    *group = (zg_cgroup){.lock = -1};
}
