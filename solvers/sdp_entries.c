/* A semidefinite program from entries in any order, as files list them (see sdp.h). */
#include "base/linalg.h"
#include "base/memory.h"
#include "solvers/sdp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A dense matrix of this order is the largest that LAPACK can index by int. */
#define ORDER_LIMIT 46340
/* Doubles of X: 2 GiB. */
#define VALUE_LIMIT ((size_t)1 << 28)

static int compare_entries(const void *left, const void *right)
{
    const zg_sdp_entry *a = left, *b = right;
    if (a->matrix != b->matrix) return a->matrix < b->matrix ? -1 : 1;
    if (a->block != b->block) return a->block < b->block ? -1 : 1;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return (a->column > b->column) - (a->column < b->column);
}

static zg_status copy_blocks(zg_sdp *sdp, size_t count, const zg_sdp_block *blocks, zg_error *error)
{
    sdp->block_count = count;
    sdp->blocks = calloc(count, sizeof *sdp->blocks);
    if (!sdp->blocks) return zg_no_memory(error);
    for (size_t b = 0; b < count; b++) {
        if (blocks[b].order < 1 || blocks[b].order > ORDER_LIMIT)
            return zg_fail(error, ZG_UNSUPPORTED, "block %zu has order %zu, expected 1 to %d",
                           b + 1, blocks[b].order, ORDER_LIMIT);
        sdp->blocks[b] = blocks[b];
        sdp->blocks[b].offset = sdp->block_values;
        sdp->block_values += blocks[b].order * (blocks[b].diagonal ? 1 : blocks[b].order);
    }
    if (sdp->block_values > VALUE_LIMIT)
        return zg_fail(error, ZG_UNSUPPORTED, "X would have %zu entries, expected at most %zu",
                       sdp->block_values, VALUE_LIMIT);
    return ZG_OK;
}

/* Adds a sorted entry, in a new piece where it does not belong to the last one. */
static zg_status add_entry(zg_sdp *sdp, const zg_sdp_entry *e, zg_error *error)
{
    zg_sdp_piece *last = sdp->piece_count ? &sdp->pieces[sdp->piece_count - 1] : NULL;
    if (!last || last->matrix != e->matrix || last->block != e->block) {
        zg_sdp_piece *more =
            zg_grow(sdp->pieces, &sdp->piece_room, sdp->piece_count + 1, sizeof *more);
        if (!more) return zg_no_memory(error);
        sdp->pieces = more;
        last = &sdp->pieces[sdp->piece_count++];
        *last = (zg_sdp_piece){e->matrix, e->block, sdp->entry_count, 0};
    }
    size_t at = sdp->entry_count++;
    if (last->count && sdp->row[at - 1] == e->row && sdp->column[at - 1] == e->column)
        return zg_fail(error, ZG_BAD_INPUT,
                       "entry (%d, %d) of matrix %zu, block %zu is listed twice", e->row, e->column,
                       e->matrix, e->block + 1);
    last->count++;
    sdp->row[at] = e->row;
    sdp->column[at] = e->column;
    sdp->value[at] = e->value;
    return ZG_OK;
}

static zg_status fill(zg_sdp *sdp, const double *cost, size_t count, zg_sdp_entry *entries,
                      zg_error *error)
{
    sdp->cost = zg_doubles(sdp->variables);
    sdp->row = malloc((count + 1) * sizeof *sdp->row);
    sdp->column = malloc((count + 1) * sizeof *sdp->column);
    sdp->value = zg_doubles(count + 1);
    if (!sdp->cost || !sdp->row || !sdp->column || !sdp->value) return zg_no_memory(error);
    memcpy(sdp->cost, cost, sdp->variables * sizeof *cost);
    if (count) qsort(entries, count, sizeof *entries, compare_entries);
    zg_status status = ZG_OK;
    for (size_t e = 0; e < count && status == ZG_OK; e++)
        if (entries[e].value != 0) status = add_entry(sdp, &entries[e], error);
    return status;
}

zg_status zg_sdp_from_entries(size_t variables, const double *cost, size_t block_count,
                              const zg_sdp_block *blocks, size_t count, zg_sdp_entry *entries,
                              zg_sdp **out, zg_error *error)
{
    if (variables < 1 || variables > ORDER_LIMIT || block_count < 1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the program has %zu variables and %zu blocks, expected 1 to %d variables "
                       "and at least one block",
                       variables, block_count, ORDER_LIMIT);
    zg_sdp *sdp = calloc(1, sizeof *sdp);
    if (!sdp) return zg_no_memory(error);
    sdp->variables = variables;
    sdp->objective_scale = 1;
    zg_status status = copy_blocks(sdp, block_count, blocks, error);
    if (status == ZG_OK) status = fill(sdp, cost, count, entries, error);
    if (status == ZG_OK)
        *out = sdp;
    else
        zg_sdp_free(sdp);
    return status;
}
