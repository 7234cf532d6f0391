/* The QR reduction of the lifted data (see compress.h). */
#include "solvers/compress.h"

#include "base/linalg.h"
#include "core/interpolation.h"

#include <lapacke.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Columns (scaled to unit norm) whose part outside the span of the others is below this times the
 * largest are rounding errors of dependent ones. */
#define RANK_TOLERANCE 1e-13

static size_t feature_count(const zg_lift *lift)
{
    return lift->groups * zg_svec_size(lift->order);
}

bool zg_compression_applies(const zg_program *program)
{
    if (zg_loss_has(program->loss.kind, ZG_LOSS_EXACT)) return true;
    if (zg_loss_exact_row(program->lift->samples, program->weights) != SIZE_MAX) return false;
    return zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC) &&
           4 * program->lift->samples > feature_count(program->lift);
}

/* phi (n x p): the features of all groups, rows multiplied by the roots of the weights. */
static void gather(const zg_program *program, const double *root, double *phi)
{
    size_t n = program->lift->samples, size = zg_svec_size(program->lift->order);
    for (size_t g = 0; g < program->lift->groups; g++)
        zg_lift_features(program->lift, g, phi + g * size * n, n);
    if (!root) return;
    for (size_t j = 0; j < program->lift->groups * size; j++)
        for (size_t i = 0; i < n; i++)
            phi[j * n + i] *= root[i];
}

/* Scales columns to unit norm; norms (p) keeps what they were, 1 for zero columns. */
static void normalise_columns(size_t n, size_t p, double *phi, double *norms)
{
    for (size_t j = 0; j < p; j++) {
        norms[j] = zg_norm(n, phi + j * n);
        if (!(norms[j] > 0)) norms[j] = 1;
        for (size_t i = 0; i < n; i++)
            phi[j * n + i] /= norms[j];
    }
}

static size_t numerical_rank(size_t n, size_t p, const double *factor)
{
    size_t rank = 0, limit = n < p ? n : p;
    double largest = fabs(factor[0]);
    while (rank < limit && fabs(factor[rank * n + rank]) > RANK_TOLERANCE * largest)
        rank++;
    return rank;
}

/* features_g (rank x size, column-major) from the pivoted triangular factor. */
static zg_status extract_features(const zg_lift *lift, size_t n, size_t rank, const double *factor,
                                  const lapack_int *pivot, const double *norms, double **features)
{
    size_t size = zg_svec_size(lift->order);
    for (size_t g = 0; g < lift->groups; g++)
        if (!(features[g] = zg_doubles(rank * size))) return ZG_NO_MEMORY;
    for (size_t j = 0; j < feature_count(lift); j++) {
        size_t column = (size_t)pivot[j] - 1;
        double *to = features[column / size] + column % size * rank;
        for (size_t i = 0; i < rank && i <= j; i++)
            to[i] = factor[j * n + i] * norms[column];
    }
    return ZG_OK;
}

static zg_status make_lift(zg_compression *c, const zg_lift *lift, const double *factor,
                           const lapack_int *pivot, const double *norms, zg_error *error)
{
    double **features = calloc(lift->groups, sizeof *features);
    if (!features) return zg_no_memory(error);
    zg_status status = extract_features(lift, c->samples, c->rank, factor, pivot, norms, features);
    if (status == ZG_OK)
        status = zg_lift_create_features(c->rank, lift->groups, lift->order, lift->bordered,
                                         features, &c->lift, error);
    else
        zg_no_memory(error);
    if (status == ZG_OK) return ZG_OK;
    for (size_t g = 0; g < lift->groups; g++)
        free(features[g]);
    free(features);
    return status;
}

/* y = Q'(root y), rest = root y - Q y. */
static void project_targets(zg_compression *c, const double *targets)
{
    for (size_t i = 0; i < c->samples; i++)
        c->rest[i] = c->root ? c->root[i] * targets[i] : targets[i];
    zg_gemv(true, c->samples, c->rank, 1, c->q, c->samples, c->rest, 0, c->y);
    zg_gemv(false, c->samples, c->rank, -1, c->q, c->samples, c->y, 1, c->rest);
    /* Once more: the first projection leaves a part of rounding size in the range of Q. */
    double *correction = c->y + c->rank;
    zg_gemv(true, c->samples, c->rank, 1, c->q, c->samples, c->rest, 0, correction);
    zg_gemv(false, c->samples, c->rank, -1, c->q, c->samples, correction, 1, c->rest);
    zg_axpy(c->rank, 1, correction, c->y);
}

/* Interpolation: rest, what no combination of the features reaches, is the vector that can prove
 * it.  Columns that were taken for dependent could reach it with weights that double precision has
 * no digits for. */
static zg_status check_reach(const zg_compression *c, const zg_program *program, double *scratch,
                             zg_error *error)
{
    if (!zg_loss_has(program->loss.kind, ZG_LOSS_EXACT)) return ZG_OK;
    double least;
    for (size_t i = 0; i < c->samples; i++)
        scratch[i] = program->y[i] - c->rest[i];
    double miss = zg_loss_miss(c->samples, scratch, program->y);
    if (miss <= ZG_INTERPOLATION_TOLERANCE) return ZG_OK;
    if (zg_interpolation_reach(program, c->rest, &least) == ZG_REACH_IMPOSSIBLE)
        return zg_fail(error, ZG_INFEASIBLE,
                       "no network interpolates these targets: the nearest predictions of any are "
                       "off by %.3g of the largest target (%.0e would do)",
                       miss, ZG_INTERPOLATION_TOLERANCE);
    return zg_fail(error, ZG_FAILED,
                   "whether the targets can be interpolated is beyond double precision; a network "
                   "that does it has a penalty of at least %.3g",
                   least);
}

/* Factors phi (destroyed) and fills everything but the program. */
static zg_status factorise(zg_compression *c, const zg_program *program, double *phi,
                           double *scratch, lapack_int *pivot, zg_error *error)
{
    size_t n = c->samples, p = feature_count(program->lift), least = n < p ? n : p;
    double *norms = scratch, *tau = scratch + p, *fit = scratch + 2 * p;
    gather(program, c->root, phi);
    if (!zg_all_finite(n * p, phi))
        return zg_fail(error, ZG_FAILED,
                       "the lifted data are beyond the range of double precision; --standardize "
                       "brings the inputs to unit scale");
    normalise_columns(n, p, phi, norms);
    memset(pivot, 0, p * sizeof *pivot);
    if (LAPACKE_dgeqp3(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)p, phi, (lapack_int)n, pivot,
                       tau) != 0)
        return zg_no_memory(error);
    c->rank = numerical_rank(n, p, phi);
    if (c->rank == 0 && zg_loss_has(program->loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_INFEASIBLE,
                       "no network interpolates these targets: every sample is zero, and no "
                       "network responds to any");
    if (c->rank == 0)
        return zg_fail(error, ZG_BAD_INPUT, "every sample is zero: no network responds to any");
    zg_status status = make_lift(c, program->lift, phi, pivot, norms, error);
    if (status != ZG_OK) return status;
    if (LAPACKE_dorgqr(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)least, (lapack_int)least, phi,
                       (lapack_int)n, tau) != 0)
        return zg_no_memory(error);
    memcpy(c->q, phi, n * c->rank * sizeof *phi);
    project_targets(c, program->y);
    return check_reach(c, program, fit, error);
}

static zg_status allocate(zg_compression *c, const zg_program *program)
{
    size_t n = program->lift->samples, p = feature_count(program->lift), least = n < p ? n : p;
    c->samples = n;
    c->y = zg_doubles(2 * least); /* and as much scratch */
    c->q = zg_doubles(n * least);
    c->rest = zg_doubles(n);
    if (!c->y || !c->q || !c->rest) return ZG_NO_MEMORY;
    if (!program->weights || !zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC)) return ZG_OK;
    c->root = zg_doubles(n);
    if (!c->root) return ZG_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        c->root[i] = sqrt(program->weights[i]);
    return ZG_OK;
}

zg_status zg_compress(const zg_program *program, zg_compression **out, zg_error *error)
{
    size_t n = program->lift->samples, p = feature_count(program->lift);
    if (n > INT32_MAX || p > INT32_MAX || p > SIZE_MAX / sizeof(double) / n)
        return zg_no_memory(error);
    zg_compression *c = calloc(1, sizeof *c);
    double *phi = zg_doubles(n * p), *scratch = zg_doubles(2 * p + n);
    lapack_int *pivot = malloc(p * sizeof *pivot);
    zg_status status = ZG_NO_MEMORY;
    if (c && phi && scratch && pivot && allocate(c, program) == ZG_OK)
        status = factorise(c, program, phi, scratch, pivot, error);
    else
        zg_no_memory(error);
    free(phi);
    free(scratch);
    free(pivot);
    if (status != ZG_OK) {
        zg_compression_free(c);
        return status;
    }
    c->program = *program;
    c->program.lift = c->lift;
    c->program.y = c->y;
    c->program.weights = NULL;
    if (zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC))
        c->program.constant += zg_dot(n, c->rest, c->rest) / 2;
    *out = c;
    return ZG_OK;
}

void zg_compression_free(zg_compression *compression)
{
    if (!compression) return;
    zg_lift_free(compression->lift);
    free(compression->y);
    free(compression->q);
    free(compression->rest);
    free(compression->root);
    free(compression);
}

void zg_compression_dual(const zg_compression *compression, const double *w, double *v)
{
    size_t n = compression->samples;
    bool squared = zg_loss_has(compression->program.loss.kind, ZG_LOSS_QUADRATIC);
    for (size_t i = 0; i < n; i++)
        v[i] = squared ? compression->rest[i] : 0;
    zg_gemv(false, n, compression->rank, 1, compression->q, n, w, 1, v);
    for (size_t i = 0; compression->root && i < n; i++)
        v[i] *= compression->root[i];
}
