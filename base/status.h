/* Errors as values: filling a zg_error, and the nearest known name for a misspelt one. */
#ifndef ZG_BASE_STATUS_H
#define ZG_BASE_STATUS_H

#include "zerogap.h"

#include <stdarg.h>

/* Fills *error (which may be NULL). */
void zg_error_set(zg_error *error, zg_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills *error and evaluates to status, so that `return zg_fail(...)` reads well.  Macros, because
 * static analysis then sees that what a failing function returns is not ZG_OK. */
static inline zg_status zg_status_itself(zg_status status)
{
    return status;
}
#define zg_fail(error, status, ...)                                                                \
    (zg_error_set((error), (status), __VA_ARGS__), zg_status_itself(status))
#define zg_no_memory(error) zg_fail((error), ZG_NO_MEMORY, "out of memory")

/* The entry of names[0..count) closest to text by edit distance, or NULL when none is near enough
 * to be what was meant. */
const char *zg_nearest(const char *text, const char *const *names, size_t count);

/* Like zg_fail(ZG_BAD_INPUT) with the sentence: unknown WHAT "TEXT"; did you mean "NEAREST"?
 * or, when nothing is near: unknown WHAT "TEXT"; known are A, B, C. */
zg_status zg_fail_unknown(zg_error *error, const char *what, const char *text,
                          const char *const *names, size_t count);

/* Parses the whole of text as a finite double in the C locale; false if it is anything else. */
bool zg_parse_double(const char *text, double *out);
/* The same for a non-negative decimal integer. */
bool zg_parse_size(const char *text, size_t *out);

#endif
