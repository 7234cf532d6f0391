/* Points of a semidefinite program: what they mean for the training problem, and the DIMACS error
 * measures that say how good they are, recomputed from the data. */
#include "base/linalg.h"
#include "core/safe.h"
#include "solvers/sdp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t zg_sdp_point_size(const zg_sdp *sdp)
{
    return sdp->variables + 2 * sdp->block_values;
}

zg_status zg_sdp_point_create(const zg_sdp *sdp, zg_sdp_point *out)
{
    out->y = zg_doubles(zg_sdp_point_size(sdp));
    if (!out->y) return ZG_NO_MEMORY;
    out->x = out->y + sdp->variables;
    out->z = out->x + sdp->block_values;
    return ZG_OK;
}

void zg_sdp_point_clear(zg_sdp_point *point)
{
    free(point->y);
    *point = (zg_sdp_point){0};
}

bool zg_sdp_point_finite(const zg_sdp *sdp, const zg_sdp_point *point)
{
    size_t size = zg_sdp_point_size(sdp);
    for (size_t i = 0; i < size; i++)
        if (!isfinite(point->y[i])) return false;
    return true;
}

bool zg_sdp_symmetrise(const zg_sdp *sdp, double *values)
{
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t n = block->diagonal ? 0 : block->order;
        double *w = values + block->offset;
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < j; i++) {
                double *upper = &w[j * n + i], *lower = &w[i * n + j];
                if (!(fabs(*upper - *lower) <= 1e-9 * (1 + fabs(*upper) + fabs(*lower))))
                    return false;
                *upper = *lower = 0.5 * *upper + 0.5 * *lower;
            }
    }
    return true;
}

void zg_sdp_dual(const zg_sdp *sdp, const zg_sdp_point *point, double *v)
{
    for (size_t i = 0; i < sdp->samples; i++)
        v[i] = sdp->sample_scale[i] * point->y[i];
}

void zg_sdp_cone(const zg_sdp *sdp, const zg_sdp_point *point, size_t group, int sign, double *z)
{
    size_t order = sdp->order;
    const double *x = point->x + sdp->blocks[2 * group + (sign ? 1 : 0)].offset;
    const double *d = sdp->congruence + group * order;
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i < order; i++)
            z[j * order + i] = sdp->cone_scale[group] * d[i] * d[j] * x[j * order + i];
}

/* ---- DIMACS error measures ------------------------------------------------------------------ */

/* The value of X or Z at entry e of a piece. */
static size_t position(const zg_sdp *sdp, const zg_sdp_block *block, size_t e)
{
    size_t r = (size_t)sdp->row[e] - 1, c = (size_t)sdp->column[e] - 1;
    return block->offset + (block->diagonal ? r : c * block->order + r);
}

/* How much of the objectives <C, X> and cost' y their terms make up in absolute value. */
static void objectives(const zg_sdp *sdp, const zg_sdp_point *point, double *primal, double *dual,
                       double *size)
{
    *primal = *dual = *size = 0;
    for (size_t k = 0; k < sdp->variables; k++) {
        *dual += sdp->cost[k] * point->y[k];
        *size += fabs(sdp->cost[k] * point->y[k]);
    }
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        const zg_sdp_block *block = &sdp->blocks[piece->block];
        for (size_t e = piece->first; !piece->matrix && e < piece->first + piece->count; e++) {
            double twice = sdp->row[e] == sdp->column[e] ? 1 : 2;
            double term = twice * sdp->value[e] * point->x[position(sdp, block, e)];
            *primal += term;
            *size += fabs(term);
        }
    }
}

void zg_sdp_claim(const zg_sdp *sdp, const zg_sdp_point *point, size_t digits, double limit,
                  zg_claim *out)
{
    double primal, dual, size, unit = 1 / sdp->objective_scale;
    objectives(sdp, point, &primal, &dual, &size);
    *out = (zg_claim){.primal = sdp->constant - unit * primal,
                      .dual = sdp->constant - unit * dual,
                      .stated_primal = NAN,
                      .stated_dual = NAN,
                      .rounding = digits ? unit * size * pow(10, 1 - (double)digits) : 0,
                      .unit = unit,
                      .limit = limit};
    if (zg_sdp_dimacs(sdp, point, out->dimacs) == ZG_OK) return;
    for (int k = 0; k < 6; k++)
        out->dimacs[k] = NAN;
}

/* image (variables + 1) = <C, X>, <A_k, X>; slack (block_values, upper triangles) = sum y_k A_k -
 * C; *largest: of the entries of C. */
static void apply_data(const zg_sdp *sdp, const zg_sdp_point *point, double *image, double *slack,
                       double *largest)
{
    *largest = 0;
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        const zg_sdp_block *block = &sdp->blocks[piece->block];
        double factor = piece->matrix ? point->y[piece->matrix - 1] : -1;
        for (size_t e = piece->first; e < piece->first + piece->count; e++) {
            size_t at = position(sdp, block, e);
            double twice = sdp->row[e] == sdp->column[e] ? 1 : 2;
            image[piece->matrix] += twice * sdp->value[e] * point->x[at];
            slack[at] += factor * sdp->value[e];
            if (piece->matrix == 0) *largest = fmax(*largest, fabs(sdp->value[e]));
        }
    }
}

/* Frobenius norm of slack - z, of which slack has the upper triangles only. */
static double slack_distance(const zg_sdp *sdp, const double *slack, const double *z)
{
    double sum = 0;
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t columns = block->diagonal ? 1 : block->order;
        for (size_t j = 0; j < columns; j++) {
            size_t rows = block->diagonal ? block->order : j + 1;
            for (size_t i = 0; i < rows; i++) {
                size_t at = block->offset + j * block->order + i;
                double difference = slack[at] - z[at];
                sum += (block->diagonal || i == j ? 1 : 2) * difference * difference;
            }
        }
    }
    return sqrt(sum);
}

/* The smallest eigenvalue of a block matrix; work holds the largest block and its order more. */
static zg_status smallest_eigenvalue(const zg_sdp *sdp, const double *values, double *work,
                                     double *smallest)
{
    *smallest = INFINITY;
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t order = block->order;
        const double *w = values + block->offset;
        if (block->conic) {
            *smallest = zg_lower_min(*smallest, w[0] - zg_norm(order - 1, w + 1));
            continue;
        }
        if (!block->diagonal) {
            memcpy(work, w, order * order * sizeof *work);
            zg_status status = zg_eigenvalues(order, work, work + order * order);
            if (status != ZG_OK) return status;
            w = work + order * order;
        }
        for (size_t j = 0; j < order; j++)
            *smallest = zg_lower_min(*smallest, w[j]);
    }
    return ZG_OK;
}

static size_t largest_block(const zg_sdp *sdp)
{
    size_t largest = 0;
    for (size_t b = 0; b < sdp->block_count; b++)
        if (!sdp->blocks[b].diagonal && sdp->blocks[b].order > largest)
            largest = sdp->blocks[b].order;
    return largest * largest + largest;
}

zg_status zg_sdp_dimacs(const zg_sdp *sdp, const zg_sdp_point *point, double dimacs[6])
{
    size_t k = sdp->variables;
    double *image = zg_doubles(k + 1 + sdp->block_values + largest_block(sdp));
    if (!image) return ZG_NO_MEMORY;
    double *slack = image + k + 1, *work = slack + sdp->block_values, largest_c, x_low, z_low;
    apply_data(sdp, point, image, slack, &largest_c);
    zg_status status = smallest_eigenvalue(sdp, point->x, work, &x_low);
    if (status == ZG_OK) status = smallest_eigenvalue(sdp, point->z, work, &z_low);
    if (status == ZG_OK) {
        double sum = 0, largest_a = 0;
        for (size_t j = 0; j < k; j++) {
            double difference = image[j + 1] - sdp->cost[j];
            sum += difference * difference;
            largest_a = fmax(largest_a, fabs(sdp->cost[j]));
        }
        double primal = image[0], dual = zg_dot(k, sdp->cost, point->y);
        double scale = 1 + fabs(primal) + fabs(dual);
        dimacs[0] = sqrt(sum) / (1 + largest_a);
        dimacs[1] = zg_upper_max(0, -x_low / (1 + largest_a));
        dimacs[2] = slack_distance(sdp, slack, point->z) / (1 + largest_c);
        dimacs[3] = zg_upper_max(0, -z_low / (1 + largest_c));
        dimacs[4] = (dual - primal) / scale;
        dimacs[5] = zg_dot(sdp->block_values, point->x, point->z) / scale;
    }
    free(image);
    return status;
}
