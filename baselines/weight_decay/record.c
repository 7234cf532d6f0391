/* Proof trees of branch and bound, as they grow. */
#include "baselines/weight_decay/record.h"

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

/* Makes room for one more of `size` bytes in an array that has used of capacity. */
static bool grow(void **array, size_t *capacity, size_t used, size_t more, size_t size)
{
    if (used + more <= *capacity) return true;
    size_t wanted = *capacity;
    while (wanted < used + more) {
        if (wanted > SIZE_MAX / 2 / size) return false;
        wanted = wanted < 64 ? 64 : 2 * wanted;
    }
    void *bigger = realloc(*array, wanted * size);
    if (!bigger) return false;
    *array = bigger;
    *capacity = wanted;
    return true;
}

void zg_decay_record_split(zg_decay_record *record, size_t node, size_t column, double at,
                           size_t *left, size_t *right)
{
    *left = *right = 0;
    if (!record || record->failed) return;
    if (!grow((void **)&record->splits, &record->capacity, record->count, 2,
              sizeof *record->splits)) {
        record->failed = true;
        return;
    }
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
        if (!grow((void **)&record->pool, &record->pool_capacity, record->pool_used, rows,
                  sizeof *record->pool)) {
            record->failed = true;
            return;
        }
        memcpy(record->pool + record->pool_used, v, rows * sizeof *v);
        record->pool_used += rows;
    }
    record->splits[node].v = record->pool_used - rows;
}
