/*
 * Text that is mostly LIBSVM, though its first row is not.  Read as a table, "1:2" would be a word
 * and a column of such words a classification task.
 */
#include "base/number.h"
#include "data/libsvm.h"

#include <math.h>
#include <string.h>

#define LOOKED_AT 4096 /* bytes; all that the callers that do not read the whole file have */

typedef struct survey {
    size_t rows, samples; /* rows of one label alone count as neither */
    bool header;          /* the first row is one of words */
    bool clock;           /* every pair so far may be a time of day */
} survey;

/* A number, or several with commas between them: the labels of a row. */
static bool is_labels(const char *p, const char *end)
{
    double value;
    for (const char *next; (next = zg_number_scan(p, &value)) != NULL; p = next + 1) {
        if (next == end) return true;
        if (*next != ',') return false;
    }
    return false;
}

/* "12:30", of which columns of tables are made. */
static bool is_clock(const char *p, const char *end)
{
    size_t hours = strspn(p, "0123456789");
    if (hours < 1 || hours > 2 || p[hours] != ':' || end - p != (ptrdiff_t)hours + 3) return false;
    int hour = hours == 1 ? p[0] - '0' : 10 * (p[0] - '0') + p[1] - '0';
    p += hours + 1;
    return hour <= 24 && p[0] >= '0' && p[0] <= '5' && p[1] >= '0' && p[1] <= '9';
}

/* NUMBER:NUMBER, whatever the first one is. */
static bool is_pair(const char *p, const char *end)
{
    double value;
    const char *colon = zg_number_scan(p, &value);
    if (!colon || *colon != ':') return false;
    return zg_number_scan(colon + 1, &value) == end && isfinite(value);
}

static void survey_row(survey *s, const char *p, const char *end)
{
    size_t words = 0, pairs = 0;
    bool labels = false;
    for (;;) {
        while (p < end && strchr(" \t\r", *p))
            p++;
        if (p >= end || *p == '#') break;
        const char *next = p;
        while (next < end && !strchr(" \t\r#", *next))
            next++;
        if (words == 0) labels = is_labels(p, next);
        if (words > 0 && is_pair(p, next)) {
            pairs++;
            s->clock = s->clock && is_clock(p, next);
        }
        words++;
        p = next;
    }
    if (words == 0 || (labels && words == 1)) return;
    if (s->rows == 0) s->header = !labels && pairs == 0;
    s->rows++;
    s->samples += labels && pairs > 0 && pairs == words - 1;
}

bool zg_libsvm_mostly(const char *text)
{
    survey s = {.clock = true};
    const char *end = text + strnlen(text, LOOKED_AT);
    bool cut = end - text == LOOKED_AT;
    for (const char *p = text; p < end;) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        if (!line_end && cut && s.rows > 0) break;
        if (!line_end && cut) /* the first row is longer than that: up to its last whole pair */
            while (end > p && !strchr(" \t", end[-1]))
                end--;
        if (!line_end) line_end = end;
        survey_row(&s, p, line_end);
        p = line_end + 1;
    }
    return !s.header && !s.clock && 2 * s.samples > s.rows;
}
