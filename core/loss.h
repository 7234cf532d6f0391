/*
 * Convex losses and their duals: one row of functions per loss.
 *
 * With the convention of the training dual, v = -grad loss(f), the dual objective is
 * D(v) = -loss*(-v), and any v in the domain gives D(v) + (feasibility of the cones) <= p*.
 * weights w_i > 0 multiply sample i's loss; NULL means all one.  Then D_i(v) = w_i D_i(v / w_i).
 */
#ifndef ZG_CORE_LOSS_H
#define ZG_CORE_LOSS_H

#include "base/team.h"

/* What a loss is like.  Code that treats some losses in another way asks for a trait, never for a
 * kind: a new loss is its row in loss.c. */
typedef enum zg_loss_trait {
    ZG_LOSS_LABELLED = 1 << 0,   /* y is -1 or +1 */
    ZG_LOSS_EXACT = 1 << 1,      /* a constraint, f = y: 0 or infinite; beta is only a scale */
    ZG_LOSS_QUADRATIC = 1 << 2,  /* 1/2 (f - y)^2 everywhere: sums over the rows say it all */
    ZG_LOSS_DISTANCE = 1 << 3,   /* |f - y|: two inequalities of a linear program */
    ZG_LOSS_ENTROPY = 1 << 4,    /* -log of the probability 1 / (1 + exp(-y f)); D is an entropy */
    ZG_LOSS_SMOOTH = 1 << 5,     /* has a gradient everywhere, Lipschitz continuous */
    ZG_LOSS_CURVED = 1 << 6,     /* D(v) = y v - v^2 / 2 for weight 1, else y v; see ENTROPY */
    ZG_LOSS_DEGREE_TWO = 1 << 7, /* loss(c f, c y; c delta) = c^2 loss(f, y; delta) */
    ZG_LOSS_THRESHOLD = 1 << 8,  /* delta is its parameter */
    ZG_LOSS_SEPARATES = 1 << 9   /* of two classes whose means are 1 apart (discriminant.h) */
} zg_loss_trait;

/* Whether it has one of the traits (joined by |). */
bool zg_loss_has(zg_loss_kind kind, unsigned traits);

/* What "fits exactly" means, everywhere: max |f - y| is at most this share of max |y|, over the
 * samples of one output, and of nothing else.  Targets that are all zero are met by zeros only. */
#define ZG_INTERPOLATION_TOLERANCE 1e-7
/* That share: 0 where f = y, infinity where it is not a number. */
double zg_loss_miss(size_t n, const double *f, const double *y);

/* A weight may be infinite: that row is a constraint, f = y, with a target that is not 0.  The row,
 * SIZE_MAX where there is none. */
size_t zg_loss_exact_row(size_t n, const double *weights);
/* Multiplies f by what makes it meet that row, and returns the factor: networks are closed under
 * multiples.  1, and f as it was, where there is no such row or no such multiple. */
double zg_loss_meet(size_t n, double *f, const double *y, const double *weights);

/* sum_i w_i loss(f_i, y_i).  For interpolate: 0 where f fits exactly, else infinity; a row of
 * infinite weight adds 0 where f is y to a few units in the last place, else infinity. */
double zg_loss_value(zg_loss loss, size_t n, const double *f, const double *y,
                     const double *weights);

/* At least weight (finite) times the loss of one value, as it is without rounding: every loss is
 * good to 16 units, and what underflows on the way loses less than 8 times the least double, before
 * the weight.  For interpolate as zg_loss_value. */
double zg_loss_above(zg_loss loss, double f, double y, double weight);

/* g_i = d/df_i of zg_loss_value (a subgradient at kinks; for interpolate f - y, a useful direction;
 * 0 in a row of infinite weight, whose multiplier no gradient knows). */
void zg_loss_gradient(zg_loss loss, size_t n, const double *f, const double *y,
                      const double *weights, double *g);

/* D(v) = -loss*(-v); -infinity outside the domain. */
double zg_loss_dual(zg_loss loss, size_t n, const double *v, const double *y,
                    const double *weights);

/* A safe lower bound on D(s v), s v being the vector of real numbers: rounding, underflow and
 * overflow are accounted for; -infinity where s v leaves the domain or nothing can be said. */
double zg_loss_dual_below(zg_loss loss, size_t n, double s, const double *v, const double *y,
                          const double *weights);

/* Clips v into the domain of D, coordinate by coordinate (all domains are boxes that hold 0); a
 * NaN becomes 0. */
void zg_loss_project(zg_loss loss, size_t n, double *v, const double *y, const double *weights);

/* The s that maximises D(s v), where v is in the domain: |s| <= limit, s v in the domain, and s >=
 * 0 where the domain is one-sided.  A closed form except for logistic. */
double zg_loss_best_scale(zg_loss loss, size_t n, const double *v, const double *y,
                          const double *weights, double limit);

/* The three sums over the samples of a team, n of them here (NULL: the functions above), the same
 * on every member.  No loss that is exact. */
double zg_loss_team_value(zg_team *team, zg_loss loss, size_t n, const double *f, const double *y,
                          const double *weights);
double zg_loss_team_below(zg_team *team, zg_loss loss, size_t n, double s, const double *v,
                          const double *y, const double *weights);
double zg_loss_team_scale(zg_team *team, zg_loss loss, size_t n, const double *v, const double *y,
                          const double *weights, double limit);

/* The interval [*low, *high] of v_i, infinite where free; its ends are not rounded outwards. */
void zg_loss_domain(zg_loss loss, double y, double weight, double *low, double *high);

/* Whether D has curvature: D_i(v) = p_i v_i - q_i v_i^2 with q_i > 0 (squared, huber, squared
 * hinge), and the p_i and q_i: the quadratic model that conic solvers pose.  False for logistic,
 * whose D is neither; *q = 0 for absolute, hinge and interpolate. */
bool zg_loss_quadratic_dual(zg_loss loss, double y, double weight, double *p, double *q);

/* The envelope of a loss with a quadratic dual: the same maximum of v f over the domain with width
 * (v - center)^2 / 2 taken off D, hence smooth, and below the loss by at most that.  Its second
 * derivative is 0 where the domain ends; curvature may be NULL.  (J.-J. Moreau, "Proximite et
 * dualite dans un espace hilbertien", Bull. Soc. Math. France 93, 1965.) */
double zg_loss_envelope(zg_loss loss, double f, double y, double width, double center,
                        double *slope, double *curvature);

const char *zg_loss_name(zg_loss_kind kind);
/* What a loss is of the rows that its problem has: squared, where it poses rows of its own. */
zg_loss_kind zg_loss_of_rows(zg_loss_kind kind);
/* Whether two losses are the same function. */
bool zg_loss_equal(zg_loss a, zg_loss b);

#endif
