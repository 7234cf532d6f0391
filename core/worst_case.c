/* Networks at the worst points of balls (see worst_case.h). */
#include "core/worst_case.h"

#include "base/linalg.h"
#include "core/ball.h"
#include "core/safe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int zg_worst_case_sign(const zg_problem *problem, size_t side, size_t sample)
{
    if (!zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED)) return side == 0 ? 1 : -1;
    return problem->y[sample] > 0 ? 1 : -1;
}

static zg_status allocate(const zg_problem *problem, bool points, zg_worst_cases *out)
{
    bool labels = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    *out = (zg_worst_cases){
        .samples = problem->samples, .inputs = problem->inputs, .sides = labels ? 1 : 2};
    size_t count = out->sides * out->samples;
    out->bound = zg_doubles(count);
    out->mu = zg_doubles(count);
    out->error = zg_doubles(count);
    if (points) out->attained = zg_doubles(count);
    if (points) out->point = zg_doubles(count * out->inputs);
    bool complete =
        out->bound && out->mu && out->error && (!points || (out->attained && out->point));
    return complete ? ZG_OK : ZG_NO_MEMORY;
}

static void minimise(const zg_ball_centres *centres, const zg_problem *problem, zg_worst_cases *out)
{
    for (size_t k = 0; k < out->sides * out->samples; k++) {
        size_t i = k % out->samples;
        int sign = zg_worst_case_sign(problem, k / out->samples, i);
        zg_ball_minimum found;
        zg_ball_minimise(centres, i, sign, problem->robust, &found);
        out->bound[k] = found.bound;
        out->mu[k] = found.mu;
        out->error[k] = found.error;
        if (out->point)
            zg_ball_worst_point(centres, i, sign, problem->robust, out->point + k * out->inputs,
                                &out->attained[k]);
    }
}

zg_status zg_worst_cases_create(const zg_network *network, const zg_problem *problem, bool points,
                                zg_worst_cases *out, zg_error *error)
{
    *out = (zg_worst_cases){0};
    if (problem->outputs != 1 || network->inputs != problem->inputs || problem->preprocess.bias)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "worst cases are of networks with one output and no bias");
    zg_network units = *network; /* the form in the problem's units, not those of raw targets */
    units.encoding.mean = units.encoding.scale = NULL;
    zg_quadratic_form form = {0};
    zg_ball_form ball = {0};
    zg_ball_centres centres = {0};
    zg_status status = zg_quadratic_form_create(&units, 0, &form, error);
    if (status == ZG_OK) status = zg_ball_form_create(&form, &ball, error);
    if (status == ZG_OK)
        status = zg_ball_centres_create(&ball, problem->samples, problem->x, NULL, &centres, error);
    if (status == ZG_OK && allocate(problem, points, out) != ZG_OK) status = zg_no_memory(error);
    if (status == ZG_OK) minimise(&centres, problem, out);
    if (status != ZG_OK) zg_worst_cases_clear(out);
    zg_ball_centres_clear(&centres);
    zg_ball_form_clear(&ball);
    zg_quadratic_form_clear(&form);
    return status;
}

void zg_worst_cases_clear(zg_worst_cases *cases)
{
    free(cases->bound);
    free(cases->mu);
    free(cases->error);
    free(cases->attained);
    free(cases->point);
    *cases = (zg_worst_cases){0};
}

size_t zg_worst_case_side(const zg_worst_cases *cases, const zg_problem *problem, size_t sample)
{
    if (cases->sides == 1) return 0;
    double low = cases->bound[sample], high = -cases->bound[cases->samples + sample];
    return problem->y[sample] - low >= high - problem->y[sample] ? 0 : 1;
}

zg_status zg_worst_predictions(const zg_network *network, const zg_problem *problem, double *f)
{
    zg_worst_cases cases;
    zg_status status = zg_worst_cases_create(network, problem, false, &cases, NULL);
    for (size_t i = 0; status == ZG_OK && i < problem->samples; i++) {
        size_t side = zg_worst_case_side(&cases, problem, i);
        f[i] = zg_worst_case_sign(problem, side, i) * cases.bound[side * cases.samples + i];
    }
    zg_worst_cases_clear(&cases);
    return status;
}

zg_status zg_worst_case_attacks(const zg_network *network, const zg_problem *problem,
                                zg_attacks *out)
{
    size_t n = problem->samples, d = problem->inputs;
    zg_worst_cases cases;
    zg_status status = zg_worst_cases_create(network, problem, true, &cases, NULL);
    double *shift = zg_doubles(d);
    if (status == ZG_OK && !shift) status = ZG_NO_MEMORY;
    zg_attacks_empty(out);
    for (size_t i = 0; status == ZG_OK && i < n; i++) {
        size_t k = zg_worst_case_side(&cases, problem, i) * n + i;
        double f = zg_worst_case_sign(problem, k / n, i) * cases.attained[k], slope;
        zg_loss_gradient(problem->loss, 1, &f, problem->y + i,
                         problem->weights ? problem->weights + i : NULL, &slope);
        for (size_t j = 0; j < d; j++)
            shift[j] = cases.point[k * d + j] - problem->x[i * d + j];
        status = zg_attacks_add(problem, out, i, shift, -slope);
    }
    free(shift);
    zg_worst_cases_clear(&cases);
    return status;
}

/* Whether the network tells the rows' labels -1 and 1 by the sign of its output. */
static bool has_labels(const zg_network *network, const zg_problem *problem)
{
    if (network->encoding.mean) return false; /* by another threshold than 0 */
    for (size_t i = 0; i < problem->samples; i++)
        if (fabs(problem->y[i]) != 1.0) return false;
    return true;
}

double zg_robust_accuracy(const zg_network *network, const zg_problem *problem)
{
    size_t n = problem->samples, right = 0;
    if (!has_labels(network, problem)) return NAN;
    zg_worst_cases cases;
    if (zg_worst_cases_create(network, problem, false, &cases, NULL) != ZG_OK) return NAN;
    for (size_t i = 0; i < n; i++) {
        bool upper = cases.sides == 2 && problem->y[i] < 0;
        right += cases.bound[(upper ? n : 0) + i] > 0.0;
    }
    zg_worst_cases_clear(&cases);
    return (double)right / (double)n;
}

/* ---- over radii ------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* For each row the radius within which its label is proven to stay, ascending; 0: none. */
static zg_status sorted_distances(const zg_network *network, const zg_problem *problem, double *out)
{
    zg_quadratic_form form = {0};
    zg_ball_form ball = {0};
    zg_ball_centres centres = {0};
    zg_status status = zg_quadratic_form_create(network, 0, &form, NULL);
    if (status == ZG_OK) status = zg_ball_form_create(&form, &ball, NULL);
    if (status == ZG_OK)
        status = zg_ball_centres_create(&ball, problem->samples, problem->x, NULL, &centres, NULL);
    for (size_t i = 0; status == ZG_OK && i < problem->samples; i++) {
        zg_ball_distance distance;
        zg_ball_distance_to_surface(&centres, i, problem->y[i] > 0 ? 1 : -1, &distance);
        out[i] = distance.certified > 0.0 ? distance.certified : 0.0;
    }
    if (status == ZG_OK) qsort(out, problem->samples, sizeof *out, ascending);
    zg_ball_centres_clear(&centres);
    zg_ball_form_clear(&ball);
    zg_quadratic_form_clear(&form);
    return status;
}

zg_status zg_robust_curve(const zg_network *network, const zg_problem *problem, double least,
                          size_t count, double *radius, double *share)
{
    size_t n = problem->samples, gone = 0;
    bool fits = problem->outputs == 1 && network->inputs == problem->inputs &&
                !network->preprocess.bias && has_labels(network, problem);
    if (!fits) return ZG_UNSUPPORTED;
    double *sorted = zg_doubles(n);
    zg_status status = sorted ? sorted_distances(network, problem, sorted) : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        double end = sorted[(size_t)(0.98 * (double)(n - 1))];
        end = isfinite(end) && end > least ? end : least;
        if (!(end > 0.0) || !isfinite(end)) status = ZG_UNSUPPORTED;
        for (size_t k = 0; status == ZG_OK && k < count; k++) {
            radius[k] = end * (double)k / (double)(count - 1);
            while (gone < n && !(sorted[gone] > 0.0 && sorted[gone] >= radius[k]))
                gone++;
            share[k] = (double)(n - gone) / (double)n;
        }
    }
    free(sorted);
    return status;
}
