/*
 * Running another solver once: a command line in a private directory, with its parameter files, its
 * output kept, and what its ending means.
 *
 * The caller writes ZG_SOLVER_PROBLEM into the directory between zg_solver_prepare and
 * zg_solver_start, and finds ZG_SOLVER_SOLUTION and ZG_SOLVER_OUTPUT there until zg_solver_clear.
 */
#ifndef ZG_SOLVERS_SOLVER_RUN_H
#define ZG_SOLVERS_SOLVER_RUN_H

#include "base/command.h"
#include "core/method.h"
#include "solvers/adapter.h"

#define ZG_SOLVER_PROBLEM "problem.dat-s"
#define ZG_SOLVER_SOLUTION "solution"
#define ZG_SOLVER_OUTPUT "output" /* standard output and error */

/* Zero-initialised before the first call; whatever fails, zg_solver_clear ends it. */
typedef struct zg_solver_run {
    zg_adapter *adapter; /* or NULL: a command alone */
    char *program;       /* the adapter's, where it is */
    char *command;
    zg_scratch scratch; /* where the command runs */
    zg_ending ended;
    char ending[256]; /* what it said last, as "; its last words: \"...\"", or empty */
} zg_solver_run;

#define ZG_SOLVER_PATH_SIZE (ZG_SCRATCH_SIZE + 32)

/* What a shell command must say, or ZG_BAD_INPUT. */
zg_status zg_solver_check_command(const char *command, zg_error *error);
/* Sets the command: of an adapter, whose program may be replaced (program NULL or empty: its own),
 * or the given one. */
zg_status zg_solver_by_adapter(zg_solver_run *run, const char *adapter, const char *program,
                               zg_error *error);
zg_status zg_solver_by_command(zg_solver_run *run, const char *command, zg_error *error);

/* Makes the directory, with parameter files that ask for tight tolerances and all digits. */
zg_status zg_solver_prepare(zg_solver_run *run, zg_error *error);
/* The path of a file of the directory, into ZG_SOLVER_PATH_SIZE characters. */
void zg_solver_path(const zg_solver_run *run, const char *name, char *path);

/* Runs the command to its end, at most for that many seconds (0: no limit; `limit` is what the
 * message calls it).  ZG_OK whatever its exit status is. */
zg_status zg_solver_start(zg_solver_run *run, double seconds, double limit, zg_error *error);

/* What the ending means; without an adapter the exit status 0 claims an optimum, and another
 * one, whose meaning nobody says (CSDP exits with 3 for reduced accuracy), claims nothing. */
zg_saying zg_solver_saying(const zg_solver_run *run);

/* The program, its digest, that of the adapter, and once it has run the line by which it introduces
 * itself. */
void zg_solver_introduce(const zg_solver_run *run, zg_program_identity *out);

void zg_solver_clear(zg_solver_run *run);

#endif
