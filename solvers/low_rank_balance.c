/* Newton's method in two variables between bounds (see low_rank_balance.h). */
#include "solvers/low_rank_balance.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>

#define LEAST 1e-2
#define MOST 1e2
#define ITERATIONS 30
#define HALVINGS 40
/* A Newton step that promises less than this share of the value is the last. */
#define SMALL 1e-15
/* What a straight piece of a loss is taken to curve, as a share of the curvature that would take
 * its slope to zero at f = 0 and y = 0: the step that follows ends at a bound or is halved. */
#define STRAIGHT 1e-3
/* Distance of the two slopes whose difference is the curvature, in units of the predictions. */
#define DIFFERENCE 1e-6

typedef struct balance {
    const zg_factor *factor;
    const double *penalty;
    double *f, *slope, *moved; /* samples */
    double size;               /* of f, with a team */
    double value, gradient[2], hessian[3];
} balance;

/* Loss and slopes at b->f; a team adds up the squares of f with it, a message less. */
static double total_loss(balance *b, double *slope)
{
    const zg_lift *lift = b->factor->program->lift;
    size_t first, rows;
    double sums[2];
    if (!lift->team) return zg_factor_total(b->factor, b->f, slope);
    zg_sum sum = zg_sum_begin(lift->team, lift->samples, 2, sums);
    while (zg_sum_next(&sum, &first, &rows)) {
        const double *f = b->f + first;
        sum.part[0] = zg_factor_loss(b->factor, first, rows, f, slope + first);
        sum.part[1] = zg_dot(rows, f, f);
    }
    zg_sum_end(&sum);
    b->size = sqrt(sums[1]);
    return sums[0];
}

static double value_at(balance *b, const double *multiple, double *slope)
{
    size_t n = b->factor->program->lift->samples;
    const double *up = b->factor->parts, *down = up + n;
    for (size_t i = 0; i < n; i++)
        b->f[i] = multiple[0] * up[i] - multiple[1] * down[i];
    return total_loss(b, slope) + multiple[0] * b->penalty[0] + multiple[1] * b->penalty[1];
}

/* Adds up the loss's first and second derivatives by the two multiples over the samples from begin
 * to end, b->f being h beyond the predictions whose slopes are known. */
static void add_derivatives(const balance *b, size_t begin, size_t end, double h, double sums[5])
{
    const zg_program *program = b->factor->program;
    const double *up = b->factor->parts, *down = up + program->lift->samples;
    double first = 0.0, second = 0.0, uu = 0.0, ud = 0.0, dd = 0.0;
    for (size_t i = begin; i < end; i++) {
        double curvature = (b->moved[i] - b->slope[i]) / h,
               reach = fabs(b->f[i]) + fabs(program->y[i]);
        if (reach > 0.0) curvature += STRAIGHT * fabs(b->slope[i]) / reach;
        first += b->slope[i] * up[i];
        second += b->slope[i] * down[i];
        uu += curvature * up[i] * up[i];
        ud += curvature * up[i] * down[i];
        dd += curvature * down[i] * down[i];
    }
    const double own[5] = {first, second, uu, ud, dd};
    for (int k = 0; k < 5; k++)
        sums[k] += own[k];
}

/* The derivatives at predictions b->f, whose slopes are known; the curvature is that of slopes a
 * little further on. */
static void differentiate(balance *b)
{
    const zg_program *program = b->factor->program;
    zg_team *team = program->lift->team;
    size_t n = program->lift->samples, first, rows;
    double all = sqrt((double)zg_team_total(team, n)),
           size = (team ? b->size : zg_norm(n, b->f)) / all;
    double h = zg_loss_has(program->loss.kind, ZG_LOSS_QUADRATIC)
                   ? fmax(size, 1.0)
                   : DIFFERENCE * fmax(size, zg_team_norm(team, n, program->y) / all);
    for (size_t i = 0; i < n; i++)
        b->f[i] += h;
    (void)zg_factor_loss(b->factor, 0, n, b->f, b->moved);
    double sums[5];
    zg_sum sum = zg_sum_begin(team, n, 5, sums);
    while (zg_sum_next(&sum, &first, &rows))
        add_derivatives(b, first, first + rows, h, sum.part);
    zg_sum_end(&sum);
    b->gradient[0] = b->penalty[0] + sums[0];
    b->gradient[1] = b->penalty[1] - sums[1];
    b->hessian[0] = sums[2];
    b->hessian[1] = -sums[3];
    b->hessian[2] = sums[4];
}

static bool held(double multiple, double gradient)
{
    return (multiple <= LEAST && gradient > 0.0) || (multiple >= MOST && gradient < 0.0);
}

/* The Newton step among the variables that no bound holds; returns what it promises, 0 for none. */
static double newton_step(const balance *b, const double *multiple, double step[2])
{
    const double *g = b->gradient, *h = b->hessian;
    bool first = !held(multiple[0], g[0]), second = !held(multiple[1], g[1]);
    double ridge = 1e-14 * (h[0] + h[2]), uu = h[0] + ridge, dd = h[2] + ridge;
    double determinant = uu * dd - h[1] * h[1];
    step[0] = step[1] = 0.0;
    if (first && second && determinant > 0.0) {
        step[0] = (h[1] * g[1] - dd * g[0]) / determinant;
        step[1] = (h[1] * g[0] - uu * g[1]) / determinant;
    } else {
        if (first && uu > 0.0) step[0] = -g[0] / uu;
        if (second && dd > 0.0) step[1] = -g[1] / dd;
    }
    return -(step[0] * g[0] + step[1] * g[1]);
}

/* Halves the step until the value falls; false where it does not. */
static bool advance(balance *b, double *multiple, const double *step)
{
    double length = 1.0;
    for (int k = 0; k < HALVINGS; k++, length *= 0.5) {
        const double trial[2] = {fmin(fmax(multiple[0] + length * step[0], LEAST), MOST),
                                 fmin(fmax(multiple[1] + length * step[1], LEAST), MOST)};
        double value = value_at(b, trial, b->slope);
        if (!(value < b->value)) continue;
        b->value = value;
        multiple[0] = trial[0];
        multiple[1] = trial[1];
        return true;
    }
    return false;
}

double zg_factor_balance(zg_factor *factor, const double penalty[2])
{
    size_t n = factor->program->lift->samples;
    double *space = zg_doubles(2 * n), step[2];
    if (!space) return NAN;
    balance b = {.factor = factor,
                 .penalty = penalty,
                 .f = space,
                 .slope = factor->slope,
                 .moved = space + n};
    double *multiple = factor->multiple;
    b.value = value_at(&b, multiple, b.slope);
    for (int k = 0; k < ITERATIONS && isfinite(b.value); k++) {
        differentiate(&b);
        double promise = newton_step(&b, multiple, step);
        if (!(promise > SMALL * fabs(b.value)) || !advance(&b, multiple, step)) break;
    }
    free(space);
    return b.value;
}
