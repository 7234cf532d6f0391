/*
 * When a search has to end: a limit on seconds and a request to stop, checked inside every loop
 * that may take long.
 */
#ifndef ZG_BASELINES_LIMIT_H
#define ZG_BASELINES_LIMIT_H

#include "base/clock.h"

#include <math.h>
#include <stdbool.h>

typedef struct zg_limit {
    double seconds;        /* 0: no limit */
    double (*clock)(void); /* seconds, rising; NULL: zg_monotonic */
    double started;        /* of that clock */
    bool timeout;          /* set once the time is over */
    bool stopped;          /* set by whoever asks the search to end */
} zg_limit;

static inline double zg_limit_now(const zg_limit *limit)
{
    return limit->clock ? limit->clock() : zg_monotonic();
}

/* A limit that starts now. */
static inline zg_limit zg_limit_start(double seconds, double (*clock)(void))
{
    zg_limit limit = {.seconds = seconds, .clock = clock};
    limit.started = zg_limit_now(&limit);
    return limit;
}

/* Whether to end; NULL: never. */
static inline bool zg_limit_reached(zg_limit *limit)
{
    if (!limit) return false;
    if (limit->seconds > 0.0 && !limit->timeout)
        limit->timeout = zg_limit_now(limit) - limit->started > limit->seconds;
    return limit->timeout || limit->stopped;
}

/* Seconds that are left, never negative; INFINITY without a limit. */
static inline double zg_limit_left(const zg_limit *limit)
{
    if (!limit || !(limit->seconds > 0.0)) return INFINITY;
    return fmax(0.0, limit->seconds - (zg_limit_now(limit) - limit->started));
}

#endif
