/* What theory says of a case: closed forms and Riccati gains. */
#include "runner/closed_form.h"

#include "base/linalg.h"
#include "core/linear_quadratic.h"
#include "core/neuron_set.h"
#include "core/quadratic_form.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether the problem is one that the closed form speaks of. */
static bool has_form(const zg_problem *problem)
{
    bool quadratic =
        problem->activation.a == 1 && problem->activation.b == 0 && problem->activation.c == 0;
    bool squared =
        problem->loss.kind == ZG_LOSS_SQUARED || zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT);
    return quadratic && squared && problem->architecture.kind == ZG_DENSE &&
           problem->outputs == 1 && !problem->weights && problem->penalty.kind == ZG_PENALTY_L1 &&
           problem->robust == 0 && !problem->functionals &&
           !zg_neuron_set_finite(problem->neuron_set) && problem->inputs <= ZG_LQ_ORDER;
}

static double closed_form(const zg_problem *problem, const double *y)
{
    double optimum = NAN;
    bool exact = zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT);
    if (!has_form(problem)) return NAN;
    (void)zg_definite_optimum(problem->samples, problem->inputs, problem->x, y, problem->beta,
                              exact, &optimum, NULL);
    return optimum;
}

/* The costs that the equations give for each row: z'Hz. */
static void true_costs(const zg_problem *problem, const double *h, double *y)
{
    size_t d = problem->inputs;
    for (size_t i = 0; i < problem->samples; i++) {
        const double *z = problem->x + i * d;
        y[i] = 0;
        for (size_t j = 0; j < d; j++)
            y[i] += z[j] * zg_dot(d, h + j * d, z);
    }
}

static double distance(size_t count, const double *a, const double *b)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = isnan(a[i]) || isnan(b[i]) ? INFINITY : fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

/* How far the network's policy is from Hewer's next and from the optimal one. */
static void check_gains(zg_lq *lq, const zg_network *network, zg_row *row)
{
    size_t count = lq->inputs * lq->window;
    double *found = zg_doubles(count), *right = zg_doubles(count);
    double *best = zg_doubles(lq->inputs * lq->states);
    zg_quadratic_form form = {0};
    row->gain_error = row->riccati_error = INFINITY;
    if (found && right && best && zg_quadratic_form_create(network, 0, &form, NULL) == ZG_OK &&
        form.inputs == lq->window + lq->inputs && zg_lq_gain(lq, form.p, found, NULL) == ZG_OK) {
        if (zg_lq_optimum(lq, best, NULL, NULL) == ZG_OK &&
            zg_lq_window_gain(lq, best, right, NULL) == ZG_OK)
            row->riccati_error = distance(count, found, right);
        if (zg_lq_improve(lq, 1, NULL) == ZG_OK &&
            zg_lq_window_gain(lq, NULL, right, NULL) == ZG_OK)
            row->gain_error = distance(count, found, right);
    }
    /* The log has no infinity; this is no gain at all. */
    row->gain_error = fmin(row->gain_error, 1e300);
    row->riccati_error = fmin(row->riccati_error, 1e300);
    zg_quadratic_form_clear(&form);
    free(found);
    free(right);
    free(best);
}

static void check_control(const zg_control_source *source, const zg_problem *problem,
                          const zg_network *network, zg_row *row)
{
    zg_lq *lq = NULL;
    size_t d = problem->inputs;
    if (zg_control_system(source, &lq, NULL) != ZG_OK) return;
    double *h = zg_doubles(d * d), *y = zg_doubles(problem->samples);
    if (h && y && d == lq->window + lq->inputs && zg_lq_q_function(lq, lq->k, h, NULL) == ZG_OK) {
        true_costs(problem, h, y);
        row->closed_form = closed_form(problem, y);
    }
    free(h);
    free(y);
    check_gains(lq, network, row);
    zg_lq_free(lq);
}

void zg_closed_form_check(const zg_case *item, const zg_problem *problem, const zg_network *network,
                          zg_row *row)
{
    const zg_recipe *recipe = &item->recipe;
    bool controls = recipe->origin == ZG_ORIGIN_GENERATOR &&
                    zg_generator_controls(&recipe->generator) && recipe->train_share == 0 &&
                    !recipe->bias && !recipe->standardize && recipe->folds == 0 &&
                    item->layers <= 1;
    bool asked = controls;
    for (size_t i = 0; i < item->expect_count; i++)
        asked = asked || !isnan(item->expect[i]->closed_form);
    if (!asked) return;
    if (controls)
        check_control(&recipe->generator.control, problem, network, row);
    else
        row->closed_form = closed_form(problem, problem->y);
}
