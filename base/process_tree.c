/* All processes below one, through /proc (see process_tree.h). */
#include "base/process_tree.h"

#include "base/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was found so far. */
typedef struct list {
    pid_t *pids;
    size_t count, capacity;
} list;

static bool add(list *found, pid_t pid)
{
    pid_t *larger = zg_grow(found->pids, &found->capacity, found->count + 1, sizeof *larger);
    if (!larger) return false;
    found->pids = larger;
    found->pids[found->count++] = pid;
    return true;
}

/* Reads a small file of /proc; false when the process is gone. */
static bool read_proc(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    if (got < 0) return false;
    text[got] = '\0';
    return true;
}

/* One read may be cut anywhere: numbers are put together from as many as it takes. */
static void add_children_of_thread(list *found, const char *path)
{
    char piece[4096];
    long pid = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got <= 0) break;
        for (ssize_t i = 0; i < got; i++) {
            if (piece[i] >= '0' && piece[i] <= '9') {
                pid = 10 * pid + (piece[i] - '0');
            } else {
                if (pid > 0 && !add(found, (pid_t)pid)) break;
                pid = 0;
            }
        }
    }
    if (pid > 0) (void)add(found, (pid_t)pid);
    close(fd);
}

static void add_children(list *found, pid_t pid)
{
    char path[64 + sizeof((struct dirent *)NULL)->d_name];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    if (!threads) return;
    const struct dirent *entry;
    while ((entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, entry->d_name);
        add_children_of_thread(found, path);
    }
    closedir(threads);
}

/* Everything below, breadth first. */
static list find_all(pid_t root)
{
    list found = {0};
    add_children(&found, root);
    for (size_t i = 0; i < found.count; i++)
        add_children(&found, found.pids[i]);
    return found;
}

static void measure_one(pid_t pid, zg_tree_usage *usage)
{
    char path[64], text[1024];
    unsigned long pages = 0, times[4] = {0}; /* user, system; of children waited for */
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (read_proc(path, text, sizeof text) && sscanf(text, "%*u %lu", &pages) == 1)
        usage->rss_bytes += (double)pages * (double)sysconf(_SC_PAGESIZE);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_proc(path, text, sizeof text)) return;
    usage->processes++;
    /* The name in parentheses may hold anything; the fields after its last ) are plain. */
    const char *fields = strrchr(text, ')');
    if (fields && sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu",
                         &times[0], &times[1], &times[2], &times[3]) == 4)
        usage->cpu_seconds +=
            (double)(times[0] + times[1] + times[2] + times[3]) / (double)sysconf(_SC_CLK_TCK);
}

void zg_tree_measure(pid_t root, zg_tree_usage *out)
{
    list found = find_all(root);
    *out = (zg_tree_usage){0};
    for (size_t i = 0; i < found.count; i++)
        measure_one(found.pids[i], out);
    free(found.pids);
}

void zg_tree_signal(pid_t root, int signal)
{
    list found = find_all(root);
    for (size_t i = 0; i < found.count; i++)
        (void)kill(found.pids[i], signal);
    free(found.pids);
}

size_t zg_tree_children(pid_t root, pid_t **out)
{
    list found = {0};
    add_children(&found, root);
    *out = found.pids;
    return found.count;
}
