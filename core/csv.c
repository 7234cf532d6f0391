/*
 * The CSV reader.
 *
 * libcsv does the parsing of RFC 4180 in strict mode.  It reports no positions, so it is fed in
 * pieces that end at the next comma or line end: every field then ends with a piece, and the line
 * and byte column of each field are known.  Rows that are nothing but plain numbers, the bulk of
 * any large file, are read directly from the buffer; everything else, and everything wrong, takes
 * the way over libcsv, which alone makes messages.
 */
#include "core/csv.h"

#include "core/number.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE ((size_t)1 << 18)
#define SHOWN 40 /* bytes of a field that a message quotes */

typedef struct field {
    size_t offset; /* into the record's text */
    size_t line, column;
} field;

typedef struct record {
    char *text; /* the fields, each ended by NUL */
    size_t used, text_capacity;
    field *fields;
    size_t count, capacity;
    size_t end_line, end_column; /* of the line end */
} record;

typedef struct label {
    char *text;
    size_t index; /* order of first appearance */
} label;

struct zg_csv_reader {
    FILE *stream;
    char *name;
    zg_missing missing;
    char buffer[BUFFER_SIZE + 1]; /* a NUL after the last byte read */
    size_t begin, end;            /* the unread part of buffer */
    bool at_end;
    size_t line, column; /* of buffer[begin], 1-based */
    bool after_return;   /* the last byte was CR: a LF now belongs to the same line end */
    struct csv_parser parser;
    bool open_field; /* the current field has begun */
    size_t field_line, field_column, field_bytes;
    bool row_ended, no_memory; /* set by libcsv's callbacks */
    record *head;              /* the first records, kept for header detection */
    size_t head_count, head_next;
    record current;
    size_t columns, inputs, targets;
    bool has_header;
    size_t first_line; /* of the first record, for messages */
    long *place;       /* per column: input index, or ~target index */
    char **input_names, **target_names;
    bool text_target;
    label *labels; /* sorted by text */
    const char **label_texts;
    size_t label_count;
};

/* ---- messages -------------------------------------------------------------------------------- */

/* A field as a message shows it: at most SHOWN bytes, no control characters. */
static const char *shown(const char *text, char out[SHOWN + 4])
{
    size_t length = strlen(text), n = length > SHOWN ? SHOWN : length;
    while (n < length && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* not in the middle of a UTF-8 character */
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '.' : text[i];
    strcpy(out + n, n < length ? "..." : "");
    return out;
}

static zg_status fail_at(const zg_csv_reader *reader, size_t line, size_t column, zg_error *error,
                         const char *format, ...) __attribute__((format(printf, 5, 6)));

static zg_status fail_at(const zg_csv_reader *reader, size_t line, size_t column, zg_error *error,
                         const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s:%zu:%zu: %s", reader->name, line, column, what);
}

/* "expected WANTED, found "TEXT"" at a field. */
static zg_status fail_field(const zg_csv_reader *reader, const record *row, size_t column,
                            const char *wanted, zg_error *error)
{
    char text[SHOWN + 4];
    const field *f = &row->fields[column];
    return fail_at(reader, f->line, f->column, error, "expected %s, found \"%s\"", wanted,
                   shown(row->text + f->offset, text));
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Makes more bytes available behind those that are unread; at_end when there are none. */
static zg_status refill(zg_csv_reader *reader, zg_error *error)
{
    if (reader->begin > 0) {
        memmove(reader->buffer, reader->buffer + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;
    }
    size_t room = BUFFER_SIZE - reader->end;
    size_t got = room ? fread(reader->buffer + reader->end, 1, room, reader->stream) : 0;
    reader->end += got;
    reader->buffer[reader->end] = '\0';
    if (got < room) {
        if (ferror(reader->stream))
            return zg_fail(error, ZG_IO, "cannot read %.400s: %s", reader->name, strerror(errno));
        reader->at_end = true;
    }
    return ZG_OK;
}

static void skip_bytes(zg_csv_reader *reader, size_t count)
{
    const char last = reader->buffer[reader->begin + count - 1];
    reader->begin += count;
    bool ends_line = last == '\r' || (last == '\n' && !reader->after_return);
    if (ends_line) reader->line++;
    if (ends_line || last == '\n')
        reader->column = 1;
    else
        reader->column += count;
    reader->after_return = last == '\r';
}

/* ---- records over libcsv -----------------------------------------------------------------------
 */

static void *grow(void *memory, size_t *capacity, size_t needed, size_t size)
{
    size_t wanted = *capacity ? *capacity : 64;
    while (wanted < needed) {
        if (wanted > SIZE_MAX / 2 / size) return NULL;
        wanted *= 2;
    }
    void *bigger = realloc(memory, wanted * size);
    if (bigger) *capacity = wanted;
    return bigger;
}

static void on_field(void *text, size_t length, void *context)
{
    zg_csv_reader *reader = context;
    record *row = &reader->current;
    if (row->used + length + 1 > row->text_capacity) {
        char *bigger = grow(row->text, &row->text_capacity, row->used + length + 1, 1);
        if (!bigger) {
            reader->no_memory = true;
            return;
        }
        row->text = bigger;
    }
    if (row->count == row->capacity) {
        field *bigger = grow(row->fields, &row->capacity, row->count + 1, sizeof *bigger);
        if (!bigger) {
            reader->no_memory = true;
            return;
        }
        row->fields = bigger;
    }
    row->fields[row->count++] = (field){row->used, reader->field_line, reader->field_column};
    if (length) memcpy(row->text + row->used, text, length);
    row->text[row->used + length] = '\0';
    row->used += length + 1;
    reader->open_field = false;
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    zg_csv_reader *reader = context;
    reader->row_ended = true;
}

/* Length of the piece up to and including the next comma or line end, or of all that is there. */
static size_t piece_length(const char *p, size_t available)
{
    for (size_t i = 0; i < available; i++) {
        if (p[i] == ',' || p[i] == '\n' || p[i] == '\r') return i + 1;
    }
    return available;
}

/* Remembers where the field that the piece begins starts; a blank line begins none. */
static void note_field_start(zg_csv_reader *reader, const char *piece, size_t length)
{
    if (reader->open_field) {
        reader->field_bytes += length;
        return;
    }
    size_t blanks = 0;
    while (blanks < length && (piece[blanks] == ' ' || piece[blanks] == '\t'))
        blanks++;
    reader->field_line = reader->line;
    reader->field_column = reader->column + blanks;
    reader->field_bytes = length;
    bool line_end = blanks < length && (piece[blanks] == '\n' || piece[blanks] == '\r');
    reader->open_field = blanks < length && (!line_end || reader->current.count > 0);
}

static zg_status parse_failed(zg_csv_reader *reader, size_t done, zg_error *error)
{
    int cause = csv_error(&reader->parser);
    if (cause != CSV_EPARSE) return zg_no_memory(error);
    size_t column = reader->column + done;
    char found = reader->buffer[reader->begin + done];
    if (reader->parser.quoted)
        return fail_at(reader, reader->line, column, error,
                       "expected a comma or the end of the line after the closing quotation mark, "
                       "found \"%c\"",
                       found);
    return fail_at(reader, reader->line, column, error,
                   "expected no quotation mark inside a field that does not begin with one");
}

static zg_status check_piece(zg_csv_reader *reader, const char *piece, size_t length,
                             zg_error *error)
{
    const char *nul = memchr(piece, '\0', length);
    if (nul)
        return fail_at(reader, reader->line, reader->column + (size_t)(nul - piece), error,
                       "expected text, found a NUL byte");
    if (reader->field_bytes > ZG_CSV_FIELD_LIMIT)
        return fail_at(reader, reader->field_line, reader->field_column, error,
                       "expected a field of at most %zu bytes, found a longer one",
                       ZG_CSV_FIELD_LIMIT);
    if (reader->current.count >= ZG_CSV_COLUMN_LIMIT)
        return fail_at(reader, reader->field_line, reader->field_column, error,
                       "expected at most %d fields in a row, found more", ZG_CSV_COLUMN_LIMIT);
    return ZG_OK;
}

static zg_status finish_parser(zg_csv_reader *reader, zg_error *error)
{
    if (!reader->open_field) { /* the file ends with a comma */
        reader->field_line = reader->line;
        reader->field_column = reader->column;
    }
    if (csv_fini(&reader->parser, on_field, on_row, reader) == 0) return ZG_OK;
    if (csv_error(&reader->parser) != CSV_EPARSE) return zg_no_memory(error);
    return fail_at(reader, reader->field_line, reader->field_column, error,
                   "expected a closing quotation mark for the one here, found the end of the file");
}

/* Reads the next record into reader->current; no fields: the end of the file. */
static zg_status read_record(zg_csv_reader *reader, zg_error *error)
{
    record *row = &reader->current;
    row->count = row->used = 0;
    reader->row_ended = reader->open_field = false;
    while (!reader->row_ended) {
        if (reader->begin == reader->end && !reader->at_end) {
            zg_status status = refill(reader, error);
            if (status != ZG_OK) return status;
        }
        row->end_line = reader->line;
        if (reader->begin == reader->end) {
            row->end_column = reader->column;
            zg_status status = finish_parser(reader, error);
            if (status != ZG_OK) return status;
            break;
        }
        const char *piece = reader->buffer + reader->begin;
        size_t length = piece_length(piece, reader->end - reader->begin);
        note_field_start(reader, piece, length);
        zg_status status = check_piece(reader, piece, length, error);
        if (status != ZG_OK) return status;
        size_t done = csv_parse(&reader->parser, piece, length, on_field, on_row, reader);
        if (reader->no_memory) return zg_no_memory(error);
        if (done != length) return parse_failed(reader, done, error);
        row->end_column = reader->column + length - 1;
        skip_bytes(reader, length);
    }
    return reader->no_memory ? zg_no_memory(error) : ZG_OK;
}

static void record_clear(record *row)
{
    free(row->text);
    free(row->fields);
    *row = (record){0};
}

/* ---- what the first records say
 * ------------------------------------------------------------------ */

static bool is_missing(const char *text)
{
    return *text == '\0' || strcmp(text, "NA") == 0 || strcmp(text, "?") == 0;
}

static const char *text_of(const record *row, size_t column)
{
    return row->text + row->fields[column].offset;
}

static bool is_text(const char *text)
{
    double value;
    return !is_missing(text) && zg_number_classify(text, &value) == ZG_NUMBER_TEXT;
}

/* Whether the rows after the first have numbers and no text in this column. */
static bool rest_is_numeric(const zg_csv_reader *reader, size_t column)
{
    bool numbers = false;
    for (size_t i = 1; i < reader->head_count; i++) {
        const record *row = &reader->head[i];
        if (column >= row->count) continue;
        const char *text = text_of(row, column);
        if (is_text(text)) return false;
        numbers = numbers || !is_missing(text);
    }
    return numbers;
}

static bool detect_header(const zg_csv_reader *reader)
{
    const record *first = &reader->head[0];
    size_t texts = 0;
    for (size_t c = 0; c < first->count; c++) {
        if (!is_text(text_of(first, c))) continue;
        if (rest_is_numeric(reader, c)) return true;
        texts++;
    }
    return reader->head_count == 1 && texts == first->count;
}

static zg_status skip_mark(zg_csv_reader *reader, zg_error *error)
{
    zg_status status = refill(reader, error);
    if (status != ZG_OK) return status;
    const unsigned char *b = (const unsigned char *)reader->buffer;
    if (reader->end >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) reader->begin = 3;
    if (reader->end >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)))
        return fail_at(reader, 1, 1, error, "expected text in UTF-8 or ASCII, found UTF-16");
    return ZG_OK;
}

static zg_status read_head(zg_csv_reader *reader, zg_error *error)
{
    reader->head = calloc(ZG_CSV_LOOKAHEAD, sizeof *reader->head);
    if (!reader->head) return zg_no_memory(error);
    zg_status status = skip_mark(reader, error);
    while (status == ZG_OK && reader->head_count < ZG_CSV_LOOKAHEAD) {
        status = read_record(reader, error);
        if (status != ZG_OK || reader->current.count == 0) break;
        reader->head[reader->head_count++] = reader->current;
        reader->current = (record){0};
    }
    if (status == ZG_OK && reader->head_count == 0)
        return fail_at(reader, 1, 1, error,
                       "expected a header or a row of numbers, found an empty file");
    return status;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Refuses a header that has the same name twice. */
static zg_status check_names(const zg_csv_reader *reader, zg_error *error)
{
    const record *first = &reader->head[0];
    const char **names = malloc(first->count * sizeof *names);
    if (!names) return zg_no_memory(error);
    for (size_t c = 0; c < first->count; c++)
        names[c] = text_of(first, c);
    qsort(names, first->count, sizeof *names, compare_texts);
    const char *twice = NULL;
    for (size_t c = 1; c < first->count && !twice; c++) {
        if (*names[c] && strcmp(names[c - 1], names[c]) == 0) twice = names[c];
    }
    free(names);
    if (!twice) return ZG_OK;
    size_t seen = 0, c = 0;
    for (;; c++) {
        seen += strcmp(text_of(first, c), twice) == 0;
        if (seen == 2) break;
    }
    char text[SHOWN + 4];
    return fail_at(reader, first->fields[c].line, first->fields[c].column, error,
                   "expected distinct column names, found \"%s\" twice", shown(twice, text));
}

/* What can be said about the table as a whole before any value is read. */
static zg_status check_shape(const zg_csv_reader *reader, zg_error *error)
{
    const record *first = &reader->head[0];
    if (reader->has_header && reader->head_count == 1)
        return fail_at(reader, reader->line, reader->column, error,
                       "expected a row of data after the header, found the end of the file");
    if (first->count > 1) return ZG_OK;
    const char *text = text_of(first, 0);
    size_t column = first->fields[0].column;
    size_t offset = strcspn(text, ";\t ");
    if (text[offset] == '\0')
        return fail_at(reader, first->fields[0].line, column, error,
                       "expected at least two columns (an input and a target), found one");
    return fail_at(reader, first->fields[0].line, column + offset, error,
                   "expected fields separated by commas, found a single field with a %s in it",
                   text[offset] == ';'    ? "semicolon"
                   : text[offset] == '\t' ? "tab"
                                          : "blank");
}

/* ---- target columns
 * ------------------------------------------------------------------------------ */

/* The column that a target text names: a name, a 1-based index, or "last". */
static zg_status find_column(const zg_csv_reader *reader, const char *text, size_t *column,
                             zg_error *error)
{
    const record *first = &reader->head[0];
    size_t index;
    for (size_t c = 0; reader->has_header && c < first->count; c++) {
        if (strcmp(text_of(first, c), text) == 0) {
            *column = c;
            return ZG_OK;
        }
    }
    if (strcmp(text, "last") == 0) {
        *column = reader->columns - 1;
        return ZG_OK;
    }
    if (zg_parse_size(text, &index)) {
        *column = index - 1;
        if (index >= 1 && index <= reader->columns) return ZG_OK;
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: there is no column %zu; there are %zu",
                       reader->name, index, reader->columns);
    }
    if (!reader->has_header)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: target \"%.80s\": expected a column index or \"last\", because the "
                       "file has no header",
                       reader->name, text);
    const char **names = malloc(first->count * sizeof *names);
    if (!names) return zg_no_memory(error);
    for (size_t c = 0; c < first->count; c++)
        names[c] = text_of(first, c);
    zg_error inner;
    zg_status status = zg_fail_unknown(&inner, "target column", text, names, first->count);
    free(names);
    return zg_fail(error, status, "%.400s: %.600s", reader->name, inner.message);
}

static zg_status mark_target(zg_csv_reader *reader, const char *text, zg_error *error)
{
    size_t column;
    zg_status status = find_column(reader, text, &column, error);
    if (status != ZG_OK) return status;
    if (reader->place[column] < 0)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: target column %zu is named twice",
                       reader->name, column + 1);
    reader->place[column] = ~(long)reader->targets;
    reader->targets++;
    return ZG_OK;
}

/* Marks the columns of a comma-separated list; the whole list may also be one column's name. */
static zg_status mark_targets(zg_csv_reader *reader, const char *list, zg_error *error)
{
    size_t column;
    if (!strchr(list, ',') || find_column(reader, list, &column, NULL) == ZG_OK)
        return mark_target(reader, list, error);
    char *copy = strdup(list);
    if (!copy) return zg_no_memory(error);
    zg_status status = ZG_OK;
    char *rest = copy;
    while (rest && status == ZG_OK) {
        char *next = strchr(rest, ',');
        if (next) *next++ = '\0';
        while (*rest == ' ')
            rest++;
        status = mark_target(reader, rest, error);
        rest = next;
    }
    free(copy);
    return status;
}

/* Gives every column its place among inputs or targets. */
static zg_status place_columns(zg_csv_reader *reader, const zg_data_options *options,
                               zg_error *error)
{
    reader->columns = reader->head[0].count;
    reader->place = calloc(reader->columns, sizeof *reader->place);
    if (!reader->place) return zg_no_memory(error);
    const char *list = options && options->target ? options->target : "last";
    zg_status status = mark_targets(reader, list, error);
    if (status != ZG_OK) return status;
    for (size_t c = 0; c < reader->columns; c++) {
        if (reader->place[c] >= 0) reader->place[c] = (long)reader->inputs++;
    }
    if (reader->inputs == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: every column is a target, which leaves no input", reader->name);
    return ZG_OK;
}

static zg_status keep_names(zg_csv_reader *reader, zg_error *error)
{
    if (!reader->has_header) return ZG_OK;
    reader->input_names = calloc(reader->inputs, sizeof *reader->input_names);
    reader->target_names = calloc(reader->targets, sizeof *reader->target_names);
    if (!reader->input_names || !reader->target_names) return zg_no_memory(error);
    for (size_t c = 0; c < reader->columns; c++) {
        long place = reader->place[c];
        const char *text = text_of(&reader->head[0], c);
        char *name = NULL;
        if (*text)
            name = strdup(text);
        else if (asprintf(&name, "column%zu", c + 1) < 0)
            name = NULL;
        if (!name) return zg_no_memory(error);
        if (place >= 0)
            reader->input_names[place] = name;
        else
            reader->target_names[~place] = name;
    }
    return ZG_OK;
}

/* Whether the single target column has texts among the first rows. */
static bool detect_text_target(const zg_csv_reader *reader)
{
    if (reader->targets != 1) return false;
    size_t column = 0;
    while (reader->place[column] >= 0)
        column++;
    for (size_t i = reader->has_header; i < reader->head_count; i++) {
        const record *row = &reader->head[i];
        if (column < row->count && is_text(text_of(row, column))) return true;
    }
    return false;
}

zg_status zg_csv_open(FILE *stream, const char *name, const zg_data_options *options,
                      zg_csv_reader **out, zg_error *error)
{
    *out = NULL;
    zg_csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return zg_no_memory(error);
    reader->stream = stream;
    reader->line = reader->column = 1;
    reader->missing = options ? options->missing : ZG_MISSING_ERROR;
    reader->name = strdup(name);
    zg_status status = reader->name ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK &&
        csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        status = zg_no_memory(error);
    if (status == ZG_OK) status = read_head(reader, error);
    if (status == ZG_OK) {
        zg_header header = options ? options->header : ZG_HEADER_DETECT;
        reader->has_header =
            header == ZG_HEADER_YES || (header == ZG_HEADER_DETECT && detect_header(reader));
        reader->head_next = reader->has_header;
        reader->first_line = reader->head[0].end_line;
        status = check_shape(reader, error);
    }
    if (status == ZG_OK && reader->has_header) status = check_names(reader, error);
    if (status == ZG_OK) status = place_columns(reader, options, error);
    if (status == ZG_OK) status = keep_names(reader, error);
    if (status != ZG_OK) {
        zg_csv_close(reader);
        return status;
    }
    reader->text_target = detect_text_target(reader);
    *out = reader;
    return ZG_OK;
}

void zg_csv_close(zg_csv_reader *reader)
{
    if (!reader) return;
    for (size_t i = 0; i < reader->head_count; i++)
        record_clear(&reader->head[i]);
    free(reader->head);
    record_clear(&reader->current);
    csv_free(&reader->parser);
    zg_texts_free(reader->input_names, reader->inputs);
    zg_texts_free(reader->target_names, reader->targets);
    for (size_t k = 0; k < reader->label_count; k++)
        free(reader->labels[k].text);
    free(reader->labels);
    free(reader->label_texts);
    free(reader->place);
    free(reader->name);
    free(reader);
}

size_t zg_csv_inputs(const zg_csv_reader *reader)
{
    return reader->inputs;
}

size_t zg_csv_targets(const zg_csv_reader *reader)
{
    return reader->targets;
}

char *const *zg_csv_input_names(const zg_csv_reader *reader)
{
    return reader->input_names;
}

char *const *zg_csv_target_names(const zg_csv_reader *reader)
{
    return reader->target_names;
}

const char *zg_csv_label(const zg_csv_reader *reader, size_t index)
{
    return index < reader->label_count ? reader->label_texts[index] : NULL;
}

size_t zg_csv_label_count(const zg_csv_reader *reader)
{
    return reader->label_count;
}

/* ---- values
 * ---------------------------------------------------------------------------------------- */

/* The index of a class label, by first appearance; new ones are added in sorted position. */
static zg_status label_index(zg_csv_reader *reader, const record *row, size_t column, double *value,
                             zg_error *error)
{
    const char *text = text_of(row, column);
    size_t low = 0, high = reader->label_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(text, reader->labels[middle].text);
        if (order == 0) {
            *value = (double)reader->labels[middle].index;
            return ZG_OK;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    size_t count = reader->label_count;
    if (count == ZG_CSV_LABEL_LIMIT)
        return fail_field(reader, row, column, "at most 1000 different class labels", error);
    label *labels = realloc(reader->labels, (count + 1) * sizeof *labels);
    if (labels) reader->labels = labels;
    const char **texts = realloc(reader->label_texts, (count + 1) * sizeof *texts);
    if (texts) reader->label_texts = texts;
    char *copy = strdup(text);
    if (!labels || !texts || !copy) {
        free(copy);
        return zg_no_memory(error);
    }
    memmove(labels + low + 1, labels + low, (count - low) * sizeof *labels);
    labels[low] = (label){copy, count};
    texts[count] = copy;
    reader->label_count++;
    *value = (double)count;
    return ZG_OK;
}

static zg_status missing_value(const zg_csv_reader *reader, const record *row, size_t column,
                               double *value, bool *dropped, zg_error *error)
{
    const field *f = &row->fields[column];
    bool target = reader->place[column] < 0;
    if (reader->missing == ZG_MISSING_DROP) {
        *dropped = true;
        return ZG_OK;
    }
    if (reader->missing == ZG_MISSING_MEAN && !target) {
        *value = NAN;
        return ZG_OK;
    }
    return fail_at(
        reader, f->line, f->column, error, "expected %s, found the missing value \"%s\" (%s)",
        target && reader->text_target ? "a class label" : "a number", text_of(row, column),
        reader->missing == ZG_MISSING_MEAN
            ? "the mean stands in for inputs only; --missing drop leaves such rows out"
            : "--missing mean or drop accepts missing values");
}

static zg_status read_value(zg_csv_reader *reader, const record *row, size_t column, double *value,
                            bool *dropped, zg_error *error)
{
    const char *text = text_of(row, column);
    bool target = reader->place[column] < 0;
    if (is_missing(text)) return missing_value(reader, row, column, value, dropped, error);
    if (target && reader->text_target) return label_index(reader, row, column, value, error);
    switch (zg_number_classify(text, value)) {
    case ZG_NUMBER_FINITE:
        return ZG_OK;
    case ZG_NUMBER_NOT_FINITE:
        return fail_field(reader, row, column, "a finite number", error);
    case ZG_NUMBER_TEXT:
        break;
    }
    if (target && reader->targets == 1)
        return fail_field(reader, row, column, "a number, as in the rows above", error);
    return fail_field(reader, row, column, "a number", error);
}

static zg_status check_width(const zg_csv_reader *reader, const record *row, zg_error *error)
{
    if (row->count == reader->columns) return ZG_OK;
    if (row->count < reader->columns)
        return fail_at(reader, row->end_line, row->end_column, error,
                       "expected %zu fields as in line %zu, found %zu", reader->columns,
                       reader->first_line, row->count);
    const field *extra = &row->fields[reader->columns];
    return fail_at(reader, extra->line, extra->column, error,
                   "expected %zu fields as in line %zu, found %zu", reader->columns,
                   reader->first_line, row->count);
}

static double *place_of(const zg_csv_reader *reader, size_t column, double *x, double *t)
{
    long place = reader->place[column];
    return place >= 0 ? x + place : t + ~place;
}

static zg_status read_values(zg_csv_reader *reader, const record *row, double *x, double *t,
                             bool *dropped, zg_error *error)
{
    zg_status status = check_width(reader, row, error);
    for (size_t c = 0; c < reader->columns && status == ZG_OK; c++)
        status = read_value(reader, row, c, place_of(reader, c, x, t), dropped, error);
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A row of plain numbers straight from the buffer; false (nothing consumed) for any other row. */
static bool read_plain_row(zg_csv_reader *reader, double *x, double *t)
{
    const char *p = reader->buffer + reader->begin;
    const char *line_end = memchr(p, '\n', reader->end - reader->begin);
    if (!line_end) return false;
    for (size_t c = 0; c < reader->columns; c++) {
        double value;
        while (is_blank(*p))
            p++;
        p = zg_number_scan(p, &value);
        if (!p || !isfinite(value)) return false;
        while (is_blank(*p))
            p++;
        if (c + 1 < reader->columns && *p++ != ',') return false;
        *place_of(reader, c, x, t) = value;
    }
    p += *p == '\r';
    if (p != line_end) return false;
    reader->begin = (size_t)(p + 1 - reader->buffer);
    reader->line++;
    reader->column = 1;
    return true;
}

/* Makes sure that a whole line is in the buffer if it can be, and that it begins a line. */
static zg_status prepare_line(zg_csv_reader *reader, zg_error *error)
{
    if (reader->begin == reader->end && !reader->at_end) {
        zg_status status = refill(reader, error);
        if (status != ZG_OK) return status;
    }
    if (reader->after_return && reader->begin < reader->end &&
        reader->buffer[reader->begin] == '\n')
        skip_bytes(reader, 1);
    bool whole = memchr(reader->buffer + reader->begin, '\n', reader->end - reader->begin) != NULL;
    return whole || reader->at_end ? ZG_OK : refill(reader, error);
}

/* One row of data; *found is false at the end of the file. */
static zg_status next_row(zg_csv_reader *reader, double *x, double *t, bool *found, bool *dropped,
                          zg_error *error)
{
    *found = true;
    *dropped = false;
    if (reader->head_next < reader->head_count)
        return read_values(reader, &reader->head[reader->head_next++], x, t, dropped, error);
    zg_status status = prepare_line(reader, error);
    if (status != ZG_OK) return status;
    if (!reader->text_target && read_plain_row(reader, x, t)) return ZG_OK;
    status = read_record(reader, error);
    if (status != ZG_OK) return status;
    *found = reader->current.count > 0;
    return *found ? read_values(reader, &reader->current, x, t, dropped, error) : ZG_OK;
}

zg_status zg_csv_next(zg_csv_reader *reader, size_t capacity, double *x, double *t, size_t *rows,
                      zg_error *error)
{
    *rows = 0;
    while (*rows < capacity) {
        bool found, dropped;
        zg_status status = next_row(reader, x + *rows * reader->inputs, t + *rows * reader->targets,
                                    &found, &dropped, error);
        if (status != ZG_OK) return status;
        if (!found) break;
        *rows += !dropped;
    }
    return ZG_OK;
}

/* ---- whole files
 * --------------------------------------------------------------------------------- */

typedef struct table {
    double *x, *t;
    size_t rows, capacity;
} table;

static zg_status table_grow(table *all, const zg_csv_reader *reader, zg_error *error)
{
    size_t width = reader->inputs > reader->targets ? reader->inputs : reader->targets;
    if (all->capacity > SIZE_MAX / 2 / sizeof(double) / width) return zg_no_memory(error);
    size_t capacity = all->capacity ? 2 * all->capacity : 256;
    double *x = realloc(all->x, capacity * reader->inputs * sizeof(double));
    if (x) all->x = x;
    double *t = realloc(all->t, capacity * reader->targets * sizeof(double));
    if (t) all->t = t;
    if (!x || !t) return zg_no_memory(error);
    all->capacity = capacity;
    return ZG_OK;
}

static zg_status read_table(zg_csv_reader *reader, table *all, zg_error *error)
{
    size_t got;
    do {
        zg_status status = ZG_OK;
        if (all->rows == all->capacity) status = table_grow(all, reader, error);
        if (status == ZG_OK)
            status =
                zg_csv_next(reader, all->capacity - all->rows, all->x + all->rows * reader->inputs,
                            all->t + all->rows * reader->targets, &got, error);
        if (status != ZG_OK) return status;
        all->rows += got;
    } while (got > 0);
    if (all->rows > 0) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: no row is left after dropping those with missing values", reader->name);
}

/* Replaces the missing inputs by the mean of their column. */
static zg_status fill_means(const zg_csv_reader *reader, const table *all, zg_error *error)
{
    for (size_t j = 0; j < reader->inputs; j++) {
        long double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < all->rows; i++) {
            double value = all->x[i * reader->inputs + j];
            if (isnan(value)) continue;
            sum += value;
            count++;
        }
        if (count == all->rows) continue;
        if (count == 0)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s: input column %zu%s%.80s%s has no value at all, so there is no "
                           "mean to stand in",
                           reader->name, j + 1, reader->input_names ? " (" : "",
                           reader->input_names ? reader->input_names[j] : "",
                           reader->input_names ? ")" : "");
        for (size_t i = 0; i < all->rows; i++) {
            double *value = &all->x[i * reader->inputs + j];
            if (isnan(*value)) *value = (double)(sum / (long double)count);
        }
    }
    return ZG_OK;
}

/* From order of first appearance to sorted order. */
static zg_status sort_labels(zg_csv_reader *reader, zg_dataset *dataset, zg_error *error)
{
    size_t count = reader->label_count;
    if (!reader->text_target) return ZG_OK;
    size_t *rank = malloc(count * sizeof *rank);
    char **texts = calloc(count, sizeof *texts);
    if (!rank || !texts) {
        free(rank);
        free(texts);
        return zg_no_memory(error);
    }
    for (size_t k = 0; k < count; k++) {
        rank[reader->labels[k].index] = k;
        texts[k] = reader->labels[k].text;
    }
    for (size_t i = 0; i < dataset->rows; i++)
        dataset->t[i] = (double)rank[(size_t)dataset->t[i]];
    free(rank);
    dataset->labels = texts;
    dataset->label_count = count;
    reader->label_count = 0; /* the texts have a new owner */
    return ZG_OK;
}

static zg_status make_dataset(zg_csv_reader *reader, table *all, zg_dataset **out, zg_error *error)
{
    if (reader->missing == ZG_MISSING_MEAN) {
        zg_status status = fill_means(reader, all, error);
        if (status != ZG_OK) return status;
    }
    zg_dataset *dataset = calloc(1, sizeof *dataset);
    if (!dataset) return zg_no_memory(error);
    dataset->rows = all->rows;
    dataset->inputs = reader->inputs;
    dataset->targets = reader->targets;
    dataset->name = reader->name;
    dataset->x = all->x;
    dataset->t = all->t;
    dataset->input_names = reader->input_names;
    dataset->target_names = reader->target_names;
    reader->name = NULL; /* all these have a new owner */
    reader->input_names = reader->target_names = NULL;
    all->x = all->t = NULL;
    zg_status status = sort_labels(reader, dataset, error);
    if (status != ZG_OK) {
        zg_dataset_free(dataset);
        return status;
    }
    *out = dataset;
    return ZG_OK;
}

zg_status zg_csv_read(FILE *stream, const char *name, const zg_data_options *options,
                      zg_dataset **out, zg_error *error)
{
    *out = NULL;
    zg_csv_reader *reader;
    zg_status status = zg_csv_open(stream, name, options, &reader, error);
    if (status != ZG_OK) return status;
    table all = {0};
    status = read_table(reader, &all, error);
    if (status == ZG_OK) status = make_dataset(reader, &all, out, error);
    free(all.x);
    free(all.t);
    zg_csv_close(reader);
    return status;
}

/* ---- writing
 * --------------------------------------------------------------------------------------- */

static void write_text(FILE *stream, const char *text)
{
    if (*text && !strpbrk(text, ",\"\r\n") && !is_blank(*text) && !is_blank(text[strlen(text) - 1]))
        fputs(text, stream);
    else
        csv_fwrite(stream, text, strlen(text));
}

static void write_name(FILE *stream, char *const *names, size_t index, const char *fallback,
                       bool numbered)
{
    if (names)
        write_text(stream, names[index]);
    else if (numbered)
        fprintf(stream, "%s%zu", fallback, index + 1);
    else
        fputs(fallback, stream);
}

static void write_number(FILE *stream, double value)
{
    char text[ZG_NUMBER_SIZE];
    if (isnan(value)) {
        fputs("NA", stream);
        return;
    }
    size_t length = zg_number_format(value, text);
    fwrite(text, 1, length, stream);
}

zg_status zg_csv_write(FILE *stream, const zg_dataset *dataset, zg_error *error)
{
    size_t d = dataset->inputs, k = dataset->targets;
    for (size_t j = 0; j < d; j++) {
        if (j > 0) fputc(',', stream);
        write_name(stream, dataset->input_names, j, "f", true);
    }
    for (size_t c = 0; c < k; c++) {
        fputc(',', stream);
        write_name(stream, dataset->target_names, c, "target", k > 1);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < dataset->rows; i++) {
        for (size_t j = 0; j < d; j++) {
            if (j > 0) fputc(',', stream);
            write_number(stream, dataset->x[i * d + j]);
        }
        for (size_t c = 0; c < k; c++) {
            fputc(',', stream);
            if (dataset->labels)
                write_text(stream, dataset->labels[(size_t)dataset->t[i * k + c]]);
            else
                write_number(stream, dataset->t[i * k + c]);
        }
        fputc('\n', stream);
    }
    if (fflush(stream) != 0 || ferror(stream))
        return zg_fail(error, ZG_IO, "cannot write the data set: %s", strerror(errno));
    return ZG_OK;
}
