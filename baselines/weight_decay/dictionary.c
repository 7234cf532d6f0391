/* Finite sets of unit neurons. */
#include "baselines/weight_decay/dictionary.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KMEANS_ROUNDS 100
#define PI 3.14159265358979323846

static zg_status allocate(size_t count, size_t width, zg_dictionary *out, zg_error *error)
{
    *out = (zg_dictionary){.count = count, .width = width};
    if (count == 0 || width == 0)
        return zg_fail(error, ZG_BAD_INPUT, "a dictionary needs at least one neuron and input");
    if (count > SIZE_MAX / sizeof(double) / width) return zg_no_memory(error);
    out->u = zg_doubles(count * width);
    return out->u ? ZG_OK : zg_no_memory(error);
}

void zg_dictionary_clear(zg_dictionary *dictionary)
{
    free(dictionary->u);
    *dictionary = (zg_dictionary){0};
}

/* Scales u to unit norm; false when it is 0 or not finite. */
static bool normalise(size_t width, double *u)
{
    double norm = zg_norm(width, u);
    if (!(norm > 0.0) || !isfinite(norm)) return false;
    for (size_t k = 0; k < width; k++)
        u[k] /= norm;
    return true;
}

zg_status zg_dictionary_axes(size_t width, zg_dictionary *out, zg_error *error)
{
    zg_status status = allocate(width, width, out, error);
    for (size_t k = 0; status == ZG_OK && k < width; k++)
        out->u[k * width + k] = 1.0;
    return status;
}

static void draw_direction(zg_random *random, size_t width, double *u)
{
    do {
        for (size_t k = 0; k < width; k++)
            u[k] = zg_random_normal(random);
    } while (!normalise(width, u));
}

zg_status zg_dictionary_random(size_t count, size_t width, uint32_t seed, zg_dictionary *out,
                               zg_error *error)
{
    zg_status status = allocate(count, width, out, error);
    zg_random random;
    zg_random_seed(&random, seed);
    for (size_t j = 0; status == ZG_OK && j < count; j++)
        draw_direction(&random, width, out->u + j * width);
    return status;
}

zg_status zg_dictionary_grid(size_t count, size_t width, bool even, zg_dictionary *out,
                             zg_error *error)
{
    *out = (zg_dictionary){0};
    if (width != 2)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a grid of directions is there for 2 inputs only, found %zu; use random or "
                       "kmeans",
                       width);
    zg_status status = allocate(count, width, out, error);
    for (size_t j = 0; status == ZG_OK && j < count; j++) {
        double angle = (even ? PI : 2.0 * PI) * (double)j / (double)count;
        out->u[2 * j] = cos(angle);
        out->u[2 * j + 1] = sin(angle);
        normalise(2, out->u + 2 * j);
    }
    return status;
}

/* ---- k-means ------------------------------------------------------------------------------- */

/* Index of the centre nearest in angle to x; *sign is that of the inner product. */
static size_t nearest(const zg_dictionary *centres, const double *x, bool even, double *sign)
{
    size_t best = 0;
    double most = -INFINITY;
    *sign = 1.0;
    for (size_t j = 0; j < centres->count; j++) {
        double inner = zg_dot(centres->width, x, centres->u + j * centres->width);
        double likeness = even ? fabs(inner) : inner;
        if (likeness <= most) continue;
        most = likeness;
        best = j;
        *sign = even && inner < 0.0 ? -1.0 : 1.0;
    }
    return best;
}

/* One round: sums of the rows nearest to each centre; a centre without rows stays. */
static bool move_centres(zg_dictionary *centres, size_t n, const double *rows, bool even,
                         double *sums)
{
    size_t width = centres->width;
    double moved = 0.0;
    memset(sums, 0, centres->count * width * sizeof *sums);
    for (size_t i = 0; i < n; i++) {
        double sign;
        size_t j = nearest(centres, rows + i * width, even, &sign);
        zg_axpy(width, sign, rows + i * width, sums + j * width);
    }
    for (size_t j = 0; j < centres->count; j++) {
        double *sum = sums + j * width, *u = centres->u + j * width;
        if (!normalise(width, sum)) continue;
        for (size_t k = 0; k < width; k++) {
            moved = fmax(moved, fabs(sum[k] - u[k]));
            u[k] = sum[k];
        }
    }
    return moved > 1e-9;
}

zg_status zg_dictionary_kmeans(size_t count, size_t n, size_t width, const double *x, bool even,
                               uint32_t seed, zg_dictionary *out, zg_error *error)
{
    zg_status status = ZG_OK;
    *out = (zg_dictionary){0};
    double *rows = zg_doubles(n * width + 1), *sums = NULL;
    size_t *order = NULL, used = 0;
    if (!rows) return zg_no_memory(error);
    for (size_t i = 0; i < n; i++) {
        memcpy(rows + used * width, x + i * width, width * sizeof *rows);
        if (normalise(width, rows + used * width)) used++;
    }
    if (count > used) count = used;
    status = allocate(count, width, out, error);
    if (status != ZG_OK) goto done;
    sums = zg_doubles(count * width);
    order = calloc(used, sizeof *order);
    if (!sums || !order) {
        status = zg_no_memory(error);
        goto done;
    }
    zg_random random;
    zg_random_seed(&random, seed);
    zg_random_permutation(&random, used, order);
    for (size_t j = 0; j < count; j++)
        memcpy(out->u + j * width, rows + order[j] * width, width * sizeof *rows);
    for (int round = 0; round < KMEANS_ROUNDS; round++)
        if (!move_centres(out, used, rows, even, sums)) break;
done:
    free(rows);
    free(sums);
    free(order);
    if (status != ZG_OK) zg_dictionary_clear(out);
    return status;
}

zg_status zg_dictionary_network(const zg_network *network, size_t width, zg_dictionary *out,
                                zg_error *error)
{
    *out = (zg_dictionary){0};
    if (network->patches.width != width)
        return zg_fail(error, ZG_BAD_INPUT, "the model's neurons have %zu inputs, expected %zu",
                       network->patches.width, width);
    zg_status status = allocate(network->count, width, out, error);
    if (status != ZG_OK) return status;
    out->count = 0;
    for (size_t j = 0; j < network->count; j++) {
        const double *u = network->u + j * width;
        bool known = network->group[j] != 0;
        for (size_t i = 0; i < out->count && !known; i++)
            known = memcmp(out->u + i * width, u, width * sizeof *u) == 0;
        if (!known) memcpy(out->u + width * out->count++, u, width * sizeof *u);
    }
    return ZG_OK;
}

void zg_dictionary_responses(const zg_dictionary *dictionary, zg_activation activation, size_t n,
                             const double *x, double *phi)
{
    size_t width = dictionary->width;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dictionary->count; k++) {
            double t = zg_dot(width, x + i * width, dictionary->u + k * width);
            phi[i * dictionary->count + k] = (activation.a * t + activation.b) * t + activation.c;
        }
}
