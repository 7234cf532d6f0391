/* The reader of FANN's training files. */
#include "data/fann.h"

#include "base/number.h"
#include "base/size_limit.h"

#include <math.h>
#include <string.h>

typedef struct reader {
    const char *name, *p, *line_start;
    size_t line;
    zg_error *error;
} reader;

static void skip_space(reader *r)
{
    for (; *r->p && strchr(" \t\r\n", *r->p); r->p++) {
        if (*r->p != '\n') continue;
        r->line++;
        r->line_start = r->p + 1;
    }
}

static zg_status fail_here(const reader *r, const char *wanted)
{
    int length = (int)strcspn(r->p, " \t\r\n");
    return zg_fail(r->error, ZG_BAD_INPUT, "%.400s:%zu:%zu: expected %s, found \"%.*s\"", r->name,
                   r->line, (size_t)(r->p - r->line_start) + 1, wanted, length > 40 ? 40 : length,
                   r->p);
}

static zg_status read_number(reader *r, double *value)
{
    skip_space(r);
    const char *end = zg_number_scan(r->p, value);
    if (!end || !isfinite(*value) || (*end && !strchr(" \t\r\n", *end)))
        return fail_here(r, "a finite number");
    r->p = end;
    return ZG_OK;
}

static zg_status read_count(reader *r, size_t *count)
{
    double value;
    skip_space(r);
    const reader start = *r;
    zg_status status = read_number(r, &value);
    if (status == ZG_OK && !(value >= 1 && value <= 1e9 && value == floor(value)))
        status = fail_here(&start, "a positive whole number");
    if (status == ZG_OK) *count = (size_t)value;
    return status;
}

static zg_status read_rows(reader *r, zg_dataset *dataset)
{
    zg_status status = ZG_OK;
    for (size_t i = 0; i < dataset->rows; i++) {
        for (size_t j = 0; j < dataset->inputs && status == ZG_OK; j++)
            status = read_number(r, &dataset->x[i * dataset->inputs + j]);
        for (size_t c = 0; c < dataset->targets && status == ZG_OK; c++)
            status = read_number(r, &dataset->t[i * dataset->targets + c]);
        if (status != ZG_OK) return status;
    }
    skip_space(r);
    return *r->p == '\0' ? ZG_OK : fail_here(r, "the end of the file");
}

zg_status zg_fann_read(const zg_bytes *bytes, const char *name, zg_dataset **out, zg_error *error)
{
    const char *text = (const char *)bytes->data;
    reader r = {.name = name, .p = text, .line_start = text, .line = 1, .error = error};
    size_t rows = 0, inputs = 0, outputs = 0;
    *out = NULL;
    zg_status status = read_count(&r, &rows);
    if (status == ZG_OK) status = read_count(&r, &inputs);
    if (status == ZG_OK) status = read_count(&r, &outputs);
    /* Every number takes at least two bytes, so a false header cannot claim more memory than its
     * file. */
    if (status == ZG_OK &&
        (inputs + outputs > bytes->size || rows > bytes->size / (inputs + outputs)))
        status =
            zg_fail(error, ZG_BAD_INPUT,
                    "%.400s: expected %zu rows of %zu numbers, but the file has %zu bytes only",
                    name, rows, inputs + outputs, bytes->size);
    if (status == ZG_OK) status = zg_size_check(name, rows, inputs + outputs, 0, error);
    if (status == ZG_OK) status = zg_dataset_alloc(rows, inputs, outputs, out, error);
    if (status == ZG_OK) status = read_rows(&r, *out);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}
