/* Incumbents of the branch and bound over arcs: local searches for good networks. */
#include "baselines/weight_decay/arcs_parts.h"

#include "base/linalg.h"
#include "baselines/weight_decay/point.h"
#include "core/safe.h"

#include <stdlib.h>
#include <string.h>

#define GRID 64    /* angles from which the incumbent is searched */
#define FITTED 4   /* samples that incumbents are made to fit, two by two */
#define MOVES 300  /* of the angle, in one search: steps do not grow */
#define NARROW 0.1 /* power below which that is worth the time */

/* What the searches minimise: as exact as the Gram matrix is.  INFINITY where it overflows, also in
 * between. */
static double objective_at(const zg_arcs *a, double angle, const double w[2])
{
    long double g[2][3], z[3], value = a->half;
    zg_arcs_directions(angle, g);
    for (int e = 0; e < 3; e++)
        z[e] = w[0] * g[0][e] + w[1] * g[1][e];
    for (int e = 0; e < 3; e++) {
        long double sum = 0;
        for (int f = 0; f < 3; f++)
            sum += a->gram[e][f] * z[f];
        value += z[e] * (0.5L * sum - a->moment[e]);
    }
    double loss = value < 0.0L ? 0.0 : (double)value; /* not fmax, which takes NaN for 0 */
    return zg_upper(loss + zg_arcs_penalty(a, w[0]) + zg_arcs_penalty(a, w[1]));
}

/* Global minimum of c t^2 / 2 - g t + lambda |t|^p. */
static double best_weight(const zg_arcs *a, double c, double g)
{
    double size = fabs(g);
    if (!(c > 0.0) || !(size > 0.0)) return 0.0;
    double t = zg_decay_stationary(&a->penalty, c, size);
    return 0.5 * c * t * t - size * t + zg_arcs_penalty(a, t) < 0.0 ? copysign(t, g) : 0.0;
}

/* Coordinate descent in the weights at an angle, from w. */
static double descend(const zg_arcs *a, double angle, double w[2])
{
    double matrix[2][2], r[2];
    zg_arcs_quadratic(a, angle, matrix, r);
    for (int round = 0; round < 200; round++) {
        double moved = 0.0;
        for (int i = 0; i < 2; i++) {
            double t = best_weight(a, matrix[i][i], r[i] - matrix[i][1 - i] * w[1 - i]);
            moved = fmax(moved, fabs(t - w[i]));
            w[i] = t;
        }
        if (moved <= 1e-13 * (fabs(w[0]) + fabs(w[1]))) break;
    }
    return objective_at(a, angle, w);
}

/* From w, and from each weight alone. */
static double descend_all(const zg_arcs *a, double angle, const double from[2], double best[2])
{
    double least = INFINITY;
    for (int start = 0; start < 3; start++) {
        double w[2] = {start == 1 ? 0.0 : from[0], start == 2 ? 0.0 : from[1]};
        double value = descend(a, angle, w);
        if (start > 0 && !(value < least)) continue;
        least = value;
        memcpy(best, w, sizeof w);
    }
    return least;
}

/* From the rows, rounded up: the Gram matrix squares what cancels.  The neurons are those of
 * build_network. */
static double objective_of_network(const zg_arcs *a, double angle, const double w[2])
{
    const zg_problem *problem = a->problem;
    long double c = cos(angle), s = sin(angle), factor = problem->activation.a, total = 0.0L;
    for (size_t i = 0; i < problem->samples; i++) {
        long double x1 = problem->x[2 * i], x2 = problem->x[2 * i + 1];
        long double first = c * x1 + s * x2, second = c * x2 - s * x1;
        long double f = factor * (w[0] * first * first + w[1] * second * second);
        long double square = x1 * x1 + x2 * x2;
        long double size = fabsl(factor) * square * (fabs(w[0]) + fabs(w[1])) + fabs(problem->y[i]);
        long double residual = fabsl(f - problem->y[i]) + 0x1p-59L * size;
        total += 0.5L * residual * residual;
    }
    total += zg_decay_penalty_above(&a->penalty, w[0]);
    total += zg_decay_penalty_above(&a->penalty, w[1]);
    return zg_upper((double)total);
}

static void offer_incumbent(zg_arcs *a, double angle, const double w[2])
{
    double value = objective_of_network(a, angle, w);
    if (!(value < a->result->objective)) return;
    a->result->objective = value;
    a->angle = angle;
    memcpy(a->w, w, sizeof a->w);
}

/* Improves the angle too, by steps that shrink from `step` to `least`. */
void zg_arcs_polish(zg_arcs *a, double angle, const double from[2], double step, double least)
{
    double w[2], value = descend_all(a, angle, from, w);
    for (int move = 0; move < MOVES && step > least && !zg_limit_reached(&a->limit); move++) {
        bool better = false;
        for (int side = -1; side <= 1 && !better; side += 2) {
            double trial[2], there = descend_all(a, angle + side * step, w, trial);
            better = there < value;
            if (!better) continue;
            value = there;
            angle += side * step;
            memcpy(w, trial, sizeof w);
        }
        if (!better) step *= 0.5;
    }
    offer_incumbent(a, angle, w);
}

/* The two weights that fit best without a penalty, or nearly so. */
static void fit(const zg_arcs *a, double angle, double w[2])
{
    double m[2][2], r[2];
    zg_arcs_quadratic(a, angle, m, r);
    double ridge = 1e-9 * (m[0][0] + m[1][1]) + 1e-300;
    double det = (m[0][0] + ridge) * (m[1][1] + ridge) - m[0][1] * m[1][0];
    w[0] = (r[0] * (m[1][1] + ridge) - m[0][1] * r[1]) / det;
    w[1] = (r[1] * (m[0][0] + ridge) - m[1][0] * r[0]) / det;
}

/* From the directions u at which one neuron fits two samples, (x_i u)^2 : (x_j u)^2 = y_i : y_j.
 * With tiny powers these valleys are too narrow for a grid. */
static void search_fitting(zg_arcs *a)
{
    const double *x = a->problem->x, *y = a->problem->y;
    size_t count = a->problem->samples < FITTED ? a->problem->samples : FITTED;
    for (size_t pair = 0; pair < count * count && !zg_limit_reached(&a->limit); pair++) {
        size_t i = pair / count, j = pair % count;
        double ratio = sqrt(y[i] / y[j]), start[2];
        if (i == j || !isfinite(ratio)) continue; /* signs differ, or nothing to fit */
        double side = i < j ? ratio : -ratio;
        double d1 = x[2 * i] - side * x[2 * j], d2 = x[2 * i + 1] - side * x[2 * j + 1];
        double angle = fmod(atan2(d1, -d2) + 4.0 * (double)ZG_QUARTER, (double)ZG_QUARTER);
        fit(a, angle, start);
        zg_arcs_polish(a, angle, start, 1e-9, 1e-14);
    }
}

void zg_arcs_search(zg_arcs *a)
{
    double none[2] = {0.0, 0.0}, values[GRID], weights[GRID][2];
    offer_incumbent(a, 0.0, none);
    for (int i = 0; i < GRID; i++) {
        double angle = (double)ZG_QUARTER * i / GRID, start[2];
        if (zg_limit_reached(&a->limit)) return;
        fit(a, angle, start);
        values[i] = descend_all(a, angle, start, weights[i]);
    }
    for (int i = 0; i < GRID && !zg_limit_reached(&a->limit); i++) {
        bool valley =
            values[i] <= values[(i + 1) % GRID] && values[i] <= values[(i + GRID - 1) % GRID];
        if (valley)
            zg_arcs_polish(a, (double)ZG_QUARTER * i / GRID, weights[i], (double)ZG_QUARTER / GRID,
                           1e-9);
    }
    if (a->penalty.power < NARROW) search_fitting(a);
}
