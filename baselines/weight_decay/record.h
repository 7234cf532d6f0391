/*
 * The proof tree of a branch and bound: splits of the root box, and multipliers for every leaf.
 *
 * Range reductions are splits too: the part that is cut off is a leaf with its own multipliers.  So
 * the leaves cover the root box by construction, and each leaf's bound can be evaluated by anybody
 * from its multipliers alone (bound.h).
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_RECORD_H
#define ZG_BASELINES_WEIGHT_DECAY_RECORD_H

#include "base/status.h"

typedef struct zg_decay_split {
    size_t column; /* SIZE_MAX: a leaf (or open, when v is SIZE_MAX) */
    double at;     /* left child: w_column <= at, right child: w_column >= at */
    size_t left;   /* index of the left child; the right child follows it */
    size_t v;      /* leaf: offset of its multipliers in the pool */
} zg_decay_split;

typedef struct zg_decay_record {
    size_t rows;
    size_t count, capacity;
    zg_decay_split *splits; /* splits[0] is the root */
    size_t pool_used, pool_capacity;
    double *pool; /* multipliers, rows doubles each */
    bool failed;  /* out of memory: the record is not complete */
} zg_decay_record;

/* A tree that is one open node. */
zg_status zg_decay_record_create(size_t rows, zg_decay_record **out, zg_error *error);
void zg_decay_record_free(zg_decay_record *record);

/* All of these accept NULL and then do nothing.  Consecutive leaves with the same multipliers share
 * them. */
void zg_decay_record_split(zg_decay_record *record, size_t node, size_t column, double at,
                           size_t *left, size_t *right);
void zg_decay_record_leaf(zg_decay_record *record, size_t node, const double *v);

#endif
