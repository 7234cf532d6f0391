/* Running another program to its end, with all that it starts, under a supervisor. */
#ifndef ZG_BASE_COMMAND_H
#define ZG_BASE_COMMAND_H

#include "base/supervisor.h"

typedef struct zg_command {
    const char *const *arguments; /* NULL-terminated; the first is looked up in PATH */
    const char *directory;        /* to run in */
    const char *log;              /* file that gets its standard output and error */
    const char *folder;           /* as in zg_job */
    double seconds;               /* limit of wall-clock time; 0: none */
    bool (*tick)(void *context);  /* called several times a second; false ends it.  Or NULL */
    void *context;
} zg_command;

/* Waits for it to end.  Nothing that the program started outlives it, not even when this process is
 * killed meanwhile.  ZG_MISSING when there is no such program, ZG_STOPPED when tick ended it. */
zg_status zg_command_run(const zg_command *command, zg_ending *out, zg_error *error);

/* What a shell would call its status: as it exited, 128 + N when signal N ended it. */
int zg_command_status(const zg_ending *ending);

/* "exited with status 3", "was ended by signal 11 (Segmentation fault)", "was lost". */
void zg_ending_describe(const zg_ending *ending, char *text, size_t size);

#endif
