/*
 * The .npy reader: magic, version, header length, a Python dictionary of three known keys, data.
 */
#include "data/npy.h"

#include "base/size_limit.h"
#include "data/columns.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

typedef struct array {
    char kind;   /* b, i, u or f */
    size_t size; /* bytes of one element */
    bool big;    /* big-endian */
    bool fortran;
    size_t rows, columns;
} array;

bool zg_npy_detect(const unsigned char *data, size_t size)
{
    return size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

/* What follows 'key': in the header, or NULL. */
static const char *find_key(const char *header, const char *key)
{
    const char *p = strstr(header, key);
    if (!p) return NULL;
    p += strlen(key);
    p += strspn(p, "'\" ");
    return *p == ':' ? p + 1 + strspn(p + 1, " ") : NULL;
}

static bool parse_type(const char *p, array *a)
{
    if (!p || strnlen(p, 5) < 5 || (*p != '\'' && *p != '"')) return false;
    char order = p[1];
    if (!strchr("<>|=", order) || order == '\0') return false;
    a->big = order == '>';
    a->kind = p[2];
    if (p[3] < '1' || p[3] > '8' || (p[4] != '\'' && p[4] != '"')) return false;
    a->size = (size_t)(p[3] - '0');
    bool power = a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8;
    switch (a->kind) {
    case 'b':
        return a->size == 1;
    case 'i':
    case 'u':
        return power;
    case 'f':
        return a->size == 2 || a->size == 4 || a->size == 8;
    default:
        return false;
    }
}

/* (ROWS, COLUMNS), or (ROWS,) where vectors may be. */
static bool parse_shape(const char *p, bool vectors, array *a)
{
    char *end;
    if (!p || *p != '(' || p[1] < '0' || p[1] > '9') return false;
    a->rows = (size_t)strtoull(p + 1, &end, 10);
    end += strspn(end, " ");
    if (*end != ',') return false;
    end += 1 + strspn(end + 1, " ");
    a->columns = 1;
    if (vectors && *end == ')') return true;
    if (*end < '0' || *end > '9') return false;
    a->columns = (size_t)strtoull(end, &end, 10);
    end += strspn(end, " ,");
    return *end == ')';
}

static zg_status parse_header(const char *header, const char *name, bool vectors, array *a,
                              zg_error *error)
{
    const char *type = find_key(header, "descr"), *order = find_key(header, "fortran_order"),
               *shape = find_key(header, "shape");
    if (!type || !order || !shape)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected an NPY header with descr, fortran_order and shape", name);
    if (!parse_type(type, a))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected real numbers of 1, 2, 4 or 8 bytes, found type %.*s", name,
                       (int)strcspn(type, ","), type);
    if (!parse_shape(shape, vectors, a))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected a matrix (two dimensions), found shape %.*s", name,
                       (int)strcspn(shape, ")") + 1, shape);
    a->fortran = strncmp(order, "True", 4) == 0;
    return ZG_OK;
}

/* IEEE 754's half precision. */
static double half(uint32_t bits)
{
    int exponent = (int)(bits >> 10 & 0x1f);
    double fraction = (double)(bits & 0x3ff), sign = bits >> 15 & 1 ? -1 : 1;
    if (exponent == 31) return fraction > 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * ldexp(fraction, -24);
    return sign * ldexp(1024 + fraction, exponent - 25);
}

static double element(const array *a, const unsigned char *p)
{
    uint64_t bits = 0;
    for (size_t k = 0; k < a->size; k++)
        bits = bits << 8 | p[a->big ? k : a->size - 1 - k];
    if (a->kind == 'f' && a->size == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (a->kind == 'f' && a->size == 2) return half((uint32_t)bits);
    if (a->kind == 'f') {
        uint32_t word = (uint32_t)bits;
        float value;
        memcpy(&value, &word, sizeof value);
        return (double)value;
    }
    if (a->kind != 'i') return (double)bits;
    unsigned unused = 64 - 8 * (unsigned)a->size;
    return (double)((int64_t)(bits << unused) >> unused);
}

static zg_status cannot_read(const char *name, zg_error *error)
{
    return zg_fail(error, ZG_IO, "cannot read %.400s: %s", name, strerror(errno));
}

/* The next size bytes; a file may have become shorter since its size was asked for. */
static zg_status next_bytes(FILE *stream, const char *name, size_t size, void *to, zg_error *error)
{
    if (fread(to, 1, size, stream) == size) return ZG_OK;
    if (ferror(stream)) return cannot_read(name, error);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %zu bytes more, found the end", name,
                   size);
}

/* One row after the other, or one column, as they are stored: the file is never in memory as a
 * whole. */
static zg_status fill(const array *a, FILE *stream, const zg_columns *columns, zg_dataset *dataset,
                      zg_error *error)
{
    size_t lines = a->fortran ? a->columns : a->rows, width = a->fortran ? a->rows : a->columns;
    unsigned char *line = malloc(width * a->size);
    zg_status status = line ? ZG_OK : zg_no_memory(error);
    for (size_t k = 0; status == ZG_OK && k < lines; k++) {
        status = next_bytes(stream, dataset->name, width * a->size, line, error);
        for (size_t l = 0; status == ZG_OK && l < width; l++) {
            size_t i = a->fortran ? l : k, j = a->fortran ? k : l;
            double value = element(a, line + l * a->size);
            if (isfinite(value))
                zg_columns_put(columns, i, j, value, dataset->x, dataset->t);
            else
                status = zg_fail(error, ZG_BAD_INPUT,
                                 "%.400s:%zu:%zu: expected a finite number, found %g",
                                 dataset->name, i + 1, j + 1, value);
        }
    }
    free(line);
    return status;
}

static zg_status read_matrix(const array *a, FILE *stream, const char *name,
                             const zg_columns *columns, zg_dataset **out, zg_error *error)
{
    zg_dataset *dataset = NULL;
    zg_status status =
        zg_dataset_alloc(a->rows, columns->inputs, columns->targets, &dataset, error);
    if (status == ZG_OK) {
        dataset->name = strdup(name);
        bool kept = dataset->name && zg_columns_targets(columns, &dataset->target_columns) == ZG_OK;
        status = kept ? fill(a, stream, columns, dataset, error) : zg_no_memory(error);
    }
    if (status == ZG_OK)
        *out = dataset;
    else
        zg_dataset_free(dataset);
    return status;
}

/* The header of an array of size bytes; its elements come next. */
static zg_status open_array(FILE *stream, size_t size, const char *name, bool vectors, array *a,
                            zg_error *error)
{
    unsigned char p[12] = {0};
    size_t got = fread(p, 1, 10, stream);
    if (got == 10 && p[6] > 1) got += fread(p + 10, 1, 2, stream);
    if (ferror(stream)) return cannot_read(name, error);
    if (!zg_npy_detect(p, got) || size < 12 || p[6] < 1 || p[6] > 3)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected an NPY file of version 1, 2 or 3",
                       name);
    size_t start = p[6] == 1 ? 10 : 12;
    size_t length =
        p[6] == 1 ? (size_t)p[8] | (size_t)p[9] << 8 : (size_t)zg_little_endian_32(p + 8);
    if (got < start || length > size - start)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected an NPY header of %zu bytes, found the end of the file",
                       name, length);
    char *header = calloc(length + 1, 1);
    if (!header) return zg_no_memory(error);
    zg_status status = next_bytes(stream, name, length, header, error);
    if (status == ZG_OK) status = parse_header(header, name, vectors, a, error);
    free(header);
    if (status != ZG_OK) return status;
    size_t available = size - start - length;
    if (a->rows == 0 || a->columns == 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected a matrix with rows, found (%zu, %zu)",
                       name, a->rows, a->columns);
    if (a->rows > available / a->size || a->columns > available / a->size / a->rows)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected %zu x %zu numbers of %zu bytes, found %zu bytes", name,
                       a->rows, a->columns, a->size, available);
    size_t needed = a->rows * a->columns * a->size;
    if (needed != available)
        return zg_fail(
            error, ZG_BAD_INPUT,
            "%.400s: expected nothing behind the %zu bytes of the array, found %zu bytes", name,
            needed, available - needed);
    return ZG_OK;
}

zg_status zg_npy_read_stream(FILE *stream, size_t size, const char *name,
                             const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    array a = {0};
    zg_columns columns;
    *out = NULL;
    zg_status status = open_array(stream, size, name, false, &a, error);
    if (status == ZG_OK)
        status = zg_size_check(name, a.rows, a.columns, options ? options->size_limit : 0, error);
    if (status == ZG_OK)
        status = zg_columns_choose(options, name, a.columns, NULL, NULL, &columns, error);
    if (status != ZG_OK) return status;
    status = read_matrix(&a, stream, name, &columns, out, error);
    zg_columns_clear(&columns);
    return status;
}

zg_status zg_npy_read(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error)
{
    *out = NULL;
    FILE *stream = zg_bytes_open(bytes);
    if (!stream) return zg_no_memory(error);
    zg_status status = zg_npy_read_stream(stream, bytes->size, name, options, out, error);
    fclose(stream);
    return status;
}

static zg_status read_inputs(FILE *stream, size_t size, const char *name, size_t limit,
                             zg_dataset **out, zg_error *error)
{
    array a = {0};
    zg_status status = open_array(stream, size, name, true, &a, error);
    if (status == ZG_OK) status = zg_size_check(name, a.rows, a.columns, limit, error);
    if (status != ZG_OK) return status;
    zg_columns columns = {.count = a.columns,
                          .inputs = a.columns,
                          .place = malloc(a.columns * sizeof *columns.place)};
    if (!columns.place) return zg_no_memory(error);
    for (size_t c = 0; c < a.columns; c++)
        columns.place[c] = (long)c;
    status = read_matrix(&a, stream, name, &columns, out, error);
    zg_columns_clear(&columns);
    return status;
}

zg_status zg_npy_read_inputs(const zg_bytes *bytes, const char *name, size_t limit,
                             zg_dataset **out, zg_error *error)
{
    *out = NULL;
    FILE *stream = zg_bytes_open(bytes);
    if (!stream) return zg_no_memory(error);
    zg_status status = read_inputs(stream, bytes->size, name, limit, out, error);
    fclose(stream);
    return status;
}
