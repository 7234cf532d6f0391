/* The ARFF reader: a header of attributes, then rows of values separated by commas. */
#include "data/arff.h"

#include "base/size_limit.h"

#include "base/memory.h"
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct reader {
    const char *name, *p, *line_start;
    size_t line;
    size_t limit; /* of memory, see size_limit.h */
    zg_arena *arena;
    zg_arff *arff;
    size_t column_capacity, row_capacity;
    zg_error *error;
} reader;

static zg_status fail_at(const reader *r, const char *at, const char *wanted)
{
    int length = (int)strcspn(at, "\r\n,");
    return zg_fail(r->error, ZG_BAD_INPUT, "%.400s:%zu:%zu: expected %s, found \"%.*s\"", r->name,
                   r->line, (size_t)(at - r->line_start) + 1, wanted, length > 40 ? 40 : length,
                   at);
}

static void skip_blanks(reader *r)
{
    r->p += strspn(r->p, " \t\r");
}

static bool at_line_end(const reader *r)
{
    return *r->p == '\n' || *r->p == '\0';
}

static void next_line(reader *r)
{
    r->p += strcspn(r->p, "\n");
    if (*r->p == '\n') r->p++;
    r->line++;
    r->line_start = r->p;
}

/* A word, quoted or up to one of the stop characters; trailing blanks do not count. */
static zg_status read_word(reader *r, const char *stops, const char **out)
{
    skip_blanks(r);
    const char *start = r->p;
    size_t length;
    if (*start == '\'' || *start == '"') {
        const char quote[] = {*start, '\n', '\0'};
        start++;
        length = strcspn(start, quote);
        if (start[length] != quote[0]) return fail_at(r, r->p, "a closing quotation mark");
        r->p = start + length + 1;
    } else {
        length = strcspn(start, stops);
        r->p = start + length;
        while (length > 0 && strchr(" \t\r", start[length - 1]))
            length--;
        if (length == 0) return fail_at(r, start, "a value");
    }
    *out = zg_arena_copy(r->arena, start, length);
    skip_blanks(r);
    return *out ? ZG_OK : zg_no_memory(r->error);
}

/* ---- header ---------------------------------------------------------------------------------- */

static zg_status add_word(reader *r, zg_arff_column *column, const char *word)
{
    if (column->word_count == column->word_capacity) {
        size_t capacity = column->word_capacity ? 2 * column->word_capacity : 8;
        const char **words = zg_arena_array(r->arena, capacity, sizeof *words);
        if (!words) return zg_no_memory(r->error);
        if (column->word_count > 0)
            memcpy(words, column->words, column->word_count * sizeof *words);
        column->words = words;
        column->word_capacity = capacity;
    }
    column->words[column->word_count++] = word;
    return ZG_OK;
}

static zg_status read_words(reader *r, zg_arff_column *column)
{
    zg_status status = ZG_OK;
    do {
        const char *word = NULL;
        r->p++; /* the brace or comma */
        status = read_word(r, ",}\n", &word);
        if (status == ZG_OK) status = add_word(r, column, word);
    } while (status == ZG_OK && *r->p == ',');
    if (status == ZG_OK && *r->p != '}') return fail_at(r, r->p, "a closing brace");
    size_t twice = SIZE_MAX;
    if (status == ZG_OK && zg_texts_repeated(column->words, column->word_count, &twice) != ZG_OK)
        return zg_no_memory(r->error);
    if (twice == SIZE_MAX) return status;
    return zg_fail(r->error, ZG_BAD_INPUT,
                   "%.400s:%zu:%zu: expected distinct words, found \"%.80s\" twice", r->name,
                   column->line, column->place, column->words[twice]);
}

static zg_status add_column(reader *r, const char *name, size_t place, zg_arff_column **out)
{
    zg_arff *arff = r->arff;
    if (arff->columns == r->column_capacity) {
        size_t capacity = r->column_capacity ? 2 * r->column_capacity : 16;
        zg_arff_column *bigger = zg_arena_array(r->arena, capacity, sizeof *bigger);
        if (!bigger) return zg_no_memory(r->error);
        if (arff->columns > 0) memcpy(bigger, arff->column, arff->columns * sizeof *bigger);
        arff->column = bigger;
        r->column_capacity = capacity;
    }
    *out = &arff->column[arff->columns++];
    **out = (zg_arff_column){.name = name, .line = r->line, .place = place};
    return ZG_OK;
}

static zg_status read_attribute(reader *r)
{
    const char *name = NULL, *type = NULL;
    zg_arff_column *column = NULL;
    skip_blanks(r);
    size_t place = (size_t)(r->p - r->line_start) + 1;
    zg_status status = read_word(r, " \t\n{", &name);
    if (status == ZG_OK) status = add_column(r, name, place, &column);
    if (status != ZG_OK) return status;
    if (*r->p == '{') return read_words(r, column);
    const char *start = r->p;
    status = read_word(r, " \t\r\n", &type);
    if (status != ZG_OK) return status;
    if (strcasecmp(type, "numeric") == 0 || strcasecmp(type, "real") == 0 ||
        strcasecmp(type, "integer") == 0)
        return ZG_OK;
    return fail_at(r, start, "numeric, real, integer or {WORD, ...}");
}

/* Whether the text here begins with a keyword; moves behind it. */
static bool keyword(reader *r, const char *word)
{
    size_t length = strlen(word);
    if (strncasecmp(r->p, word, length) != 0) return false;
    r->p += length;
    return true;
}

static zg_status read_header(reader *r)
{
    for (;; next_line(r)) {
        skip_blanks(r);
        if (*r->p == '\0') return fail_at(r, r->p, "@data");
        if (at_line_end(r) || *r->p == '%' || keyword(r, "@relation")) continue;
        const char *start = r->p;
        if (keyword(r, "@attribute")) {
            zg_status status = read_attribute(r);
            if (status != ZG_OK) return status;
        } else if (keyword(r, "@data")) {
            if (r->arff->columns == 0) return fail_at(r, start, "@attribute before @data");
            next_line(r);
            return ZG_OK;
        } else {
            return fail_at(r, start, "@attribute or @data");
        }
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static zg_status read_value(reader *r, const zg_arff_column *column, double *value)
{
    const char *word = NULL, *start = r->p;
    zg_status status = read_word(r, ",\n", &word);
    if (status != ZG_OK) return status;
    if (strcmp(word, "?") == 0) {
        *value = NAN;
        return ZG_OK;
    }
    if (column->word_count == 0)
        return zg_number_classify(word, value) == ZG_NUMBER_FINITE
                   ? ZG_OK
                   : fail_at(r, start, "a finite number");
    for (size_t k = 0; k < column->word_count; k++) {
        if (strcmp(column->words[k], word) != 0) continue;
        *value = (double)k;
        return ZG_OK;
    }
    return fail_at(r, start, "one of the attribute's declared words");
}

static zg_status read_row(reader *r)
{
    zg_arff *arff = r->arff;
    zg_status checked = zg_size_check(r->name, arff->rows + 1, arff->columns, r->limit, r->error);
    if (checked != ZG_OK) return checked;
    double *bigger =
        zg_grow(arff->values, &r->row_capacity, arff->rows + 1, arff->columns * sizeof *bigger);
    if (!bigger) return zg_no_memory(r->error);
    arff->values = bigger;
    double *values = arff->values + arff->rows * arff->columns;
    for (size_t c = 0; c < arff->columns; c++) {
        if (c > 0 && *r->p != ',') return fail_at(r, r->p, "another value after a comma");
        r->p += c > 0;
        zg_status status = read_value(r, &arff->column[c], &values[c]);
        if (status != ZG_OK) return status;
    }
    if (!at_line_end(r)) return fail_at(r, r->p, "the end of the row");
    arff->rows++;
    return ZG_OK;
}

zg_status zg_arff_read(const zg_bytes *bytes, const char *name, size_t limit, zg_arena *arena,
                       zg_arff *out, zg_error *error)
{
    *out = (zg_arff){0};
    const char *text = (const char *)bytes->data;
    reader r = {.name = name,
                .p = text,
                .line_start = text,
                .line = 1,
                .limit = limit,
                .arena = arena,
                .arff = out,
                .error = error};
    if (strlen(text) != bytes->size)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected text, found a NUL byte at byte %zu",
                       name, strlen(text) + 1);
    zg_status status = read_header(&r);
    for (; status == ZG_OK && *r.p != '\0'; next_line(&r)) {
        skip_blanks(&r);
        if (!at_line_end(&r) && *r.p != '%') status = read_row(&r);
    }
    if (status == ZG_OK && out->rows == 0) status = fail_at(&r, r.p, "a row of data");
    if (status != ZG_OK) zg_arff_clear(out);
    return status;
}

bool zg_arff_detect(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text != '%') break;
        text += strcspn(text, "\n");
    }
    return strncasecmp(text, "@relation", 9) == 0 || strncasecmp(text, "@attribute", 10) == 0;
}

void zg_arff_clear(zg_arff *arff)
{
    free(arff->values);
    *arff = (zg_arff){0};
}
