/* Descent on the factored program. */
#ifndef ZG_SOLVERS_LOW_RANK_DESCENT_H
#define ZG_SOLVERS_LOW_RANK_DESCENT_H

#include "solvers/low_rank_metric.h"

typedef struct zg_descent {
    long steps;                   /* at most */
    const zg_metric *metric;      /* fitted to the starting point, or NULL: the variables' own */
    const zg_row_store *store;    /* rows for passes, or NULL: the lift's own */
    bool single;                  /* in single precision, which needs a store */
    bool (*go_on)(void *context); /* asked after every step */
    void *context;
    /* With a curvature that most steps are too long for, one that promises less than this share of
     * F is the last; 0: none is. */
    double enough;
} zg_descent;

/* Takes steps of L-BFGS from w, which is replaced by the best point found; *value and f (samples)
 * are F and the predictions there, in double precision.  *ended tells whether the descent came to
 * its end before it had taken all steps.  Stops early where the gradient vanishes or rounding ends
 * the descent: that is no error. */
zg_status zg_factor_descend(zg_factor *factor, const zg_descent *how, double *w, double *value,
                            double *f, bool *ended);

#endif
