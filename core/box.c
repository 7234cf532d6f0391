/* Quadratics on boxes, bounded safely. */
#include "core/box.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The unit box |e_j| <= 1:  c + 2 h'e + e'P e. */
typedef struct box {
    size_t d;
    double c, *h, *p;
    double size;  /* |P|_F + |h| */
    double slack; /* what c, h and P can be off by within the box, of the network's numbers, too */
} box;

#define EPS DBL_EPSILON

/* h and c from the form itself, with the digits of long double. */
static void fill(const zg_ball_centres *centres, size_t i, int sign, double radius, box *b)
{
    const zg_ball_form *ball = centres->form;
    const zg_quadratic_form *form = &ball->form;
    size_t d = b->d;
    const double *x = centres->x + i * d;
    long double value = form->r, sizes = fabs(form->r);
    for (size_t k = 0; k < d; k++) {
        long double row = 0;
        for (size_t l = 0; l < d; l++)
            row += (long double)form->p[k * d + l] * x[l];
        b->h[k] = (double)(sign * radius * (row + 0.5L * form->q[k]));
        value += (row + form->q[k]) * x[k];
        sizes += fabsl(row * x[k]) + fabsl((long double)form->q[k] * x[k]);
    }
    b->c = (double)(sign * value);
    for (size_t k = 0; k < d * d; k++)
        b->p[k] = sign * (radius * radius * form->p[k]);
    double reach = radius * sqrt((double)d) * (1 + 4 * EPS), far = centres->norm[i] + reach;
    double p = zg_norm(d * d, form->p), terms = (double)d + 8;
    b->size = zg_norm(d * d, b->p) + zg_norm(d, b->h);
    b->slack = (form->p_error * far + form->q_error) * far + form->r_error +
               4 * EPS * (fabs(b->c) + 2 * terms * b->size) +
               terms * (double)LDBL_EPSILON * ((double)sizes + 2 * p * far * far) +
               terms * DBL_MIN * (1 + far) * (1 + far);
}

static double value_at(const box *b, const double *e)
{
    long double sum = b->c;
    for (size_t k = 0; k < b->d; k++) {
        long double row = 2.0L * b->h[k];
        for (size_t l = 0; l < b->d; l++)
            row += (long double)b->p[k * b->d + l] * e[l];
        sum += row * e[k];
    }
    return (double)sum;
}

/* ---- one multiplier a coordinate ------------------------------------------------------------- */

typedef struct shor {
    double *m, *inverse, *hessian, *mu, *trial, *step, *v;
} shor;

/* m = Cholesky factor of P + Diag mu - less I; false where it has none. */
static bool factor(const box *b, const double *mu, double less, double *m)
{
    size_t d = b->d;
    memcpy(m, b->p, d * d * sizeof *m);
    for (size_t k = 0; k < d; k++) {
        if (!(mu[k] > 0.0)) return false;
        m[k * d + k] += mu[k] - less;
    }
    return zg_cholesky(d, m) == ZG_OK;
}

static double barrier(const box *b, const double *mu, double tau, double *m, double *v)
{
    size_t d = b->d;
    if (!factor(b, mu, 0.0, m)) return INFINITY;
    memcpy(v, b->h, d * sizeof *v);
    zg_cholesky_solve(d, m, 1, v);
    double sum = zg_dot(d, v, b->h);
    for (size_t k = 0; k < d; k++)
        sum += mu[k] - tau * (2 * log(m[k * d + k]) + log(mu[k]));
    return sum;
}

/* A Newton step on  h'(P + Diag mu)^-1 h + sum mu - tau (log det (P + Diag mu) + sum log mu),  with
 * backtracking; false where there is none. */
static bool newton_step(const box *b, shor *w, double tau)
{
    size_t d = b->d;
    double now = barrier(b, w->mu, tau, w->m, w->v);
    if (!isfinite(now)) return false;
    memset(w->inverse, 0, d * d * sizeof *w->inverse);
    for (size_t k = 0; k < d; k++)
        w->inverse[k * d + k] = 1.0;
    zg_cholesky_solve(d, w->m, d, w->inverse);
    for (size_t k = 0; k < d; k++) {
        double s = w->inverse[k * d + k];
        w->step[k] = w->v[k] * w->v[k] - 1.0 + tau * (s + 1.0 / w->mu[k]);
        for (size_t l = 0; l < d; l++) {
            double cross = w->inverse[k * d + l];
            w->hessian[k * d + l] = 2 * w->v[k] * w->v[l] * cross + tau * cross * cross;
        }
        w->hessian[k * d + k] += tau / (w->mu[k] * w->mu[k]);
    }
    if (zg_cholesky(d, w->hessian) != ZG_OK) return false;
    zg_cholesky_solve(d, w->hessian, 1, w->step);
    for (double length = 1.0; length > 1e-8; length *= 0.5) {
        for (size_t k = 0; k < d; k++)
            w->trial[k] = w->mu[k] + length * w->step[k];
        if (barrier(b, w->trial, tau, w->m, w->v) < now) {
            memcpy(w->mu, w->trial, d * sizeof *w->mu);
            return true;
        }
    }
    return false;
}

/* The bound of mu: P + Diag mu is positive semidefinite, since it has a factor less all that one
 * can be off (Higham, theorem 10.3), so the form is convex and lies above its tangent at any e:
 * what the gradient there is not zero by counts for the rest of the box.  step becomes e. */
static double shor_bound(const box *b, shor *w)
{
    size_t d = b->d;
    double trace = 0.0, terms = (double)d + 8;
    for (size_t k = 0; k < d; k++)
        trace += fabs(b->p[k * d + k]) + w->mu[k];
    if (!factor(b, w->mu, 4 * terms * EPS * trace, w->m)) return -INFINITY;
    for (size_t k = 0; k < d; k++)
        w->step[k] = -b->h[k];
    zg_cholesky_solve(d, w->m, 1, w->step);
    long double sum = b->c, sizes = fabs(b->c), rest = 0;
    for (size_t k = 0; k < d; k++) {
        long double e = w->step[k], gradient = b->h[k] + w->mu[k] * e, size = fabsl(gradient);
        for (size_t l = 0; l < d; l++) {
            gradient += (long double)b->p[k * d + l] * w->step[l];
            size += fabsl((long double)b->p[k * d + l] * w->step[l]);
        }
        sum += (gradient + b->h[k]) * e - w->mu[k];
        rest += 2 * (fabsl(gradient) + terms * LDBL_EPSILON * size) * (1 + fabsl(e));
        sizes += (size + fabs(b->h[k])) * fabsl(e) + w->mu[k];
    }
    double bound = (double)(sum - rest);
    return zg_lower_final(bound - 4 * EPS * fabs(bound) - terms * EPS * (double)sizes * 0x1p-8 -
                          b->slack);
}

static double best_shor(const box *b, shor *w)
{
    double start = 2 * b->size + DBL_MIN, best = -INFINITY;
    for (size_t k = 0; k < b->d; k++)
        w->mu[k] = start;
    for (double tau = b->size; tau > 1e-13 * b->size; tau *= 0.2)
        for (int step = 0; step < 3; step++)
            if (!newton_step(b, w, tau)) break;
    for (double more = 0.0; more < 1e-3 && best == -INFINITY; more = 10 * more + 1e-14) {
        for (size_t k = 0; k < b->d; k++)
            w->mu[k] += more * b->size;
        best = shor_bound(b, w);
    }
    return best;
}

static bool shor_create(size_t d, shor *w)
{
    *w = (shor){.m = zg_doubles(3 * d * d + 4 * d)};
    if (!w->m) return false;
    w->inverse = w->m + d * d;
    w->hessian = w->inverse + d * d;
    w->mu = w->hessian + d * d;
    w->trial = w->mu + d;
    w->step = w->trial + d;
    w->v = w->step + d;
    return true;
}

/* ---- points ---------------------------------------------------------------------------------- */

/* Descent coordinate by coordinate from e, moved into the box: a value that is attained. */
static double descend(const box *b, double *e)
{
    size_t d = b->d;
    for (size_t k = 0; k < d; k++)
        e[k] = zg_clamp(e[k], -1.0, 1.0);
    for (int sweep = 0; sweep < 100; sweep++) {
        double moved = 0.0;
        for (size_t k = 0; k < d; k++) {
            double slope = b->h[k], curve = b->p[k * d + k];
            for (size_t l = 0; l < d; l++)
                if (l != k) slope += b->p[k * d + l] * e[l];
            double to = curve > 0.0   ? zg_clamp(-slope / curve, -1.0, 1.0)
                        : slope > 0.0 ? -1.0
                                      : 1.0;
            if (curve > 0.0 || slope != 0.0) {
                moved = fmax(moved, fabs(to - e[k]));
                e[k] = to;
            }
        }
        if (moved < 1e-14) break;
    }
    return value_at(b, e);
}

/* ---- faces ----------------------------------------------------------------------------------- */

#define SINGULAR 1e-13L /* of |P|: a face on which P has a smaller eigenvalue is passed over */

/* Solves P_FF e_F = -(h_F + P_FB e_B) on the free coordinates; false unless P_FF - SINGULAR |P| I
 * has a factor. */
static bool solve_face(const box *b, const int *fixed, long double *e)
{
    size_t d = b->d, free_of[ZG_BOX_FACES], count = 0;
    long double l[ZG_BOX_FACES][ZG_BOX_FACES], r[ZG_BOX_FACES];
    for (size_t k = 0; k < d; k++) {
        e[k] = fixed[k];
        if (!fixed[k]) free_of[count++] = k;
    }
    for (size_t j = 0; j < count; j++) {
        size_t row = free_of[j];
        r[j] = -(long double)b->h[row];
        for (size_t k = 0; k < d; k++)
            r[j] -= fixed[k] * (long double)b->p[row * d + k];
        for (size_t k = 0; k <= j; k++) {
            l[j][k] = b->p[row * d + free_of[k]];
            if (k == j) l[j][k] -= SINGULAR * b->size;
            for (size_t m = 0; m < k; m++)
                l[j][k] -= l[j][m] * l[k][m];
            if (k < j)
                l[j][k] /= l[k][k];
            else if (l[j][j] > 0)
                l[j][j] = sqrtl(l[j][j]);
            else
                return false;
        }
    }
    for (size_t j = 0; j < count; j++) {
        for (size_t m = 0; m < j; m++)
            r[j] -= l[j][m] * r[m];
        r[j] /= l[j][j];
    }
    for (size_t j = count; j-- > 0;) {
        for (size_t m = j + 1; m < count; m++)
            r[j] -= l[m][j] * r[m];
        r[j] /= l[j][j];
        e[free_of[j]] = r[j];
    }
    return true;
}

/* The least value over all faces, less what passing over singular faces can hide: from a minimum on
 * such a face one gets along its flat direction to a smaller face, at a cost of at most 4 d times
 * the eigenvalue, and that at most d times.  Points a little outside the box count, too. */
static double best_face(const box *b, double *attained)
{
    size_t d = b->d, faces = 1;
    long double best = INFINITY, e[ZG_BOX_FACES];
    for (size_t k = 0; k < d; k++)
        faces *= 3;
    for (size_t face = 0; face < faces; face++) {
        int fixed[ZG_BOX_FACES];
        size_t rest = face;
        bool near = true;
        for (size_t k = 0; k < d; k++, rest /= 3)
            fixed[k] = (int)(rest % 3) - 1;
        if (!solve_face(b, fixed, e)) continue;
        double point[ZG_BOX_FACES];
        for (size_t k = 0; k < d; k++) {
            near = near && fabsl(e[k]) <= 1.0001L;
            point[k] = (double)zg_clamp((double)e[k], -1.0, 1.0);
        }
        if (!near) continue;
        long double sum = b->c;
        for (size_t k = 0; k < d; k++) {
            long double row = 2.0L * b->h[k];
            for (size_t l = 0; l < d; l++)
                row += (long double)b->p[k * d + l] * e[l];
            sum += row * e[k];
        }
        if (sum < best) best = sum;
        *attained = fmin(*attained, value_at(b, point));
    }
    double hidden = 8.0 * (double)(d * d) * (double)SINGULAR * b->size;
    return zg_lower_final((double)best - hidden - 8 * EPS * (fabs(b->c) + b->size) - b->slack);
}

/* ---- the best bound -------------------------------------------------------------------------- */

static void improve(zg_box_minimum *out, double bound, const char *name)
{
    if (!(bound > out->bound)) return;
    out->bound = bound;
    out->name = name;
}

static void cheap_bounds(const zg_ball_centres *centres, size_t i, int sign, double radius,
                         const box *b, zg_box_minimum *out)
{
    const zg_ball_form *form = centres->form;
    size_t d = b->d;
    zg_ball_minimum ball;
    double lowest = sign > 0 ? form->w[0] : -form->w[d - 1], sum = 0.0;
    double reach = radius * sqrt((double)d) * (1 + 4 * EPS);
    zg_ball_minimise(centres, i, sign, reach, &ball);
    improve(out, ball.bound, "ball");
    for (size_t k = 0; k < d; k++)
        sum += fabs(b->h[k]);
    double curve = (fmax(0.0, -lowest) + form->p_error) * (1 + 2 * form->stretch) * reach * reach;
    double terms = ((double)d + 8) * EPS;
    improve(out, zg_lower_final(b->c - (2 * sum + curve) * (1 + terms) - b->slack), "linear");
}

zg_status zg_box_minimise(const zg_ball_centres *centres, size_t i, int sign, double radius,
                          zg_box_minimum *out)
{
    size_t d = centres->form->form.inputs;
    box b = {.d = d, .h = zg_doubles(d * (d + 2))};
    shor w = {0};
    *out = (zg_box_minimum){.bound = -INFINITY, .attained = INFINITY, .name = "none"};
    if (!b.h || (d <= ZG_BOX_SHOR && !shor_create(d, &w))) {
        free(b.h);
        return ZG_NO_MEMORY;
    }
    b.p = b.h + d;
    fill(centres, i, sign, radius, &b);
    out->attained = b.c;
    out->slack = b.slack;
    cheap_bounds(centres, i, sign, radius, &b, out);
    if (isfinite(b.size) && w.m && b.size > 0.0) {
        improve(out, best_shor(&b, &w), "shor");
        out->attained = fmin(out->attained, descend(&b, w.step));
    }
    double exact = 1e-9 * (fabs(b.c) + b.size);
    if (d <= ZG_BOX_FACES && isfinite(b.size) && !(out->attained - out->bound <= exact))
        improve(out, best_face(&b, &out->attained), "faces");
    if (out->attained - out->bound <= exact) out->name = "exact";
    free(b.h);
    free(w.m);
    return ZG_OK;
}
