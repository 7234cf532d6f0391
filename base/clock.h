/* Time for measuring: a clock that never goes back, and a stopwatch that can be paused. */
#ifndef ZG_BASE_CLOCK_H
#define ZG_BASE_CLOCK_H

/* Seconds since some fixed moment of the system's monotonic clock. */
double zg_monotonic(void);

/* Seconds of processor time of all threads of this process, and of its children that were waited
 * for. */
double zg_processor_seconds(void);

/* Runs between start and pause only; begins as {.started = -1.0}. */
typedef struct zg_stopwatch {
    double elapsed;           /* seconds, up to the last pause */
    double started;           /* monotonic clock; < 0 while paused */
    double processor;         /* seconds of processor time, up to the last pause */
    double processor_started; /* zg_processor_seconds() at the start */
} zg_stopwatch;

void zg_stopwatch_start(zg_stopwatch *watch);
void zg_stopwatch_pause(zg_stopwatch *watch);
/* Seconds so far, running or not. */
double zg_stopwatch_read(const zg_stopwatch *watch);

#endif
