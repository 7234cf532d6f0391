/* Training without a penalty: linear least squares in the lifted matrices, then neurons. */
#include "baselines/least_squares.h"

#include "base/child.h"
#include "base/linalg.h"
#include "baselines/baseline.h"
#include "baselines/fit.h"

#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the fit -------------------------------------------------------------------------------- */

/* Coefficients per group: svec(W) without the border's corner, which is tr W1. */
static size_t group_columns(const zg_lift *lift)
{
    return zg_svec_size(lift->order) - (lift->bordered ? 1 : 0);
}

/* a (samples x groups group_columns, column-major): row i holds the features of sample i, the
 * corner's feature added to those of W1's diagonal, times the root of its weight. */
static zg_status design(const zg_problem *problem, double *a)
{
    const zg_lift *lift = problem->lift;
    size_t n = lift->samples, all = zg_svec_size(lift->order), own = group_columns(lift);
    double *phi = zg_doubles(n * all);
    if (!phi) return ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups; g++) {
        double *columns = a + g * own * n;
        zg_lift_features(lift, g, phi, n);
        memcpy(columns, phi, n * own * sizeof *phi);
        for (size_t k = 0; lift->bordered && k + 1 < lift->order; k++)
            zg_axpy(n, 1.0, phi + (all - 1) * n, columns + (zg_svec_size(k + 1) - 1) * n);
    }
    free(phi);
    for (size_t k = 0; problem->weights && k < lift->groups * own; k++)
        for (size_t i = 0; i < n; i++)
            a[k * n + i] *= sqrt(problem->weights[i]);
    return ZG_OK;
}

/* W from the coefficients of one group. */
static void unpack(const zg_lift *lift, const double *coefficients, double *packed, double *w)
{
    size_t order = lift->order, own = group_columns(lift);
    memcpy(packed, coefficients, own * sizeof *packed);
    if (lift->bordered) packed[own] = 0.0;
    zg_smat(order, packed, w);
    for (size_t k = 0; lift->bordered && k + 1 < order; k++)
        w[order * order - 1] += w[k * order + k];
}

/* Solves for all outputs at once; b (max(n, columns) x outputs) gets the coefficients. */
static zg_status minimum_norm(size_t n, size_t columns, size_t outputs, double cutoff, double *a,
                              double *b, size_t *rank)
{
    size_t least = n < columns ? n : columns, ld = n > columns ? n : columns;
    double *singular = zg_doubles(least);
    lapack_int found = 0;
    if (!singular) return ZG_NO_MEMORY;
    if (!zg_all_finite(n * columns, a) || !zg_all_finite(ld * outputs, b)) {
        free(singular);
        return ZG_FAILED;
    }
    lapack_int info =
        LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)columns, (lapack_int)outputs, a,
                       (lapack_int)n, b, (lapack_int)ld, singular, cutoff, &found);
    free(singular);
    *rank = (size_t)found;
    if (info == LAPACK_WORK_MEMORY_ERROR) return ZG_NO_MEMORY;
    return info == 0 ? ZG_OK : ZG_FAILED;
}

/* Targets times the roots of the weights, zeros below. */
static void right_hand_sides(const zg_problem *problem, size_t ld, double *b)
{
    size_t n = problem->samples;
    for (size_t c = 0; c < problem->outputs; c++)
        for (size_t i = 0; i < n; i++)
            b[c * ld + i] =
                problem->y[c * n + i] * (problem->weights ? sqrt(problem->weights[i]) : 1.0);
}

zg_status zg_least_squares_fit(const zg_problem *problem, double cutoff, double *w, size_t *rank,
                               size_t *columns, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    size_t n = lift->samples, own = group_columns(lift), square = lift->order * lift->order;
    size_t count = lift->groups * own, ld = n > count ? n : count;
    *columns = count;
    if (ld > INT_MAX / (n < count ? n : count))
        return zg_fail(
            error, ZG_UNSUPPORTED,
            "least squares would need a matrix of %zu x %zu, more than LAPACK can index; "
            "the methods adam and sgd have no such limit",
            n, count);
    double *a = zg_doubles(n * count), *b = zg_doubles(ld * problem->outputs);
    double *packed = zg_doubles(own + 1);
    zg_status status = a && b && packed ? design(problem, a) : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < n * count; k++)
        if (!isfinite(a[k])) status = ZG_BAD_INPUT; /* dgelsd would never return */
    if (status == ZG_OK) {
        right_hand_sides(problem, ld, b);
        status = minimum_norm(n, count, problem->outputs, cutoff, a, b, rank);
    }
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++)
        for (size_t g = 0; g < lift->groups; g++)
            unpack(lift, b + c * ld + g * own, packed, w + (c * lift->groups + g) * square);
    free(a);
    free(b);
    free(packed);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    if (status == ZG_BAD_INPUT)
        return zg_fail(error, status, "the features are beyond the range of double precision");
    if (status)
        return zg_fail(error, status,
                       "the singular value decomposition of the features did not "
                       "converge");
    return ZG_OK;
}

/* ---- ridge ------------------------------------------------------------------------------------ */

/* (A'A + lambda I)^-1 A'b = A'(A A' + lambda I)^-1 b, by the smaller of the two; a is n x m
 * column-major, b n x outputs; x m x outputs. */
static zg_status ridge_coefficients(size_t n, size_t m, size_t outputs, double lambda,
                                    const double *a, double *b, double *x)
{
    bool wide = n <= m;
    size_t order = wide ? n : m;
    double *gram = zg_doubles(order * order);
    if (!gram) return ZG_NO_MEMORY;
    zg_gemm(!wide, wide, order, order, wide ? m : n, 1, a, n, a, n, 0, gram, order);
    for (size_t k = 0; k < order; k++)
        gram[k * order + k] += lambda;
    if (!wide) zg_gemm(true, false, m, outputs, n, 1, a, n, b, n, 0, x, m);
    zg_status status = zg_all_finite(order * order, gram) ? zg_cholesky(order, gram) : ZG_FAILED;
    if (status == ZG_OK) zg_cholesky_solve(order, gram, outputs, wide ? b : x);
    if (status == ZG_OK && wide) zg_gemm(true, false, m, outputs, n, 1, a, n, b, n, 0, x, m);
    free(gram);
    return status;
}

zg_status zg_ridge_fit(const zg_problem *problem, double lambda, double *w, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    size_t n = lift->samples, own = group_columns(lift), square = lift->order * lift->order;
    size_t count = lift->groups * own;
    double *a = zg_doubles(n * count), *b = zg_doubles(n * problem->outputs);
    double *x = zg_doubles(count * problem->outputs), *packed = zg_doubles(own + 1);
    zg_status status = a && b && x && packed ? design(problem, a) : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        right_hand_sides(problem, n, b);
        status = ridge_coefficients(n, count, problem->outputs, lambda, a, b, x);
    }
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++)
        for (size_t g = 0; g < lift->groups; g++)
            unpack(lift, x + c * count + g * own, packed, w + (c * lift->groups + g) * square);
    free(a);
    free(b);
    free(x);
    free(packed);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    return status ? zg_fail(error, status,
                            "the penalised normal equations are not definite: a "
                            "larger lambda, or inputs that are standardised")
                  : ZG_OK;
}

/* ---- within a limit of time -------------------------------------------------------------------- */

/* Nothing interrupts LAPACK: where it may not finish in time, it runs in a child. */
typedef struct fit_job {
    const zg_problem *problem;
    double cutoff;
    size_t doubles; /* of w */
    double *w;
} fit_job;

typedef struct fit_header {
    zg_status status;
    size_t rank, columns;
    zg_error error;
} fit_header;

static int fit_in_child(void *context, int channel)
{
    fit_job *job = context;
    fit_header head = {0};
    head.status = zg_least_squares_fit(job->problem, job->cutoff, job->w, &head.rank, &head.columns,
                                       &head.error);
    return zg_write_all(channel, &head, sizeof head) &&
                   zg_write_all(channel, job->w, job->doubles * sizeof *job->w)
               ? 0
               : 1;
}

/* Whether the decomposition can take longer than that many seconds, at half a gigaflop a second. */
static bool may_overrun(const zg_lift *lift, double seconds)
{
    double n = (double)lift->samples, m = (double)(lift->groups * group_columns(lift));
    return seconds > 0.0 && 20.0 * n * m * fmin(n, m) / 5e8 > seconds;
}

static zg_status fit_within(const zg_problem *problem, double cutoff, double seconds,
                            size_t doubles, double *w, size_t *rank, size_t *columns,
                            zg_error *error)
{
    if (!may_overrun(problem->lift, seconds))
        return zg_least_squares_fit(problem, cutoff, w, rank, columns, error);
    fit_job job = {problem, cutoff, doubles, w};
    const zg_child_plan plan = {.body = fit_in_child, .context = &job, .channel = true};
    zg_child child;
    fit_header head;
    double end = zg_monotonic() + seconds;
    zg_status status = zg_child_start(&plan, &child, error);
    if (status) return status;
    status = zg_child_read(&child, &head, sizeof head, seconds);
    if (status == ZG_OK)
        status = zg_child_read(&child, w, doubles * sizeof *w, fmax(0.0, end - zg_monotonic()) + 1);
    zg_child_clear(&child);
    if (status == ZG_TIMEOUT)
        return zg_fail(error, status, "least squares reached the time limit of %g s", seconds);
    if (status) return zg_fail(error, ZG_NO_MEMORY, "the process of the fit was lost");
    *rank = head.rank;
    *columns = head.columns;
    if (head.status) *error = head.error;
    return head.status;
}

/* ---- from matrices to neurons --------------------------------------------------------------- */

/* z += alpha [u; 1][u; 1]' with u = sign q, q of length order - 1. */
static void add_neuron(size_t order, double alpha, double sign, const double *q, double *z)
{
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i < order; i++) {
            double row = i + 1 < order ? sign * q[i] : 1.0;
            double column = j + 1 < order ? sign * q[j] : 1.0;
            z[j * order + i] += alpha * row * column;
        }
}

/* Adds [s qq', t q; t q', s] with |t| <= |s|: two neurons of the sign of s. */
static void add_direction(size_t order, double s, double t, const double *q, double *z, double *zn)
{
    double *block = s < 0.0 ? zn : z, share = s < 0.0 ? -t : t;
    add_neuron(order, 0.5 * (fabs(s) + share), 1.0, q, block);
    add_neuron(order, 0.5 * (fabs(s) - share), -1.0, q, block);
}

/* Positive and negative part of w; vectors, values: its eigendecomposition. */
static void split_unbordered(size_t order, const double *vectors, const double *values, double *z,
                             double *zn)
{
    for (size_t k = 0; k < order; k++) {
        double *block = values[k] < 0.0 ? zn : z;
        const double *q = vectors + k * order;
        for (size_t j = 0; j < order; j++)
            zg_axpy(order, fabs(values[k]) * q[j], q, block + j * order);
    }
}

static void split_bordered(size_t order, const double *w, const double *vectors,
                           const double *values, double *excess, double *z, double *zn)
{
    size_t f = order - 1;
    for (size_t k = 0; k < f; k++) {
        const double *q = vectors + k * f;
        double share = zg_dot(f, q, w + f * order), limit = fabs(values[k]);
        double covered = fmax(-limit, fmin(limit, share));
        if (limit > 0.0) add_direction(order, values[k], covered, q, z, zn);
        zg_axpy(f, share - covered, q, excess);
    }
    double length = zg_norm(f, excess);
    if (!(length > 0.0)) return;
    for (size_t i = 0; i < f; i++)
        excess[i] /= length;
    add_neuron(order, 0.5 * length, 1.0, excess, z);
    add_neuron(order, 0.5 * length, -1.0, excess, zn);
}

zg_status zg_least_squares_split(const zg_lift *lift, const double *w, double *z, double *zn)
{
    size_t order = lift->order, f = order - (lift->bordered ? 1 : 0);
    double *vectors = zg_doubles(f * f), *values = zg_doubles(f), *excess = zg_doubles(f);
    memset(z, 0, order * order * sizeof *z);
    memset(zn, 0, order * order * sizeof *zn);
    zg_status status = vectors && values && excess ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < f; j++)
        memcpy(vectors + j * f, w + j * order, f * sizeof *w);
    if (status == ZG_OK) status = zg_eigen(f, vectors, values);
    if (status == ZG_OK && lift->bordered)
        split_bordered(order, w, vectors, values, excess, z, zn);
    else if (status == ZG_OK)
        split_unbordered(order, vectors, values, z, zn);
    free(vectors);
    free(values);
    free(excess);
    return status;
}

/* ---- the methods ----------------------------------------------------------------------------- */

enum { CUTOFF, CUTOFF_COUNT };
enum { LAMBDA, LAMBDA_COUNT };

static const zg_option options[CUTOFF_COUNT] = {
    [CUTOFF] = {"cutoff", ZG_OPTION_NUMBER, "1e-12", NULL, 0, 1,
                "singular values below this share of the largest count as zero"},
};

static const zg_option ridge_options[LAMBDA_COUNT] = {
    [LAMBDA] = {"lambda", ZG_OPTION_NUMBER, "1", NULL, DBL_MIN, DBL_MAX,
                "weight of half the squared coefficients (svec)"},
};

static zg_status fit(const zg_problem *problem, const zg_value *values, double seconds, double *w,
                     char *message, size_t size, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    size_t rank = 0, columns = 0;
    size_t doubles = problem->outputs * lift->groups * lift->order * lift->order;
    zg_status status =
        fit_within(problem, values[CUTOFF].number, seconds, doubles, w, &rank, &columns, error);
    snprintf(message, size, "fitted without a penalty; the data determine %zu of %zu coefficients",
             rank, columns);
    return status;
}

static zg_status fit_ridge(const zg_problem *problem, const zg_value *values, double seconds,
                           double *w, char *message, size_t size, zg_error *error)
{
    (void)seconds; /* one factorisation */
    snprintf(message, size, "fitted with half the squared coefficients times %g as penalty",
             values[LAMBDA].number);
    return zg_ridge_fit(problem, values[LAMBDA].number, w, error);
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    return zg_fit_solve(problem, values, fit, control, solution, error);
}

static zg_status solve_ridge(const zg_problem *problem, const zg_value *values,
                             const zg_control *control, zg_solution *solution, zg_error *error)
{
    return zg_fit_solve(problem, values, fit_ridge, control, solution, error);
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)problem;
    (void)values;
    (void)error;
    return ZG_OK;
}

const zg_method zg_method_least_squares = {
    .name = "least-squares",
    .summary = "the fit without a penalty: linear least squares in the lifted matrices",
    .options = options,
    .option_count = CUTOFF_COUNT,
    .check = check,
    .solve = solve,
};

const zg_method zg_method_ridge = {
    .name = "ridge",
    .summary = "the same with the squared coefficients as penalty",
    .options = ridge_options,
    .option_count = LAMBDA_COUNT,
    .check = check,
    .solve = solve_ridge,
};
