/* Whether targets can be interpolated at all (see interpolation.h). */
#include "core/interpolation.h"

#include "base/linalg.h"
#include "core/certificate.h"
#include "core/problem_rows.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* lambda(v) is zero to rounding below this share of sum_i |v_i| |M_i|: what v'f can be is lost
 * among the rounding errors of its terms. */
#define VANISHING 1e-10

double zg_interpolation_miss(const zg_problem *problem, const double *f)
{
    size_t n = problem->samples;
    double most = 0.0;
    for (size_t c = 0; c < problem->outputs; c++)
        most = zg_upper_max(most, zg_loss_miss(n, f + c * n, problem->y + c * n));
    return most;
}

zg_status zg_network_miss(const zg_network *network, const zg_problem *problem, double *miss)
{
    double *f = zg_doubles(problem->outputs * problem->samples);
    zg_status status = f ? zg_problem_responses(problem, network, f) : ZG_NO_MEMORY;
    *miss = status ? NAN : zg_interpolation_miss(problem, f);
    free(f);
    return status;
}

/* ---- rows that contradict each other --------------------------------------------------------- */

typedef struct sample {
    const double *x;
    size_t inputs, row;
} sample;

static int compare(const void *left, const void *right)
{
    const sample *a = left, *b = right;
    for (size_t k = 0; k < a->inputs; k++)
        if (a->x[k] != b->x[k]) return a->x[k] < b->x[k] ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static bool same_inputs(const sample *a, const sample *b)
{
    for (size_t k = 0; k < a->inputs; k++)
        if (a->x[k] != b->x[k]) return false;
    return true;
}

/* Whether one number can be within the tolerance of both targets. */
static bool compatible(double y, double z, double largest)
{
    return fabs(y / 2.0 - z / 2.0) <= ZG_INTERPOLATION_TOLERANCE * largest;
}

/* Rows with the same inputs stand side by side: the first is held against all that follow. */
static zg_status check_output(const zg_problem *p, const sample *sorted, size_t c, zg_error *error)
{
    const double *y = p->y + c * p->samples;
    double largest = 0.0;
    for (size_t i = 0; i < p->samples; i++)
        largest = zg_upper_max(largest, fabs(y[i]));
    for (size_t first = 0, i = 1; i < p->samples; i++) {
        if (!same_inputs(&sorted[first], &sorted[i])) first = i;
        size_t a = sorted[first].row, b = sorted[i].row;
        if (!compatible(y[a], y[b], largest))
            return zg_fail(error, ZG_INFEASIBLE,
                           "no network interpolates these targets: rows %zu and %zu have the same "
                           "inputs and the targets %.10g and %.10g",
                           a + 1, b + 1, y[a], y[b]);
    }
    return ZG_OK;
}

zg_status zg_interpolation_conflict(const zg_problem *problem, zg_error *error)
{
    size_t n = problem->samples;
    if (problem->functionals) return ZG_OK; /* rows at one point may say different things */
    sample *sorted = calloc(n, sizeof *sorted);
    if (!sorted) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (sample){problem->x + i * problem->inputs, problem->inputs, i};
    qsort(sorted, n, sizeof *sorted, compare);
    zg_status status = ZG_OK;
    for (size_t c = 0; status == ZG_OK && c < problem->outputs; c++)
        status = check_output(problem, sorted, c, error);
    free(sorted);
    return status;
}

/* ---- what a vector proves ---------------------------------------------------------------------- */

/* |v'y| - tolerance max |y| |v|_1, rounded down. */
static double remainder_of(const zg_program *program, const double *v)
{
    size_t n = program->lift->samples;
    double product = 0.0, size = 0.0, sum = 0.0, largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        product += v[i] * program->y[i];
        size += fabs(v[i] * program->y[i]) + DBL_MIN;
        sum += fabs(v[i]);
        largest = zg_upper_max(largest, fabs(program->y[i]));
    }
    double rounding = ((double)n + 8.0) * DBL_EPSILON;
    return zg_lower(fabs(product) - rounding * size - (double)n * DBL_MIN -
                    (1.0 + rounding) * ZG_INTERPOLATION_TOLERANCE * largest * sum);
}

zg_reach zg_interpolation_reach(const zg_program *program, const double *v, double *least)
{
    zg_bound bound;
    *least = 0.0;
    double remainder = remainder_of(program, v), terms = 0.0;
    if (!(remainder > 0.0)) return ZG_REACH_OPEN;
    if (zg_program_bound(program, v, &bound, NULL) != ZG_OK) return ZG_REACH_OPEN;
    for (size_t g = 0; g < program->lift->groups; g++)
        terms = zg_upper_max(terms, zg_lift_adjoint_terms(program->lift, g, v));
    /* Twice rounded down: the quotient and its product. */
    double share = zg_quotient_below(program->beta, bound.lambda);
    *least = nextafter(share * remainder, 0.0);
    if (!isfinite(*least)) *least = DBL_MAX;
    return bound.lambda <= VANISHING * terms + 1e-290 ? ZG_REACH_IMPOSSIBLE : ZG_REACH_OPEN;
}
