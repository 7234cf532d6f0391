/* What the files of the robust interior-point method share (see robust_ipm.h). */
#ifndef ZG_SOLVERS_ROBUST_PARTS_H
#define ZG_SOLVERS_ROBUST_PARTS_H

#include "solvers/robust_coordinates.h"
#include "solvers/robust_ipm.h"

/* A variable >= 0 with its multiplier; change: of both, predictor: the same, kept for the
 * corrector. */
typedef struct zg_pair {
    double value, dual, change, dual_change;
} zg_pair;

/* One sample's u, its cost, and what the elimination needs. */
typedef struct zg_robust_sample {
    double u, du, weight;
    zg_pair bound;    /* u + 1 >= 0, for losses with labels but logistic */
    zg_pair excess;   /* huber: u = the quadratic part + excess */
    double curvature; /* of u in the eliminated system */
    double right;     /* its right-hand side */
} zg_robust_sample;

/* A program's rows where it has copies and balls of some only: the others count as rows that cost
 * nothing. */
typedef struct zg_robust_rows {
    zg_problem problem; /* of these rows; everything but x, y and weights is the problem's own */
    size_t *row;        /* samples: which row of the whole problem each is */
    zg_attacks copies;  /* owners among these rows */
    bool *whole;        /* samples */
    double *storage;
} zg_robust_rows;

zg_status zg_robust_rows_create(const zg_problem *problem, const zg_attacks *copies,
                                const bool *whole, zg_robust_rows *out);
void zg_robust_rows_clear(zg_robust_rows *rows);

/* The matrix inequalities. */
typedef struct zg_robust_balls {
    size_t count, order; /* sides x rows with a ball; d + 1 */
    size_t *owner;       /* count: the sample of each, side by side */
    double *p, *inverse,
        *r;          /* count x order^2: multiplier, inverse slack, target of the direction */
    zg_pair *lambda; /* count */
    double *ll, *lu; /* count: curvatures in lambda, and lambda and u */
    double *right;   /* count: right-hand side of lambda */
    double *work;    /* 8 order^2 */
    double *packed;  /* 2 BATCH packed */
    double *sums;    /* packed^2, for the product over all balls */
} zg_robust_balls;

typedef struct zg_robust_copies {
    const zg_attacks *given;
    size_t count;
    double *features; /* unknowns x count, column-major: coordinates of c M(copy) */
    double *sign, *offset;
    zg_pair *slack; /* count: the slack and the multiplier */
    double *r;      /* count */
} zg_robust_copies;

/* A cone of Z: value and multiplier, both order^2. */
typedef struct zg_robust_cone {
    double *z, *dual, *inverse, *r, *dz, *ddual;
} zg_robust_cone;

struct zg_robust_ipm {
    const zg_problem *problem; /* that of `rows` where there are copies */
    zg_robust_rows rows;
    zg_coordinates coordinates; /* of one matrix */
    size_t groups, unknowns;    /* groups x coordinates.count, of Z alone */
    double *x, *dx;             /* 2 unknowns: Z, then Z' */
    double *penalty;            /* coordinates.count: gradient of the penalty */
    zg_robust_cone *cone;       /* 2 groups: Z_g at g, Z'_g at groups + g */
    zg_robust_sample *sample;
    zg_robust_balls balls; /* count 0: none */
    zg_robust_copies copies;
    double *form;     /* order^2 of the balls: M(Z - Z') or of its change */
    double *coupling; /* unknowns x (balls + samples), column-major: rows of the elimination */
    double *reduced;  /* unknowns^2 */
    double *matrix, *factor, *scale; /* (2 unknowns)^2 twice, 2 unknowns */
    double *right, *gradient;        /* 2 unknowns each */
    double *curvature;               /* packed^2 */
    double *scratch;                 /* 4 order^2 + 2 packed + 4 unknowns */
    double mu, infeasible;
    size_t complexity; /* orders of all cones added up */
    double deadline;   /* zg_monotonic at which a step is given up; INFINITY: never */
};

static inline bool zg_robust_late(const zg_robust_ipm *ipm)
{
    return zg_monotonic() >= ipm->deadline;
}

/* robust_balls.c: each of these goes over all balls once. */
/* Of the rows for which whole (samples) is true; NULL: of all. */
zg_status zg_balls_create(zg_robust_ipm *ipm, const bool *whole);
void zg_balls_clear(zg_robust_balls *balls);
/* Inverse slacks, complementarity (returned in *sum), couplings and curvature into ipm.
 * ZG_TIMEOUT once it is late. */
zg_status zg_balls_factor(zg_robust_ipm *ipm, double *sum);
/* The target of the direction: centring less, with corrector, the product of the predictor's
 * changes; adds its gradient to right, and to the rows of lambda and u. */
void zg_balls_target(zg_robust_ipm *ipm, double centring, bool corrector);
/* From dx, du and dlambda to the change of the multipliers, into r in the place of the target; sums
 * gets <P, S> and its changes: <P, dS>, <dP, S>, <dP, dS>. */
void zg_balls_direction(zg_robust_ipm *ipm, double sums[3]);
/* The largest steps <= *primal and *dual that keep all inside, found by factorising. */
void zg_balls_limit(zg_robust_ipm *ipm, double *primal, double *dual);
void zg_balls_advance(zg_robust_ipm *ipm, double primal, double dual);

/* ball k: its sample, sign c and offset o. */
size_t zg_ball_sample(const zg_robust_ipm *ipm, size_t k);
double zg_ball_sign(const zg_robust_ipm *ipm, size_t k);
double zg_ball_offset(const zg_robust_ipm *ipm, size_t k);
/* out (order^2) = M of the coordinates (of Z - Z', or a change of it). */
void zg_ball_form_of(zg_robust_ipm *ipm, const double *difference, double *out);

#define ZG_STEP_FACTOR 0.95
/* Shrinks *step until value + *step change stays at or above zero. */
void zg_pair_limit(const zg_pair *pair, double *primal, double *dual);

#endif
