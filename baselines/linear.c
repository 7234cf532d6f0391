/* Linear models as networks: what a quadratic one must be better than.  A linear function w'x is a
 * pair of neurons +-w where sigma has a linear part, and a product of x with the constant input
 * where it has none. */
#include "base/linalg.h"
#include "baselines/baseline.h"
#include "baselines/fit.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the network can be x'w: by its linear part, or by the constant input. */
static zg_status check_linear(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    bool linear = problem->activation.b != 0;
    bool constant = problem->preprocess.bias && problem->activation.a != 0;
    if (problem->architecture.kind != ZG_DENSE)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "linear models are dense networks; the method least-squares has others");
    if (linear || constant) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "an activation without a linear part has no linear functions, except with a "
                   "constant input (bias)");
}

/* W of one output (order x order) for the coefficients w of the inputs, the constant one last. */
static void place(const zg_problem *problem, const double *w, double *matrix)
{
    size_t d = problem->inputs, order = problem->lift->order;
    zg_activation s = problem->activation;
    memset(matrix, 0, order * order * sizeof *matrix);
    for (size_t j = 0; j < d; j++) {
        if (s.b != 0)
            matrix[d * order + j] = matrix[j * order + d] = w[j] / s.b;
        else if (j + 1 < d)
            matrix[(d - 1) * order + j] = matrix[j * order + d - 1] = 0.5 * w[j] / s.a;
        else
            matrix[j * order + j] = w[j] / s.a;
    }
    /* With a border the constant input is one of the others; <R, W> = tr W1 - W_dd stays 0. */
}

/* ---- linear least squares ---------------------------------------------------------------------- */

enum { LAMBDA, LAMBDA_COUNT };

static const zg_option linear_options[LAMBDA_COUNT] = {
    [LAMBDA] = {"lambda", ZG_OPTION_NUMBER, "0", NULL, 0, 1e300,
                "weight of half the squared coefficients, but that of the constant"},
};

/* a (rows x d, column-major): the inputs, times the roots of the weights, with sqrt(lambda) below.
 */
static void fill_design(const zg_problem *problem, size_t rows, double lambda, double *a, double *b)
{
    size_t n = problem->samples, d = problem->inputs;
    size_t penalised = d - problem->preprocess.bias;
    for (size_t i = 0; i < n; i++) {
        double root = problem->weights ? sqrt(problem->weights[i]) : 1;
        for (size_t j = 0; j < d; j++)
            a[j * rows + i] = root * problem->x[i * d + j];
        for (size_t c = 0; c < problem->outputs; c++)
            b[c * rows + i] = root * problem->y[c * n + i];
    }
    for (size_t j = 0; lambda > 0 && j < penalised; j++)
        a[j * rows + n + j] = sqrt(lambda);
}

static zg_status fit_linear(const zg_problem *problem, const zg_value *values, double seconds,
                            double *w, char *message, size_t size, zg_error *error)
{
    (void)seconds; /* as small as the data */
    size_t n = problem->samples, d = problem->inputs, square = problem->lift->order;
    size_t rows = n + d, outputs = problem->outputs;
    square *= square;
    double *a = zg_doubles(rows * d), *b = zg_doubles(rows * outputs), *s = zg_doubles(d);
    lapack_int rank = 0;
    zg_status status = a && b && s ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        fill_design(problem, rows, values[LAMBDA].number, a, b);
        if (!zg_all_finite(rows * d, a) || !zg_all_finite(rows * outputs, b) ||
            LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)rows, (lapack_int)d, (lapack_int)outputs,
                           a, (lapack_int)rows, b, (lapack_int)rows, s, 1e-12, &rank) != 0)
            status = zg_fail(error, ZG_FAILED, "the linear least-squares problem was not solved");
    }
    for (size_t c = 0; status == ZG_OK && c < outputs; c++)
        place(problem, b + c * rows, w + c * square);
    snprintf(message, size,
             "a linear function of the inputs: the data determine %d of %zu coefficients",
             (int)rank, d);
    free(a);
    free(b);
    free(s);
    return status;
}

static zg_status solve_linear(const zg_problem *problem, const zg_value *values,
                              const zg_control *control, zg_solution *solution, zg_error *error)
{
    return zg_fit_solve(problem, values, fit_linear, control, solution, error);
}

const zg_method zg_method_linear = {
    .name = "linear",
    .summary = "linear least squares on the inputs; of a time series, an ARX model",
    .options = linear_options,
    .option_count = LAMBDA_COUNT,
    .check = check_linear,
    .solve = solve_linear,
};

/* ---- persistence ------------------------------------------------------------------------------- */

static zg_status check_persistence(const zg_problem *problem, const zg_value *values,
                                   zg_error *error)
{
    const zg_time_series *series = problem->preprocess.series;
    if (!series || series->lags.outputs == 0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "persistence repeats the last output of a time series with lags of outputs");
    if ((problem->preprocess.mean || problem->encoding.mean) && !problem->preprocess.bias)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "persistence of standardised numbers needs a constant (bias)");
    return check_linear(problem, values, error);
}

/* y_c = x_c in the table's units: output c is the first lag's channel c. */
static zg_status fit_persistence(const zg_problem *problem, const zg_value *values, double seconds,
                                 double *w, char *message, size_t size, zg_error *error)
{
    (void)values;
    (void)seconds;
    size_t d = problem->inputs, square = problem->lift->order * problem->lift->order;
    const zg_preprocess *p = &problem->preprocess;
    const zg_encoding *e = &problem->encoding;
    double *line = zg_doubles(d);
    if (!line) return zg_no_memory(error);
    for (size_t c = 0; c < problem->outputs; c++) {
        double mean = p->mean ? p->mean[c] : 0, scale = p->mean ? p->scale[c] : 1;
        double target_mean = e->mean ? e->mean[c] : 0, target_scale = e->mean ? e->scale[c] : 1;
        memset(line, 0, d * sizeof *line);
        line[c] = scale / target_scale;
        if (p->bias) line[d - 1] = (mean - target_mean) / target_scale;
        place(problem, line, w + c * square);
    }
    free(line);
    snprintf(message, size, "the next output is the last one");
    return ZG_OK;
}

static zg_status solve_persistence(const zg_problem *problem, const zg_value *values,
                                   const zg_control *control, zg_solution *solution,
                                   zg_error *error)
{
    return zg_fit_solve(problem, values, fit_persistence, control, solution, error);
}

const zg_method zg_method_persistence = {
    .name = "persistence",
    .summary = "the next output of a time series is its last one",
    .check = check_persistence,
    .solve = solve_persistence,
};
