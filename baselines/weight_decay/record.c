/* Proof trees of branch and bound, as they grow. */
#include "baselines/weight_decay/record.h"

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const zg_decay_split open_node = {.column = SIZE_MAX, .v = SIZE_MAX};

zg_status zg_decay_record_create(size_t rows, zg_decay_record **out, zg_error *error)
{
    zg_decay_record *record = calloc(1, sizeof *record);
    if (!record) return zg_no_memory(error);
    record->rows = rows;
    record->capacity = 64;
    record->splits = calloc(record->capacity, sizeof *record->splits);
    if (!record->splits) {
        free(record);
        return zg_no_memory(error);
    }
    record->splits[0] = open_node;
    record->count = 1;
    *out = record;
    return ZG_OK;
}

void zg_decay_record_free(zg_decay_record *record)
{
    if (!record) return;
    free(record->splits);
    free(record->pool);
    free(record);
}

void zg_decay_record_split(zg_decay_record *record, size_t node, size_t column, double at,
                           size_t *left, size_t *right)
{
    *left = *right = 0;
    if (!record || record->failed) return;
    zg_decay_split *splits =
        zg_grow(record->splits, &record->capacity, record->count + 2, sizeof *splits);
    if (!splits) {
        record->failed = true;
        return;
    }
    record->splits = splits;
    zg_decay_split *split = record->splits + node;
    split->column = column;
    split->at = at;
    split->left = record->count;
    *left = record->count++;
    *right = record->count++;
    record->splits[*left] = record->splits[*right] = open_node;
}

void zg_decay_record_leaf(zg_decay_record *record, size_t node, const double *v)
{
    if (!record || record->failed) return;
    size_t rows = record->rows;
    bool shared = record->pool_used >= rows && rows > 0 &&
                  memcmp(record->pool + record->pool_used - rows, v, rows * sizeof *v) == 0;
    if (!shared) {
        double *pool =
            zg_grow(record->pool, &record->pool_capacity, record->pool_used + rows, sizeof *pool);
        if (!pool) {
            record->failed = true;
            return;
        }
        record->pool = pool;
        memcpy(record->pool + record->pool_used, v, rows * sizeof *v);
        record->pool_used += rows;
    }
    record->splits[node].v = record->pool_used - rows;
}
