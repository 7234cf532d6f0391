/*
 * Open boxes of a branch and bound: a heap by bound, and the file that a run is taken up from.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_OPEN_H
#define ZG_BASELINES_WEIGHT_DECAY_OPEN_H

#include "baselines/weight_decay/problem.h"

#include <stdint.h>

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
void zg_decay_node_free(zg_decay_node *node);

typedef struct zg_decay_heap {
    zg_decay_node **nodes;
    size_t count, capacity;
} zg_decay_heap;

/* Takes the node over; on ZG_NO_MEMORY it is freed. */
zg_status zg_decay_heap_push(zg_decay_heap *heap, zg_decay_node *node);
/* The node with the least bound; with more than `crowded` nodes open, a recent one instead, so that
 * the memory stays bounded.  The heap must not be empty. */
zg_decay_node *zg_decay_heap_pop(zg_decay_heap *heap, size_t crowded);
double zg_decay_heap_bound(const zg_decay_heap *heap); /* INFINITY when empty */
void zg_decay_heap_clear(zg_decay_heap *heap);

/* What a run needs besides the open boxes. */
typedef struct zg_decay_state {
    double objective; /* of the incumbent w (columns) */
    double *w;
    double given_up; /* least bound among the boxes given up */
    double radius;   /* of the root box */
    double seconds;  /* of work so far */
    long nodes;
} zg_decay_state;

/* Writes a checkpoint: to a temporary file that then takes the path's place. */
zg_status zg_decay_checkpoint_write(const char *path, const zg_decay_problem *problem,
                                    const zg_decay_state *state, const zg_decay_heap *heap,
                                    zg_error *error);
/* Fills state (state->w has room for columns) and the empty heap.  A checkpoint of another problem
 * or a damaged one is ZG_BAD_INPUT with the line at fault; ZG_MISSING when there is no file. */
zg_status zg_decay_checkpoint_read(const char *path, const zg_decay_problem *problem,
                                   size_t basis_size, zg_decay_state *state, zg_decay_heap *heap,
                                   zg_error *error);

#endif
