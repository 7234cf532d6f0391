/* Two samples to be told apart (see samples.h). */
#include "data/samples.h"

zg_status zg_samples_create(const zg_samples *samples, zg_dataset **out, zg_error *error)
{
    size_t n = samples->n, m = samples->m, d = samples->d;
    zg_dataset *rows;
    zg_random random;
    zg_status status = zg_dataset_alloc(n + m, d, 1, &rows, error);
    if (status != ZG_OK) return status;
    zg_random_seed(&random, samples->seed);
    for (size_t k = 0; k < (n + m) * d; k++) {
        double step = d > 1 ? 1.0 / (double)(d - 1) : 0.0;
        size_t column = k % d;
        double scale = d > 1 && column == d - 1 ? 1.5 : 0.5 + (double)column * step;
        rows->x[k] = zg_random_normal(&random);
        if (k < n * d) rows->x[k] = rows->x[k] * scale + 0.3;
    }
    for (size_t i = 0; i < n + m; i++)
        rows->t[i] = i < n ? 1.0 : -1.0;
    *out = rows;
    return ZG_OK;
}
