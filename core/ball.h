/*
 * Quadratics on balls, bounded safely: the oracle behind every claim about a network's worst case.
 *
 * f(x) = x'Px + q'x + r with P = V diag(w) V', one eigendecomposition per form.  For a sign s = +1
 * or -1 and half the gradient in that basis, h = s (diag(w) V'x + V'q / 2), the S-procedure with
 * one inequality, which loses nothing, says min over |p - x| <= R of s f(p) = max over mu of  s
 * f(x) - sum_k h_k^2 / (s w_k + mu) - mu R^2 where mu >= 0 and all s w_k + mu >= 0: the
 * trust-region problem (shared statement with sphere.h, which asks for a point on the sphere and
 * therefore admits every mu).  Every such mu gives a valid bound, so nothing here trusts a root
 * finder; the hard case, h without a part in the lowest eigenspace and mu = -min s w, needs no care
 * for the bound and a lowest eigenvector for the point.
 *
 * Safe: the bounds hold for the exact form, P*, q*, r* within the errors that the form states (see
 * quadratic_form.h), at the exact centre, within `drift` of the doubles given.  V and w need not be
 * an eigendecomposition: by how much they miss being one is measured and subtracted.  Where numbers
 * overflow the bound is -infinity, never something else.
 */
#ifndef ZG_CORE_BALL_H
#define ZG_CORE_BALL_H

#include "core/quadratic_form.h"

/* A form with its eigendecomposition; inputs^2 doubles twice. */
typedef struct zg_ball_form {
    zg_quadratic_form form; /* a copy */
    size_t rank;            /* eigenvalues that are kept: inputs, or fewer of a form of low rank */
    double *w;              /* rank: eigenvalues of P, ascending */
    double *v;              /* inputs x rank, column k belongs to w[k] */
    double *q;              /* rank: V'q */
    /* Bounds: |P* - V diag(w) V'|_2, |q* - V (V'q)|, |V|_2^2 - 1, |V|_F. */
    double p_error, q_error, stretch, length;
} zg_ball_form;

/* O(inputs^3).  ZG_FAILED where an entry is not finite. */
zg_status zg_ball_form_create(const zg_quadratic_form *form, zg_ball_form *out, zg_error *error);
/* The same, but in a basis of the columns of P and of q where these are few: V has rank columns, so
 * that rows cost O(inputs rank) below, and the decomposition O(inputs^2 rank).  What it misses is
 * measured like everything else.  Not for core/box.h and core/ball_refine.h, which need all of V.
 */
zg_status zg_ball_form_create_low_rank(const zg_quadratic_form *form, zg_ball_form *out,
                                       zg_error *error);
/* After form->form.q, r and their errors have been changed; the new q is to be in the span of the
 * columns of P and of the one before, where these are all that V has (what it misses is measured).
 * room: inputs. */
void zg_ball_form_renew(zg_ball_form *form, double *room);
void zg_ball_form_clear(zg_ball_form *form);

/* Centres of balls in the basis of eigenvectors: two products of matrices for all of them. */
typedef struct zg_ball_centres {
    const zg_ball_form *form;
    size_t count;
    const double *x; /* count x inputs, row-major: the caller's, to be kept */
    double *half;    /* count x rank: diag(w) V'x + V'q / 2 */
    double *value;   /* count: f(x) */
    double *norm;    /* count: |x|, from above */
    double *slack;   /* count: by how much value can be off, for the form of V and w */
    double *moved;   /* count: |V'x as computed - V'x*|, x* the exact centre */
    bool exact;      /* no drift */
} zg_ball_centres;

/* drift (count): the exact centres are within it of x; NULL: they are x.  O(count inputs^2). */
zg_status zg_ball_centres_create(const zg_ball_form *form, size_t count, const double *x,
                                 const double *drift, zg_ball_centres *out, zg_error *error);
void zg_ball_centres_clear(zg_ball_centres *centres);

typedef struct zg_ball_minimum {
    double bound; /* safe: <= s f(p) for all |p - x*| <= radius */
    double mu;    /* the multiplier behind it: [s P + mu I, s(Px + q/2); ., s f(x) - bound - mu R^2]
                   * is positive semidefinite up to rounding */
    bool hard;    /* the hard case: the worst point is not unique */
    double slack; /* what was subtracted for rounding */
    double error; /* how far off the form is that mu is best for, at most, anywhere in the ball */
} zg_ball_minimum;

/* What an exact checker can prove of it: margin <= bound and mu with which the matrix above is
 * positive semidefinite for the exact form, as found by zg_ball_minimise (not refined).  `least`
 * is taken from the margin besides. */
void zg_ball_claim(const zg_ball_minimum *minimum, double radius, double least, double *margin,
                   double *mu);

/* Minimum of sign f over the ball of the radius (>= 0, finite) round centre i; O(rank) for a
 * handful of Newton steps.  The maximum of f is minus the minimum of -f. */
void zg_ball_minimise(const zg_ball_centres *centres, size_t i, int sign, double radius,
                      zg_ball_minimum *out);

/* The step (inputs) from centre i to where it is attained, about; work: rank. */
void zg_ball_step(const zg_ball_centres *centres, size_t i, int sign, double radius, double *step,
                  double *work);

/* The point (inputs) where it is attained, in doubles within the radius of x in exact arithmetic,
 * and sign f there, evaluated from the form.  O(inputs^2). */
void zg_ball_worst_point(const zg_ball_centres *centres, size_t i, int sign, double radius,
                         double *point, double *value);

typedef struct zg_ball_distance {
    double certified; /* safe: sign f > 0 within it; 0 where sign f(x*) > 0 is not safe;
                       * infinity where sign f > 0 everywhere, safely */
    double attained;  /* about where sign f <= 0 is reached on the way to the nearest such point;
                       * infinity: no point found */
    double mu;        /* the multiplier behind `certified` */
} zg_ball_distance;

/* Distance from centre i to the nearest point with sign f <= 0: the largest radius whose minimum is
 * positive, by Newton's method on R^2, in which the minimum is convex: every step is a safe
 * radius. */
void zg_ball_distance_to_surface(const zg_ball_centres *centres, size_t i, int sign,
                                 zg_ball_distance *out);

#endif
