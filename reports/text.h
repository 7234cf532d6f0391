/* A growing text that remembers whether memory ran out, and the escapings of the output formats. */
#ifndef ZG_REPORTS_TEXT_H
#define ZG_REPORTS_TEXT_H

#include "base/status.h"

#include <stdint.h>
#include <stdio.h>

/* Zero-initialised is the empty text.  After a failed allocation every further call does nothing;
 * ask zg_text_status once at the end. */
typedef struct zg_text {
    char *bytes; /* NUL-terminated, or NULL while empty */
    size_t length, capacity;
    bool failed;
} zg_text;

void zg_text_clear(zg_text *text);
zg_status zg_text_status(const zg_text *text, zg_error *error);
/* The bytes, "" while empty. */
const char *zg_text_bytes(const zg_text *text);

void zg_text_add(zg_text *text, const char *string);
void zg_text_bytes_add(zg_text *text, const char *bytes, size_t count);
void zg_text_format(zg_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escaped for element content and attribute values of HTML and XML; characters that XML 1.0 forbids
 * become U+FFFD. */
void zg_text_xml(zg_text *text, const char *string);
/* A JSON string with its quotes; '<' is written as an escape, so that it can stand in a script
 * element. */
void zg_text_json(zg_text *text, const char *string);
/* One CSV field (RFC 4180), quoted where needed. */
void zg_text_csv(zg_text *text, const char *string);
/* Content of a Markdown table cell: | and line breaks disarmed. */
void zg_text_markdown(zg_text *text, const char *string);

/* Every line of `lines` between before and after, escaped by one of the functions above. */
void zg_text_lines(zg_text *text, const zg_text *lines, const char *before,
                   void (*escape)(zg_text *text, const char *string), const char *after);

/* The shortest decimal that reads back to the same double; "" for NAN, so that a missing value is
 * an empty field. */
void zg_text_number(zg_text *text, double value);
/* The same for JSON: null where value is not finite. */
void zg_text_json_number(zg_text *text, double value);
/* Rounded to `digits` significant digits, null where not finite: for figures derived with
 * transcendental functions, whose last digits differ between machines. */
void zg_text_json_rounded(zg_text *text, double value, int digits);

/* For people.  "1.23 ms", "4.50 s", "3 min 20 s"; "–" for NAN. */
void zg_text_seconds(zg_text *text, double seconds);
/* "12.3 MB" (powers of 1000); "–" for NAN or negative. */
void zg_text_memory(zg_text *text, double bytes);
/* Significant digits, "–" for NAN. */
void zg_text_value(zg_text *text, double value, int digits);

/* Writes the text to a file ("-": standard output), whole or not at all: a new file is written
 * beside it and renamed. */
zg_status zg_text_save(const zg_text *text, const char *path, zg_error *error);

#endif
