/* Which program answered: for the record of a run, never for the key of a case. */
#ifndef ZG_SOLVERS_IDENTITY_H
#define ZG_SOLVERS_IDENTITY_H

#include "core/method.h"

/* Finds the program of a shell command (its first word that is no assignment, by PATH; the script
 * where that is an interpreter), its file's SHA-256, and in "DIRECTORY/output" the line by which it
 * introduced itself: the first that speaks of a version or has a number with a point in a word of
 * its own.  What cannot be found stays empty. */
void zg_solver_identify(const char *command, const char *directory, zg_program_identity *out);

/* Sets path and digest to those of a file. */
void zg_solver_identify_file(const char *path, zg_program_identity *out);

/* The last line of a file that says anything, in plain characters; empty when there is none. */
void zg_solver_last_line(const char *path, char *last, size_t size);

/* The first line of a file that is not blank, in plain characters; empty when there is none. */
void zg_solver_first_line(const char *path, char *line, size_t size);

#endif
