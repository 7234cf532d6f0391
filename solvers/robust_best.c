/* The best of a robust method (see robust_best.h). */
#include "solvers/robust_best.h"

#include "base/linalg.h"
#include "core/certificate.h"
#include "core/decomposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EIGENVALUE_CUTOFF 1e-12
/* Copies of less weight than this share of the heaviest are left out. */
#define COPY_CUTOFF 1e-13

static zg_status take_attacks(zg_robust_best *best)
{
    zg_attack_bound bound;
    zg_status status = zg_attacks_bound(best->problem, &best->trial, &bound);
    if (status != ZG_OK || !(bound.value > best->bound))
        return status == ZG_NO_MEMORY ? status : ZG_OK;
    best->bound = bound.value;
    return zg_attacks_copy(&best->trial, &best->attacks);
}

zg_status zg_robust_best_create(const zg_problem *problem, zg_robust_best *out, zg_error *error)
{
    size_t groups = problem->lift->groups, block = problem->lift->order * problem->lift->order;
    *out = (zg_robust_best){.problem = problem,
                            .started = zg_monotonic(),
                            .z = calloc(4 * groups, sizeof *out->z),
                            .storage = zg_doubles(4 * groups * block)};
    zg_status status = out->z && out->storage ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < 4 * groups; k++)
        out->z[k] = out->storage + k * block;
    out->zn = out->z + groups;
    if (status == ZG_OK) status = zg_network_create(problem, &out->network, error);
    if (status == ZG_OK)
        status = zg_network_objective(out->network, problem, &out->objective, NULL, NULL);
    if (status == ZG_OK) status = zg_worst_case_attacks(out->network, problem, &out->trial);
    if (status == ZG_OK) status = take_attacks(out);
    out->judging = zg_monotonic() - out->started;
    if (status == ZG_OK) return ZG_OK;
    zg_robust_best_clear(out);
    return zg_fail(error, status, "%s", zg_status_message(status));
}

void zg_robust_best_clear(zg_robust_best *best)
{
    zg_network_free(best->network);
    zg_attacks_clear(&best->attacks);
    zg_attacks_clear(&best->trial);
    free(best->z);
    free(best->storage);
    *best = (zg_robust_best){0};
}

/* The network of blocks z and zn, with its worst cases and its objective. */
static zg_status make_network(const zg_robust_best *best, double *const *z, double *const *zn,
                              double cutoff, zg_network **out, double *objective)
{
    zg_network *network;
    zg_status status = zg_network_create(best->problem, &network, NULL);
    if (status != ZG_OK) return status;
    status = zg_network_add_blocks(network, best->problem->lift, 0, z, zn, cutoff);
    if (status == ZG_OK)
        status = zg_network_objective(network, best->problem, objective, NULL, NULL);
    if (status == ZG_OK)
        *out = network;
    else
        zg_network_free(network);
    return status;
}

static zg_status take_network(zg_robust_best *best)
{
    size_t groups = best->problem->lift->groups;
    size_t block = best->problem->lift->order * best->problem->lift->order;
    zg_network *network;
    double objective;
    zg_status status =
        make_network(best, best->z, best->zn, EIGENVALUE_CUTOFF, &network, &objective);
    if (status != ZG_OK) return status == ZG_NO_MEMORY ? status : ZG_OK;
    if (!(objective < best->objective)) {
        zg_network_free(network);
        return ZG_OK;
    }
    zg_network_free(best->network);
    best->network = network;
    best->objective = objective;
    memcpy(best->z[2 * groups], best->z[0], 2 * groups * block * sizeof(double));
    best->has_point = true;
    return ZG_OK;
}

zg_status zg_robust_best_take(zg_robust_best *best, zg_robust_ipm *ipm)
{
    zg_robust_ipm_blocks(ipm, best->z, best->zn);
    zg_status status = take_network(best);
    if (status == ZG_OK) status = zg_robust_ipm_attacks(ipm, COPY_CUTOFF, &best->trial);
    if (status == ZG_OK) status = take_attacks(best);
    return status;
}

zg_status zg_robust_best_take_network(zg_robust_best *best, zg_robust_ipm *ipm, double share,
                                      zg_worst_cases *cases)
{
    size_t groups = best->problem->lift->groups;
    size_t all = 2 * groups * best->problem->lift->order * best->problem->lift->order;
    zg_network *network = NULL;
    zg_robust_ipm_blocks(ipm, best->z, best->zn);
    for (size_t k = 0; best->has_point && share < 1.0 && k < all; k++)
        best->z[0][k] = share * best->z[0][k] + (1.0 - share) * best->z[2 * groups][k];
    zg_status status = take_network(best);
    if (status == ZG_OK) status = zg_network_create(best->problem, &network, NULL);
    if (status == ZG_OK)
        status = zg_network_add_blocks(network, best->problem->lift, 0, best->z, best->zn,
                                       EIGENVALUE_CUTOFF);
    if (status == ZG_OK) status = zg_worst_cases_create(network, best->problem, true, cases, NULL);
    zg_network_free(network);
    return status;
}

double zg_robust_best_gap(const zg_robust_best *best)
{
    return (best->objective - best->bound) / fmax(1.0, fabs(best->objective));
}

void zg_robust_best_measured(zg_robust_best *best, double seconds)
{
    best->judging = fmax(seconds, 0.7 * best->judging);
}

double zg_robust_best_left(const zg_robust_best *best, const zg_control *control)
{
    if (!(control->seconds > 0.0)) return INFINITY;
    return control->seconds - (zg_monotonic() - best->started) - 1.5 * best->judging;
}

bool zg_robust_best_report(zg_robust_best *best, zg_robust_ipm *ipm, const zg_control *control,
                           zg_stopwatch *watch, long iteration)
{
    double begun = zg_monotonic();
    if (!control->observer) return true;
    zg_stopwatch_pause(watch);
    bool usable = true; /* the first copies are those at the zero network, whose blocks are 0 */
    if (ipm) {
        zg_robust_ipm_blocks(ipm, best->z, best->zn);
        usable = zg_robust_ipm_attacks(ipm, COPY_CUTOFF, &best->trial) == ZG_OK;
    }
    zg_stopwatch_start(watch);
    zg_iterate iterate = {.unit = "iteration",
                          .number = iteration,
                          .objective = NAN,
                          .bound = -INFINITY,
                          .attacks = usable ? &best->trial : NULL,
                          .z = best->z,
                          .zn = best->zn};
    bool go_on = zg_report(control, watch, &iterate);
    zg_robust_best_measured(best, zg_monotonic() - begun);
    return go_on;
}

/* Larger cutoffs first; the first that is good enough wins. */
static zg_status drop_small_eigenvalues(zg_robust_best *best, double share)
{
    static const double cutoffs[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11};
    size_t groups = best->problem->lift->groups;
    double difference = best->objective - best->bound, size = fmax(1.0, fabs(best->objective));
    double limit = best->bound +
                   fmax(difference, fmin(fmax(share * size, 10 * difference), 100 * share * size));
    for (size_t i = 0; best->has_point && i < sizeof cutoffs / sizeof *cutoffs; i++) {
        zg_network *network;
        double objective;
        zg_status status = make_network(best, best->z + 2 * groups, best->z + 3 * groups,
                                        cutoffs[i], &network, &objective);
        if (status == ZG_NO_MEMORY) return status;
        if (status != ZG_OK) continue;
        bool good = objective <= limit;
        if (good) {
            zg_network_free(best->network);
            best->network = network;
            best->objective = objective;
            return ZG_OK;
        }
        zg_network_free(network);
    }
    return ZG_OK;
}

zg_status zg_robust_best_finish(zg_robust_best *best, double share, zg_solution *solution)
{
    zg_status status = share < 0.0 ? ZG_OK : drop_small_eigenvalues(best, share);
    if (status != ZG_OK) return status;
    solution->network = best->network;
    best->network = NULL;
    solution->attacks = best->attacks;
    best->attacks = (zg_attacks){0};
    solution->unit = "iteration";
    return ZG_OK;
}
