/* Detecting the separator of a table by trying each one on its first lines. */
#include "data/csv_detect.h"

#include "data/notation.h"

#include <string.h>
#include <strings.h>

#define LINES 100
#define FIELD 400 /* bytes of a field that may be a number; longer ones are texts */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

typedef struct tally {
    size_t columns;         /* of the lines seen so far; 0: none yet */
    size_t lines;           /* that are not blank */
    size_t cut;             /* of these, into at least two fields */
    size_t fields, numbers; /* in all lines but the first */
    bool uneven;            /* lines differ in their number of fields */
} tally;

static bool is_separator(char c, char separator)
{
    return separator == ' ' ? is_blank(c) : c == separator;
}

/* One field at p, up to its separator, line end or the end of the text; *number tells whether it
 * is a number or a missing value in some notation. */
static const char *scan_field(const char *p, const char *end, char separator, bool *number)
{
    char text[FIELD];
    size_t length = 0;
    bool quoted = false, fits = true;
    for (; p < end && (quoted || (!ends_line(*p) && !is_separator(*p, separator))); p++) {
        if (*p == '"') {
            quoted = !quoted;
            continue;
        }
        if (length == 0 && is_blank(*p)) continue;
        fits = fits && length + 1 < sizeof text;
        if (fits) text[length++] = *p;
    }
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    text[length] = '\0';
    double value;
    const zg_notation plain = {.decimal = '.'}, comma = {.decimal = ','};
    *number = fits && (zg_notation_classify(&plain, text, &value) != ZG_FIELD_TEXT ||
                       (separator != ',' && separator != ' ' &&
                        zg_notation_classify(&comma, text, &value) == ZG_FIELD_NUMBER));
    return p;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* One line at p into the tally; returns where the next one begins. */
static const char *scan_line(const char *p, const char *end, char separator, tally *t)
{
    size_t columns = 0, numbers = 0;
    bool number;
    p = skip_blanks(p, end);
    if (p < end && !ends_line(*p)) {
        for (;;) {
            p = scan_field(p, end, separator, &number);
            columns++;
            numbers += number;
            if (separator == ' ') p = skip_blanks(p, end);
            if (p == end || ends_line(*p)) break;
            p += separator != ' ';
        }
        bool named_rows = t->lines == 1 && columns == t->columns + 1; /* R: the header is shorter */
        if (t->lines > 0 && columns != t->columns && !named_rows) t->uneven = true;
        if (t->lines == 0 || named_rows) t->columns = columns;
        t->cut += columns > 1;
        if (t->lines > 0) {
            t->fields += columns;
            t->numbers += numbers;
        }
        t->lines++;
    }
    while (p < end && ends_line(*p))
        p++;
    return p;
}

/* The share of numbers among the fields; -1 when the separator does not make a table.  *cut is the
 * number of lines that it cuts. */
static double score(const char *text, const char *end, char separator, size_t *cut)
{
    tally t = {0};
    for (const char *p = text; p < end && t.lines < LINES;)
        p = scan_line(p, end, separator, &t);
    *cut = t.cut;
    if (t.uneven || t.columns < 2) return -1;
    return t.fields ? (double)t.numbers / (double)t.fields : 0;
}

char zg_csv_detect_separator(const char *text, size_t size)
{
    static const char candidates[] = ",;\t| ";
    char best = 0, cutting = 0;
    double highest = -1;
    size_t most = 0;
    const char *end = text + size;
    for (const char *last = end; last > text; last--) { /* whole lines only, if there are any */
        if (!ends_line(last[-1])) continue;
        end = last;
        break;
    }
    for (const char *c = candidates; *c; c++) {
        size_t cut;
        double share = score(text, end, *c, &cut);
        if (share > highest) {
            highest = share;
            best = *c;
        }
        if (cut > most) {
            most = cut;
            cutting = *c;
        }
    }
    return best ? best : cutting ? cutting : ',';
}

const char *zg_csv_separator_name(char separator)
{
    switch (separator) {
    case ';':
        return "semicolon";
    case '\t':
        return "tab";
    case '|':
        return "bar";
    case ' ':
        return "blank";
    default:
        return "comma";
    }
}

/* The length of the line at p with its end. */
static size_t line_length(const char *p, const char *end)
{
    const char *q = p;
    while (q < end && !ends_line(*q))
        q++;
    if (q + 1 < end && q[0] == '\r' && q[1] == '\n') q++;
    return (size_t)(q < end ? q + 1 - p : q - p);
}

size_t zg_csv_preamble(const char *text, size_t size, char *separator)
{
    const char *p = text, *end = text + size;
    if (size >= 5 && strncasecmp(p, "sep=", 4) == 0 && strchr(",;\t| ", p[4]) && p[4] &&
        (size == 5 || ends_line(p[5]))) {
        if (*separator == 0) *separator = p[4];
        p += line_length(p, end);
    }
    while (p < end && (*p == '#' || *p == '%') && p + 1 < end &&
           (is_blank(p[1]) || ends_line(p[1])))
        p += line_length(p, end);
    return (size_t)(p - text);
}
