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

/* A dictionary of three keys; the format allows 4 GB. */
#define LONGEST_HEADER ((size_t)1 << 20)

#define BLANKS " \t\r\n"

enum { TYPE, ORDER, SHAPE, KEYS };
static const char *const keys[KEYS] = {"descr", "fortran_order", "shape"};

static const char *behind_blanks(const char *p)
{
    return p + strspn(p, BLANKS);
}

/* Where a value ends: the comma or brace behind it, inside of no bracket or quotation marks; NULL
 * where there is none. */
static const char *end_of_value(const char *p)
{
    for (int depth = 0; *p; p++) {
        if (depth == 0 && (*p == ',' || *p == '}')) return p;
        if (strchr("([{", *p)) depth++;
        if (strchr(")]}", *p) && depth-- == 0) return NULL;
        if (*p != '\'' && *p != '"') continue;
        p = strchr(p + 1, *p);
        if (!p) return NULL;
    }
    return NULL;
}

/* {'key': value, ..}: where each key's value begins.  Every key is there, once, and no other. */
static bool parse_dictionary(const char *p, const char *value[KEYS])
{
    p = behind_blanks(p);
    if (*p++ != '{') return false;
    while (*(p = behind_blanks(p)) != '}') {
        const char *end = *p == '\'' || *p == '"' ? strchr(p + 1, *p) : NULL;
        if (!end) return false;
        size_t length = (size_t)(end - p - 1), k = 0;
        while (k < KEYS && (strlen(keys[k]) != length || strncmp(keys[k], p + 1, length) != 0))
            k++;
        p = behind_blanks(end + 1);
        if (k == KEYS || value[k] || *p != ':') return false;
        value[k] = behind_blanks(p + 1);
        p = end_of_value(value[k]);
        if (!p) return false;
        if (*p == ',') p++;
    }
    return *behind_blanks(p + 1) == '\0' && value[TYPE] && value[ORDER] && value[SHAPE];
}

static bool ends_here(const char *p)
{
    p = behind_blanks(p);
    return *p == ',' || *p == '}';
}

static bool parse_type(const char *p, array *a)
{
    if (strnlen(p, 5) < 5 || (*p != '\'' && *p != '"')) return false;
    char order = p[1];
    if (!strchr("<>|=", order) || order == '\0') return false;
    a->big = order == '>';
    a->kind = p[2];
    if (p[3] < '1' || p[3] > '8' || p[4] != *p || !ends_here(p + 5)) return false;
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
    if (*p != '(') return false;
    p = behind_blanks(p + 1);
    if (*p < '0' || *p > '9') return false;
    a->rows = (size_t)strtoull(p, &end, 10);
    end += strspn(end, " ");
    if (*end != ',') return false;
    end += 1 + strspn(end + 1, " ");
    a->columns = 1;
    if (vectors && *end == ')') return ends_here(end + 1);
    if (*end < '0' || *end > '9') return false;
    a->columns = (size_t)strtoull(end, &end, 10);
    end += strspn(end, " ");
    if (*end == ',') end += 1 + strspn(end + 1, " ");
    return *end == ')' && ends_here(end + 1);
}

static bool parse_order(const char *p, array *a)
{
    size_t length = strcspn(p, BLANKS ",}");
    a->fortran = length == 4 && strncmp(p, "True", length) == 0;
    return (a->fortran || (length == 5 && strncmp(p, "False", length) == 0)) &&
           ends_here(p + length);
}

static zg_status parse_header(const char *header, const char *name, bool vectors, array *a,
                              zg_error *error)
{
    const char *value[KEYS] = {NULL};
    if (!parse_dictionary(header, value))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected an NPY header with descr, fortran_order and shape, each "
                       "once and no more",
                       name);
    if (!parse_type(value[TYPE], a))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected real numbers of 1, 2, 4 or 8 bytes, found type %.*s", name,
                       (int)strcspn(value[TYPE], ","), value[TYPE]);
    if (!parse_order(value[ORDER], a))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected fortran_order to be True or False, found %.*s", name,
                       (int)strcspn(value[ORDER], ",}"), value[ORDER]);
    if (!parse_shape(value[SHAPE], vectors, a))
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected a matrix (two dimensions), found shape %.*s", name,
                       (int)strcspn(value[SHAPE], ")") + 1, value[SHAPE]);
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
    if (a->kind == 'b') return bits ? 1.0 : 0.0; /* whatever its bits */
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
    if (length > LONGEST_HEADER)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected an NPY header of at most %zu bytes, found one of %zu",
                       name, LONGEST_HEADER, length);
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

/* Every column as an input. */
static zg_status all_inputs(size_t count, zg_columns *columns, zg_error *error)
{
    *columns = (zg_columns){.count = count, .inputs = count, .place = malloc(count * sizeof(long))};
    if (!columns->place) return zg_no_memory(error);
    for (size_t c = 0; c < count; c++)
        columns->place[c] = (long)c;
    return ZG_OK;
}

/* inputs: all of it is, and it may be a vector; the options choose no columns then. */
static zg_status read_stream(FILE *stream, size_t size, const char *name, bool inputs,
                             const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    array a = {0};
    zg_columns columns;
    *out = NULL;
    zg_status status = open_array(stream, size, name, inputs, &a, error);
    if (status == ZG_OK)
        status = zg_size_check(name, a.rows, a.columns, options ? options->size_limit : 0, error);
    if (status == ZG_OK)
        status = inputs ? all_inputs(a.columns, &columns, error)
                        : zg_columns_choose(options, name, a.columns, NULL, NULL, &columns, error);
    if (status != ZG_OK) return status;
    status = read_matrix(&a, stream, name, &columns, out, error);
    zg_columns_clear(&columns);
    return status;
}

static zg_status read_bytes(const zg_bytes *bytes, const char *name, bool inputs,
                            const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    FILE *stream = zg_bytes_open(bytes);
    if (!stream) return zg_no_memory(error);
    zg_status status = read_stream(stream, bytes->size, name, inputs, options, out, error);
    fclose(stream);
    return status;
}

zg_status zg_npy_read_stream(FILE *stream, size_t size, const char *name,
                             const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    return read_stream(stream, size, name, false, options, out, error);
}

zg_status zg_npy_read(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error)
{
    return read_bytes(bytes, name, false, options, out, error);
}

zg_status zg_npy_read_inputs(const zg_bytes *bytes, const char *name, size_t limit,
                             zg_dataset **out, zg_error *error)
{
    const zg_data_options options = {.size_limit = limit};
    return read_bytes(bytes, name, true, &options, out, error);
}
