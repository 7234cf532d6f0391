/*
 * Open nodes of a branch and bound, best bound first: a binary heap of pointers by their bounds.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_HEAP_H
#define ZG_BASELINES_WEIGHT_DECAY_HEAP_H

#include "base/status.h"

#include <stddef.h>

typedef struct zg_heap_entry {
    double bound; /* lower bound of the node; never NaN */
    void *node;
} zg_heap_entry;

/* Zero-initialised it is empty.  entries[0] has the least bound. */
typedef struct zg_heap {
    zg_heap_entry *entries;
    size_t count, capacity;
} zg_heap;

/* A bound that is NaN says nothing, and counts as -INFINITY.  On ZG_NO_MEMORY the heap is as
 * before, and the node still the caller's. */
zg_status zg_heap_push(zg_heap *heap, double bound, void *node);

/* The node with the least bound; with more than `depth_first` nodes open a recent one instead, so
 * that the memory stays bounded.  The heap must not be empty. */
void *zg_heap_pop(zg_heap *heap, size_t depth_first);

double zg_heap_bound(const zg_heap *heap); /* the least bound; INFINITY when empty */

/* Frees the nodes by `release`, and the heap. */
void zg_heap_clear(zg_heap *heap, void (*release)(void *node));

#endif
