/*
 * The iteration: Mehrotra's predictor-corrector in Nesterov-Todd scaling on a scaled program.
 *
 * The dual iterate is feasible at every step up to a shift of beta that shrinks with the steps, so
 * each one gives a lower bound; the primal blocks keep <R_j, Z> = 0 and give an upper bound
 * whatever the residual.  Steps are equal in both spaces because the loss couples them.
 *
 * Where a factorisation costs many times as much as a solve, the second-order term is computed
 * again from the corrected direction, a few times with the same factor, while that makes the step
 * longer: simplified Newton on the complementarity of the full step.
 */
#ifndef ZG_SOLVERS_IPM_SOLVE_H
#define ZG_SOLVERS_IPM_SOLVE_H

#include "solvers/ipm_schur.h"

typedef struct zg_ipm {
    const zg_space *space;
    size_t cones; /* 2 groups */
    zg_cone *cone;
    double *cone_storage;
    zg_cone_scratch scratch;
    zg_schur *schur;
    double *storage;             /* the vectors below, unknowns each, and the kept blocks */
    double *x, *fit, *dx, *dfit; /* fit: sums only */
    double *f, *residual, *right, *diagonal, *work;
    double *p_low, *p_high, *dp_low, *dp_high; /* multipliers of the box */
    double *target_low, *target_high;          /* what slack * multiplier must change by */
    double *rho, *drho, *traces, *right_rho;   /* zg_space_multipliers */
    double *t;                                 /* order x order */
    double *kept; /* a direction put aside: dx, dfit, dp_low, dp_high, drho, the cones' dz and ds */
    double shift; /* beta of the iterate = beta of the program + shift */
    double mu, complementarity;
    double step, sigma; /* of the last iteration */
    double degree;      /* cone orders and finite bounds, added up */
    /* The best of both sides so far, scaled units. */
    double upper, lower;
    double *best_x;      /* x, or fit for sums */
    double *best_rho;    /* multipliers */
    double *best_blocks; /* cones blocks, the multiple included */
} zg_ipm;

zg_status zg_ipm_create(const zg_space *space, zg_ipm **out);
void zg_ipm_free(zg_ipm *ipm);

/* The cold starting point: v = 0 or well inside the domain. */
void zg_ipm_start(zg_ipm *ipm);

/* An answer to start from: the best of an iteration on the same data with another beta. */
typedef struct zg_ipm_answer {
    double beta;    /* of its program, this space's scaled units */
    double *x;      /* unknowns: x, or fit for sums */
    double *rho;    /* multipliers */
    double *blocks; /* cones x order^2 */
    double *storage;
} zg_ipm_answer;

zg_status zg_ipm_answer_create(const zg_ipm *ipm, zg_ipm_answer *out);
void zg_ipm_answer_clear(zg_ipm_answer *answer);

/* Starts from the answer, shrunk into the interior; the spaces must differ in beta only.  The
 * optimum does not depend on it. */
void zg_ipm_warm_start(zg_ipm *ipm, const zg_ipm_answer *answer);

/* Predictions, slacks, residual and both bounds of the present iterate; keeps the best. */
void zg_ipm_measure(zg_ipm *ipm);

/* How long an iteration has gone without progress. */
typedef struct zg_patience {
    double best_gap, best_lower, best_shift, least_mu;
    long measured, waited; /* iterates */
} zg_patience;

zg_patience zg_patience_begin(void);
/* Counts a measured iterate, gap being whatever the caller wants to be small; false where the
 * iteration has come to its end. */
bool zg_patience_left(zg_patience *patience, const zg_ipm *ipm, double gap);

/* One iteration from a measured iterate; ZG_FAILED when rounding leaves no further step. */
zg_status zg_ipm_step(zg_ipm *ipm);

#endif
