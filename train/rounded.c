/* The baseline "rounded": the optimum over all neurons, its weights rounded to a finite set. */
#include "train/rounded.h"

#include "base/linalg.h"
#include "core/network_levels.h"
#include "core/span.h"
#include "solvers/l1.h"
#include "train/choice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_REFIT };

static const zg_option options[] = {
    {"refit", ZG_OPTION_FLAG, "true", NULL, 0, 0,
     "fit the output weights anew once the neurons are rounded"},
};

#define REFIT_TOLERANCE 1e-10
/* Scales that are tried for the levels of a neuron, from its largest weight down. */
#define SCALES 200

/* ---- rounding a neuron ----------------------------------------------------------------------- */

static double cosine(size_t width, const double *u, const int *levels)
{
    double inner = 0.0, square = 0.0;
    for (size_t k = 0; k < width; k++) {
        inner += u[k] * levels[k];
        square += (double)levels[k] * levels[k];
    }
    return square > 0.0 ? inner / sqrt(square) : -1.0;
}

static void round_at(zg_levels all, size_t width, const double *u, double unit, int *levels)
{
    for (size_t k = 0; k < width; k++) {
        double place = rint((u[k] / unit - all.first) / all.step);
        place = fmin(fmax(place, 0.0), all.count - 1.0);
        levels[k] = all.first + all.step * (int)place;
    }
}

/* The levels whose direction is nearest to u, over a range of scales. */
static void round_neuron(zg_neuron_set set, size_t width, const double *u, int *levels, int *trial)
{
    zg_levels all = zg_neuron_set_levels(set);
    double largest = 0.0, best = -2.0;
    for (size_t k = 0; k < width; k++)
        largest = fmax(largest, fabs(u[k]));
    for (int step = 0; step < SCALES; step++) {
        double most = -all.first * pow(4.0, 0.5 - (double)step / SCALES); /* 2 to 1/2 of it */
        round_at(all, width, u, largest / most, trial);
        double own = cosine(width, u, trial);
        if (!(own > best)) continue;
        best = own;
        memcpy(levels, trial, width * sizeof *levels);
    }
}

/* ---- the rounded network --------------------------------------------------------------------- */

typedef struct rounding {
    const zg_problem *problem;
    const zg_network *full;
    size_t width, count; /* count: different neurons */
    int *levels;         /* count x width */
    size_t *group;
    double *alpha; /* count x outputs */
    double *f;     /* samples x count: their responses */
} rounding;

static void rounding_clear(rounding *r)
{
    free(r->levels);
    free(r->group);
    free(r->alpha);
    free(r->f);
}

static size_t find(const rounding *r, size_t group, const int *levels)
{
    size_t j = 0;
    while (j < r->count && (r->group[j] != group || memcmp(r->levels + j * r->width, levels,
                                                           r->width * sizeof *levels) != 0))
        j++;
    return j;
}

static zg_status round_network(rounding *r)
{
    size_t all = r->full->count + 1, outputs = r->full->outputs;
    int *levels = calloc(2 * r->width, sizeof *levels);
    r->levels = calloc(all * r->width, sizeof *r->levels);
    r->group = calloc(all, sizeof *r->group);
    r->alpha = zg_doubles(all * outputs);
    bool memory = levels && r->levels && r->group && r->alpha;
    for (size_t j = 0; memory && j < r->full->count; j++) {
        round_neuron(r->problem->neuron_set, r->width, r->full->u + j * r->width, levels,
                     levels + r->width);
        size_t at = find(r, r->full->group[j], levels);
        memcpy(r->levels + at * r->width, levels, r->width * sizeof *levels);
        r->group[at] = r->full->group[j];
        zg_axpy(outputs, 1.0, r->full->alpha + j * outputs, r->alpha + at * outputs);
        if (at == r->count) r->count++;
    }
    free(levels);
    return memory ? ZG_OK : ZG_NO_MEMORY;
}

/* Column j of f: the response of neuron j. */
static zg_status respond(rounding *r)
{
    const zg_problem *p = r->problem;
    size_t n = p->samples;
    zg_network *one = NULL;
    double *f = zg_doubles(n * p->outputs);
    r->f = zg_doubles(n * (r->count + 1));
    zg_status status = f && r->f ? zg_network_create(p, &one, NULL) : ZG_NO_MEMORY;
    for (size_t j = 0; j < r->count && status == ZG_OK; j++) {
        zg_network_clear_neurons(one);
        status = zg_network_add_levels(one, p->neuron_set, r->group[j], r->levels + j * r->width, 0,
                                       1.0);
        if (status == ZG_OK) status = zg_network_evaluate(one, n, p->x, f);
        memcpy(r->f + j * n, f, n * sizeof *f);
    }
    zg_network_free(one);
    free(f);
    return status;
}

static zg_status refit(rounding *r, size_t output)
{
    const zg_problem *p = r->problem;
    const zg_l1 l1 = {.samples = p->samples,
                      .columns = r->count,
                      .f = r->f,
                      .loss = p->loss,
                      .y = p->y + output * p->samples,
                      .weights = p->weights,
                      .beta = p->beta};
    zg_l1_answer answer = {.v = zg_doubles(p->samples), .alpha = zg_doubles(r->count + 1)};
    zg_status status = answer.v && answer.alpha ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_l1_solve(&l1, REFIT_TOLERANCE, false, &answer);
    for (size_t j = 0; j < r->count && status == ZG_OK; j++)
        r->alpha[j * p->outputs + output] = answer.alpha[j];
    free(answer.v);
    free(answer.alpha);
    return status;
}

static zg_status build(const rounding *r, zg_network *out)
{
    size_t outputs = r->full->outputs;
    zg_status status = ZG_OK;
    for (size_t j = 0; j < r->count; j++)
        for (size_t c = 0; c < outputs && status == ZG_OK; c++)
            if (r->alpha[j * outputs + c] != 0.0)
                status =
                    zg_network_add_levels(out, r->problem->neuron_set, r->group[j],
                                          r->levels + j * r->width, c, r->alpha[j * outputs + c]);
    return status;
}

static zg_status round_and_fit(rounding *r, bool fit, zg_network **out, zg_error *error)
{
    zg_status status = round_network(r);
    if (status == ZG_OK && fit) status = respond(r);
    for (size_t c = 0; fit && c < r->problem->outputs && status == ZG_OK; c++)
        status = refit(r, c);
    if (status == ZG_OK) status = zg_network_create(r->problem, out, error);
    if (status == ZG_OK) status = build(r, *out);
    return status;
}

/* ---- the method ------------------------------------------------------------------------------ */

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_problem full = *problem;
    full.neuron_set = (zg_neuron_set){ZG_SET_SPHERE, 0};
    zg_solution found = {.bound = -INFINITY};
    zg_control quiet = *control;
    quiet.observer = NULL;
    zg_value *own;
    const zg_method *method = zg_choose_method(&full).method;
    zg_status status = zg_values_create(method, &own, error);
    if (status) return status;
    status = zg_span_solve(method, &full, own, &quiet, &found, error);
    zg_values_free(method, own);
    rounding r = {.problem = problem, .full = found.network, .width = problem->patches.width};
    if (status == ZG_OK && found.network)
        status = round_and_fit(&r, values[OPTION_REFIT].number != 0.0, &solution->network, error);
    rounding_clear(&r);
    solution->seconds = found.seconds;
    solution->processor_seconds = found.processor_seconds;
    solution->iterations = found.iterations;
    solution->unit = "iteration";
    snprintf(solution->message, sizeof solution->message,
             "the optimum over all neurons by %s, rounded", method->name);
    zg_solution_clear(&found);
    return status == ZG_NO_MEMORY ? zg_no_memory(error) : status;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    bool exact = zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT);
    if (zg_neuron_set_finite(problem->neuron_set) && !exact &&
        problem->neuron_set.kind != ZG_SET_BILINEAR)
        return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "rounded needs a neuron set that weights can be rounded to: binary, ternary or "
                   "bits:K, and a loss that is none of interpolate; use columns or ipm");
}

const zg_method zg_method_rounded = {
    .name = "rounded",
    .summary = "the optimum over all neurons, rounded to those of the neuron set",
    .keeps_set = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
