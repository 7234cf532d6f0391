/* Running another program to its end, with its output in a file. */
#ifndef ZG_BASE_SUBPROCESS_H
#define ZG_BASE_SUBPROCESS_H

#include "base/status.h"

typedef struct zg_subprocess {
    const char *const *arguments; /* NULL-terminated; the first is looked up in PATH */
    const char *directory;        /* to run in */
    const char *log;              /* file that gets its standard output and error */
    void (*tick)(void *context);  /* called several times a second while it runs, or NULL */
    void *context;
} zg_subprocess;

/* Waits for the end.  *exit_status is what the program returned, 128 + N when signal N ended it.
 * ZG_MISSING when there is no such program. */
zg_status zg_subprocess_run(const zg_subprocess *subprocess, int *exit_status, zg_error *error);

#endif
