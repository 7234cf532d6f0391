/* Local searches for the weight-decay program: pivots between bases, coordinate descent. */
#include "baselines/weight_decay/point.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIVOT_FLOOR 1e-7   /* smaller tableau entries are not pivoted on */
#define VIOLATION_COST 1e3 /* per unit of a violated bound, during the search */
#define SWEEP_LIMIT 300

/* Walks go over the bases of A z = y.  Under equality constraints z = w, A = Phi; with the absolute
 * loss z = (w, residuals), A = [Phi, I], because its local optima are where the remaining equations
 * "this weight is 0", "this residual is 0" meet. */
struct zg_decay_search_point {
    const zg_decay_problem *problem;
    zg_limit *limit;
    size_t width;       /* columns of A */
    size_t rank;        /* of A, as far as it was factored */
    double *tableau;    /* inv(A_B) [A, y]: rank rows, width + 1 columns */
    size_t *basis;      /* rank */
    bool *basic;        /* width */
    size_t *order;      /* width */
    long double *exact; /* rows x (rank + 1), for the final solve */
    double *residual;   /* rows: y - Phi w */
    double *last;       /* columns: the last local optimum (squared loss) */
};

/* ---- evaluation ---------------------------------------------------------------------------- */

static double penalty_of(const zg_decay_problem *problem, double t)
{
    double size = fabs(t);
    if (size == 0.0) return 0.0;
    if (problem->power == 2.0 / 3.0) return problem->lambda * cbrt(size * size);
    return problem->lambda * pow(size, problem->power);
}

static bool within_bounds(const zg_decay_problem *problem, const double *w)
{
    for (size_t k = 0; k < problem->columns; k++) {
        if (!isfinite(w[k])) return false;
        if (problem->lower && w[k] < problem->lower[k]) return false;
        if (problem->upper && w[k] > problem->upper[k]) return false;
    }
    return true;
}

/* Phi w - y of one row, and the size of its terms: rounding is less than (columns + 2) 2^-63 of
 * that. */
static long double residual_of_row(const zg_decay_problem *problem, const double *w, size_t i,
                                   double *size)
{
    long double residual = -problem->y[i], terms = fabsl(residual);
    for (size_t k = 0; k < problem->columns; k++) {
        long double product = (long double)problem->phi[i * problem->columns + k] * w[k];
        residual += product;
        terms += fabsl(product);
    }
    *size = (double)terms;
    return residual;
}

static double largest_target(const zg_decay_problem *problem)
{
    double largest = 0.0;
    for (size_t i = 0; i < problem->rows; i++)
        largest = fmax(largest, fabs(problem->y[i]));
    return largest;
}

double zg_decay_residual(const zg_decay_problem *problem, const double *w)
{
    double largest = largest_target(problem), size;
    long double most = 0.0L;
    for (size_t i = 0; i < problem->rows; i++) {
        long double r = fabsl(residual_of_row(problem, w, i, &size));
        if (!(r <= most)) most = r; /* also what is not a number */
    }
    return (double)(largest > 0.0 ? most / largest : most);
}

/* residual is a size, rounded up. */
static long double loss_of_row(const zg_decay_problem *problem, long double residual, double limit)
{
    if (zg_loss_has(problem->loss, ZG_LOSS_QUADRATIC)) return 0.5L * residual * residual;
    if (zg_loss_has(problem->loss, ZG_LOSS_DISTANCE)) return residual;
    return residual <= limit ? 0.0L : INFINITY;
}

/* The objective, rounded up: weights that cancel each other leave a loss that is mostly rounding,
 * and must not pass for a good point.  An equation may be off by `share` of its own terms, and not
 * by more than ZG_DECAY_FEASIBILITY max |y|. */
static double objective_within(const zg_decay_problem *problem, const double *w, double share)
{
    if (!within_bounds(problem, w)) return INFINITY;
    long double total = 0.0L;
    double limit = ZG_DECAY_FEASIBILITY * largest_target(problem), size;
    for (size_t k = 0; k < problem->columns; k++)
        if (w[k] != 0.0) total += problem->lambda * powl(fabsl(w[k]), problem->power);
    for (size_t i = 0; i < problem->rows; i++) {
        long double residual = fabsl(residual_of_row(problem, w, i, &size));
        residual += ((long double)problem->columns + 2.0L) * 0x1p-63L * size;
        total += loss_of_row(problem, residual, fmin(limit, share * size));
    }
    return isnan(total) ? INFINITY : (double)total;
}

double zg_decay_objective(const zg_decay_problem *problem, const double *w)
{
    return objective_within(problem, w, ZG_DECAY_FEASIBILITY);
}

/* ---- bases --------------------------------------------------------------------------------- */

/* Entry of A. */
static double entry_of(const zg_decay_search_point *s, size_t i, size_t j)
{
    size_t n = s->problem->columns;
    return j < n ? s->problem->phi[i * n + j] : i == j - n ? 1.0 : 0.0;
}

/* Exchanges row r's basic column for j. */
static void pivot(zg_decay_search_point *s, size_t r, size_t j)
{
    size_t width = s->width + 1;
    double *row = s->tableau + r * width, scale = 1.0 / row[j];
    for (size_t c = 0; c < width; c++)
        row[c] *= scale;
    row[j] = 1.0;
    for (size_t i = 0; i < s->rank; i++) {
        double *other = s->tableau + i * width, factor = other[j];
        if (i == r || factor == 0.0) continue;
        for (size_t c = 0; c < width; c++)
            other[c] -= factor * row[c];
        other[j] = 0.0;
    }
    if (s->basis[r] != SIZE_MAX) s->basic[s->basis[r]] = false;
    s->basis[r] = j;
    s->basic[j] = true;
}

/* Gauss-Jordan over the columns in s->order; rows that depend on others stay without a basic column
 * and are swapped to the end, so that the first `rank` rows have one each. */
static void factor_in_order(zg_decay_search_point *s)
{
    const zg_decay_problem *problem = s->problem;
    size_t m = problem->rows, n = s->width, width = n + 1;
    for (size_t i = 0; i < m; i++) { /* rows to a largest entry of 1: data rows differ by 1e8 */
        double largest = 0.0;
        for (size_t k = 0; k < n; k++)
            largest = fmax(largest, fabs(entry_of(s, i, k)));
        double scale = largest > 0.0 ? 1.0 / largest : 1.0;
        for (size_t k = 0; k < n; k++)
            s->tableau[i * width + k] = entry_of(s, i, k) * scale;
        s->tableau[i * width + n] = problem->y[i] * scale;
        s->basis[i] = SIZE_MAX;
    }
    memset(s->basic, 0, n * sizeof *s->basic);
    s->rank = m;
    size_t done = 0;
    for (size_t o = 0; o < n && done < m; o++) {
        size_t j = s->order[o], best = done;
        for (size_t i = done + 1; i < m; i++)
            if (fabs(s->tableau[i * width + j]) > fabs(s->tableau[best * width + j])) best = i;
        if (fabs(s->tableau[best * width + j]) <= 1e-11) continue;
        for (size_t c = 0; c < width && best != done; c++) {
            double held = s->tableau[done * width + c];
            s->tableau[done * width + c] = s->tableau[best * width + c];
            s->tableau[best * width + c] = held;
        }
        pivot(s, done, j);
        done++;
    }
    s->rank = done;
}

static double cost_of(const zg_decay_search_point *s, size_t k, double t)
{
    const zg_decay_problem *problem = s->problem;
    if (k >= problem->columns) return fabs(t); /* a residual */
    double value = penalty_of(problem, t);
    if (problem->lower && t < problem->lower[k])
        value += VIOLATION_COST * problem->lambda * (problem->lower[k] - t);
    if (problem->upper && t > problem->upper[k])
        value += VIOLATION_COST * problem->lambda * (t - problem->upper[k]);
    return value;
}

static double basis_cost(const zg_decay_search_point *s)
{
    size_t n = s->width;
    double total = 0.0;
    for (size_t i = 0; i < s->rank; i++)
        total += cost_of(s, s->basis[i], s->tableau[i * (n + 1) + n]);
    return total;
}

/* The value after row r's basic column has been exchanged for j; stops above limit. */
static double neighbour_cost(const zg_decay_search_point *s, size_t r, size_t j, double limit)
{
    size_t width = s->width + 1;
    double step = s->tableau[r * width + width - 1] / s->tableau[r * width + j];
    double total = cost_of(s, j, step);
    for (size_t i = 0; i < s->rank && total < limit; i++) {
        if (i == r) continue;
        const double *row = s->tableau + i * width;
        total += cost_of(s, s->basis[i], row[width - 1] - step * row[j]);
    }
    return total;
}

/* First improvement until no exchange improves. */
static void local_search(zg_decay_search_point *s)
{
    size_t n = s->width, idle = 0;
    double value = basis_cost(s);
    for (size_t j = 0; idle < n && !zg_limit_reached(s->limit); j = (j + 1) % n) {
        idle++;
        if (s->basic[j]) continue;
        for (size_t r = 0; r < s->rank; r++) {
            if (fabs(s->tableau[r * (n + 1) + j]) < PIVOT_FLOOR) continue;
            double next = neighbour_cost(s, r, j, value);
            if (!(next < value - 1e-10 * (1.0 + value))) continue; /* also what overflowed */
            pivot(s, r, j);
            value = next;
            idle = 0;
            break;
        }
    }
}

/* Eliminates column c of the rows x (rank + 1) system; false when it is dependent. */
static bool eliminate(long double *a, size_t rows, size_t width, size_t c)
{
    size_t best = c;
    for (size_t i = c + 1; i < rows; i++)
        if (fabsl(a[i * width + c]) > fabsl(a[best * width + c])) best = i;
    long double head = a[best * width + c];
    if (fabsl(head) < 1e-14L) return false;
    for (size_t e = 0; e < width; e++) {
        long double held = a[best * width + e];
        a[best * width + e] = a[c * width + e];
        a[c * width + e] = held;
    }
    for (size_t i = 0; i < rows; i++) {
        long double factor = a[i * width + c] / head;
        if (i == c || factor == 0.0L) continue;
        for (size_t e = c; e < width; e++)
            a[i * width + e] -= factor * a[c * width + e];
    }
    return true;
}

/* What the solved system's numbers are rounded to. */
typedef enum zg_rounding { TO_WHOLE, TO_ZERO, TO_NOTHING } rounding;

/* A weight, rounded when it is within 1e-11 of a whole number, or of 0 as a share of the largest
 * weight; and moved onto a bound that rounding has put it beyond. */
static double round_weight(const zg_decay_problem *problem, size_t k, double t, double largest,
                           rounding how)
{
    if (how == TO_WHOLE && fabs(t - rint(t)) < 1e-11 && rint(t) != 0.0) t = rint(t);
    if (how != TO_NOTHING && fabs(t) < 1e-11 * largest) t = 0.0;
    if (problem->lower && t < problem->lower[k] && t > problem->lower[k] - 1e-13)
        t = problem->lower[k];
    if (problem->upper && t > problem->upper[k] && t < problem->upper[k] + 1e-13)
        t = problem->upper[k];
    return t;
}

/* Reads w off the solved system.  Rounded weights must leave no more of an equation than the
 * rounding of weights to doubles does anyway, so that the point is one that solves it. */
static double read_solution(const zg_decay_search_point *s, rounding how, double *w)
{
    const zg_decay_problem *problem = s->problem;
    size_t width = s->rank + 1;
    double largest = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t c = 0; c < s->rank; c++) {
            double t = (double)(s->exact[c * width + s->rank] / s->exact[c * width + c]);
            size_t k = s->basis[c];
            if (k >= problem->columns) continue;
            if (pass == 0)
                largest = fmax(largest, fabs(t));
            else
                w[k] = round_weight(problem, k, t, largest, how);
        }
    double share = how == TO_NOTHING ? ZG_DECAY_FEASIBILITY : 8.0 * DBL_EPSILON;
    return objective_within(problem, w, share);
}

/* The basic solution from the raw numbers in extended precision: the power is steep at 0, so the
 * tableau's accumulated errors would show. */
static double solve_basis(zg_decay_search_point *s, double *w)
{
    const zg_decay_problem *problem = s->problem;
    size_t m = problem->rows, n = problem->columns, width = s->rank + 1;
    memset(w, 0, n * sizeof *w);
    for (size_t i = 0; i < m; i++) { /* to a largest entry between 1 and 2, without rounding */
        long double *row = s->exact + i * width, largest = 0.0L;
        for (size_t c = 0; c < s->rank; c++) {
            row[c] = entry_of(s, i, s->basis[c]);
            largest = fmaxl(largest, fabsl(row[c]));
        }
        row[s->rank] = problem->y[i];
        for (size_t c = 0; largest > 0.0L && c < width; c++)
            row[c] = scalbnl(row[c], -ilogbl(largest));
    }
    for (size_t c = 0; c < s->rank; c++)
        if (!eliminate(s->exact, m, width, c)) return INFINITY;
    double value = INFINITY;
    for (rounding how = TO_WHOLE; how <= TO_NOTHING && !isfinite(value); how++)
        value = read_solution(s, how, w);
    return value;
}

/* ---- coordinate descent -------------------------------------------------------------------- */

static double clip(const zg_decay_problem *problem, size_t k, double t)
{
    if (problem->lower) t = fmax(t, problem->lower[k]);
    if (problem->upper) t = fmin(t, problem->upper[k]);
    return t;
}

double zg_decay_stationary(const zg_decay_problem *problem, double c, double g)
{
    double p = problem->power, lp = problem->lambda * p;
    double low = pow(lp * (1.0 - p) / c, 1.0 / (2.0 - p)), high = g / c;
    if (!(low < high)) return 0.0;
    if (low == 0.0) return fmax(0.0, (g - lp) / c); /* p = 1 */
    if (c * low - g + lp * pow(low, p - 1.0) >= 0.0) return 0.0;
    /* The derivative is convex and rises right of low: Newton's steps from high never pass its
     * root. */
    double t = high;
    for (int step = 0; step < 100; step++) {
        double power = lp * pow(t, p - 1.0);
        double next = t - (c * t - g + power) / (c + (p - 1.0) * power / t);
        if (!(next > low) || !(next < t)) break;
        t = next;
    }
    return t;
}

/* Column statistics against the residual with w_k taken out. */
static double best_squared(const zg_decay_search_point *s, size_t k, double now)
{
    const zg_decay_problem *problem = s->problem;
    double c = 0.0, g = 0.0;
    for (size_t i = 0; i < problem->rows; i++) {
        double f = problem->phi[i * problem->columns + k];
        c += f * f;
        g += f * (s->residual[i] + f * now);
    }
    if (c == 0.0) return clip(problem, k, 0.0);
    double t = zg_decay_stationary(problem, c, fabs(g));
    double candidates[3] = {clip(problem, k, g < 0.0 ? -t : t), clip(problem, k, 0.0), now};
    double best = now, least = INFINITY;
    for (int i = 0; i < 3; i++) {
        double x = candidates[i];
        double value = 0.5 * c * x * x - g * x + penalty_of(problem, x);
        if (value < least) {
            least = value;
            best = x;
        }
    }
    return best;
}

static void set_residual(zg_decay_search_point *s, const double *w)
{
    const zg_decay_problem *problem = s->problem;
    for (size_t i = 0; i < problem->rows; i++) {
        double sum = problem->y[i];
        for (size_t k = 0; k < problem->columns; k++)
            sum -= problem->phi[i * problem->columns + k] * w[k];
        s->residual[i] = sum;
    }
}

static double descend(zg_decay_search_point *s, double *w)
{
    const zg_decay_problem *problem = s->problem;
    for (size_t k = 0; k < problem->columns; k++)
        w[k] = clip(problem, k, w[k]);
    set_residual(s, w);
    for (int sweep = 0; sweep < SWEEP_LIMIT && !zg_limit_reached(s->limit); sweep++) {
        double moved = 0.0, size = 0.0;
        for (size_t k = 0; k < problem->columns; k++) {
            double t = best_squared(s, k, w[k]), step = t - w[k];
            size += fabs(t);
            if (step == 0.0) continue;
            moved += fabs(step);
            for (size_t i = 0; i < problem->rows; i++)
                s->residual[i] -= problem->phi[i * problem->columns + k] * step;
            w[k] = t;
        }
        if (moved <= 1e-10 * size || moved == 0.0) break; /* the objective is flat there */
        if (sweep % 100 == 99) set_residual(s, w);
    }
    return zg_decay_objective(problem, w);
}

/* ---- interface ----------------------------------------------------------------------------- */

static bool searches_bases(const zg_decay_problem *problem)
{
    return !zg_loss_has(problem->loss, ZG_LOSS_QUADRATIC);
}

zg_status zg_decay_point_create(const zg_decay_problem *problem, zg_limit *limit,
                                zg_decay_search_point **out, zg_error *error)
{
    zg_decay_search_point *s = calloc(1, sizeof *s);
    if (!s) return zg_no_memory(error);
    size_t m = problem->rows, n = problem->columns;
    size_t width = zg_loss_has(problem->loss, ZG_LOSS_DISTANCE) ? n + m : n;
    s->problem = problem;
    s->limit = limit;
    s->width = width;
    s->last = calloc(n + 1, sizeof *s->last);
    s->residual = calloc(m + 1, sizeof *s->residual);
    bool complete = s->last && s->residual;
    if (searches_bases(problem)) {
        s->tableau = calloc(m * (width + 1) + 1, sizeof *s->tableau);
        s->basis = calloc(m + 1, sizeof *s->basis);
        s->basic = calloc(width + 1, sizeof *s->basic);
        s->order = calloc(width + 1, sizeof *s->order);
        s->exact = calloc(m * (m + 1) + 1, sizeof *s->exact);
        complete = complete && s->tableau && s->basis && s->basic && s->order && s->exact;
    }
    if (!complete) {
        zg_decay_point_free(s);
        return zg_no_memory(error);
    }
    *out = s;
    return ZG_OK;
}

void zg_decay_point_free(zg_decay_search_point *point)
{
    if (!point) return;
    free(point->tableau);
    free(point->basis);
    free(point->basic);
    free(point->order);
    free(point->exact);
    free(point->residual);
    free(point->last);
    free(point);
}

/* Size of z_j: a weight, or a residual (in s->residual). */
static double size_of(const zg_decay_search_point *s, const double *w, size_t j)
{
    size_t n = s->problem->columns;
    return fabs(j < n ? w[j] : s->residual[j - n]);
}

/* Columns of A by falling |z_j|; insertion sort, the arrays are short. */
static void order_by_size(zg_decay_search_point *s, const double *w)
{
    set_residual(s, w);
    for (size_t j = 0; j < s->width; j++) {
        size_t at = j;
        while (at > 0 && size_of(s, w, s->order[at - 1]) < size_of(s, w, j)) {
            s->order[at] = s->order[at - 1];
            at--;
        }
        s->order[at] = j;
    }
}

double zg_decay_point_improve(zg_decay_search_point *point, double *w)
{
    double value;
    if (searches_bases(point->problem)) {
        order_by_size(point, w);
        factor_in_order(point);
        local_search(point);
        value = solve_basis(point, w);
    } else {
        value = descend(point, w);
    }
    memcpy(point->last, w, point->problem->columns * sizeof *w);
    return value;
}

double zg_decay_point_perturb(zg_decay_search_point *point, zg_random *random, size_t strength,
                              double *w)
{
    size_t n = point->width;
    if (!searches_bases(point->problem)) {
        memcpy(w, point->last, n * sizeof *w);
        for (size_t step = 0; step < strength; step++) {
            size_t k = zg_random_below_or_equal(random, n - 1);
            w[k] = w[k] != 0.0 ? 0.0 : zg_random_normal(random);
        }
        return zg_decay_point_improve(point, w);
    }
    if (point->rank == 0) return zg_decay_point_improve(point, w);
    for (size_t step = 0, tries = 0; step < strength && tries < 100 * strength; tries++) {
        size_t j = zg_random_below_or_equal(random, n - 1);
        size_t r = zg_random_below_or_equal(random, point->rank - 1);
        if (point->basic[j] || fabs(point->tableau[r * (n + 1) + j]) < 1e-4) continue;
        pivot(point, r, j);
        step++;
    }
    local_search(point);
    return solve_basis(point, w);
}
