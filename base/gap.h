/* The relative gap: how far a value is above a lower bound on it. */
#ifndef ZG_BASE_GAP_H
#define ZG_BASE_GAP_H

#include <math.h>

/* (upper - lower) / max(1, |upper|); NAN when one is not finite, so that no comparison with a
 * tolerance holds.  What it is worth is for zg_judge (core/verdict.h) to say. */
static inline double zg_gap(double upper, double lower)
{
    if (!isfinite(upper) || !isfinite(lower)) return NAN;
    return (upper - lower) / fmax(1.0, fabs(upper));
}

#endif
