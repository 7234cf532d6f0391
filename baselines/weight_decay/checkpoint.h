/*
 * The file from which a branch and bound is resumed: its open nodes, incumbent and bounds.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_CHECKPOINT_H
#define ZG_BASELINES_WEIGHT_DECAY_CHECKPOINT_H

#include "baselines/weight_decay/node.h"

/* What a run needs besides the open boxes. */
typedef struct zg_decay_state {
    double objective; /* of the incumbent w (columns) */
    double *w;
    double pruned_bound; /* least bound among the pruned nodes */
    double radius;       /* of the root box */
    double seconds;      /* of work so far */
    long nodes;
} zg_decay_state;

/* Writes a checkpoint: to a temporary file that then takes the path's place. */
zg_status zg_decay_checkpoint_write(const char *path, const zg_decay_problem *problem,
                                    const zg_decay_state *state, const zg_heap *heap,
                                    zg_error *error);
/* Fills state (state->w has room for columns) and the empty heap.  A checkpoint of another problem
 * or a damaged one is ZG_BAD_INPUT with the line at fault; ZG_MISSING when there is no file. */
zg_status zg_decay_checkpoint_read(const char *path, const zg_decay_problem *problem,
                                   size_t basis_size, zg_decay_state *state, zg_heap *heap,
                                   zg_error *error);

#endif
