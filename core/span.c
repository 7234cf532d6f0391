/* Problems in the span of their rows (see span.h). */
#include "core/span.h"

#include "base/linalg.h"
#include "core/decomposition.h"
#include "core/network.h"
#include "core/neuron_set.h"

#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool applies(const zg_problem *p)
{
    /* The balls of a robust problem reach out of the span. */
    return !p->lift->team && p->robust == 0.0 && !zg_neuron_set_finite(p->neuron_set) &&
           p->architecture.kind == ZG_DENSE && p->penalty.kind == ZG_PENALTY_L1 &&
           !p->functionals && p->inputs > p->samples + 1 && p->inputs <= INT_MAX;
}

/* X' = Q R: fills the basis with Q and one direction more, rows (n x (n + 1), row-major, zeroed)
 * with R' and a column of zeros.  False when something overflowed. */
static bool factorise(const zg_problem *p, double *basis, double *rows, double *work)
{
    size_t n = p->samples, d = p->inputs;
    int m = (int)d, k = (int)n, room = (int)(n + 1);
    double *tau = work, *scratch = work + n;
    memcpy(basis, p->x, n * d * sizeof *basis); /* row-major X is column-major X' */
    if (LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, m, k, basis, m, tau, scratch, room) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        memcpy(rows + i * (n + 1), basis + i * d, (i + 1) * sizeof *rows);
    if (LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, m, k + 1, k, basis, m, tau, scratch, room) != 0)
        return false;
    return zg_all_finite(d * (n + 1), basis) && zg_all_finite(n * (n + 1), rows);
}

zg_status zg_span_create(const zg_problem *problem, zg_span *out, zg_error *error)
{
    size_t n = problem->samples, d = problem->inputs;
    *out = (zg_span){.full = problem};
    if (!applies(problem)) return ZG_OK;
    out->basis = zg_doubles(d * (n + 1));
    double *rows = zg_doubles(n * (n + 1)), *work = zg_doubles(2 * n + 1);
    zg_status status = out->basis && rows && work ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && factorise(problem, out->basis, rows, work))
        status =
            zg_problem_from_arrays(n, n + 1, rows, problem->outputs, problem->y, problem->weights,
                                   problem->activation, &problem->architecture, problem->loss,
                                   problem->penalty, problem->beta, &out->problem, error);
    free(rows);
    free(work);
    if (status == ZG_NO_MEMORY) {
        zg_span_clear(out);
        return status;
    }
    return ZG_OK; /* numbers that the smaller problem refuses stay with the full one */
}

void zg_span_clear(zg_span *span)
{
    zg_problem_free(span->problem);
    free(span->basis);
    *span = (zg_span){0};
}

zg_status zg_span_widen(const zg_span *span, const zg_network *narrow, zg_network **out,
                        zg_error *error)
{
    size_t d = span->full->inputs, k = span->problem->inputs, outputs = narrow->outputs;
    double *u = zg_doubles(d);
    if (!u) return zg_no_memory(error);
    zg_network *wide = NULL;
    zg_status status = zg_network_create(span->full, &wide, error);
    for (size_t j = 0; status == ZG_OK && j < narrow->count; j++) {
        zg_gemv(false, d, k, 1.0, span->basis, d, narrow->u + j * k, 0.0, u);
        double norm = zg_norm(d, u);
        for (size_t i = 0; i < d; i++)
            u[i] /= norm > 0.0 ? norm : 1.0;
        status = zg_network_add(wide, 0, u, 0, 0.0);
        if (status == ZG_OK)
            memcpy(wide->alpha + j * outputs, narrow->alpha + j * outputs, outputs * sizeof *u);
    }
    free(u);
    if (status == ZG_OK) {
        *out = wide;
        return ZG_OK;
    }
    zg_network_free(wide);
    return status == ZG_NO_MEMORY ? zg_no_memory(error) : status;
}

/* ---- solving ----------------------------------------------------------------------------------- */

typedef struct relay {
    const zg_span *span;
    const zg_observer *outer;
} relay;

/* The network that the iterate has or its blocks stand for, of the full problem; NULL: none. */
static zg_network *widen_iterate(const zg_span *span, const zg_iterate *iterate)
{
    zg_network *narrow = NULL, *wide = NULL;
    if (iterate->network) {
        (void)zg_span_widen(span, iterate->network, &wide, NULL);
    } else if (iterate->z && iterate->output != ZG_ALL_OUTPUTS &&
               zg_network_create(span->problem, &narrow, NULL) == ZG_OK) {
        if (zg_network_add_blocks(narrow, span->problem->lift, iterate->output, iterate->z,
                                  iterate->zn, 1e-12) == ZG_OK)
            (void)zg_span_widen(span, narrow, &wide, NULL);
        zg_network_free(narrow);
    }
    return wide;
}

static bool pass_on(void *context, const zg_iterate *iterate, double seconds)
{
    const relay *r = context;
    zg_iterate full = *iterate;
    zg_network *network = widen_iterate(r->span, iterate);
    full.network = network;
    full.z = full.zn = NULL;
    if (!network && (iterate->network || iterate->z)) full.objective = NAN;
    bool go_on = r->outer->notify(r->outer->context, &full, seconds);
    zg_network_free(network);
    return go_on;
}

static zg_status solve_reduced(const zg_method *method, const zg_span *span, const zg_value *values,
                               const zg_control *control, zg_solution *solution, zg_error *error)
{
    relay r = {span, control->observer};
    const zg_observer observer = {pass_on, &r};
    zg_control own = *control;
    if (control->observer) own.observer = &observer;
    zg_status outcome = method->solve(span->problem, values, &own, solution, error);
    if (!solution->network) return outcome;
    zg_network *wide = NULL;
    zg_status status = zg_span_widen(span, solution->network, &wide, outcome ? NULL : error);
    zg_network_free(solution->network);
    solution->network = wide;
    return outcome ? outcome : status;
}

zg_status zg_span_solve(const zg_method *method, const zg_problem *problem, const zg_value *values,
                        const zg_control *control, zg_solution *solution, zg_error *error)
{
    zg_span span = {0};
    zg_status status = method->convex ? zg_span_create(problem, &span, error) : ZG_OK;
    if (status != ZG_OK) return status;
    status = span.problem ? solve_reduced(method, &span, values, control, solution, error)
                          : method->solve(problem, values, control, solution, error);
    zg_span_clear(&span);
    return status;
}
