/* The program restricted to a subspace (see low_rank_subspace.h). */
#include "solvers/low_rank_subspace.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A candidate whose part outside of the basis is shorter than this share of it adds nothing. */
#define DEPENDENT 1e-8

zg_status zg_subspace_create(const zg_lift *lift, size_t most, zg_subspace **out)
{
    zg_subspace *s = calloc(1, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    size_t k = most < lift->width ? most : lift->width;
    *s = (zg_subspace){.width = lift->width,
                       .groups = lift->groups,
                       .dimension = k,
                       .basis = calloc(lift->groups, sizeof *s->basis)};
    bool complete = s->basis != NULL;
    for (size_t g = 0; complete && g < s->groups; g++)
        complete = (s->basis[g] = zg_doubles(s->width * k)) != NULL;
    if (!complete) {
        zg_subspace_free(s);
        return ZG_NO_MEMORY;
    }
    *out = s;
    return ZG_OK;
}

void zg_subspace_free(zg_subspace *s)
{
    if (!s) return;
    for (size_t g = 0; s->basis && g < s->groups; g++)
        free(s->basis[g]);
    free(s->basis);
    free(s->inputs);
    free(s);
}

/* x minus its part in the first count columns of u, twice: once more than rounding needs. */
static void project_out(size_t width, const double *u, size_t count, double *x, double *work)
{
    for (int twice = 0; twice < 2 && count > 0; twice++) {
        zg_gemv(true, width, count, 1.0, u, width, x, 0.0, work);
        zg_gemv(false, width, count, -1.0, u, width, work, 1.0, x);
    }
}

/* Appends the candidate where it adds a direction. */
static void append(const zg_subspace *s, double *u, size_t *count, double *x, double *work)
{
    double before = zg_norm(s->width, x);
    if (!(before > 0.0) || !isfinite(before)) return;
    project_out(s->width, u, *count, x, work);
    double after = zg_norm(s->width, x);
    if (!(after > DEPENDENT * before)) return;
    for (size_t i = 0; i < s->width; i++)
        u[*count * s->width + i] = x[i] / after;
    ++*count;
}

zg_status zg_subspace_span(zg_subspace *s, size_t group, double *candidates, size_t count)
{
    double *u = s->basis[group];
    double *work = zg_doubles(s->dimension), *unit = zg_doubles(s->width);
    zg_status status = work && unit ? ZG_OK : ZG_NO_MEMORY;
    size_t used = 0;
    for (size_t j = 0; status == ZG_OK && j < count && used < s->dimension; j++)
        append(s, u, &used, candidates + j * s->width, work);
    for (size_t i = 0; status == ZG_OK && i < s->width && used < s->dimension; i++) {
        memset(unit, 0, s->width * sizeof *unit);
        unit[i] = 1.0;
        append(s, u, &used, unit, work);
    }
    free(work);
    free(unit);
    return status;
}

/* to (rows x k, row-major) = a group's patches in the coordinates of its basis. */
static void project(const zg_subspace *s, const zg_lift *lift, size_t g, double *to)
{
    size_t k = s->dimension, w = s->width, first, count;
    for (size_t b = 0; zg_team_block(lift->team, lift->samples, b, &first, &count); b++) {
        size_t at = first * lift->patches;
        zg_gemm(true, false, k, count * lift->patches, w, 1.0, s->basis[g], w,
                lift->rows[g] + at * w, w, 0.0, to + at * k, k);
    }
}

/* x (n x groups patches k, row-major): every patch in the coordinates of its group's basis. */
static double *coordinates(const zg_subspace *s, const zg_lift *lift)
{
    size_t rows = lift->samples * lift->patches, per = lift->patches * s->dimension;
    bool direct = lift->groups == 1; /* there is nothing to be interleaved */
    double *x = zg_doubles(rows * lift->groups * s->dimension),
           *part = direct ? x : zg_doubles(rows * s->dimension);
    for (size_t g = 0; x && part && g < s->groups; g++) {
        project(s, lift, g, part);
        for (size_t i = 0; !direct && i < lift->samples; i++)
            memcpy(x + (i * s->groups + g) * per, part + i * per, per * sizeof *x);
    }
    if (!part) {
        free(x);
        x = NULL;
    }
    if (!direct) free(part);
    return x;
}

/* The same where the basis only picks inputs of a dense lift. */
static double *picked(const zg_subspace *s, const zg_lift *lift)
{
    size_t k = s->dimension;
    double *x = zg_doubles(lift->samples * k);
    for (size_t i = 0; x && i < lift->samples; i++)
        for (size_t j = 0; j < k; j++)
            x[i * k + j] = lift->rows[0][i * s->width + s->inputs[j]];
    return x;
}

/* Patches that lie side by side and do not overlap, pooled as they are in the full program. */
static zg_architecture side_by_side(const zg_subspace *s, const zg_lift *lift)
{
    size_t k = s->dimension, all = s->groups * lift->patches;
    if (all == 1) return (zg_architecture){.kind = ZG_DENSE};
    zg_architecture a = {.kind = ZG_CONV1D,
                         .height = 1,
                         .width = all * k,
                         .channels = 1,
                         .filter = {1, k},
                         .stride = {1, k},
                         .pool = ZG_POOL_NONE};
    if (lift->patches > 1) {
        a.pool = ZG_POOL_SIZE;
        a.pool_size[0] = 1;
        a.pool_size[1] = lift->patches;
    }
    return a;
}

/* The numbers (width a sample) of all of a team's samples, the caller's; without a team, or of
 * NULL, own itself. */
static double *all_samples(zg_team *team, size_t n, size_t width, double *own)
{
    if (!team || !own) return own;
    double *all = zg_doubles(team->total * width);
    if (!all) return NULL;
    zg_team_gather(team, n, width, own, all);
    zg_team_broadcast(team, all, team->total * width * sizeof *all);
    return all;
}

zg_status zg_subspace_problem(const zg_subspace *s, const zg_problem *problem, size_t output,
                              zg_problem **out, zg_error *error)
{
    const zg_lift *lift = problem->lift;
    bool sums = zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC);
    zg_team *whole = sums ? NULL : lift->team;
    size_t columns = s->groups * lift->patches * s->dimension;
    size_t n = zg_team_total(whole, problem->samples);
    double *own = s->inputs ? picked(s, lift) : coordinates(s, lift);
    double *x = all_samples(whole, problem->samples, columns, own);
    double *y = all_samples(whole, problem->samples, 1, problem->y + output * problem->samples);
    double *weights = all_samples(whole, problem->samples, 1, problem->weights);
    zg_status status = x && y && (weights || !problem->weights) ? ZG_OK : zg_no_memory(error);
    zg_architecture architecture = side_by_side(s, lift);
    if (whole) free(own);
    if (status == ZG_OK)
        status = zg_problem_taking_inputs(n, columns, x, 1, y, weights, problem->activation,
                                          &architecture, problem->loss, problem->penalty,
                                          problem->beta, out, error);
    else
        free(x);
    if (whole) free(y);
    if (whole) free(weights);
    if (status == ZG_OK && !whole) zg_problem_join(*out, lift->team);
    return status;
}

zg_status zg_subspace_lift(const zg_subspace *s, const zg_network *small, size_t output,
                           zg_network *network)
{
    double *u = zg_doubles(s->width);
    zg_status status = u ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < small->count; j++) {
        size_t g = small->group[j];
        zg_gemv(false, s->width, s->dimension, 1.0, s->basis[g], s->width,
                small->u + j * s->dimension, 0.0, u);
        double length = zg_norm(s->width, u);
        if (!(length > 0.0)) continue;
        for (size_t i = 0; i < s->width; i++)
            u[i] /= length;
        status = zg_network_add(network, g, u, output, small->alpha[j]);
    }
    free(u);
    return status;
}
