/* Time for measuring: a clock that never goes back, and a stopwatch that can be paused. */
#include "base/clock.h"

#include <sys/resource.h>
#include <time.h>

double zg_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

double zg_processor_seconds(void)
{
    struct timespec own = {0};
    struct rusage children = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)own.tv_sec + 1e-9 * (double)own.tv_nsec + seconds_of(children.ru_utime) +
           seconds_of(children.ru_stime);
}

void zg_stopwatch_start(zg_stopwatch *watch)
{
    watch->started = zg_monotonic();
    watch->processor_started = zg_processor_seconds();
}

void zg_stopwatch_pause(zg_stopwatch *watch)
{
    if (watch->started >= 0.0) {
        watch->elapsed += zg_monotonic() - watch->started;
        watch->processor += zg_processor_seconds() - watch->processor_started;
    }
    watch->started = -1.0;
}

double zg_stopwatch_read(const zg_stopwatch *watch)
{
    return watch->elapsed + (watch->started >= 0.0 ? zg_monotonic() - watch->started : 0.0);
}
