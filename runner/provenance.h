/* Where measurements come from: program, compiler, machine, libraries. */
#ifndef ZG_RUNNER_PROVENANCE_H
#define ZG_RUNNER_PROVENANCE_H

#include "log/event.h"

/* Adds the member "provenance" to an event that was started.  threads: BLAS threads that cases are
 * run with, NAN where they differ; the row of a case says what its process had. */
void zg_provenance_write(zg_event *event, double threads);

/* Load average of the machine over the last minute: threads that run or want to; NAN where the
 * system does not say. */
double zg_machine_load(void);

/* The commit that the program was built from: "unknown" outside of a repository, with "-dirty"
 * where files had been changed. */
const char *zg_program_commit(void);

#endif
