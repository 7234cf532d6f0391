/* Linear-quadratic control: values of policies, better policies, rows to learn them from. */
#include "core/linear_quadratic.h"

#include "base/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DOUBLINGS 200 /* of the horizon: far beyond any stable system's memory */
#define STEP_LIMIT 1000000
#define POLICY_LIMIT 200

/* ---- small row-major matrices ------------------------------------------------------------------ */

/* c (m x n) = a (m x k) b (k x n) */
static void multiply(size_t m, size_t k, size_t n, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += a[i * k + l] * b[l * n + j];
            c[i * n + j] = sum;
        }
}

/* c (m x n) += scale a' b, a (k x m), b (k x n) */
static void add_product(size_t m, size_t k, size_t n, double scale, const double *a,
                        const double *b, double *c)
{
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += a[l * m + i] * b[l * n + j];
            c[i * n + j] += scale * sum;
        }
}

static double form(size_t n, const double *matrix, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sum += x[i] * matrix[i * n + j] * x[j];
    return sum;
}

void zg_lq_free(zg_lq *lq)
{
    if (!lq) return;
    free(lq->a);
    free(lq->b);
    free(lq->q);
    free(lq->r);
    free(lq->k);
    free(lq->map);
    free(lq);
}

/* ---- values ------------------------------------------------------------------------------------ */

/* s = sqrt(discount) (A - B K) */
static void closed_loop(const zg_lq *lq, const double *k, double *s)
{
    size_t n = lq->states;
    multiply(n, lq->inputs, n, lq->b, k, s);
    for (size_t i = 0; i < n * n; i++)
        s[i] = sqrt(lq->discount) * (lq->a[i] - s[i]);
}

/* P = sum_t S'^t C S^t by doubling: P <- P + S'PS, S <- S S; p holds C at first.  The powers vanish
 * if and only if the policy stabilises. */
static bool sum_costs(size_t n, double *s, double *p, double *work)
{
    for (int step = 0; step < DOUBLINGS; step++) {
        multiply(n, n, n, p, s, work);
        add_product(n, n, n, 1, s, work, p);
        multiply(n, n, n, s, s, work);
        memcpy(s, work, n * n * sizeof *s);
        double size = zg_norm(n * n, s);
        if (!isfinite(size) || !isfinite(zg_norm(n * n, p))) return false;
        if (size < 1e-200) return true;
    }
    return false;
}

zg_status zg_lq_value(const zg_lq *lq, const double *k, double *p, zg_error *error)
{
    size_t n = lq->states, m = lq->inputs;
    double *s = zg_doubles(n * n), *work = zg_doubles(n * n), *rk = zg_doubles(m * n);
    zg_status status = s && work && rk ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        memcpy(p, lq->q, n * n * sizeof *p);
        multiply(m, m, n, lq->r, k, rk);
        add_product(n, m, n, 1, k, rk, p);
        closed_loop(lq, k, s);
        if (!sum_costs(n, s, p, work))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "the policy does not stabilise the system: its costs have no sum");
    }
    free(s);
    free(work);
    free(rk);
    return status;
}

/* H in (x, u) from the value p. */
static void q_of_state(const zg_lq *lq, const double *p, double *h, double *pa, double *pb)
{
    size_t n = lq->states, m = lq->inputs, order = n + m;
    double g = lq->discount;
    multiply(n, n, n, p, lq->a, pa);
    multiply(n, n, m, p, lq->b, pb);
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j < order; j++) {
            const double *left = i < n ? lq->a + i : lq->b + (i - n);
            const double *right = j < n ? pa + j : pb + (j - n);
            size_t rows = i < n ? n : m, columns = j < n ? n : m;
            double sum = 0;
            for (size_t l = 0; l < n; l++)
                sum += left[l * rows] * right[l * columns];
            sum *= g;
            if (i < n && j < n) sum += lq->q[i * n + j];
            if (i >= n && j >= n) sum += lq->r[(i - n) * m + (j - n)];
            h[i * order + j] = sum;
        }
}

/* z = (x, u) as a function of (h, u): row i of it, for column j. */
static double mapped(const zg_lq *lq, size_t i, size_t j)
{
    size_t n = lq->states, w = lq->window;
    if (i >= n) return j == w + (i - n);
    if (j >= w) return 0;
    return lq->map ? lq->map[i * w + j] : i == j;
}

/* out (order x order) = T'HT for z = T (h, u). */
static void pull_back(const zg_lq *lq, const double *h, double *out, double *t, double *ht)
{
    size_t full = lq->states + lq->inputs, order = lq->window + lq->inputs;
    for (size_t i = 0; i < full; i++)
        for (size_t j = 0; j < order; j++)
            t[i * order + j] = mapped(lq, i, j);
    multiply(full, full, order, h, t, ht);
    memset(out, 0, order * order * sizeof *out);
    add_product(order, full, order, 1, t, ht, out);
}

zg_status zg_lq_q_function(const zg_lq *lq, const double *k, double *h, zg_error *error)
{
    size_t n = lq->states, m = lq->inputs, full = n + m, order = lq->window + m;
    double *p = zg_doubles(n * n), *pa = zg_doubles(n * n), *pb = zg_doubles(n * m);
    double *own = zg_doubles(full * full), *t = zg_doubles(full * order);
    double *ht = zg_doubles(full * order);
    zg_status status = p && pa && pb && own && t && ht ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = zg_lq_value(lq, k, p, error);
    if (status == ZG_OK) {
        q_of_state(lq, p, own, pa, pb);
        pull_back(lq, own, h, t, ht);
    }
    free(p);
    free(pa);
    free(pb);
    free(own);
    free(t);
    free(ht);
    return status;
}

/* ---- policies ---------------------------------------------------------------------------------- */

/* gain (inputs x columns) = H_uu^-1 H_ux of h (columns + inputs), both triangles given. */
static zg_status improve_by(size_t columns, size_t inputs, const double *h, double *gain,
                            zg_error *error)
{
    size_t order = columns + inputs;
    double *uu = zg_doubles(inputs * inputs), *ux = zg_doubles(inputs * columns);
    lapack_int *pivots = calloc(inputs, sizeof *pivots);
    zg_status status = uu && ux && pivots ? ZG_OK : zg_no_memory(error);
    for (size_t i = 0; status == ZG_OK && i < inputs; i++) {
        for (size_t j = 0; j < inputs; j++)
            uu[j * inputs + i] = h[(columns + i) * order + columns + j];
        for (size_t j = 0; j < columns; j++)
            ux[j * inputs + i] = h[(columns + i) * order + j];
    }
    if (status == ZG_OK &&
        (!zg_all_finite(inputs * inputs, uu) ||
         LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)inputs, (lapack_int)columns, uu,
                       (lapack_int)inputs, pivots, ux, (lapack_int)inputs) != 0))
        status = zg_fail(error, ZG_FAILED,
                         "the Q-function does not depend on the input: it gives no policy");
    for (size_t i = 0; status == ZG_OK && i < inputs; i++)
        for (size_t j = 0; j < columns; j++)
            gain[i * columns + j] = ux[j * inputs + i];
    free(uu);
    free(ux);
    free(pivots);
    return status;
}

zg_status zg_lq_gain(const zg_lq *lq, const double *h, double *gain, zg_error *error)
{
    return improve_by(lq->window, lq->inputs, h, gain, error);
}

/* next = K+ of k, on states. */
static zg_status better(const zg_lq *lq, const double *k, double *next, zg_error *error)
{
    zg_lq plain = *lq;
    size_t order = lq->states + lq->inputs;
    double *h = zg_doubles(order * order);
    plain.map = NULL;
    plain.window = lq->states;
    zg_status status = h ? zg_lq_q_function(&plain, k, h, error) : zg_no_memory(error);
    if (status == ZG_OK) status = improve_by(lq->states, lq->inputs, h, next, error);
    free(h);
    return status;
}

zg_status zg_lq_improve(zg_lq *lq, size_t count, zg_error *error)
{
    size_t size = lq->inputs * lq->states;
    double *next = zg_doubles(size);
    zg_status status = next ? ZG_OK : zg_no_memory(error);
    for (size_t i = 0; i < count && status == ZG_OK; i++) {
        status = better(lq, lq->k, next, error);
        if (status == ZG_OK) memcpy(lq->k, next, size * sizeof *next);
    }
    free(next);
    return status;
}

zg_status zg_lq_optimum(const zg_lq *lq, double *k, double *p, zg_error *error)
{
    size_t size = lq->inputs * lq->states;
    double *next = zg_doubles(size), change = INFINITY, before;
    zg_status status = next ? ZG_OK : zg_no_memory(error);
    memcpy(k, lq->k, size * sizeof *k);
    /* Quadratic convergence, until rounding is all that changes. */
    for (int i = 0; i < POLICY_LIMIT && status == ZG_OK; i++) {
        status = better(lq, k, next, error);
        before = change;
        change = 0;
        for (size_t j = 0; status == ZG_OK && j < size; j++)
            change = fmax(change, fabs(next[j] - k[j]));
        if (status == ZG_OK) memcpy(k, next, size * sizeof *k);
        if (change == 0 || (change < 1e-12 * (1 + zg_norm(size, k)) && change >= before)) break;
    }
    free(next);
    return status == ZG_OK && p ? zg_lq_value(lq, k, p, error) : status;
}

zg_status zg_lq_window_gain(const zg_lq *lq, const double *k, double *gain, zg_error *error)
{
    (void)error;
    if (!k) k = lq->k;
    if (lq->map)
        multiply(lq->inputs, lq->states, lq->window, k, lq->map, gain);
    else
        memcpy(gain, k, lq->inputs * lq->states * sizeof *gain);
    return ZG_OK;
}

/* ---- rows -------------------------------------------------------------------------------------- */

/* u = -K x */
static void act(const zg_lq *lq, const double *x, double *u)
{
    for (size_t i = 0; i < lq->inputs; i++) {
        u[i] = 0;
        for (size_t j = 0; j < lq->states; j++)
            u[i] -= lq->k[i * lq->states + j] * x[j];
    }
}

/* x <- A x + B u */
static void advance(const zg_lq *lq, double *x, const double *u, double *next)
{
    for (size_t i = 0; i < lq->states; i++) {
        next[i] = 0;
        for (size_t j = 0; j < lq->states; j++)
            next[i] += lq->a[i * lq->states + j] * x[j];
        for (size_t j = 0; j < lq->inputs; j++)
            next[i] += lq->b[i * lq->inputs + j] * u[j];
    }
    memcpy(x, next, lq->states * sizeof *x);
}

/* The cost of u now and the policy from then on; x and u are used up.  A roll-out without a given
 * end stops when a hundred steps in a row add nothing that counts. */
static double roll_out(const zg_lq *lq, const zg_lq_sampling *s, double *x, double *u, double *next)
{
    double total = 0, weight = 1;
    size_t negligible = 0, steps = s->steps ? s->steps : STEP_LIMIT;
    for (size_t t = 0; t < steps && (s->steps || negligible < 100); t++) {
        double cost = weight * (form(lq->states, lq->q, x) + form(lq->inputs, lq->r, u));
        total += cost;
        negligible = cost <= 1e-18 * total ? negligible + 1 : 0;
        weight *= s->discount;
        advance(lq, x, u, next);
        act(lq, x, u);
    }
    return total;
}

/* h of a drawn state and input before, and the state that it stands for: the observer's window is
 * (C e+, C e, u) with e+ = A e + B u and C the root of Q's only direction. */
static void draw_window(const zg_lq *lq, zg_random *random, double *h, double *x, double *next)
{
    size_t n = lq->states, m = lq->inputs;
    for (size_t i = 0; i < n; i++)
        x[i] = zg_random_normal(random);
    double *u = h + 2;
    for (size_t i = 0; i < m; i++)
        u[i] = zg_random_normal(random);
    h[1] = x[0];
    advance(lq, x, u, next);
    h[0] = x[0];
}

static void draw_row(const zg_lq *lq, const zg_lq_sampling *s, zg_random *random, double *z,
                     double *x, double *u, double *next)
{
    size_t n = lq->states, m = lq->inputs, w = lq->window;
    if (lq->map) {
        draw_window(lq, random, z, x, next);
    } else {
        for (size_t i = 0; i < n; i++)
            x[i] = z[i] = zg_random_normal(random);
    }
    for (size_t i = 0; s->explore && i < m; i++)
        u[i] = zg_random_normal(random);
    if (!s->explore) act(lq, x, u);
    memcpy(z + w, u, m * sizeof *z);
}

zg_status zg_lq_rows(const zg_lq *lq, const zg_lq_sampling *s, zg_dataset **out, zg_error *error)
{
    size_t order = lq->window + lq->inputs;
    double *p = zg_doubles(lq->states * lq->states), *x = zg_doubles(lq->states);
    double *u = zg_doubles(lq->inputs), *next = zg_doubles(lq->states);
    zg_random random;
    zg_random_seed(&random, s->seed);
    zg_status status = p && x && u && next ? zg_lq_value(lq, lq->k, p, error) : zg_no_memory(error);
    if (status == ZG_OK) status = zg_dataset_alloc(s->rows, order, 1, out, error);
    for (size_t i = 0; status == ZG_OK && i < s->rows; i++) {
        draw_row(lq, s, &random, (*out)->x + i * order, x, u, next);
        (*out)->t[i] = roll_out(lq, s, x, u, next);
    }
    free(p);
    free(x);
    free(u);
    free(next);
    return status;
}
