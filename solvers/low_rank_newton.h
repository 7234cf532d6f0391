/* Descent on the factored program with an inverted curvature for a metric. */
#ifndef ZG_SOLVERS_LOW_RANK_NEWTON_H
#define ZG_SOLVERS_LOW_RANK_NEWTON_H

#include "solvers/low_rank_curvature.h"
#include "solvers/low_rank_descent.h"

/* How a descent went. */
typedef struct zg_newton_end {
    double before, value; /* F at the starting point and at the end, in double precision */
    double promise;       /* of the last step: minus the slope that it began with */
    long overlong;        /* steps that had to be shorter than Newton's */
    bool lost;            /* it ended since there was no curvature at a point that it came to */
} zg_newton_end;

/* As zg_factor_descend, by L-BFGS whose first matrix is the curvature's inverse at the starting
 * point: the quasi-Newton corrections are of what has changed since, and of what a sample of rows
 * does not know.  The curvature moves along where it can, and is that of the last point then. Steps
 * end where the slope along them all but vanishes (low_rank_line.h).  how->metric is not used; with
 * how->single the descent goes on in double precision by itself where it is near its end. */
zg_status zg_factor_newton(zg_factor *factor, const zg_descent *how, zg_curvature *curvature,
                           double *w, double *f, zg_newton_end *end);

#endif
