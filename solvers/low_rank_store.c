/* Rows for passes (see low_rank_store.h). */
#include "solvers/low_rank_store.h"

#include "base/linalg.h"

#include <stdlib.h>

/* Rows of which at most this share is not 0 are sparse.  At this share a pass takes a little more
 * than half of what it takes over dense ones (64 columns), and the store almost three times the
 * memory of a copy in single precision, or half of it where there are few different numbers. */
#define MOST_FILLED 0.4

size_t zg_row_block(const zg_lift *lift)
{
    size_t samples = ZG_BLOCK_ROWS / lift->patches;
    return samples ? samples : 1;
}

void zg_row_store_free(zg_row_store *store)
{
    if (!store) return;
    for (size_t g = 0; store->single && g < store->groups; g++)
        free(store->single[g]);
    for (size_t g = 0; store->sparse && g < store->groups; g++)
        zg_sparse_free(store->sparse[g]);
    free(store->single);
    free(store->sparse);
    free(store);
}

/* Which share of all members' numbers is not 0. */
static double filled(const zg_lift *lift)
{
    size_t per = lift->patches * lift->width, first, count;
    double found;
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, 1, &found);
    while (zg_sum_next(&sum, &first, &count))
        for (size_t g = 0; g < lift->groups; g++)
            for (size_t k = first * per; k < (first + count) * per; k++)
                *sum.part += lift->rows[g][k] != 0.0;
    zg_sum_end(&sum);
    return found /
           ((double)zg_team_total(lift->team, lift->samples) * (double)lift->groups * (double)per);
}

/* starts (room for one more than there are samples) = the rows at which passes begin a block, and
 * the end; returns how many there are. */
static size_t find_blocks(const zg_lift *lift, size_t *starts)
{
    size_t first, count, blocks = 0, step = zg_row_block(lift);
    starts[0] = 0;
    for (size_t i = 0; zg_team_block(lift->team, lift->samples, i, &first, &count); i++)
        for (size_t at = first; at < first + count; at += step) {
            size_t end = first + count - at < step ? first + count : at + step;
            starts[++blocks] = end * lift->patches;
        }
    return blocks;
}

static zg_status make_sparse(const zg_lift *lift, zg_row_store *store)
{
    size_t *starts = calloc(lift->samples + 1, sizeof *starts);
    store->sparse = calloc(lift->groups, sizeof *store->sparse);
    zg_status status = starts && store->sparse ? ZG_OK : ZG_NO_MEMORY;
    size_t blocks = status == ZG_OK ? find_blocks(lift, starts) : 0;
    for (size_t g = 0; status == ZG_OK && g < lift->groups; g++)
        status = zg_sparse_create(lift->width, blocks, starts, lift->rows[g], &store->sparse[g]);
    free(starts);
    return status;
}

static zg_status make_single(const zg_lift *lift, zg_row_store *store)
{
    size_t count = lift->samples * lift->patches * lift->width;
    store->single = calloc(lift->groups, sizeof *store->single);
    if (!store->single) return ZG_NO_MEMORY;
    for (size_t g = 0; g < lift->groups; g++) {
        store->single[g] = zg_floats(count);
        if (!store->single[g]) return ZG_NO_MEMORY;
        for (size_t k = 0; k < count; k++)
            store->single[g][k] = (float)lift->rows[g][k];
    }
    return ZG_OK;
}

zg_status zg_row_store_create(const zg_lift *lift, zg_row_store **out)
{
    *out = NULL;
    bool sparse = filled(lift) <= MOST_FILLED && lift->width <= ZG_SPARSE_MOST &&
                  zg_row_block(lift) * lift->patches <= ZG_SPARSE_MOST;
    zg_row_store *store = calloc(1, sizeof *store);
    if (!store) return ZG_NO_MEMORY;
    store->groups = lift->groups;
    zg_status status = sparse ? make_sparse(lift, store) : make_single(lift, store);
    if (status == ZG_OK)
        *out = store;
    else
        zg_row_store_free(store);
    return status;
}
