/* Where the rows of a data set are in a CSV file: found by content, not by how they were chosen. */
#include "base/number.h"
#include "core/proof.h"
#include "data/csv_source.h"

#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#define NO_ROW SIZE_MAX

typedef struct row_key {
    uint64_t hash;
    size_t row;
} row_key;

typedef struct search {
    const zg_dataset *dataset;
    zg_proof_source *out;
    size_t *place;  /* per column: its place in key: inputs, then targets */
    double *key;    /* inputs + targets numbers of a row */
    row_key *index; /* of all rows, sorted */
    bool *found;
} search;

void zg_proof_source_clear(zg_proof_source *source)
{
    free(source->target);
    free(source->rows);
    *source = (zg_proof_source){0};
}

static uint64_t hash_key(const double *key, size_t count)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a, a word at a time */
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, &key[k], sizeof bits);
        hash = (hash ^ bits ^ bits >> 32) * 1099511628211U;
    }
    return hash;
}

static void row_values(const zg_dataset *dataset, size_t row, double *key)
{
    memcpy(key, dataset->x + row * dataset->inputs, dataset->inputs * sizeof *key);
    memcpy(key + dataset->inputs, dataset->t + row * dataset->targets,
           dataset->targets * sizeof *key);
}

static int compare_keys(const void *a, const void *b)
{
    const row_key *p = a, *q = b;
    if (p->hash != q->hash) return p->hash < q->hash ? -1 : 1;
    return (p->row > q->row) - (p->row < q->row);
}

/* The column of target k: by its name in the header, else by its 1-based index or as the last. */
static size_t target_column(const search *s, const zg_csv_record *record, const char *target,
                            size_t k)
{
    const zg_dataset *dataset = s->dataset;
    for (size_t c = 0; dataset->target_names && c < record->count; c++) {
        if (strcmp(zg_csv_record_text(record, c), dataset->target_names[k]) == 0) return c;
    }
    if (dataset->target_names) return NO_ROW;
    if (!target || strcmp(target, "last") == 0) return record->count - 1;
    for (size_t skip = k; skip > 0 && target; skip--) {
        target = strchr(target, ',');
        if (target) target++;
    }
    size_t column = target ? (size_t)strtoull(target, NULL, 10) : 0;
    return column >= 1 && column <= record->count ? column - 1 : NO_ROW;
}

static bool place_columns(search *s, const zg_csv_record *record, const char *target)
{
    const zg_dataset *dataset = s->dataset;
    if (record->count != dataset->inputs + dataset->targets) return false;
    for (size_t c = 0; c < record->count; c++)
        s->place[c] = NO_ROW;
    for (size_t k = 0; k < dataset->targets; k++) {
        size_t column = target_column(s, record, target, k);
        if (column == NO_ROW || s->place[column] != NO_ROW) return false;
        s->place[column] = dataset->inputs + k;
        s->out->target[k] = column;
    }
    for (size_t c = 0, input = 0; c < record->count; c++) {
        if (s->place[c] == NO_ROW) s->place[c] = input++;
    }
    return true;
}

/* The numbers of a record in key's order; false: not a row of the data set. */
static bool read_key(const search *s, const zg_csv_record *record)
{
    const zg_dataset *dataset = s->dataset;
    if (record->count != dataset->inputs + dataset->targets) return false;
    for (size_t c = 0; c < record->count; c++) {
        const char *text = zg_csv_record_text(record, c);
        double *value = &s->key[s->place[c]];
        if (s->place[c] < dataset->inputs || !dataset->labels) {
            if (zg_number_classify(text, value) != ZG_NUMBER_FINITE) return false;
            continue;
        }
        size_t k = 0;
        while (k < dataset->label_count && strcmp(dataset->labels[k], text) != 0)
            k++;
        if (k == dataset->label_count) return false;
        *value = (double)k;
    }
    return true;
}

/* The first row not found yet with the numbers in s->key; scratch has room for a row. */
static size_t find_row(const search *s, double *scratch)
{
    size_t count = s->dataset->inputs + s->dataset->targets, low = 0, high = s->dataset->rows;
    uint64_t hash = hash_key(s->key, count);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->index[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->dataset->rows && s->index[low].hash == hash; low++) {
        size_t row = s->index[low].row;
        row_values(s->dataset, row, scratch);
        if (!s->found[row] && memcmp(scratch, s->key, count * sizeof *scratch) == 0) return row;
    }
    return NO_ROW;
}

static zg_status match_records(search *s, zg_csv_source *source, double *scratch, size_t *matched,
                               bool *in_order, zg_error *error)
{
    zg_status status = ZG_OK;
    *matched = 0;
    *in_order = true;
    for (size_t record = 0; *matched < s->dataset->rows || *in_order; record++) {
        status = zg_csv_source_record(source, error);
        if (status || source->current.count == 0) break;
        size_t row = read_key(s, &source->current) ? find_row(s, scratch) : NO_ROW;
        if (row != record) *in_order = false;
        if (row == NO_ROW) continue;
        s->found[row] = true;
        s->out->rows[row] = record;
        ++*matched;
    }
    return status;
}

static zg_status search_source(search *s, zg_csv_source *source, const char *target,
                               zg_error *error)
{
    const zg_dataset *dataset = s->dataset;
    size_t count = dataset->inputs + dataset->targets, matched = 0;
    bool in_order = false, fits = false;
    double *scratch = malloc(count * sizeof *scratch);
    if (!scratch) return zg_no_memory(error);
    for (size_t i = 0; i < dataset->rows; i++) {
        row_values(dataset, i, scratch);
        s->index[i] = (row_key){hash_key(scratch, count), i};
    }
    qsort(s->index, dataset->rows, sizeof *s->index, compare_keys);
    zg_status status = zg_csv_source_record(source, error);
    if (status == ZG_OK) fits = place_columns(s, &source->current, target);
    if (fits && !s->out->header) { /* the first record is a row as well: begin again */
        rewind(source->stream);
        FILE *stream = source->stream;
        char name[8] = "data";
        zg_csv_source_clear(source);
        status = zg_csv_source_open(source, stream, name, ',', error);
    }
    if (status == ZG_OK && fits)
        status = match_records(s, source, scratch, &matched, &in_order, error);
    free(scratch);
    if (status == ZG_NO_MEMORY) return status;
    if (status || !fits || matched < dataset->rows)
        return zg_fail(error, ZG_MISSING, "the file does not hold the %zu rows of the data set",
                       dataset->rows);
    if (in_order) {
        free(s->out->rows);
        s->out->rows = NULL;
    }
    return ZG_OK;
}

zg_status zg_proof_find_rows(const char *path, const zg_dataset *dataset, const char *target,
                             zg_proof_source *out, zg_error *error)
{
    size_t count = dataset->inputs + dataset->targets;
    *out = (zg_proof_source){.header = dataset->input_names != NULL,
                             .columns = count,
                             .targets = dataset->targets,
                             .samples = dataset->rows};
    FILE *stream = fopen(path, "rb");
    if (!stream) return zg_fail(error, ZG_MISSING, "cannot open %.400s", path);
    zg_csv_source *source = calloc(1, sizeof *source);
    search s = {.dataset = dataset, .out = out};
    out->target = malloc((dataset->targets + 1) * sizeof *out->target);
    out->rows = malloc(dataset->rows * sizeof *out->rows);
    s.place = malloc(count * sizeof *s.place);
    s.key = malloc(count * sizeof *s.key);
    s.index = malloc(dataset->rows * sizeof *s.index);
    s.found = calloc(dataset->rows, sizeof *s.found);
    bool full = source && out->target && out->rows && s.place && s.key && s.index && s.found;
    zg_status status = full ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        status = zg_csv_source_open(source, stream, path, ',', error);
        if (status == ZG_OK && source->preamble > 3) /* more than a byte-order mark */
            status = zg_fail(error, ZG_MISSING, "the table does not begin the file");
        if (status == ZG_OK) status = search_source(&s, source, target, error);
        zg_csv_source_clear(source);
    }
    free(source);
    free(s.place);
    free(s.key);
    free(s.index);
    free(s.found);
    fclose(stream);
    if (status) zg_proof_source_clear(out);
    return status == ZG_BAD_INPUT || status == ZG_IO ? ZG_MISSING : status;
}
