/* CSV records with positions, over libcsv, and the short way for lines of plain numbers. */
#include "data/csv_source.h"

#include "base/memory.h"
#include "base/number.h"
#include "data/columns.h"
#include "data/csv.h"
#include "data/csv_detect.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ------------------------------------------------------------------------------ */

const char *zg_csv_shown(const char *text, char out[ZG_CSV_SHOWN + 4])
{
    size_t length = strlen(text), n = length > ZG_CSV_SHOWN ? ZG_CSV_SHOWN : length;
    while (n < length && n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--; /* not in the middle of a UTF-8 character */
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '.' : text[i];
    memcpy(out + n, n < length ? "..." : "", n < length ? 4 : 1);
    return out;
}

zg_status zg_csv_fail(const zg_csv_source *source, size_t line, size_t column, zg_error *error,
                      const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s:%zu:%zu: %s", source->name, line, column, what);
}

zg_status zg_csv_fail_field(const zg_csv_source *source, const zg_csv_record *record, size_t column,
                            const char *wanted, zg_error *error)
{
    char text[ZG_CSV_SHOWN + 4];
    const zg_csv_field *f = &record->fields[column];
    return zg_csv_fail(source, f->line, f->column, error, "expected %s, found \"%s\"", wanted,
                       zg_csv_shown(record->text + f->offset, text));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* ---- bytes --------------------------------------------------------------------------------- */

/* Makes more bytes available behind those that are unread; at_end when there are none. */
static zg_status refill(zg_csv_source *source, zg_error *error)
{
    if (source->begin > 0) {
        memmove(source->buffer, source->buffer + source->begin, source->end - source->begin);
        source->end -= source->begin;
        source->begin = 0;
    }
    size_t room = ZG_CSV_BUFFER_SIZE - source->end;
    size_t got = room ? fread(source->buffer + source->end, 1, room, source->stream) : 0;
    source->end += got;
    source->buffer[source->end] = '\0';
    if (got < room) {
        if (ferror(source->stream))
            return zg_fail(error, ZG_IO, "cannot read %.400s: %s", source->name, strerror(errno));
        source->at_end = true;
    }
    return ZG_OK;
}

static void skip_bytes(zg_csv_source *source, size_t count)
{
    const char last = source->buffer[source->begin + count - 1];
    source->begin += count;
    bool ends_line = last == '\r' || (last == '\n' && !source->after_return);
    if (ends_line) source->line++;
    if (ends_line || last == '\n')
        source->column = 1;
    else
        source->column += count;
    source->after_return = last == '\r';
}

/* ---- records over libcsv ------------------------------------------------------------------ */

static void on_field(void *text, size_t length, void *context)
{
    zg_csv_source *source = context;
    zg_csv_record *row = &source->current;
    if (row->used + length + 1 > row->text_capacity) {
        char *bigger = zg_grow(row->text, &row->text_capacity, row->used + length + 1, 1);
        if (!bigger) {
            source->no_memory = true;
            return;
        }
        row->text = bigger;
    }
    if (row->count == row->capacity) {
        zg_csv_field *bigger = zg_grow(row->fields, &row->capacity, row->count + 1, sizeof *bigger);
        if (!bigger) {
            source->no_memory = true;
            return;
        }
        row->fields = bigger;
    }
    row->fields[row->count++] = (zg_csv_field){row->used, source->field_line, source->field_column};
    if (length) memcpy(row->text + row->used, text, length);
    row->text[row->used + length] = '\0';
    row->used += length + 1;
    source->open_field = false;
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    zg_csv_source *source = context;
    source->row_ended = true;
}

/* Length of the piece up to and including the next separator or line end, or of all that is
 * there. */
static size_t piece_length(const char *p, size_t available, char separator)
{
    for (size_t i = 0; i < available; i++) {
        if (p[i] == separator || p[i] == '\n' || p[i] == '\r') return i + 1;
    }
    return available;
}

/* Remembers where the field that the piece begins starts; a blank line begins none. */
static void note_field_start(zg_csv_source *source, const char *piece, size_t length)
{
    if (source->open_field) {
        source->field_bytes += length;
        return;
    }
    size_t blanks = 0;
    while (blanks < length && is_blank(piece[blanks]) && piece[blanks] != source->separator)
        blanks++;
    source->field_line = source->line;
    source->field_column = source->column + blanks;
    source->field_bytes = length;
    bool line_end = blanks < length && (piece[blanks] == '\n' || piece[blanks] == '\r');
    source->open_field = blanks < length && (!line_end || source->current.count > 0);
}

static zg_status parse_failed(zg_csv_source *source, size_t done, zg_error *error)
{
    int cause = csv_error(&source->parser);
    if (cause != CSV_EPARSE) return zg_no_memory(error);
    size_t column = source->column + done;
    char found = source->buffer[source->begin + done];
    if (source->parser.quoted)
        return zg_csv_fail(source, source->line, column, error,
                           "expected a %s or the end of the line after the closing quotation mark, "
                           "found \"%c\"",
                           zg_csv_separator_name(source->separator), found);
    return zg_csv_fail(source, source->line, column, error,
                       "expected no quotation mark inside a field that does not begin with one");
}

static zg_status check_piece(zg_csv_source *source, const char *piece, size_t length,
                             zg_error *error)
{
    const char *nul = memchr(piece, '\0', length);
    if (nul)
        return zg_csv_fail(source, source->line, source->column + (size_t)(nul - piece), error,
                           "expected text, found a NUL byte");
    if (source->field_bytes > ZG_CSV_FIELD_LIMIT)
        return zg_csv_fail(source, source->field_line, source->field_column, error,
                           "expected a field of at most %zu bytes, found a longer one",
                           ZG_CSV_FIELD_LIMIT);
    if (source->current.count >= ZG_CSV_COLUMN_LIMIT)
        return zg_csv_fail(source, source->field_line, source->field_column, error,
                           "expected at most %d fields in a row, found more", ZG_CSV_COLUMN_LIMIT);
    return ZG_OK;
}

static zg_status finish_parser(zg_csv_source *source, zg_error *error)
{
    if (!source->open_field) { /* the file ends with a comma */
        source->field_line = source->line;
        source->field_column = source->column;
    }
    if (csv_fini(&source->parser, on_field, on_row, source) == 0) return ZG_OK;
    if (csv_error(&source->parser) != CSV_EPARSE) return zg_no_memory(error);
    return zg_csv_fail(
        source, source->field_line, source->field_column, error,
        "expected a closing quotation mark for the one here, found the end of the file");
}

static zg_status feed(zg_csv_source *source, const char *piece, size_t length, zg_error *error)
{
    size_t done = csv_parse(&source->parser, piece, length, on_field, on_row, source);
    if (source->no_memory) return zg_no_memory(error);
    return done == length ? ZG_OK : parse_failed(source, done, error);
}

/* One piece of a record whose fields are separated by a character. */
static zg_status read_piece(zg_csv_source *source, zg_error *error)
{
    const char *piece = source->buffer + source->begin;
    size_t length = piece_length(piece, source->end - source->begin, source->separator);
    note_field_start(source, piece, length);
    zg_status status = check_piece(source, piece, length, error);
    if (status == ZG_OK) status = feed(source, piece, length, error);
    if (status != ZG_OK) return status;
    source->current.end_column = source->column + length - 1;
    skip_bytes(source, length);
    return ZG_OK;
}

/* Bytes up to the next blank or line end; inside quotation marks up to the next of those. */
static size_t word_length(const zg_csv_source *source, const char *p, size_t available)
{
    size_t quotes = source->quotes, i = 0;
    for (; i < available; i++) {
        bool line_end = p[i] == '\n' || p[i] == '\r';
        if (quotes % 2 == 0 && (line_end || is_blank(p[i]))) return i;
        if (line_end) return i + 1; /* skip_bytes counts one line at a time */
        quotes += p[i] == '"';
    }
    return i;
}

/* The same where runs of blanks separate: libcsv sees one blank, and only between two fields. */
static zg_status read_blank_piece(zg_csv_source *source, zg_error *error)
{
    const char *piece = source->buffer + source->begin;
    bool inside = source->open_field && source->quotes % 2 == 1;
    if (!inside && is_blank(*piece)) {
        source->between = source->open_field;
        skip_bytes(source, 1);
        return ZG_OK;
    }
    bool line_end = *piece == '\n' || *piece == '\r';
    zg_status status = ZG_OK;
    if (source->between && !line_end) {
        status = feed(source, " ", 1, error); /* ends the field */
        if (status != ZG_OK) return status;
    }
    if (!source->open_field) source->quotes = 0;
    source->between = false;
    size_t length =
        line_end && !inside ? 1 : word_length(source, piece, source->end - source->begin);
    note_field_start(source, piece, length);
    status = check_piece(source, piece, length, error);
    if (status == ZG_OK) status = feed(source, piece, length, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < length; i++)
        source->quotes += piece[i] == '"';
    source->current.end_column = source->column + length - 1;
    skip_bytes(source, length);
    return ZG_OK;
}

zg_status zg_csv_source_record(zg_csv_source *source, zg_error *error)
{
    zg_csv_record *row = &source->current;
    zg_status status = ZG_OK;
    row->count = row->used = 0;
    source->row_ended = source->open_field = source->between = false;
    while (!source->row_ended && status == ZG_OK) {
        if (source->begin == source->end && !source->at_end) {
            status = refill(source, error);
            if (status != ZG_OK) return status;
        }
        row->end_line = source->line;
        if (source->begin == source->end) {
            row->end_column = source->column;
            status = finish_parser(source, error);
            break;
        }
        status =
            source->separator == ' ' ? read_blank_piece(source, error) : read_piece(source, error);
    }
    if (status != ZG_OK) return status;
    return source->no_memory ? zg_no_memory(error) : ZG_OK;
}

void zg_csv_record_clear(zg_csv_record *row)
{
    free(row->text);
    free(row->fields);
    *row = (zg_csv_record){0};
}

const char *zg_csv_record_text(const zg_csv_record *record, size_t column)
{
    return record->text + record->fields[column].offset;
}

/* ---- lines of plain numbers ---------------------------------------------------------------- */

/* Where the next field begins behind the number that ends at p; NULL: something else follows. */
static const char *next_field(const char *p, char separator)
{
    const char *blanks = p;
    while (is_blank(*p) && *p != separator)
        p++;
    if (separator != ' ') return *p == separator ? p + 1 : NULL;
    while (is_blank(*p))
        p++;
    return p > blanks ? p : NULL;
}

bool zg_csv_source_numbers(zg_csv_source *source, size_t columns, const long *place, double *x,
                           double *t)
{
    const char *p = source->buffer + source->begin;
    const char *line_end = memchr(p, '\n', source->end - source->begin);
    if (!line_end) return false;
    for (size_t c = 0; c < columns; c++) {
        double value;
        while (is_blank(*p) && (*p != source->separator || *p == ' '))
            p++;
        p = zg_number_scan(p, &value);
        if (!p || !isfinite(value)) return false;
        if (c + 1 < columns) p = next_field(p, source->separator);
        if (!p) return false;
        if (place[c] == ZG_COLUMN_UNUSED) continue;
        if (place[c] >= 0)
            x[place[c]] = value;
        else if (place[c] != ZG_COLUMN_UNUSED)
            t[~place[c]] = value;
    }
    while (is_blank(*p) && (*p != source->separator || *p == ' '))
        p++;
    p += *p == '\r';
    if (p != line_end) return false;
    source->begin = (size_t)(p + 1 - source->buffer);
    source->line++;
    source->column = 1;
    return true;
}

zg_status zg_csv_source_line(zg_csv_source *source, zg_error *error)
{
    if (source->begin == source->end && !source->at_end) {
        zg_status status = refill(source, error);
        if (status != ZG_OK) return status;
    }
    if (source->after_return && source->begin < source->end &&
        source->buffer[source->begin] == '\n')
        skip_bytes(source, 1);
    bool whole = memchr(source->buffer + source->begin, '\n', source->end - source->begin) != NULL;
    return whole || source->at_end ? ZG_OK : refill(source, error);
}

/* ---- opening ------------------------------------------------------------------------------- */

static int only_blank(unsigned char c)
{
    return c == ' ';
}

/* Skips what precedes the table, and settles the separator. */
static zg_status begin_table(zg_csv_source *source, zg_error *error)
{
    zg_status status = refill(source, error);
    if (status != ZG_OK) return status;
    const unsigned char *b = (const unsigned char *)source->buffer;
    if (source->end >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) source->begin = 3;
    if (source->end >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff)))
        return zg_csv_fail(source, 1, 1, error, "expected text in UTF-8 or ASCII, found UTF-16");
    size_t lines = zg_csv_preamble(source->buffer + source->begin, source->end - source->begin,
                                   &source->separator);
    source->preamble = source->begin + lines;
    while (source->begin < source->preamble)
        skip_bytes(source, 1);
    if (!source->separator)
        source->separator =
            zg_csv_detect_separator(source->buffer + source->begin, source->end - source->begin);
    csv_set_delim(&source->parser, (unsigned char)source->separator);
    if (source->separator == '\t') csv_set_space_func(&source->parser, only_blank);
    return ZG_OK;
}

zg_status zg_csv_source_open(zg_csv_source *source, FILE *stream, const char *name, char separator,
                             zg_error *error)
{
    memset(source, 0, sizeof *source);
    source->stream = stream;
    source->separator = separator;
    source->line = source->column = 1;
    source->name = strdup(name);
    if (!source->name ||
        csv_init(&source->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        free(source->name);
        source->name = NULL;
        return zg_no_memory(error);
    }
    return begin_table(source, error);
}

void zg_csv_source_clear(zg_csv_source *source)
{
    zg_csv_record_clear(&source->current);
    csv_free(&source->parser);
    free(source->name);
    source->name = NULL;
}
