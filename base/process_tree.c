/* All processes below one, through /proc: what they use, and signals to them. */
#include "base/process_tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_LIMIT 64

typedef void (*visitor)(void *context, pid_t pid);

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

/* Visits the processes below; only a process's first thread starts processes here. */
static void visit(pid_t root, int depth, visitor each, void *context)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", root, root);
    if (depth > DEPTH_LIMIT || !read_proc(path, text, sizeof text)) return;
    char *at = text;
    for (;;) {
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0) return;
        visit((pid_t)pid, depth + 1, each, context);
        each(context, (pid_t)pid);
        at = end;
    }
}

static void measure_one(void *context, pid_t pid)
{
    zg_tree_usage *usage = context;
    char path[64], text[1024];
    unsigned long pages = 0, user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    if (read_proc(path, text, sizeof text) && sscanf(text, "%*u %lu", &pages) == 1)
        usage->rss_bytes += (double)pages * (double)sysconf(_SC_PAGESIZE);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    if (!read_proc(path, text, sizeof text)) return;
    /* The name in parentheses may hold anything; the fields after its last ) are plain. */
    const char *fields = strrchr(text, ')');
    if (fields && sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                         &system) == 2)
        usage->cpu_seconds += (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void zg_tree_measure(pid_t root, zg_tree_usage *out)
{
    *out = (zg_tree_usage){0};
    visit(root, 0, measure_one, out);
}

static void signal_one(void *context, pid_t pid)
{
    (void)kill(pid, *(const int *)context);
}

void zg_tree_signal(pid_t root, int signal)
{
    visit(root, 0, signal_one, &signal);
}
