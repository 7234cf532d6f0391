/* The inputs that some row of a dense lift fills (see low_rank_filled.h). */
#include "solvers/low_rank_filled.h"

#include <stdlib.h>

/* A larger share of the inputs than this is not worth a copy of the rows. */
#define WORTHWHILE 0.9

static bool applies(const zg_program *program)
{
    return zg_lift_is_dense(program->lift) && program->neuron_set.kind == ZG_SET_SPHERE &&
           program->constant == 0.0;
}

zg_status zg_filled_inputs(const zg_program *program, zg_subspace **out)
{
    *out = NULL;
    if (!applies(program)) return ZG_OK;
    const zg_lift *lift = program->lift;
    size_t d = lift->width, count = 0, k = 0;
    bool *filled = calloc(d, sizeof *filled);
    if (!filled) return ZG_NO_MEMORY;
    for (size_t i = 0; i < lift->samples; i++)
        for (size_t j = 0; j < d; j++)
            filled[j] |= lift->rows[0][i * d + j] != 0.0;
    for (size_t j = 0; j < d; j++)
        count += filled[j];
    bool few = count > 0 && (double)count <= WORTHWHILE * (double)d;
    zg_status status = few ? zg_subspace_create(lift, count, out) : ZG_OK;
    if (*out && !((*out)->inputs = calloc(count, sizeof *(*out)->inputs))) {
        zg_subspace_free(*out);
        *out = NULL;
        status = ZG_NO_MEMORY;
    }
    for (size_t j = 0; *out && j < d; j++)
        if (filled[j]) {
            (*out)->basis[0][k * d + j] = 1.0;
            (*out)->inputs[k++] = j;
        }
    free(filled);
    return status;
}
