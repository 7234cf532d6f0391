/* One line on a terminal that shows how far a method has come. */
#ifndef ZG_CLI_PROGRESS_H
#define ZG_CLI_PROGRESS_H

#include "train/monitor.h"

typedef struct zg_progress_line {
    const char *method;
    bool on; /* stderr is a terminal and nobody asked for quiet */
    double last;
} zg_progress_line;

zg_progress_line zg_progress_line_open(const char *method, bool quiet);
/* A zg_listener; context is the line.  Draws at most ten times a second. */
bool zg_progress_line_show(void *context, const zg_progress *progress);
void zg_progress_line_close(zg_progress_line *line);

#endif
