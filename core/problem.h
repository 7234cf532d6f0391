/* The training problem: data x lift x loss x penalty, and the scalar programs it separates into. */
#ifndef ZG_CORE_PROBLEM_H
#define ZG_CORE_PROBLEM_H

#include "core/functional.h"
#include "core/loss.h"
#include "data/dataset.h"

#define ZG_WEIGHT_DECAY_FACTOR 0.94494078742115486 /* kappa_3 / 2 */

typedef enum zg_penalty_kind {
    ZG_PENALTY_L1,    /* beta sum |alpha_j|, unit neurons: the convex program */
    ZG_PENALTY_POWER, /* beta sum |w_j|^power over unit neurons */
    /* (beta / 2) sum (|u_j|^2 + alpha_j^2) with sigma(t) = a t^2.  Every neuron scaled at best,
     * this is (beta / 2) kappa_3 sum |w_j|^(2/3), kappa_3 = 3 * 2^(-2/3): creating a problem turns
     * it into ZG_PENALTY_POWER with power 2/3 and multiplies beta by ZG_WEIGHT_DECAY_FACTOR. */
    ZG_PENALTY_WEIGHT_DECAY
} zg_penalty_kind;

typedef struct zg_penalty {
    zg_penalty_kind kind;
    double power; /* 0 < power < 1, for ZG_PENALTY_POWER */
} zg_penalty;

struct zg_problem {
    size_t samples, inputs, outputs;
    size_t points;   /* as many as samples, but where the rows are functionals of the network */
    double *x;       /* points x inputs, row-major, preprocessed */
    bool borrows_x;  /* x is the data set's, which must outlive the problem */
    double *y;       /* outputs x samples: encoded targets, output-major */
    double *weights; /* samples, or NULL; infinite where a row is to be met exactly */
    zg_activation activation;
    zg_architecture architecture;
    zg_loss loss;
    zg_penalty penalty;
    double beta;   /* > 0 */
    double robust; /* >= 0: radius of the ball around each row whose worst point counts */
    zg_neuron_set neuron_set;
    zg_patches patches;
    zg_lift *lift;               /* shared by all outputs */
    zg_row_kind rows;            /* what was asked for; values, where the loss poses its own */
    zg_functionals *functionals; /* what the samples are of a network on the points; NULL: its
                                  * values there */
    double *targets;             /* with functionals: the encoded targets that they were made of,
                                  * target by target, points each */
    zg_preprocess preprocess;
    zg_encoding encoding;
};

/* One scalar-output convex program
 *   min  constant + sum_i w_i loss(f_i, y_i) + beta sum_g <E, Z_g> + <E, Z'_g>,
 *        f = lift(Z - Z'),  <R, Z_g> = <R, Z'_g> = 0,  Z_g, Z'_g >= 0.
 * Everything is borrowed. */
typedef struct zg_program {
    const zg_lift *lift;
    zg_loss loss;
    const double *y;
    const double *weights; /* or NULL */
    double beta;
    double constant;
    zg_neuron_set neuron_set; /* which neurons Z and Z' may be made of; the sphere: all */
} zg_program;

/* From arrays: x (n x d) and y (outputs x n) are copied; weights may be NULL.  The identity
 * preprocessing and regression encoding are recorded. */
zg_status zg_problem_from_arrays(size_t n, size_t d, const double *x, size_t outputs,
                                 const double *y, const double *weights, zg_activation activation,
                                 const zg_architecture *architecture, zg_loss loss,
                                 zg_penalty penalty, double beta, zg_problem **out,
                                 zg_error *error);

/* The same, but x becomes the problem's own, and is freed where there is none for an error. */
zg_status zg_problem_taking_inputs(size_t n, size_t d, double *x, size_t outputs, const double *y,
                                   const double *weights, zg_activation activation,
                                   const zg_architecture *architecture, zg_loss loss,
                                   zg_penalty penalty, double beta, zg_problem **out,
                                   zg_error *error);

/* From a data set with a given preprocessing and encoding (both copied): what training rows, test
 * rows and `certify` share. */
zg_status zg_problem_from_dataset(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                  const zg_encoding *encoding, const double *weights,
                                  const zg_model_options *options, zg_penalty penalty,
                                  zg_problem **out, zg_error *error);

/* The same without a second copy of the inputs where preprocessing leaves them as they are: x is
 * then the data set's, which must outlive the problem and stay as it is (borrows_x). */
zg_status zg_problem_over_dataset(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                  const zg_encoding *encoding, const double *weights,
                                  const zg_model_options *options, zg_penalty penalty,
                                  zg_problem **out, zg_error *error);

/* The same for rows that only score: they may be parted by other half-spaces than those that the
 * preprocessing has, as rows that trained may not. */
zg_status zg_problem_for_scores(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                const zg_encoding *encoding, const zg_model_options *options,
                                zg_penalty penalty, zg_problem **out, zg_error *error);

/* Turns it into the robust problem of that radius (>= 0; 0: none), in the units that the network
 * sees: the loss of a row is that of the worst point of the ball around it.  ZG_UNSUPPORTED for
 * more than one output, finite neuron sets, a bias (which nobody can perturb), half-spaces,
 * interpolation and penalties that are not l1. */
zg_status zg_problem_make_robust(zg_problem *problem, double radius, zg_error *error);

/* Makes the problem's samples a part of the team's (borrowed, it must outlive the problem). */
void zg_problem_join(zg_problem *problem, zg_team *team);

/* The scalar program of one output (losses separate over outputs). */
zg_program zg_problem_program(const zg_problem *problem, size_t output);

/* objective of blocks z (groups pointers to order x order) and zn for the negative part. */
double zg_program_objective(const zg_program *program, double *const *z, double *const *zn,
                            double *f, double *work);

#endif
