/*
 * The metric of a descent: coordinates of the factor in which its curvature is nearly the same in
 * all directions.
 *
 * With r_i = 2 a W'x_i + b t e_1, the derivative of a prediction by W is x_i r_i' (but for what
 * goes through t), so the curvature of the squared loss is sum_i (r_i r_i') (x) (x_i x_i').  Taking
 * the two for independent, H = A (x) C + damping I,     A = (1/n) sum_i r_i r_i',  C = sum_i x_i
 * x_i': with A = U diag(a) U' and C = V diag(c) V' the variables  S_kj = sqrt(c_k a_j + damping)
 * (V'WU)_kj have curvature near one.  A is computed from C and sum_i x_i, without a pass over the
 * data; V and c are found once.  The Kronecker factorisation is that of J. Martens and R. Grosse,
 * "Optimizing neural networks with Kronecker-factored approximate curvature", ICML 2015.
 */
#ifndef ZG_SOLVERS_LOW_RANK_METRIC_H
#define ZG_SOLVERS_LOW_RANK_METRIC_H

#include "solvers/low_rank_factor.h"

typedef struct zg_metric {
    size_t groups, width, order;
    double **axes;     /* groups: V, width x width, column-major */
    double **spectrum; /* groups: c (width), ascending */
    double **moments;  /* groups: C and, with a border, sum_i x_i: order x order, as the lift's
                          adjoint of ones divided by a */
    /* At the present point, of every cone: */
    size_t cones;
    double **turn;  /* U, m x m */
    double **scale; /* 1 / sqrt(c_k a_j + damping): width x m */
} zg_metric;

/* Reads every row once; costs O(width^3) a group. */
zg_status zg_metric_create(const zg_lift *lift, zg_metric **out);
void zg_metric_free(zg_metric *metric);

/* Fits the metric to the point w of the factor; damping > 0. */
zg_status zg_metric_fit(zg_metric *metric, const zg_factor *factor, const double *w,
                        double damping);

/* w from s and s from w; the gradient by s from the one by w.  All of the factor's size; work has
 * room for the largest cone's W. */
void zg_metric_point(const zg_metric *metric, const zg_factor *factor, const double *s, double *w,
                     double *work);
void zg_metric_coordinates(const zg_metric *metric, const zg_factor *factor, const double *w,
                           double *s, double *work);
void zg_metric_gradient(const zg_metric *metric, const zg_factor *factor, const double *by_w,
                        double *by_s, double *work);

#endif
