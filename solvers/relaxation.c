/* The semidefinite relaxation of finite neuron sets, and its rounding (see relaxation.h). */
#include "solvers/relaxation.h"

#include "base/linalg.h"
#include "base/random.h"
#include "core/neuron_set.h"
#include "core/safe.h"
#include "core/support.h"
#include "solvers/ipm_solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ITERATIONS 200
#define ACCURATE 1e-11 /* a relative gap that ends it */
#define PATIENCE 12    /* iterations without a smaller gap */

zg_status zg_relaxation_check(const zg_problem *problem, zg_error *error)
{
    zg_neuron_set_kind set = problem->neuron_set.kind;
    if (set != ZG_SET_BINARY && set != ZG_SET_BILINEAR)
        return zg_fail(
            error, ZG_UNSUPPORTED,
            "the semidefinite relaxation is that of the neuron sets binary and bilinear");
    if (problem->samples > ZG_RELAXATION_SAMPLES)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the semidefinite relaxation is solved for at most %d rows, not %zu",
                       ZG_RELAXATION_SAMPLES, problem->samples);
    return ZG_OK;
}

void zg_relaxation_clear(zg_relaxation *relaxation)
{
    free(relaxation->v);
    free(relaxation->blocks);
    *relaxation = (zg_relaxation){0};
}

/* ---- the program ----------------------------------------------------------------------------- */

/* The bound that v proves of the relaxation itself, all rounding subtracted; v is clipped. */
static zg_status safe_lower(const zg_program *program, double *v, double *lower)
{
    const zg_lift *lift = program->lift;
    size_t n = lift->samples;
    double lambda = 0.0;
    double *t = zg_doubles(lift->order * lift->order), *work = zg_doubles(zg_lift_work(lift));
    zg_status status = t && work ? ZG_OK : ZG_NO_MEMORY;
    zg_loss_project(program->loss, n, v, program->y, program->weights);
    for (size_t g = 0; g < lift->groups && status == ZG_OK; g++) {
        double value[2];
        zg_lift_adjoint(lift, g, v, t, work);
        const zg_set_form form = {lift->order, lift->bordered, t,
                                  zg_lift_adjoint_error(lift, g, v)};
        status = zg_support_relaxed(program->neuron_set, &form, value, NULL);
        lambda = zg_upper_max(lambda, zg_upper_max(value[0], value[1]));
    }
    free(t);
    free(work);
    if (status != ZG_OK) return status;
    double limit = zg_quotient_below(program->beta, lambda);
    double s = zg_loss_best_scale(program->loss, n, v, program->y, program->weights, limit);
    double value = zg_loss_dual_below(program->loss, n, s, v, program->y, program->weights);
    *lower = value > 0.0 ? zg_down(program->constant + value) : program->constant;
    return ZG_OK;
}

static bool go_on(const zg_control *control, zg_stopwatch *watch, size_t output, long iterations,
                  zg_status *status)
{
    const zg_iterate iterate = {.unit = "iteration",
                                .number = iterations,
                                .output = output,
                                .objective = NAN,
                                .bound = -INFINITY};
    if (!zg_report(control, watch, &iterate))
        *status = ZG_STOPPED;
    else if (control->seconds > 0.0 && zg_stopwatch_read(watch) >= control->seconds)
        *status = ZG_TIMEOUT;
    return *status == ZG_OK;
}

/* Iterates until the two sides of the scaled program meet, or come no closer. */
static zg_status iterate(zg_ipm *ipm, size_t output, const zg_control *control, zg_stopwatch *watch,
                         long *iterations)
{
    zg_status status = ZG_OK;
    double best = INFINITY;
    zg_ipm_start(ipm);
    for (int waited = 0; waited < PATIENCE && *iterations < MOST_ITERATIONS; waited++) {
        zg_ipm_measure(ipm);
        double gap = ipm->upper - ipm->lower;
        if (gap <= ACCURATE * fabs(ipm->upper)) break;
        if (gap < 0.9 * best) {
            best = gap;
            waited = 0;
        }
        if (!go_on(control, watch, output, *iterations, &status)) break;
        if (zg_ipm_step(ipm) != ZG_OK) break;
        *iterations += 1;
    }
    return status;
}

/* Vector, blocks and values in the units of the program. */
static zg_status take_answer(const zg_program *program, const zg_ipm *ipm, zg_relaxation *out)
{
    const zg_space *space = ipm->space;
    size_t n = space->unknowns, block = space->order * space->order;
    out->v = zg_doubles(n);
    out->blocks = zg_doubles(ipm->cones * block);
    if (!out->v || !out->blocks) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        out->v[i] = space->dual_unit * ipm->best_x[i];
    for (size_t k = 0; k < ipm->cones * block; k++)
        out->blocks[k] = space->block_unit * ipm->best_blocks[k];
    out->order = space->order;
    out->groups = space->groups;
    out->upper = space->objective_unit * ipm->upper + program->constant;
    bool finite = zg_all_finite(n, out->v) && zg_all_finite(ipm->cones * block, out->blocks);
    return finite ? safe_lower(program, out->v, &out->lower) : ZG_FAILED;
}

zg_status zg_relaxation_solve(const zg_program *program, size_t output, const zg_control *control,
                              zg_stopwatch *watch, zg_relaxation *out)
{
    zg_space *space = NULL;
    zg_ipm *ipm = NULL;
    *out = (zg_relaxation){.lower = -INFINITY, .upper = INFINITY};
    zg_status status = zg_space_from_program(program, ZG_SPACE_SAMPLES, &space);
    if (status == ZG_OK) status = zg_ipm_create(space, &ipm);
    if (status == ZG_OK) {
        zg_status ended = iterate(ipm, output, control, watch, &out->iterations);
        status = take_answer(program, ipm, out);
        if (status == ZG_OK) status = ended;
    }
    zg_ipm_free(ipm);
    zg_space_free(space);
    return status;
}

/* ---- rounding -------------------------------------------------------------------------------- */

/* covariance (size x size, of unit diagonal) becomes a root R, R R' = covariance; what is negative
 * of it by rounding goes. */
static zg_status root_of(size_t size, double *covariance)
{
    double *values = zg_doubles(size);
    zg_status status = values ? zg_eigen(size, covariance, values) : ZG_NO_MEMORY;
    for (size_t j = 0; j < size && status == ZG_OK; j++)
        for (size_t i = 0; i < size; i++)
            covariance[j * size + i] *= sqrt(fmax(values[j], 0.0));
    free(values);
    return status;
}

static double correlation(const double *z, size_t order, size_t i, size_t j, const double *diagonal)
{
    return z[j * order + i] / sqrt(diagonal[i] * diagonal[j]);
}

/* The covariance of the signs: of cone's block, or of a group's pair of blocks.  False where there
 * is none, as the blocks are 0. */
static bool covariance_of(const zg_relaxation *r, size_t cone, bool pairs, double *out)
{
    size_t m = r->order, block = m * m, size = pairs ? 2 * m : m;
    const double *z = r->blocks + cone * block, *other = pairs ? z + block : z;
    double kappa = log(1.0 + sqrt(2.0)), *diagonal = out + size * size, *mixed = diagonal + m;
    bool any = true;
    for (size_t i = 0; i < m; i++) {
        diagonal[i] = z[i * m + i] + (pairs ? other[i * m + i] : 0.0);
        any = any && diagonal[i] > 0.0;
    }
    for (size_t k = 0; k < block && pairs; k++) {
        mixed[k] = z[k] + other[k];
        mixed[block + k] = z[k] - other[k];
    }
    for (size_t j = 0; j < m && any; j++)
        for (size_t i = 0; i < m; i++) {
            if (!pairs) {
                out[j * size + i] = correlation(z, m, i, j, diagonal);
                continue;
            }
            double same = sinh(kappa * correlation(mixed, m, i, j, diagonal));
            double cross = sin(kappa * correlation(mixed + block, m, i, j, diagonal));
            out[j * size + i] = out[(m + j) * size + m + i] = same;
            out[j * size + m + i] = out[(m + j) * size + i] = cross;
        }
    return any && zg_all_finite(size * size, out);
}

/* One neuron: the signs of root times a normal vector, those of the border made 1. */
static void draw(zg_random *random, size_t size, const double *root, bool bordered, double *normal,
                 double *x, int *levels)
{
    for (size_t k = 0; k < size; k++)
        normal[k] = zg_random_normal(random);
    zg_gemv(false, size, size, 1.0, root, size, normal, 0.0, x);
    int border = bordered && x[size - 1] < 0.0 ? -1 : 1;
    for (size_t k = 0; k < size - (bordered ? 1 : 0); k++)
        levels[k] = x[k] < 0.0 ? -border : border;
}

zg_status zg_relaxation_round(const zg_relaxation *relaxation, const zg_program *program,
                              size_t count, uint32_t seed, size_t *made, size_t *group, int *levels)
{
    bool pairs = program->neuron_set.kind == ZG_SET_BILINEAR, bordered = program->lift->bordered;
    size_t m = relaxation->order, size = pairs ? 2 * m : m, step = pairs ? 2 : 1;
    size_t width = size - (bordered ? 1 : 0), sources = 2 * relaxation->groups / step;
    double *root = zg_doubles(size * size + m + 2 * m * m), *normal = zg_doubles(2 * size);
    zg_status status = root && normal ? ZG_OK : ZG_NO_MEMORY;
    zg_random random;
    zg_random_seed(&random, seed);
    *made = 0;
    for (size_t k = 0; k < sources && status == ZG_OK; k++) {
        size_t share = count * (k + 1) / sources - count * k / sources;
        if (!covariance_of(relaxation, k * step, pairs, root)) continue;
        status = root_of(size, root);
        for (size_t c = 0; c < share && status == ZG_OK; c++, *made += 1) {
            draw(&random, size, root, bordered, normal, normal + size, levels + *made * width);
            group[*made] = k * step / 2;
        }
    }
    free(root);
    free(normal);
    return status;
}
