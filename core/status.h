/* Errors as values: filling a zg_error, and the nearest known name for a misspelt one. */
#ifndef ZG_CORE_STATUS_H
#define ZG_CORE_STATUS_H

#include "zerogap.h"

#include <stdarg.h>

/* Fills *error (which may be NULL) and returns status, so that `return zg_fail(...)` reads well. */
zg_status zg_fail(zg_error *error, zg_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

zg_status zg_no_memory(zg_error *error);

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
