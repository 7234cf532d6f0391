/*
 * A certificate is one flat JSON object with its fields in the order of docs/certificate.md.  It is
 * read once, from front to back: a field that is missing, repeated, unknown or out of place is
 * refused, so no two readers can disagree about what the file says.
 *
 * Every function stops the session where the text is not what it expects.  name is that of the
 * field; NULL: the name was read already (zv_json_has), or the value is an item of an array.
 */
#ifndef ZV_JSON_H
#define ZV_JSON_H

#include "session.h"

typedef struct zv_json {
    zv_session *session;
    char *text, *at; /* size bytes and a NUL, which the reader may overwrite; how far it is read */
    size_t size;
} zv_json;

/* "certificate:LINE: expected WHAT, found ..." */
_Noreturn void zv_json_expected(zv_json *j, const char *what);

/* Whether this field comes next; its name is then read. */
bool zv_json_has(zv_json *j, const char *name);
bool zv_json_flag(zv_json *j, const char *name);
/* Of its escapes only \" and \\ and \/ are known; it lives as long as the text. */
const char *zv_json_string(zv_json *j, const char *name);
/* The index of the string in the list, which ends in NULL. */
size_t zv_json_choice(zv_json *j, const char *name, const char *const *choices);
size_t zv_json_whole(zv_json *j, const char *name, size_t low, size_t high);
/* A string with a hexadecimal float, which is a finite double exactly. */
double zv_json_real(zv_json *j, const char *name);

/* How many items the array has, which is not read yet; 0 for other values. */
size_t zv_json_count(zv_json *j, const char *name);
/* Arrays of exactly count items. */
double *zv_json_reals(zv_json *j, const char *name, size_t count);
uint32_t *zv_json_wholes(zv_json *j, const char *name, size_t count, size_t low, size_t high);
const char **zv_json_strings(zv_json *j, const char *name, size_t count);

/* The closing brace, and nothing behind it. */
void zv_json_end(zv_json *j);

#endif
