/*
 * LIBSVM text, in two passes over the same scanner: the first finds rows and inputs and checks
 * everything, the second fills in the values.
 */
#include "data/libsvm.h"

#include "base/number.h"
#include "base/size_limit.h"

#include <math.h>
#include <string.h>

typedef struct scanner {
    const char *name;
    const char *p;          /* next byte */
    const char *line_start; /* of the current line */
    size_t line;            /* 1-based */
    size_t base;            /* of indices: 0 or 1 */
} scanner;

static zg_status fail_here(const scanner *s, const char *at, const char *wanted, zg_error *error)
{
    int length = (int)strcspn(at, " \t\r\n");
    return zg_fail(error, ZG_BAD_INPUT, "%.400s:%zu:%zu: expected %s, found \"%.*s\"", s->name,
                   s->line, (size_t)(at - s->line_start) + 1, wanted, length > 40 ? 40 : length,
                   at);
}

static void skip_blanks(scanner *s)
{
    s->p += strspn(s->p, " \t\r");
}

static bool ends_word(char c)
{
    return c == '\0' || strchr(" \t\r\n#", c) != NULL;
}

/* Moves to the next line with content; false at the end of the text. */
static bool next_line(scanner *s)
{
    for (;;) {
        skip_blanks(s);
        if (*s->p == '#') s->p += strcspn(s->p, "\n");
        if (*s->p != '\n') return *s->p != '\0';
        s->p++;
        s->line++;
        s->line_start = s->p;
    }
}

static zg_status read_number(scanner *s, const char *wanted, double *value, zg_error *error)
{
    const char *end = zg_number_scan(s->p, value);
    if (!end || !ends_word(*end) || !isfinite(*value)) return fail_here(s, s->p, wanted, error);
    s->p = end;
    return ZG_OK;
}

/* What stands here is no index with a colon behind it; number: the digits in front. */
static zg_status no_index(const scanner *s, size_t number, zg_error *error)
{
    double value;
    const char *end = zg_number_scan(s->p, &value);
    if (number > ZG_LIBSVM_INPUT_LIMIT)
        return fail_here(s, s->p, "an index of at most 1000000", error);
    if (end && *end == ':')
        return fail_here(
            s, s->p, s->base == 1 ? "a whole index of at least 1" : "a whole index of at least 0",
            error);
    return fail_here(s, s->p, "index:value", error);
}

/* "index:value" with an index above the last one; *index counts from 1. */
static zg_status read_pair(scanner *s, size_t last, size_t *index, double *value, zg_error *error)
{
    const char *start = s->p, *p = s->p;
    size_t number = 0;
    if (strncmp(p, "qid:", 4) == 0)
        return fail_here(s, start,
                         "index:value (query identifiers are for ranking, which this is not; take "
                         "them out)",
                         error);
    while (*p >= '0' && *p <= '9' && number <= ZG_LIBSVM_INPUT_LIMIT)
        number = number * 10 + (size_t)(*p++ - '0');
    if (p == start || *p != ':') return no_index(s, number, error);
    if (number == 0 && s->base == 1)
        return fail_here(s, start, "an index of at least 1 (--zero-based counts from 0)", error);
    number += 1 - s->base;
    if (number > ZG_LIBSVM_INPUT_LIMIT)
        return fail_here(s, start, "an index of at most 1000000", error);
    if (number <= last) return fail_here(s, start, "an index above the one before it", error);
    *index = number;
    s->p = p + 1;
    return read_number(s, "a finite number after the colon", value, error);
}

/* One sample; x and t may be NULL in the pass that only counts. */
static zg_status read_sample(scanner *s, double *x, double *t, size_t *largest, zg_error *error)
{
    double target, value;
    size_t last = 0;
    const char *end = zg_number_scan(s->p, &target);
    bool several = end && *end == ',';
    zg_status status =
        read_number(s,
                    several ? "one number as target (LIBSVM rows with several labels are not read)"
                            : "a finite number as target",
                    &target, error);
    if (t) *t = target;
    for (;;) {
        skip_blanks(s);
        if (status != ZG_OK || *s->p == '\n' || *s->p == '\0' || *s->p == '#') break;
        status = read_pair(s, last, &last, &value, error);
        if (status == ZG_OK && x) x[last - 1] = value;
    }
    if (last > *largest) *largest = last;
    return status;
}

zg_status zg_libsvm_read(const char *text, size_t size, const char *name,
                         const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    size_t rows = 0, inputs = 0, base = options && options->zero_based ? 0 : 1;
    scanner s = {name, text, text, 1, base};
    if (strlen(text) != size)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected text, found a NUL byte at byte %zu",
                       name, strlen(text) + 1);
    while (next_line(&s)) {
        zg_status status = read_sample(&s, NULL, NULL, &inputs, error);
        if (status != ZG_OK) return status;
        rows++;
    }
    if (rows == 0 || inputs == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s:%zu:1: expected a sample \"target index:value\", "
                       "found the end of the file",
                       name, s.line);
    zg_dataset *dataset;
    zg_status status = zg_size_check(name, rows, inputs, options ? options->size_limit : 0, error);
    if (status == ZG_OK) status = zg_dataset_alloc(rows, inputs, 1, &dataset, error);
    if (status != ZG_OK) return status;
    s = (scanner){name, text, text, 1, base};
    for (size_t i = 0; i < rows && next_line(&s); i++)
        read_sample(&s, dataset->x + i * inputs, dataset->t + i, &inputs, NULL);
    dataset->sparse = true;
    dataset->name = strdup(name);
    if (!dataset->name) {
        zg_dataset_free(dataset);
        return zg_no_memory(error);
    }
    *out = dataset;
    return ZG_OK;
}

/* Whether the first row that is not of zeros begins as a sample does. */
static bool begins_as_sample(const char *text)
{
    scanner s = {"", text, text, 1, 0};
    double value;
    while (next_line(&s)) {
        if (read_number(&s, "", &value, NULL) != ZG_OK) return false;
        skip_blanks(&s);
        if (strncmp(s.p, "qid:", 4) == 0) return true;
        if (*s.p == '\n' || *s.p == '#') continue; /* a row of zeros */
        size_t digits = strspn(s.p, "0123456789");
        return digits > 0 && s.p[digits] == ':';
    }
    return false;
}

bool zg_libsvm_detect(const char *text)
{
    return begins_as_sample(text) || zg_libsvm_mostly(text);
}

bool zg_libsvm_expected(const char *text, const zg_data_options *options)
{
    return !(options && options->separator) && zg_libsvm_detect(text);
}
