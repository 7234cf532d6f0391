/* Whether times of two runs may be compared: by the member "provenance" of their first event. */
#ifndef ZG_LOG_PROVENANCE_H
#define ZG_LOG_PROVENANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Names the first thing that makes timings of the two provenances incomparable ("cpu: A, B"), or
 * returns false.  The program's own version, commit, compiler and libraries may differ: they are
 * what a comparison is about.  Only what both sides state can differ. */
bool zg_provenance_differs(const json_t *base, const json_t *new, char *what, size_t size);

#endif
