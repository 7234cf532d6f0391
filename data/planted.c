/* Planted data: targets of a random network plus noise. */
#include "data/planted.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void normals(zg_random *random, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = zg_random_normal(random);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static zg_status label_by_median(size_t n, double *t)
{
    double *sorted = zg_doubles(n);
    if (!sorted) return ZG_NO_MEMORY;
    memcpy(sorted, t, n * sizeof *t);
    qsort(sorted, n, sizeof *sorted, compare);
    double median = 0.5 * (sorted[n / 2] + sorted[(n - 1) / 2]);
    for (size_t i = 0; i < n; i++)
        t[i] = t[i] > median ? 1.0 : -1.0;
    free(sorted);
    return ZG_OK;
}

zg_status zg_planted_create(const zg_planted *planted, zg_dataset **out, zg_error *error)
{
    size_t n = planted->n, d = planted->d, m = planted->neurons;
    if (!n || !d || !m)
        return zg_fail(error, ZG_BAD_INPUT,
                       "planted data need n, d and neurons of at least 1, found %zu, %zu, %zu", n,
                       d, m);
    double *u = zg_doubles(d * m), *alpha = zg_doubles(m);
    zg_dataset *dataset = NULL;
    zg_status status =
        u && alpha ? zg_dataset_alloc(n, d, 1, &dataset, error) : zg_no_memory(error);
    if (status) goto done;
    zg_random random;
    zg_random_seed(&random, planted->seed);
    normals(&random, n * d, dataset->x);
    if (planted->features == ZG_FEATURES_GAUSSIAN4)
        for (size_t i = 0; i < n * d; i++)
            dataset->x[i] = pow(dataset->x[i], 4.0);
    normals(&random, d * m, u);
    normals(&random, m, alpha);
    zg_activation s = planted->activation;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            double t = 0.0;
            for (size_t k = 0; k < d; k++)
                t += dataset->x[i * d + k] * u[k * m + j];
            dataset->t[i] += alpha[j] * ((s.a * t + s.b) * t + s.c);
        }
    for (size_t i = 0; i < n; i++)
        dataset->t[i] += planted->noise * zg_random_normal(&random);
    if (planted->median && label_by_median(n, dataset->t) != ZG_OK) {
        zg_dataset_free(dataset);
        status = zg_no_memory(error);
        goto done;
    }
    *out = dataset;
done:
    free(u);
    free(alpha);
    return status;
}
