/* Notes, as sentences, on what the CSV reader decided by itself and on what looks unintended. */
#include "data/csv_detect.h"
#include "data/csv_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEAST_ROWS 8 /* fewer rising numbers may be chance */

static const char *text_of(const zg_csv_reader *reader, size_t record, size_t column)
{
    return zg_csv_record_text(&reader->head[record], column);
}

static void note_separator(zg_csv_reader *reader)
{
    char separator = reader->source.separator;
    char decimal = reader->options.decimal ? reader->options.decimal : '.';
    char thousands = reader->options.thousands;
    if (separator != ',' && reader->options.separator == 0)
        zg_dataset_note(reader->notes, "%s: the fields are separated by %ss (--separator)",
                        reader->source.name, zg_csv_separator_name(separator));
    if (reader->notation.decimal != decimal)
        zg_dataset_note(reader->notes, "%s: the decimal sign is a comma (--decimal)",
                        reader->source.name);
    if (reader->notation.thousands != thousands)
        zg_dataset_note(reader->notes, "%s: \"%c\" separates thousands (--thousands)",
                        reader->source.name, reader->notation.thousands);
}

static void note_orange(zg_csv_reader *reader)
{
    char name[ZG_CSV_SHOWN + 4];
    if (reader->has_header && reader->head_next == 3)
        zg_dataset_note(reader->notes, "%s: the header has Orange's three lines",
                        reader->source.name);
    if (reader->own_target && !reader->options.target)
        zg_dataset_note(reader->notes,
                        "%s: the target is \"%s\", which the file marks as the class",
                        reader->source.name, zg_csv_shown(reader->own_target, name));
    for (size_t c = 0; c < reader->columns.count; c++) {
        if (!reader->ignored[c] || c == reader->empty_column || c == reader->row_names) continue;
        zg_dataset_note(reader->notes, "%s: column %zu (\"%s\") is left out, as the file marks it",
                        reader->source.name, c + 1, zg_csv_shown(text_of(reader, 0, c), name));
    }
}

/* Whole numbers that rise by one: the names that pandas gives. */
static bool is_numbered(const zg_csv_reader *reader, size_t record, size_t begin)
{
    size_t first = 0, value, count = reader->head[record].count;
    if (count != reader->columns.count || count < begin + 2) return false;
    for (size_t c = begin; c < count; c++) {
        if (!zg_parse_size(text_of(reader, record, c), &value)) return false;
        if (c == begin) first = value;
        if (value != first + (c - begin)) return false;
    }
    return first == 0 || count - begin > 2;
}

static void note_numeric_header(zg_csv_reader *reader)
{
    if (reader->has_header || reader->options.header != ZG_HEADER_DETECT || reader->head_count < 2)
        return;
    size_t begin = *text_of(reader, 0, 0) == '\0';
    if (!is_numbered(reader, 0, begin)) return;
    size_t alike = 1; /* rows below that are of the same kind: then it is data */
    while (alike < reader->head_count && is_numbered(reader, alike, begin))
        alike++;
    if (alike == reader->head_count) return;
    zg_dataset_note(reader->notes,
                    "%s: row 1 looks like a header (%s, %s, ..) but is read as data: --header "
                    "says that it is one, --no-header that it is not",
                    reader->source.name, text_of(reader, 0, begin), text_of(reader, 0, begin + 1));
}

/* The names under which programs write the number of a row. */
static bool is_row_name(const char *name)
{
    static const char *const names[] = {"",         "Unnamed: 0", "index",  "id",     "row",
                                        "rownames", "rowid",      "row_id", "row_nr", "...1",
                                        "obs",      "nr",         "no",     "#"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i], name) == 0) return true;
    size_t length = strlen(name); /* customer_id, customerId */
    if (length < 3 || strcasecmp(name + length - 2, "id") != 0) return false;
    return strchr("_- .", name[length - 3]) || name[length - 2] == 'I';
}

static void note_row_numbers(zg_csv_reader *reader)
{
    size_t value, first = 0, rows = reader->head_count - reader->head_next;
    long place = reader->columns.place[0];
    if (place < 0 || rows < 2) return;
    bool named = reader->has_header && is_row_name(text_of(reader, 0, 0));
    if (!named && rows < LEAST_ROWS) return;
    for (size_t i = reader->head_next; i < reader->head_count; i++) {
        if (!zg_parse_size(text_of(reader, i, 0), &value)) return;
        if (i == reader->head_next) first = value;
        if (value != first + (i - reader->head_next) || (!named && first > 1)) return;
    }
    if (reader->options.columns) return; /* asked for by name */
    zg_dataset_note(reader->notes,
                    "%s: column 1 counts the rows but is read as an input: --drop 1 leaves it out",
                    reader->source.name);
}

void zg_csv_note_form(zg_csv_reader *reader)
{
    note_separator(reader);
    note_orange(reader);
    if (reader->row_names != ZG_NO_COLUMN)
        zg_dataset_note(reader->notes,
                        "%s: the rows have names, for which the header has none; they are left out",
                        reader->source.name);
    note_numeric_header(reader);
    note_row_numbers(reader);
}
