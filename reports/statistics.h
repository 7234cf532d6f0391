/*
 * The statistics behind reports and gates: rank tests with exact small-sample distributions,
 * Hodges-Lehmann intervals, false-discovery control, means, fits and profiles.
 *
 * Arrays are never changed unless a function says so.  Functions that need memory return false when
 * there is none.
 */
#ifndef ZG_REPORTS_STATISTICS_H
#define ZG_REPORTS_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Sorts ascending, in place. */
void zg_sort(size_t count, double *values);
/* Quantile q in [0, 1] of sorted values with linear interpolation (type 7 of Hyndman and Fan, the
 * default of R and NumPy); NAN for count = 0. */
double zg_quantile(size_t count, const double *sorted, double q);
/* *out is NAN for count = 0. */
bool zg_median(size_t count, const double *values, double *out);

/* ---- two samples ---------------------------------------------------------------------------- */

typedef struct zg_rank_test {
    double u;   /* Mann-Whitney's U of the first sample: pairs with x > y, ties count 1/2 */
    double p;   /* two-sided: twice the smaller tail, at most 1 */
    bool exact; /* from the permutation distribution (given the ties), not the normal one */
} zg_rank_test;

/* Two-sided test of x (n) against y (m); n, m >= 1.  Exact up to n + m = 80, ties included
 * (midranks); beyond that the normal approximation with tie and continuity corrections.  H. B. Mann
 * and D. R. Whitney, Ann. Math. Statist. 18 (1947). */
bool zg_mann_whitney(size_t n, const double *x, size_t m, const double *y, zg_rank_test *out);
/* The smallest two-sided p that samples of these sizes can give: 2 / binomial(n + m, n). */
double zg_mann_whitney_least_p(size_t n, size_t m);

typedef struct zg_shift {
    double estimate;  /* median of the differences x_i - y_j */
    double low, high; /* confidence interval for the shift */
} zg_shift;

/* Hodges-Lehmann estimate and the interval that inverts the rank test at 1 - confidence, as R's
 * wilcox.test computes it; n, m >= 1.  On logarithms it is an interval for the ratio. */
bool zg_hodges_lehmann(size_t n, const double *x, size_t m, const double *y, double confidence,
                       zg_shift *out);

/* ---- many tests ----------------------------------------------------------------------------- */

/* adjusted[i]: the least false-discovery rate at which test i is rejected.  Y. Benjamini and Y.
 * Hochberg, J. R. Statist. Soc. B 57 (1995).  adjusted may be p. */
bool zg_benjamini_hochberg(size_t count, const double *p, double *adjusted);

/* ---- means and fits ------------------------------------------------------------------------- */

/* exp(mean(log(x + shift))) - shift; NAN for count = 0. */
double zg_shifted_geometric_mean(size_t count, const double *values, double shift);

typedef struct zg_line {
    double intercept, slope;
    double slope_low, slope_high; /* 95 % confidence interval; infinite for two points */
    double r2;                    /* share of the variance explained; 1 for constant y */
    double residual;              /* sum of squared residuals */
    size_t count;
} zg_line;

/* Least squares y = intercept + slope x; false when fewer than two distinct x. */
bool zg_fit_line(size_t count, const double *x, const double *y, zg_line *out);
/* Quantile of Student's t, 0 < p < 1, degrees >= 1. */
double zg_student_quantile(double p, double degrees);

/* ---- performance profiles ------------------------------------------------------------------- */

/* E. D. Dolan and J. J. More, Math. Program. 91 (2002): ratio of every time to the best on its
 * problem.  times and ratios are problems x solvers, row-major; INFINITY or NAN is a failure and
 * gives INFINITY.  Problems that no solver solves give INFINITY throughout. */
void zg_profile_ratios(size_t problems, size_t solvers, const double *times, double *ratios);
/* Share of the problems that the solver solves within tau of the best. */
double zg_profile_value(size_t problems, size_t solvers, const double *ratios, size_t solver,
                        double tau);
/* Area under the profile over log2(tau) in [0, log2(limit)], relative to its length: the figure
 * solvers are ranked by. */
double zg_profile_score(size_t problems, size_t solvers, const double *ratios, size_t solver,
                        double limit);

/* ---- steps in a series ---------------------------------------------------------------------- */

/* Penalised piecewise-constant fit (optimal partitioning; B. Jackson et al., IEEE Signal Process.
 * Lett. 12 (2005)): minimises the squared error plus penalty per step, segments of at least
 * `shortest` values.  starts has room for count; starts[0] = 0, *segments entries are written. */
bool zg_find_steps(size_t count, const double *values, double penalty, size_t shortest,
                   size_t *starts, size_t *segments);
/* Variance of the noise from the differences of neighbours, robust against steps:
 * (1.4826 MAD(differences))^2 / 2; 0 for count < 2. */
bool zg_difference_variance(size_t count, const double *values, double *out);

#endif
