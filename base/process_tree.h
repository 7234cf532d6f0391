/* All processes below one, through /proc: what they use, and signals to them. */
#ifndef ZG_BASE_PROCESS_TREE_H
#define ZG_BASE_PROCESS_TREE_H

#include <sys/types.h>

typedef struct zg_tree_usage {
    double rss_bytes;   /* resident; pages that two processes share count twice */
    double cpu_seconds; /* of living processes, user and system */
} zg_tree_usage;

/* Of the processes below root, root not included. */
void zg_tree_measure(pid_t root, zg_tree_usage *out);
void zg_tree_signal(pid_t root, int signal);

#endif
