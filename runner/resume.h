/*
 * What a journal holds already: rows of an earlier part of a run that are about the cases as they
 * are now, and rows that are about other data or other settings under the same names.
 */
#ifndef ZG_RUNNER_RESUME_H
#define ZG_RUNNER_RESUME_H

#include "log/row.h"
#include "runner/suite.h"

#include <jansson.h>

/* Finished cases of the journal that are not taken over as they are, by what is other about them.
 */
typedef struct zg_superseded {
    size_t data, settings;
    size_t either;         /* those of logs that do not tell which */
    size_t solver;         /* another program or adapter gave the answer than would now */
    size_t unknown_solver; /* taken over, though the log does not say which program answered */
} zg_superseded;

typedef struct zg_resumption {
    zg_suite *const *suites;
    size_t suite_count;
    json_t *digests;    /* of the data, by the key of a case that was started */
    json_t *superseded; /* keys that no case has any more, though there is one of its name */
    zg_superseded other;
} zg_resumption;

zg_status zg_resumption_begin(zg_resumption *out, zg_suite *const *suites, size_t count,
                              zg_error *error);
/* Takes a look at an event of the journal; false when memory ran out. */
bool zg_resumption_see(zg_resumption *resumption, const json_t *event);

typedef enum zg_solver_change {
    ZG_SOLVER_SAME,
    ZG_SOLVER_OTHER,
    ZG_SOLVER_UNKNOWN
} zg_solver_change;

/* Whether the program that gave the case its finished row is the one that would run now; so are all
 * methods of this program itself. */
zg_solver_change zg_solver_changed(const zg_case *item, const zg_row *row);
/* A finished case of the plan, in the end: counts it, and names it where it is to run anew.  false
 * when memory ran out. */
bool zg_resumption_count(zg_resumption *resumption, const zg_case *item, zg_solver_change change);
void zg_resumption_clear(zg_resumption *resumption);

#endif
