/*
 * The program that the interior-point method works on, scaled, in one of three spaces.
 *
 *   minimise phi(x)  over x and rho,  subject to
 *   S_k = beta E + sum_j rho_kj R_j + sign_k T_g(x) >= 0  (k = 2 g: sign -1;  k = 2 g + 1: sign +1)
 * and low <= x <= high.  Its multipliers Z_k give the predictions f = A(Z_2g - Z_2g+1).
 *
 * The R_j are diagonal, and <R_j, Z_k> = 0 says what is known of the squares of a neuron's weights:
 *   sphere      their sum is 1: R = diag(1, .., 1, -1); without border nothing is left to say
 *   binary      each is 1 / width: e_j e_j' - e e' / width, e the border; without one,
 *               e_j e_j' - e_w e_w' for the last weight w
 *   bilinear    the same without border of Z_2g + Z_2g+1 alone, whose multipliers both cones share
 * (docs/quantised.md).
 *
 *   samples   x = v, one number per sample; phi = -D; A and T are the lift and its adjoint
 *   woodbury  the same program; the Newton system is solved in feature space (n > p)
 *   sums      squared loss, from sums over samples: x = Phi'v in feature space, where v stands for
 *             y - Phi fit; so x = q - G fit, grad phi = -fit and A(Z) = svec(Z), or with a basis
 *             (stream_basis.h) A(Z) = J'svec(Z), whose features are not the squares of order's;
 *             about an origin (stream_origin.h) x = q - G fit with fit and q from there on, and
 *             grad phi = -(origin + fit)
 *
 * The lift is divided by its typical size, regression targets by theirs; units lead back.
 */
#ifndef ZG_SOLVERS_IPM_SPACE_H
#define ZG_SOLVERS_IPM_SPACE_H

#include "core/problem.h"
#include "solvers/stream_origin.h"

typedef enum zg_space_kind { ZG_SPACE_SAMPLES, ZG_SPACE_WOODBURY, ZG_SPACE_SUMS } zg_space_kind;

/* G of the scaled lift and its inverse: shared by all outputs. */
typedef struct zg_gram {
    size_t features;
    double shrink;   /* 1 / typical size of the lift */
    double *matrix;  /* p x p */
    double *inverse; /* of matrix + a relative 1e-11 on the diagonal */
} zg_gram;

typedef struct zg_space {
    zg_space_kind kind;
    size_t unknowns; /* n or p: length of x, f and the bounds */
    size_t groups, order, features;
    bool bordered;
    size_t equalities; /* of a cone: R_j */
    double *diagonals; /* order x equalities, column-major: theirs */
    bool shared;       /* both cones of a group have the same rho */
    double beta;
    double objective_unit, block_unit, dual_unit; /* original = scaled * unit */
    double constant;                              /* added to both objectives, original units */
    double shrink;
    /* samples, woodbury */
    const zg_lift *lift; /* unscaled */
    zg_loss loss;
    const double *weights;
    double *y;              /* n */
    double *low, *high;     /* n: domain of x */
    double *linear, *curve; /* n: phi_i = curve x^2 / 2 - linear x, logistic apart */
    double *work;           /* of the lift */
    /* sums */
    const zg_gram *gram;
    const zg_basis *basis;            /* or NULL */
    double *origin;                   /* p: fits, but not f, are from here on */
    double *moments, *target_moments; /* p each: q of y - Phi origin, and of y */
    double square, cross;             /* |y - Phi origin|^2, and (y - Phi origin)'y */
    double *product, *step;           /* p each: scratch */
} zg_space;

/* From sums (finished); ZG_FAILED when the Gram matrix has no finite inverse. */
zg_status zg_gram_create(const zg_sums *sums, zg_gram **out);
void zg_gram_free(zg_gram *gram);

/* program, lift and weights are borrowed. */
zg_status zg_space_from_program(const zg_program *program, zg_space_kind kind, zg_space **out);
/* One output of sums, about an origin unless that is NULL; sums and gram are borrowed. */
zg_status zg_space_from_sums(const zg_sums *sums, const zg_gram *gram, const zg_sums_origin *origin,
                             size_t output, double beta, zg_space **out);
void zg_space_free(zg_space *space);

/* Of all cones, and the first of a cone's. */
size_t zg_space_multipliers(const zg_space *space);
size_t zg_space_multiplier(const zg_space *space, size_t cone);
/* out (equalities) += <R_j, x>;  x += sum_j rho_j R_j, x of order squared. */
void zg_space_traces(const zg_space *space, const double *x, double *out);
void zg_space_add_multiples(const zg_space *space, const double *rho, double *x);

/* t (order x order) = T_g(x);  f += scale A_g(z). */
void zg_space_adjoint(const zg_space *space, size_t group, const double *x, double *t);
void zg_space_apply(const zg_space *space, size_t group, const double *z, double scale, double *f);

/* out = grad phi;  out = the diagonal of its Hessian (not for sums). */
void zg_space_slope(const zg_space *space, const double *x, const double *fit, double *out);
void zg_space_curvature(const zg_space *space, const double *x, double *out);
/* x = q - G fit (sums; from the origin on). */
void zg_space_place(const zg_space *space, const double *fit, double *x);

/* The loss at predictions f, and D at the best multiple s of x, 0 <= s <= limit; scaled units.
 * *s (may be NULL) gets the multiple. */
double zg_space_loss(const zg_space *space, const double *f);
double zg_space_dual(const zg_space *space, const double *x, const double *fit, double limit,
                     double *scratch, double *s);
/* The multiple of a primal point with predictions f and penalty that has the least objective;
 * 1 unless the loss is squared. */
double zg_space_best_multiple(const zg_space *space, const double *f, double penalty);

/* A direction in which D grows from x = 0, inside the domain, and where x may start (interior). */
void zg_space_ascent(const zg_space *space, double *out);

#endif
