/* Bounds in balls with more digits (see ball_refine.h). */
#include "core/ball_refine.h"

#include "base/double_double.h"
#include "base/linalg.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the least eigenvalue -------------------------------------------------------------------- */

/* Packed lower triangle of s P / 2^exponent - shift I, and its factors L (below) and D. */
typedef struct factor {
    size_t d;
    int sign, exponent;
    zg_dd *a;
} factor;

static zg_dd entry(const factor *f, const zg_quadratic_form *form, size_t i, size_t j)
{
    double high = form->p[i * f->d + j], low = form->p_low ? form->p_low[i * f->d + j] : 0.0;
    return zg_dd_sum_of(scalbn(f->sign * high, -f->exponent), scalbn(f->sign * low, -f->exponent));
}

/* LDL'.  The factors' product is off by at most (d + 8) units of |L| D |L'|, whose entries are
 * bounded by the diagonal; so where all of D is positive the matrix is at least -*loss I. */
static bool factorise(factor *f, const zg_quadratic_form *form, zg_dd shift, double *loss)
{
    size_t d = f->d;
    double trace = 0;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            zg_dd sum = entry(f, form, i, j), *row = f->a + i * (i + 1) / 2;
            const zg_dd *other = f->a + j * (j + 1) / 2;
            if (i == j) sum = zg_dd_add(sum, zg_dd_negative(shift));
            if (i == j) trace += sum.high;
            if (i == j && !(sum.high > 0)) return false;
            for (size_t k = 0; k < j; k++) /* rows hold L D until their own diagonal is known */
                sum = zg_dd_add(
                    sum,
                    zg_dd_negative(zg_dd_multiply(
                        row[k], i == j ? zg_dd_divide(row[k], f->a[k * (k + 3) / 2]) : other[k])));
            row[j] = sum;
            if (i != j) continue;
            if (!(sum.high > 0) || !isfinite(sum.high) || isnan(sum.low)) return false;
            for (size_t k = 0; k < j; k++)
                row[k] = zg_dd_divide(row[k], f->a[k * (k + 3) / 2]);
        }
    *loss = 4 * ((double)d + 8) * (ZG_DD_UNIT * trace + (double)d * 0x1p-900);
    return isfinite(*loss);
}

/* x <- (L D L')^-1 x, scaled to length one. */
static void solve(const factor *f, zg_dd *x)
{
    size_t d = f->d;
    double square = 0;
    for (size_t i = 0; i < d; i++)
        for (size_t k = 0; k < i; k++)
            x[i] = zg_dd_add(x[i], zg_dd_negative(zg_dd_multiply(f->a[i * (i + 1) / 2 + k], x[k])));
    for (size_t i = 0; i < d; i++)
        x[i] = zg_dd_divide(x[i], f->a[i * (i + 3) / 2]);
    for (size_t i = d; i-- > 0;)
        for (size_t k = i + 1; k < d; k++)
            x[i] = zg_dd_add(x[i], zg_dd_negative(zg_dd_multiply(f->a[k * (k + 1) / 2 + i], x[k])));
    for (size_t i = 0; i < d; i++)
        square += x[i].high * x[i].high;
    for (size_t i = 0; i < d; i++)
        x[i] = zg_dd_divide(x[i], (zg_dd){sqrt(square), 0});
}

/* x'(s P / 2^exponent) x / x'x */
static zg_dd quotient(const factor *f, const zg_quadratic_form *form, const zg_dd *x)
{
    zg_dd above = {0, 0}, below = {0, 0};
    for (size_t i = 0; i < f->d; i++) {
        zg_dd row = {0, 0};
        for (size_t j = 0; j < f->d; j++)
            row =
                zg_dd_add(row, zg_dd_multiply(entry(f, form, i > j ? i : j, i > j ? j : i), x[j]));
        above = zg_dd_add(above, zg_dd_multiply(row, x[i]));
        below = zg_dd_add(below, zg_dd_multiply(x[i], x[i]));
    }
    return zg_dd_divide(above, below);
}

/* The largest of a few shifts below the estimate that a factorisation proves; -infinity: none. */
static zg_dd proven_below(factor *f, const zg_quadratic_form *form, zg_dd estimate)
{
    static const double steps[] = {0x1p-90, 0x1p-84, 0x1p-76, 0x1p-68,
                                   0x1p-60, 0x1p-52, 0x1p-44, 0x1p-36};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        double loss;
        zg_dd shift = zg_dd_add(estimate, (zg_dd){-steps[k] * (double)f->d, 0});
        if (!factorise(f, form, shift, &loss)) continue;
        double rounding = 4 * ZG_DD_UNIT * (fabs(shift.high) + loss);
        zg_dd below = zg_dd_add(shift, (zg_dd){-loss * (1 + 1e-9) - rounding, 0});
        return (zg_dd){scalbn(below.high, f->exponent), scalbn(below.low, f->exponent)};
    }
    return (zg_dd){-INFINITY, 0};
}

/* Inverse iteration from a shift below the least eigenvalue, then a proof. */
static zg_dd least_eigenvalue(const zg_ball_form *b, factor *f, zg_dd *x)
{
    size_t d = f->d, lowest = f->sign > 0 ? 0 : d - 1;
    double loss, about = scalbn(f->sign * b->w[lowest], -f->exponent);
    zg_dd estimate = {about, 0};
    for (size_t i = 0; i < d; i++)
        x[i] = (zg_dd){b->v[lowest * d + i], 0};
    if (factorise(f, &b->form, (zg_dd){about - 0x1p-42 * (double)d, 0}, &loss)) {
        for (int step = 0; step < 8; step++)
            solve(f, x);
        estimate = quotient(f, &b->form, x);
    }
    return proven_below(f, &b->form, estimate);
}

zg_status zg_ball_digits_create(const zg_ball_form *form, zg_ball_digits *out)
{
    size_t d = form->form.inputs;
    double size = fmax(fabs(form->w[0]), fabs(form->w[d - 1]));
    factor f = {.d = d, .exponent = size > 0 ? ilogb(size) : 0};
    zg_dd *x = calloc(d, sizeof *x);
    *out = (zg_ball_digits){{{-INFINITY, 0}, {-INFINITY, 0}}};
    f.a = calloc(d * (d + 1) / 2, sizeof *f.a);
    for (int side = 0; f.a && x && side < 2 && fabs((double)f.exponent) < 900; side++) {
        f.sign = side ? -1 : 1;
        out->least[side] = least_eigenvalue(form, &f, x);
    }
    zg_status status = f.a && x ? ZG_OK : ZG_NO_MEMORY;
    free(f.a);
    free(x);
    return status;
}

/* ---- one bound ------------------------------------------------------------------------------- */

/* A multiplier, relative to the form's curvature, that counts as 0: the step may then be as long as
 * doubles made it, which costs mu times some units of R^2, while holding it to the sphere would
 * undo what corrections gain where the form is flat. */
#define IDLE 0x1p-40

typedef struct search {
    const zg_quadratic_form *form;
    size_t d;
    int sign;
    bool idle;                  /* the multiplier is 0, but for rounding */
    double radius, steep, size; /* what terms of s (P p + q / 2) and of f come to in the ball */
    zg_dd least, value;         /* below the eigenvalues of s P; s f(x) */
    zg_dd *half, *e, *pe, *r;   /* s (P x + q / 2), the step, s P e, and what is left of both */
    double best, best_mu, lost; /* so far; what r took from it */
} search;

/* out = s P x */
static void multiply(const search *t, const zg_dd *x, zg_dd *out)
{
    for (size_t i = 0; i < t->d; i++) {
        const double *high = t->form->p + i * t->d;
        zg_dd sum = {0, 0};
        for (size_t j = 0; j < t->d; j++)
            zg_dd_increase(&sum, zg_dd_times(x[j], high[j]));
        for (size_t j = 0; t->form->p_low && j < t->d; j++)
            zg_dd_increase(&sum, zg_dd_times(x[j], t->form->p_low[i * t->d + j]));
        out[i] = t->sign < 0 ? zg_dd_negative(sum) : sum;
    }
}

static zg_dd dot(size_t d, const zg_dd *a, const zg_dd *b)
{
    zg_dd sum = {0, 0};
    for (size_t k = 0; k < d; k++)
        zg_dd_increase(&sum, zg_dd_multiply(a[k], b[k]));
    return sum;
}

/* The bound of the present step with this multiplier, less what rounding can have done: sums have
 * fewer than 3 d + 16 terms, and what is summed in doubles here is small or bounded with 1e-9. */
static void judge(search *t, zg_dd mu)
{
    double unit = 4 * (3 * (double)t->d + 16) * ZG_DD_UNIT, square = 0;
    zg_dd slope = {0, 0}, length = dot(t->d, t->e, t->e);
    zg_dd sum = zg_dd_add(mu, t->least), reach = zg_dd_product_of(t->radius, t->radius);
    double lambda = sum.high * (1 - 1e-9) - unit * (mu.high + fabs(t->least.high));
    if (!(mu.high >= 0) || !(lambda > 0)) return;
    for (size_t k = 0; k < t->d; k++) {
        t->r[k] = zg_dd_add(zg_dd_add(t->half[k], t->pe[k]), zg_dd_multiply(mu, t->e[k]));
        square += t->r[k].high * t->r[k].high;
        zg_dd twice = zg_dd_add(zg_dd_times(t->half[k], 2), t->pe[k]);
        zg_dd_increase(&slope, zg_dd_multiply(twice, t->e[k]));
    }
    double r = sqrt(square) * (1 + 1e-9) + unit * (t->steep + mu.high * sqrt(length.high));
    double lost = r * r / lambda * (1 + 1e-9);
    double rounding = unit * (t->size + mu.high * (length.high + reach.high)) + lost;
    zg_dd excess = zg_dd_multiply(mu, zg_dd_add(length, zg_dd_negative(reach)));
    zg_dd bound = zg_dd_add(zg_dd_add(t->value, slope), excess);
    bound = zg_dd_add(bound, (zg_dd){-rounding * (1 + 1e-9), 0});
    double below = nextafter(bound.high + bound.low, -INFINITY);
    if (below > t->best && isfinite(below)) {
        t->best = below;
        t->best_mu = nextafter(mu.high, INFINITY);
        t->lost = lost;
    }
}

/* The multipliers that may be best for the present step: near the least that makes the form convex,
 * and that of least r, which is judged last and leaves its r. */
static void judge_all(search *t)
{
    zg_dd square = dot(t->d, t->e, t->e), along = dot(t->d, t->e, t->half);
    zg_dd floor = t->least.high < 0 ? zg_dd_negative(t->least) : (zg_dd){0, 0};
    double scale = fmax(fabs(t->least.high), t->radius > 0 ? t->steep / t->radius : 0) + DBL_MIN;
    for (int digits = -96; digits <= -32; digits += 8)
        judge(t, zg_dd_add(floor, (zg_dd){scalbn(scale, digits), 0}));
    if (t->least.high > 0) judge(t, (zg_dd){0, 0});
    if (!(square.high > 0)) return;
    zg_dd_increase(&along, dot(t->d, t->e, t->pe));
    zg_dd mu = zg_dd_divide(zg_dd_negative(along), square);
    zg_dd least = zg_dd_add(floor, (zg_dd){scalbn(scale, -96), 0});
    judge(t, !t->idle && mu.high > least.high ? mu : least);
}

/* e <- e - (s P + mu I)^-1 r as doubles know it, without what they cannot know. */
static void correct(search *t, const zg_ball_form *b, double mu, double *room)
{
    size_t d = t->d;
    double *r = room, *z = room + d;
    for (size_t k = 0; k < d; k++)
        r[k] = t->r[k].high;
    zg_gemv(true, d, d, 1.0, b->v, d, r, 0.0, z);
    double least = 1e-13 * fmax(fabs(b->w[0]), fabs(b->w[d - 1]));
    for (size_t k = 0; k < d; k++) {
        double curve = t->sign * b->w[k] + mu;
        z[k] = curve > least ? z[k] / curve : 0.0;
    }
    zg_gemv(false, d, d, 1.0, b->v, d, z, 0.0, r);
    for (size_t k = 0; k < d; k++)
        zg_dd_increase(&t->e[k], (zg_dd){-r[k], 0});
}

/* Everything at the centre: its value and half its slope. */
static void begin(search *t, const zg_ball_centres *c, size_t i)
{
    const zg_quadratic_form *form = t->form;
    const double *x = c->x + i * t->d;
    double far = c->norm[i] + t->radius, p = zg_norm(t->d * t->d, form->p);
    t->steep = 2 * (p * far + zg_norm(t->d, form->q));
    t->size = t->steep * far + 2 * fabs(form->r);
    for (size_t k = 0; k < t->d; k++)
        t->e[k] = (zg_dd){x[k], 0};
    multiply(t, t->e, t->half);
    t->value = zg_dd_sum_of(t->sign * form->r, t->sign * form->r_low);
    for (size_t k = 0; k < t->d; k++) {
        zg_dd q = zg_dd_sum_of(t->sign * form->q[k], form->q_low ? t->sign * form->q_low[k] : 0);
        zg_dd_increase(&t->value, zg_dd_times(zg_dd_add(t->half[k], q), x[k]));
        zg_dd_increase(&t->half[k], zg_dd_times(q, 0.5));
    }
}

/* To the sphere, where the multiplier is at work: to as many digits by two steps of Newton's. */
static void stretch(search *t)
{
    for (int step = 0; step < 2; step++) {
        zg_dd square = dot(t->d, t->e, t->e), reach = zg_dd_product_of(t->radius, t->radius);
        if (!(square.high > 0)) return;
        zg_dd share = zg_dd_divide(reach, square);
        double root = sqrt(share.high);
        zg_dd rest = zg_dd_add(share, zg_dd_negative(zg_dd_product_of(root, root)));
        zg_dd growth = zg_dd_sum_of(root, rest.high / (2 * root));
        if (!isfinite(growth.high) || isnan(growth.low)) return;
        for (size_t k = 0; k < t->d; k++)
            t->e[k] = zg_dd_multiply(t->e[k], growth);
    }
}

void zg_ball_refine(const zg_ball_centres *centres, const zg_ball_digits *digits, size_t i,
                    int sign, double radius, zg_ball_minimum *out)
{
    const zg_ball_form *b = centres->form;
    size_t d = b->form.inputs;
    zg_dd *vectors = calloc(4 * d, sizeof *vectors);
    double *room = zg_doubles(2 * d);
    search t = {.form = &b->form,
                .d = d,
                .sign = sign,
                .radius = radius,
                .least = digits->least[sign < 0],
                .half = vectors,
                .e = vectors + d,
                .pe = vectors + 2 * d,
                .r = vectors + 3 * d,
                .best = -INFINITY};
    if (vectors && room && radius > 0 && centres->exact && isfinite(out->bound)) {
        begin(&t, centres, i);
        zg_ball_step(centres, i, sign, radius, room, room + d);
        for (size_t k = 0; k < d; k++)
            t.e[k] = (zg_dd){room[k], 0};
        t.idle = out->mu <= IDLE * fmax(fabs(t.least.high), t.steep / radius);
        for (int pass = 0; pass < 3; pass++) {
            if (!t.idle) stretch(&t);
            multiply(&t, t.e, t.pe);
            judge_all(&t);
            if (t.lost <= 1e-15 * fabs(t.best)) break;
            correct(&t, b, t.idle ? 0.0 : out->mu, room);
        }
        double far = (centres->norm[i] + radius) * (1 + 4 * DBL_EPSILON);
        double fine = (b->form.p_fine * far + b->form.q_fine) * far + b->form.r_fine;
        double bound = nextafter(t.best - fine * (1 + 8 * DBL_EPSILON), -INFINITY);
        if (bound > out->bound) {
            out->bound = bound;
            out->mu = t.best_mu;
        }
    }
    free(vectors);
    free(room);
}
