/*
 * Comparisons and roundings that a safe bound may be made of.
 *
 * fmin, fmax and < drop a NaN: fmin(NaN, x) is x, and a term that could not be computed vanishes
 * from a minimum.  Here a NaN is "no bound": -infinity as a lower bound, +infinity as an upper one.
 * An infinity of the other sign, as an overflow leaves it, passes (the minimum over nothing is
 * +infinity): whoever reports a bound in the end asks zg_lower_final.
 *
 * Two operations on bounds must not be confused.  A quantity that is a minimum of parts has the
 * lower bound zg_lower_min of theirs, and a single part without a bound leaves it without one.  Two
 * bounds on the same quantity give the better one, zg_lower_better, and one that says nothing does
 * no harm.
 */
#ifndef ZG_CORE_SAFE_H
#define ZG_CORE_SAFE_H

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Error bounds count one rounding to double per operation. */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "doubles are computed with excess precision, which voids the bounds on rounding errors: " \
    "compile x86 with -msse2 -mfpmath=sse"
#endif

static inline double zg_lower(double x)
{
    return isnan(x) ? -INFINITY : x;
}

static inline double zg_upper(double x)
{
    return isnan(x) ? INFINITY : x;
}

/* Lower bound on min(A, B) from lower bounds on A and B. */
static inline double zg_lower_min(double a, double b)
{
    a = zg_lower(a);
    b = zg_lower(b);
    return a < b ? a : b;
}

/* Upper bound on max(A, B) from upper bounds on A and B. */
static inline double zg_upper_max(double a, double b)
{
    a = zg_upper(a);
    b = zg_upper(b);
    return a > b ? a : b;
}

/* The better of two lower bounds on one quantity. */
static inline double zg_lower_better(double a, double b)
{
    a = zg_lower(a);
    b = zg_lower(b);
    return a > b ? a : b;
}

/* The better of two upper bounds on one quantity. */
static inline double zg_upper_better(double a, double b)
{
    a = zg_upper(a);
    b = zg_upper(b);
    return a < b ? a : b;
}

/* A lower bound that may be reported: an infinity of either sign is none. */
static inline double zg_lower_final(double x)
{
    return isfinite(x) ? x : -INFINITY;
}

/* x moved into [low, high]; a NaN stays one. */
static inline double zg_clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The next double below and above: one rounding to nearest undone, underflow included. */
static inline double zg_down(double x)
{
    return nextafter(x, -INFINITY);
}

static inline double zg_up(double x)
{
    return nextafter(x, INFINITY);
}

/* A double <= a / b for a, b >= 0, exact where the division is and nothing underflows; the largest
 * double where the quotient overflows (b = 0 too), 0 where one of them is NaN. */
static inline double zg_quotient_below(double a, double b)
{
    if (!(a > 0.0) || !(b >= 0.0) || isinf(b)) return 0.0;
    double q = a / b;
    if (!(q <= DBL_MAX)) return DBL_MAX;
    /* fma tells the sign of q b - a exactly unless the difference underflows. */
    bool exact = a >= 1e-290 && q >= DBL_MIN && fma(q, b, -a) <= 0.0;
    return exact ? q : nextafter(q, 0.0);
}

#endif
