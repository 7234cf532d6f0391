/* Posing problems whose rows are more than values (see problem_rows.h). */
#include "core/problem_rows.h"

#include "base/linalg.h"
#include "core/discriminant.h"
#include "core/neuron_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [ZG_ROWS_VALUES] = "values",
    [ZG_ROWS_SLOPES] = "slopes",
    [ZG_ROWS_VALUES_AND_SLOPES] = "values+slopes",
    [ZG_ROWS_CONTRAST] = "contrast",
};
enum { KINDS = sizeof kinds / sizeof *kinds };

zg_status zg_row_kind_parse(const char *text, zg_row_kind *out, zg_error *error)
{
    for (size_t k = 0; k < KINDS; k++) {
        if (strcmp(text, kinds[k]) != 0) continue;
        *out = (zg_row_kind)k;
        return ZG_OK;
    }
    return zg_fail_unknown(error, "kind of rows", text, kinds, KINDS);
}

const char *zg_row_kind_name(zg_row_kind kind)
{
    return kinds[kind];
}

bool zg_row_kind_has_values(zg_row_kind kind)
{
    return kind == ZG_ROWS_VALUES || kind == ZG_ROWS_VALUES_AND_SLOPES;
}

size_t zg_row_kind_targets(zg_row_kind kind, size_t inputs, size_t outputs)
{
    if (kind == ZG_ROWS_SLOPES) return inputs;
    return kind == ZG_ROWS_VALUES_AND_SLOPES ? inputs + 1 : outputs;
}

static size_t count_above(const zg_problem *p)
{
    size_t above = 0;
    for (size_t i = 0; i < p->points; i++)
        above += p->y[i] > 0.0;
    return above;
}

static zg_status check_contrast(const zg_problem *p, zg_error *error)
{
    if (p->outputs != 1)
        return zg_fail(error, ZG_BAD_INPUT,
                       "rows that are contrast need one target column, above 0 in one sample, "
                       "found %zu",
                       p->outputs);
    if (p->weights)
        return zg_fail(error, ZG_UNSUPPORTED, "rows that are contrast need rows without weights");
    size_t above = count_above(p);
    if (above > 0 && above < p->points) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "rows that are contrast need two samples, the target above 0 in one of them; "
                   "found %zu rows above 0 and %zu others",
                   above, p->points - above);
}

static zg_status check(const zg_problem *p, zg_row_kind kind, zg_error *error)
{
    size_t d = p->preprocess.inputs, wanted = zg_row_kind_targets(kind, d, 1);
    const char *what = p->architecture.kind != ZG_DENSE        ? "a dense network"
                       : p->preprocess.halfspaces > 0          ? "inputs that are no half-spaces"
                       : zg_neuron_set_finite(p->neuron_set)   ? "neurons of any weights"
                       : p->penalty.kind != ZG_PENALTY_L1      ? "the penalty l1"
                       : p->encoding.task != ZG_REGRESSION     ? "the task regression"
                       : p->encoding.mean || p->encoding.scale ? "targets that are not standardised"
                                                               : NULL;
    if (what) return zg_fail(error, ZG_UNSUPPORTED, "rows that are %s need %s", kinds[kind], what);
    if (kind == ZG_ROWS_CONTRAST) return check_contrast(p, error);
    if (p->outputs == wanted) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "rows that are %s need %zu target columns, %sthe derivative along each of %zu "
                   "inputs in their order; found %zu",
                   kinds[kind], wanted, kind == ZG_ROWS_SLOPES ? "" : "the value and ", d,
                   p->outputs);
}

/* One row a target: its value, or its slope along the raw input k, which is 1 / scale_k times that
 * along the input that the network sees. */
static zg_status add_rows(const zg_problem *p, zg_functionals *rows, bool values)
{
    const double *scale = p->preprocess.scale;
    zg_status status = ZG_OK;
    for (size_t i = 0; i < p->points; i++)
        for (size_t c = 0; c < p->outputs && status == ZG_OK; c++) {
            bool value = values && c == 0;
            size_t k = values ? c - 1 : c;
            status = zg_functionals_add_row(rows);
            if (status != ZG_OK) break;
            status =
                value ? zg_functionals_add(rows, i, ZG_TERM_VALUE, 1.0)
                      : zg_functionals_add(rows, i, ZG_TERM_SLOPE(k), scale ? 1.0 / scale[k] : 1.0);
        }
    return status;
}

/* One row, the mean of the sample above 0 less that of the other; it is to be 1. */
static zg_status pose_contrast(zg_problem *p)
{
    size_t above = count_above(p);
    const double share[2] = {-1.0 / (double)(p->points - above), 1.0 / (double)above};
    double *y = zg_doubles(1);
    zg_status status = y ? zg_functionals_add_row(p->functionals) : ZG_NO_MEMORY;
    for (size_t i = 0; i < p->points && status == ZG_OK; i++)
        status = zg_functionals_add(p->functionals, i, ZG_TERM_VALUE, share[p->y[i] > 0.0]);
    if (status != ZG_OK) {
        free(y);
        return status;
    }
    *y = 1.0;
    p->targets = p->y;
    p->y = y;
    p->samples = 1;
    return ZG_OK;
}

/* y and weights of the rows, point by point, from those of the points, target by target. */
static zg_status spread_targets(zg_problem *p)
{
    size_t n = p->points, targets = p->outputs;
    double *y = zg_doubles(n * targets), *weights = p->weights ? zg_doubles(n * targets) : NULL;
    if (!y || (p->weights && !weights)) {
        free(y);
        return ZG_NO_MEMORY;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < targets; c++) {
            y[i * targets + c] = p->y[c * n + i];
            if (weights) weights[i * targets + c] = p->weights[i];
        }
    free(p->weights);
    p->targets = p->y;
    p->y = y;
    p->weights = weights;
    p->samples = n * targets;
    return ZG_OK;
}

static zg_status pose_points(zg_problem *p, bool values)
{
    zg_status status = add_rows(p, p->functionals, values);
    return status == ZG_OK ? spread_targets(p) : status;
}

/* The network has one output, whatever the table has. */
static zg_status keep_one_output(zg_problem *p, bool values)
{
    zg_encoding one = {.task = ZG_REGRESSION, .outputs = 1};
    if (values && p->encoding.names && zg_texts_copy(p->encoding.names, 1, &one.names) != ZG_OK)
        return ZG_NO_MEMORY;
    zg_encoding_clear(&p->encoding);
    p->encoding = one;
    p->outputs = 1;
    return ZG_OK;
}

zg_status zg_problem_pose_rows(zg_problem *problem, const zg_model_options *options,
                               zg_error *error)
{
    bool values = options->rows == ZG_ROWS_VALUES_AND_SLOPES;
    if (zg_loss_has(options->loss.kind, ZG_LOSS_SEPARATES))
        return zg_discriminant_pose(problem, options->rows, error);
    if (options->rows == ZG_ROWS_VALUES) return ZG_OK;
    zg_status status = check(problem, options->rows, error);
    if (status != ZG_OK) return status;
    status = zg_functionals_create(problem->points, problem->inputs, &problem->functionals);
    if (status == ZG_OK)
        status = options->rows == ZG_ROWS_CONTRAST ? pose_contrast(problem)
                                                   : pose_points(problem, values);
    if (status == ZG_OK) status = keep_one_output(problem, values);
    if (status != ZG_OK) return zg_no_memory(error);
    return zg_functionals_check(problem->functionals, error);
}

/* ---- networks -------------------------------------------------------------------------------- */

static zg_status functional_responses(const zg_problem *problem, const zg_network *network,
                                      double *f)
{
    size_t n = problem->samples, width = network->patches.width;
    double *one = zg_doubles(n + problem->points), *t = one + n;
    if (!one) return ZG_NO_MEMORY;
    memset(f, 0, n * sizeof *f);
    for (size_t j = 0; j < network->count; j++) {
        zg_functional_responses(problem->functionals, problem->activation, problem->x,
                                network->u + j * width, t, one);
        for (size_t i = 0; i < n; i++)
            f[i] += network->alpha[j] * one[i];
    }
    free(one);
    return ZG_OK;
}

zg_status zg_problem_responses(const zg_problem *problem, const zg_network *network, double *f)
{
    if (problem->functionals) return functional_responses(problem, network, f);
    return zg_network_evaluate(network, problem->samples, problem->x, f);
}

size_t zg_problem_exact_row(const zg_problem *problem)
{
    return zg_loss_exact_row(problem->samples, problem->weights);
}

zg_status zg_problem_check_exact_row(const zg_problem *problem, zg_error *error)
{
    size_t exact = zg_problem_exact_row(problem), order = problem->lift->order;
    if (exact == SIZE_MAX) return ZG_OK;
    double *m = zg_doubles(order * order);
    if (!m) return zg_no_memory(error);
    zg_lift_matrix(problem->lift, 0, exact, m);
    bool possible = zg_norm(order * order, m) > problem->lift->row_errors[exact];
    free(m);
    if (possible) return ZG_OK;
    return zg_fail(error, ZG_INFEASIBLE,
                   "no network meets row %zu, which is to be met exactly: to rounding it is 0 for "
                   "all of them%s",
                   exact + 1,
                   zg_discriminant_posed(problem)
                       ? "; the two classes have the same means of all features"
                       : "");
}
