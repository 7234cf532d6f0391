/* Time for measuring: a clock that never goes back, and a stopwatch that can stand still. */
#ifndef ZG_BASE_CLOCK_H
#define ZG_BASE_CLOCK_H

/* Seconds since some fixed moment of the system's monotonic clock. */
double zg_monotonic(void);

/* Runs between start and pause only. */
typedef struct zg_stopwatch {
    double elapsed; /* seconds, up to the last pause */
    double started; /* monotonic clock; < 0 while paused */
} zg_stopwatch;

void zg_stopwatch_start(zg_stopwatch *watch);
void zg_stopwatch_pause(zg_stopwatch *watch);
/* Seconds so far, running or not. */
double zg_stopwatch_read(const zg_stopwatch *watch);

#endif
