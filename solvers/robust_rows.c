/* The part of a robust program that its copies and balls are of (see robust_parts.h). */
#include "base/linalg.h"
#include "solvers/robust_parts.h"

#include <stdlib.h>
#include <string.h>

static zg_status allocate(const zg_problem *problem, size_t count, zg_robust_rows *out)
{
    out->storage = zg_doubles(count * (problem->inputs + 2));
    out->row = calloc(count, sizeof *out->row);
    out->whole = calloc(count, sizeof *out->whole);
    return out->storage && out->row && out->whole ? ZG_OK : ZG_NO_MEMORY;
}

/* The rows that are used, one after the other; place[i]: where row i came to stand. */
static void gather(const zg_problem *problem, const bool *used, const bool *whole, size_t *place,
                   zg_robust_rows *out)
{
    size_t d = problem->inputs, n = out->problem.samples, k = 0;
    out->problem.x = out->storage;
    out->problem.y = out->storage + n * d;
    if (problem->weights) out->problem.weights = out->storage + n * (d + 1);
    for (size_t i = 0; i < problem->samples; i++) {
        if (!used[i]) continue;
        memcpy(out->problem.x + k * d, problem->x + i * d, d * sizeof(double));
        out->problem.y[k] = problem->y[i];
        if (problem->weights) out->problem.weights[k] = problem->weights[i];
        out->whole[k] = whole && whole[i];
        out->row[k] = i;
        place[i] = k++;
    }
}

zg_status zg_robust_rows_create(const zg_problem *problem, const zg_attacks *copies,
                                const bool *whole, zg_robust_rows *out)
{
    size_t n = problem->samples, count = 0;
    bool *used = calloc(n, sizeof *used);
    size_t *place = calloc(n, sizeof *place);
    *out = (zg_robust_rows){.problem = *problem};
    zg_status status = used && place ? zg_attacks_copy(copies, &out->copies) : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < copies->count; k++)
        used[copies->owner[k]] = true;
    for (size_t i = 0; status == ZG_OK && i < n; i++) {
        if (whole && whole[i]) used[i] = true;
        count += used[i];
    }
    if (status == ZG_OK) status = allocate(problem, count, out);
    if (status == ZG_OK) {
        out->problem.samples = count;
        gather(problem, used, whole, place, out);
    }
    for (size_t k = 0; status == ZG_OK && k < copies->count; k++)
        out->copies.owner[k] = place[copies->owner[k]];
    free(used);
    free(place);
    return status;
}

void zg_robust_rows_clear(zg_robust_rows *rows)
{
    zg_attacks_clear(&rows->copies);
    free(rows->storage);
    free(rows->row);
    free(rows->whole);
    *rows = (zg_robust_rows){0};
}
