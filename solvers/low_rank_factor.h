/*
 * The factored program: what a low-rank method descends on.
 *
 * A cone's block of rank at most m is Z = Y Y'.  Rotating the columns of Y leaves Z as it is, so
 * the last row of Y may be (t, 0, .., 0); <R, Z> = 0 then says t = |W|_F for the other rows W
 * (width x m).  Hence, with w_1 the first column,
 *   <M_i, Z> = a |W' x|^2 + b t x' w_1 + c t^2,      penalty  beta t^2,
 * means over the patches x of sample i in the cone's group: no constraint is left.  Without a
 * border (b = c = 0) the same formula holds, t^2 = tr Z being the penalty.
 *   F(W) = sum_i w_i loss(f_i, y_i) + beta sum over cones of t^2
 * is smooth where the loss is, but at W = 0.  S. Burer and R. Monteiro, "A nonlinear programming
 * algorithm for solving semidefinite programs via low-rank factorization", Math. Program. 95, 2003.
 *
 * Losses with kinks are replaced by their Moreau envelope of a given width (docs/low-rank.md).
 */
#ifndef ZG_SOLVERS_LOW_RANK_FACTOR_H
#define ZG_SOLVERS_LOW_RANK_FACTOR_H

#include "core/problem.h"
#include "solvers/low_rank_products.h"

typedef struct zg_factor {
    const zg_program *program;
    size_t cones;    /* 2 groups: 2 g for Z_g, 2 g + 1 for Z'_g */
    size_t *columns; /* cones: m, at least 1 */
    size_t *offset;  /* cones + 1: where a cone's W begins; the last is the number of variables */
    double width;    /* of the envelope, in predictions; 0: the loss itself */
    const double *center; /* samples, or NULL for zeros: the dual vector in its middle */
    long passes;          /* over the data so far */
    /* With balanced, a pass looks for the two multiples, of all Z_g and of all Z'_g, at which F is
     * least, and F is meant there: see low_rank_balance.h.  Otherwise they are 1. */
    bool balanced;
    double multiple[2];
    double *projections;    /* of the last pass: all columns' numbers of all rows */
    double *by_projections; /* scratch: of a block's rows, for each worker of the products */
    double *sums;           /* scratch: gradient and dF/dt (cones) of the workers but the first */
    double *parts;          /* what all Z_g predict (samples), then all Z'_g */
    double *slope;          /* samples: the derivative of the loss */
    zg_products *products;  /* what passes multiply with */
} zg_factor;

/* program must outlive the factor; its lift is made of patches. */
zg_status zg_factor_create(const zg_program *program, const size_t *columns, zg_factor **out);
void zg_factor_free(zg_factor *factor);
/* Has the passes multiply by the rows of a store (borrowed) of the lift from now on, or by the
 * lift's own again (NULL), and in single precision or not: the factor's numbers, predictions, loss
 * and sums over blocks of rows stay double.  At first they multiply by the lift's own in double. */
zg_status zg_factor_use(zg_factor *factor, const zg_row_store *store, bool single);
size_t zg_factor_size(const zg_factor *factor);

/* F at w (size numbers: per cone, width x m column-major) and, unless gradient is NULL, its
 * gradient; f (samples) gets the predictions.  Reads every row once, and for the gradient again. */
double zg_factor_value(zg_factor *factor, const double *w, double *gradient, double *f);

/* The parts of a pass, for a caller that knows what a factor's rows project to without one.  Rows'
 * projections, p (columns of both signs x samples, column-major): of a dense lift, one group.  Then
 * F for factor->parts, penalty being beta t^2 of each sign, with f, factor->slope and the multiples
 * as after a pass.  Then the gradient at w, of which these are the projections. */
void zg_factor_project(zg_factor *factor, const double *w, double *p);
double zg_factor_weigh(zg_factor *factor, const double penalty[2], double *f);
zg_status zg_factor_gradient(zg_factor *factor, const double *w, const double *projections,
                             double *gradient);

/* w becomes the factor of the blocks times the multiples that the last pass found. */
void zg_factor_take_multiples(zg_factor *factor, double *w);

/* The loss at predictions f that F contains, and its derivative (samples). */
double zg_factor_loss(const zg_factor *factor, size_t first, size_t count, const double *f,
                      double *slope);

/* The same of all samples (of a team, where the lift's are a part of one's); slope is of those
 * here. */
double zg_factor_total(const zg_factor *factor, const double *f, double *slope);

/* h (samples) = the second derivative of the loss that F contains at predictions f, whose slopes
 * the factor has. */
zg_status zg_factor_curvature(const zg_factor *factor, const double *f, double *h);

/* z (order x order of the lift) = Y Y' of one cone. */
void zg_factor_block(const zg_factor *factor, const double *w, size_t cone, double *z);

#endif
