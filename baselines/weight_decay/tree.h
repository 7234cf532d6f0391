/*
 * Branch and bound for the weight-decay program, with bounds that are safe in floating point.
 *
 * Chord relaxations propose multipliers, bound.h turns them into bounds; a box is pruned only on a
 * finite safe bound, and the result's bound is the least of those: never the incumbent's value.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_TREE_H
#define ZG_BASELINES_WEIGHT_DECAY_TREE_H

#include "baselines/weight_decay/lp.h"
#include "baselines/weight_decay/record.h"

#include <stdint.h>

typedef struct zg_decay_progress {
    long nodes, pivots;
    double bound;     /* safe, so far */
    double objective; /* of the incumbent */
    double earlier;   /* seconds before the checkpoint that the tree was resumed from */
    const double *w;  /* the incumbent, columns; NULL before there is one */
} zg_decay_progress;

/* Zero-initialised means the defaults. */
typedef struct zg_decay_options {
    double tolerance;      /* relative gap (objective - bound) / max(1, |objective|); 0: 1e-6 */
    double seconds;        /* 0: no limit */
    double (*clock)(void); /* that the limit is measured with; NULL: zg_monotonic */
    long nodes;            /* 0: no limit */
    double target;       /* > 0: nodes whose bound reaches it are pruned too, which decides whether
                            the optimum is below target without finding it */
    uint32_t seed;       /* of the heuristics' random numbers */
    const double *start; /* columns: a point to start from, or NULL */
    const char *checkpoint;    /* path; written every checkpoint_seconds and at a limit, or NULL */
    double checkpoint_seconds; /* 0: 1; more where writing would take over a twentieth of it */
    bool resume;               /* go on from the checkpoint when it is there */
    bool lenient;            /* a checkpoint that cannot be read or written is named in the result's
                                remark, and the search does without; else it is an error */
    zg_decay_record *record; /* gets the proof tree, or NULL */
    const zg_decay_fault *fault; /* tests only */
    /* About ten times a second and at each new incumbent; false stops. */
    bool (*notify)(void *context, const zg_decay_progress *progress);
    void *context;
} zg_decay_options;

typedef struct zg_decay_result {
    double *w;        /* columns: the incumbent; free with zg_decay_result_clear */
    double objective; /* evaluated afresh; INFINITY when no feasible point was found */
    double bound;     /* safe lower bound of the optimum; of min(optimum, target) with a target */
    double *root_lower, *root_upper; /* columns: the box that the tree covers */
    double outside; /* safe lower bound of all points outside that box; part of bound */
    long nodes, pivots, exact_solves;
    long resumed_at;  /* nodes before the checkpoint; 0: started afresh */
    double earlier;   /* seconds before the checkpoint */
    double seconds;   /* without them */
    char remark[256]; /* what was wrong with a checkpoint, or "" */
    bool complete;    /* the tree is exhausted: bound is within tolerance, or a target is proven */
} zg_decay_result;

/* ZG_OK when complete or when nothing more can be proven; ZG_TIMEOUT and ZG_STOPPED come with a
 * valid result all the same (objective INFINITY where no point was found in time). */
zg_status zg_decay_solve(const zg_decay_problem *problem, const zg_decay_options *options,
                         zg_decay_result *result, zg_error *error);
void zg_decay_result_clear(zg_decay_result *result);

/* How a search ends that its limit has ended with `open` nodes left: ZG_TIMEOUT or ZG_STOPPED, with
 * the error set; ZG_OK where none is left or the limit was not reached. */
zg_status zg_decay_search_end(const zg_limit *limit, size_t open, zg_error *error);

#endif
