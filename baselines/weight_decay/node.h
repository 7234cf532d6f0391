/*
 * Nodes of a branch and bound: a box, its lower bound, and the basis to start from.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_NODE_H
#define ZG_BASELINES_WEIGHT_DECAY_NODE_H

#include "baselines/weight_decay/heap.h"
#include "baselines/weight_decay/problem.h"

typedef struct zg_decay_node {
    double bound; /* safe; -INFINITY before the first relaxation */
    size_t depth;
    size_t record;         /* its node in the proof tree */
    bool ranged;           /* whether range reduction pays here */
    double *lower, *upper; /* columns each, in the node's own allocation */
    unsigned char *basis;  /* basis_size bytes, zero when there is none */
} zg_decay_node;

/* NULL when out of memory. */
zg_decay_node *zg_decay_node_create(size_t columns, size_t basis_size, const double *lower,
                                    const double *upper);
void zg_decay_node_free(void *node);

/* Puts the node among the open ones, which own it from then on; on ZG_NO_MEMORY it is freed. */
zg_status zg_decay_node_open(zg_decay_node *node, zg_heap *open);

#endif
