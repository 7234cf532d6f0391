/* Errors as values: filling a zg_error, and the nearest known name for a misspelt one. */
#include "base/status.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *zg_status_message(zg_status status)
{
    static const char *const messages[ZG_STATUS_COUNT] = {
        [ZG_OK] = "success",
        [ZG_BAD_INPUT] = "bad input",
        [ZG_IO] = "input/output error",
        [ZG_NO_MEMORY] = "out of memory",
        [ZG_UNSUPPORTED] = "not supported by this method",
        [ZG_MISSING] = "something needed is missing",
        [ZG_FAILED] = "the method failed",
        [ZG_TIMEOUT] = "time limit reached",
        [ZG_STOPPED] = "stopped on request",
        [ZG_INFEASIBLE] = "no network does this",
    };
    if ((int)status < 0 || status >= ZG_STATUS_COUNT) return "unknown status";
    return messages[status];
}

void zg_error_set(zg_error *error, zg_status status, const char *format, ...)
{
    if (!error) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = status;
}

#define NAME_LIMIT 64 /* longer texts are nobody's misspelling of a name */

/* Edit distance with transpositions of neighbours (optimal string alignment). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    size_t table[NAME_LIMIT + 1][NAME_LIMIT + 1];
    for (size_t i = 0; i <= n; i++)
        table[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (table[i - 1][j] + 1 < best) best = table[i - 1][j] + 1;
            if (table[i][j - 1] + 1 < best) best = table[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                table[i - 2][j - 2] + 1 < best)
                best = table[i - 2][j - 2] + 1;
            table[i][j] = best;
        }
    }
    return table[n][m];
}

const char *zg_nearest(const char *text, const char *const *names, size_t count)
{
    size_t length = strlen(text);
    if (length == 0 || length > NAME_LIMIT) return NULL;
    const char *nearest = NULL;
    size_t best = length < 4 ? 2 : 1 + length / 3; /* one past the largest distance accepted */
    if (best < 3 && length >= 4) best = 3;
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) > NAME_LIMIT) continue;
        size_t distance = edit_distance(text, names[i]);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

zg_status zg_fail_unknown(zg_error *error, const char *what, const char *text,
                          const char *const *names, size_t count)
{
    const char *nearest = zg_nearest(text, names, count);
    if (nearest)
        return zg_fail(error, ZG_BAD_INPUT, "unknown %s \"%.80s\"; did you mean \"%s\"?", what,
                       text, nearest);
    char list[768] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used + strlen(names[i]) + 3 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return zg_fail(error, ZG_BAD_INPUT, "unknown %s \"%.80s\"; known are %s", what, text, list);
}

bool zg_parse_double(const char *text, double *out)
{
    if (*text == '\0' || isspace((unsigned char)*text)) return false;
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value)) return false;
    *out = value;
    return true;
}

bool zg_parse_size(const char *text, size_t *out)
{
    if (!isdigit((unsigned char)*text)) return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0' || errno == ERANGE || value > SIZE_MAX / 2) return false;
    *out = (size_t)value;
    return true;
}
