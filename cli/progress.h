/* One line on a terminal that shows how far a method has come, and what is left. */
#ifndef ZG_CLI_PROGRESS_H
#define ZG_CLI_PROGRESS_H

#include "train/monitor.h"

#include <stddef.h>

typedef struct zg_outlook_point {
    double seconds, height; /* height: log of gap over tolerance */
} zg_outlook_point;

/* How far the gap has fallen to the tolerance on a logarithmic scale, and when it will be there at
 * the pace of about the last half of the time; where a limit comes first, that of the time. */
typedef struct zg_outlook {
    double tolerance;
    double limit; /* seconds; 0: none */
    double first; /* height at the first gap that was seen */
    zg_outlook_point old, recent;
    size_t count;
} zg_outlook;

/* Takes a gap that was seen after so many seconds; *share (0 to 1) and *left (seconds) are what can
 * be foreseen.  false: nothing can. */
bool zg_outlook_see(zg_outlook *outlook, double seconds, double gap, double *share, double *left);

typedef struct zg_progress_line {
    const char *method;
    bool on; /* stderr is a terminal and nobody asked for quiet */
    double last;
    zg_outlook outlook;
} zg_progress_line;

/* tolerance: the gap at which the method is done; limit: on its seconds, 0: none. */
zg_progress_line zg_progress_line_open(const char *method, double tolerance, double limit,
                                       bool quiet);
/* A zg_listener; context is the line.  Draws at most ten times a second. */
bool zg_progress_line_show(void *context, const zg_progress *progress);
void zg_progress_line_close(zg_progress_line *line);

/* "BEFORE40 sBEHIND", in seconds, minutes or hours; empty where the number is none. */
void zg_progress_time(const char *before, double seconds, const char *behind, char *out,
                      size_t size);

#endif
