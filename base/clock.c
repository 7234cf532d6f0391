/* Time for measuring: a clock that never goes back, and a stopwatch that can stand still. */
#include "base/clock.h"

#include <time.h>

double zg_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void zg_stopwatch_start(zg_stopwatch *watch)
{
    watch->started = zg_monotonic();
}

void zg_stopwatch_pause(zg_stopwatch *watch)
{
    if (watch->started >= 0.0) watch->elapsed += zg_monotonic() - watch->started;
    watch->started = -1.0;
}

double zg_stopwatch_read(const zg_stopwatch *watch)
{
    return watch->elapsed + (watch->started >= 0.0 ? zg_monotonic() - watch->started : 0.0);
}
