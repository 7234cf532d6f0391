/* The reader of the data file. */
#include "csv.h"

#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void zv_csv_expected(const zv_csv *csv, const char *what, const char *found)
{
    zv_stop(csv->session, ZV_BAD_FILE, "data:%zu: expected %s, found \"%.40s\"", csv->line, what,
            found);
}

/* A byte-order mark does not count. */
zv_csv zv_csv_open(zv_session *s, char *text, size_t size, size_t columns)
{
    bool marked = strncmp(text, "\xef\xbb\xbf", 3) == 0;
    return (zv_csv){.session = s,
                    .at = text + (marked ? 3 : 0),
                    .end = text + size,
                    .line = 1,
                    .next = 1,
                    .columns = columns,
                    .fields = zv_take(s, columns, sizeof(char *))};
}

/* Reads a quoted field from behind its first quotation mark to behind its last one; two of them
 * stand for one.  *end is where its text, moved together, ends. */
static char *read_quoted(zv_csv *csv, char *p, char **end)
{
    char *to = p;
    for (;; p++) {
        if (!*p) zv_csv_expected(csv, "a closing quotation mark", "the end or a NUL byte");
        if (*p == '"' && *++p != '"') break;
        csv->next += *p == '\n';
        *to++ = *p;
    }
    *end = to;
    return p;
}

/* Reads one field; returns the character that ended it: a comma, a line end, or the closing NUL. */
static char read_field(zv_csv *csv, const char **field)
{
    char *p = csv->at + strspn(csv->at, " \t"), *text = p, *end = p;
    bool quoted = *p == '"';
    if (quoted) {
        text = p + 1;
        p = read_quoted(csv, text, &end);
    }
    for (; *p && !strchr(",\r\n", *p); p++) {
        if (*p == ' ' || *p == '\t') continue;
        if (quoted) zv_csv_expected(csv, "a comma", p);
        end = p + 1;
    }
    char stop = *p;
    if (!stop && p != csv->end) zv_csv_expected(csv, "text", "a NUL byte");
    *end = '\0';
    *field = text;
    csv->at = stop ? p + 1 : p;
    return stop;
}

bool zv_csv_next(zv_csv *csv)
{
    for (; *csv->at && strchr(" \t\r\n", *csv->at); csv->at++)
        csv->next += *csv->at == '\n';
    csv->line = csv->next;
    if (csv->at == csv->end) return false;
    char stop = ',';
    for (size_t k = 0; k < csv->columns; k++) {
        if (stop != ',') zv_csv_expected(csv, "as many fields as the certificate says", "fewer");
        stop = read_field(csv, &csv->fields[k]);
    }
    if (stop == ',') zv_csv_expected(csv, "as many fields as the certificate says", "more");
    csv->next += stop == '\n';
    return true;
}

/* Only the characters of a decimal number: no hexadecimal, no NaN, no infinity, no blanks. */
double zv_csv_number(const zv_csv *csv, const char *field)
{
    char *end;
    double value = strtod(field, &end);
    bool known = field[strspn(field, "0123456789+-.eE")] == '\0';
    if (!*field || !known || *end || !isfinite(value)) zv_csv_expected(csv, "a number", field);
    return zv_seen(csv->session, value);
}
