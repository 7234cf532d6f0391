/* Systems with names, and systems given as texts. */
#include "core/linear_quadratic.h"

#include "base/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"double-integrator", "random", "quadrotor", "observer"};
enum { DOUBLE_INTEGRATOR, RANDOM, QUADROTOR, OBSERVER, SYSTEM_COUNT };

const char *const *zg_lq_names(size_t *count)
{
    *count = SYSTEM_COUNT;
    return names;
}

static zg_lq *allocate(size_t states, size_t inputs, size_t window, double discount)
{
    zg_lq *lq = calloc(1, sizeof *lq);
    if (!lq) return NULL;
    *lq = (zg_lq){.states = states,
                  .inputs = inputs,
                  .window = window ? window : states,
                  .a = zg_doubles(states * states),
                  .b = zg_doubles(states * inputs),
                  .q = zg_doubles(states * states),
                  .r = zg_doubles(inputs * inputs),
                  .k = zg_doubles(inputs * states),
                  .map = window ? zg_doubles(states * window) : NULL,
                  .discount = discount};
    if (lq->a && lq->b && lq->q && lq->r && lq->k && (lq->map || !window)) return lq;
    zg_lq_free(lq);
    return NULL;
}

static void diagonal(size_t n, const double *values, double *matrix)
{
    for (size_t i = 0; i < n; i++)
        matrix[i * n + i] = values[i];
}

static void fill_double_integrator(zg_lq *lq)
{
    memcpy(lq->a, (double[]){1, 0.1, 0, 1}, 4 * sizeof(double));
    memcpy(lq->b, (double[]){0.005, 0.1}, 2 * sizeof(double));
    memcpy(lq->k, (double[]){1, 1.5}, 2 * sizeof(double));
    diagonal(2, (double[]){1, 1}, lq->q);
    lq->r[0] = 1;
}

/* RandomState(3): A = randn(4, 4) scaled to a spectral radius of 0.95, B = randn(4, 2). */
static bool fill_random(zg_lq *lq)
{
    zg_random random;
    double copy[16], real[4], imaginary[4], radius = 0;
    zg_random_seed(&random, 3);
    for (size_t i = 0; i < 16; i++)
        copy[i] = lq->a[i] = zg_random_normal(&random);
    for (size_t i = 0; i < 8; i++)
        lq->b[i] = zg_random_normal(&random);
    if (LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', 4, copy, 4, real, imaginary, NULL, 4, NULL, 4))
        return false;
    for (size_t i = 0; i < 4; i++)
        radius = fmax(radius, hypot(real[i], imaginary[i]));
    for (size_t i = 0; i < 16; i++)
        lq->a[i] *= 0.95 / radius;
    diagonal(4, (double[]){1, 1, 1, 1}, lq->q);
    diagonal(2, (double[]){1, 1}, lq->r);
    return true;
}

/* out = exp(m), n <= 8, by its series: for the small matrices of one sampling interval. */
static void exponential(size_t n, const double *m, double *out)
{
    double term[64] = {0}, next[64];
    memset(out, 0, n * n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i * n + i] = term[i * n + i] = 1;
    for (int k = 1; k < 40; k++) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                next[i * n + j] = 0;
                for (size_t l = 0; l < n; l++)
                    next[i * n + j] += term[i * n + l] * m[l * n + j] / k;
            }
        for (size_t i = 0; i < n * n; i++)
            out[i] += term[i] = next[i];
    }
}

/* States x, z, theta and their rates at hover, inputs thrust and torque (deviations); g = 9.81,
 * m = 0.5, J = 0.01, inputs held for 0.05 s.  The first policy is that of a lazy controller (Q /
 * 100 and R times 100), to two decimals. */
static void fill_quadrotor(zg_lq *lq)
{
    static const double policy[12] = {0, 0.01, 0, 0, 0.1, 0, -0.01, 0, 0.12, -0.02, 0, 0.05};
    double m[64] = {0}, e[64], h = 0.05;
    for (size_t i = 0; i < 3; i++)
        m[i * 8 + i + 3] = h;
    m[3 * 8 + 2] = -9.81 * h;
    m[4 * 8 + 6] = h / 0.5;
    m[5 * 8 + 7] = h / 0.01;
    exponential(8, m, e);
    for (size_t i = 0; i < 6; i++) {
        memcpy(lq->a + i * 6, e + i * 8, 6 * sizeof *e);
        memcpy(lq->b + i * 2, e + i * 8 + 6, 2 * sizeof *e);
    }
    diagonal(6, (double[]){1, 1, 1, 0.1, 0.1, 0.1}, lq->q);
    diagonal(2, (double[]){0.1, 1}, lq->r);
    memcpy(lq->k, policy, sizeof policy);
}

/* The error e of an observer of a pendulum: e+ = (A - L C) e - w with A = exp(0.05 [0, 1; -9.81,
 * -0.2]), C = (1, 0), L = (0.4, 0.3)'; cost (C e)^2 + w'w / 2, first policy 0.  The window is
 * h = (C e, C e before, w before), and e = M h by solving O e_before = (C e_before, C e + C w). */
static void fill_observer(zg_lq *lq)
{
    double m[4] = {0, 0.05, -9.81 * 0.05, -0.2 * 0.05};
    exponential(2, m, lq->a);
    lq->a[0] -= 0.4;
    lq->a[2] -= 0.3;
    const double *a = lq->a;
    diagonal(2, (double[]){-1, -1}, lq->b);
    lq->q[0] = 1;
    diagonal(2, (double[]){0.5, 0.5}, lq->r);
    /* e_before = (h1, (h0 + w0 - a00 h1) / a01), e = A e_before - w. */
    double second[4] = {1 / a[1], -a[0] / a[1], 1 / a[1], 0};
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 4; j++)
            lq->map[i * 4 + j] = a[i * 2] * (j == 1) + a[i * 2 + 1] * second[j] - (j == 2 + i);
}

zg_status zg_lq_create(const char *name, double discount, zg_lq **out, zg_error *error)
{
    static const size_t shapes[SYSTEM_COUNT][3] = {{2, 1, 0}, {4, 2, 0}, {6, 2, 0}, {2, 2, 4}};
    size_t kind = 0;
    while (kind < SYSTEM_COUNT && strcmp(names[kind], name) != 0)
        kind++;
    if (kind == SYSTEM_COUNT) return zg_fail_unknown(error, "system", name, names, SYSTEM_COUNT);
    zg_lq *lq = allocate(shapes[kind][0], shapes[kind][1], shapes[kind][2], discount);
    if (!lq) return zg_no_memory(error);
    bool good = true;
    if (kind == DOUBLE_INTEGRATOR) fill_double_integrator(lq);
    if (kind == RANDOM) good = fill_random(lq);
    if (kind == QUADROTOR) fill_quadrotor(lq);
    if (kind == OBSERVER) fill_observer(lq);
    if (!good) {
        zg_lq_free(lq);
        return zg_no_memory(error);
    }
    *out = lq;
    return ZG_OK;
}

/* ---- texts ------------------------------------------------------------------------------------- */

/* "1, 0.1; 0, 1" into a new array; *rows and *columns are found. */
static zg_status read_matrix(const char *what, const char *text, double **out, size_t *rows,
                             size_t *columns, zg_error *error)
{
    size_t count = 0, width = 0;
    char *copy = strdup(text), *rest = copy;
    *out = zg_doubles(ZG_LQ_ORDER * ZG_LQ_ORDER);
    *rows = *columns = 0;
    bool good = copy && *out;
    if (!good) {
        free(copy);
        return zg_no_memory(error);
    }
    for (char *row; good && (row = strsep(&rest, ";")) != NULL; ++*rows) {
        size_t here = 0;
        for (char *item; good && (item = strsep(&row, ",")) != NULL; here++) {
            item += strspn(item, " ");
            item[strcspn(item, " ")] = '\0';
            good = count < ZG_LQ_ORDER * ZG_LQ_ORDER && zg_parse_double(item, &(*out)[count++]);
        }
        good = good && (width == 0 || here == width);
        width = here;
    }
    *columns = width;
    free(copy);
    if (good && *rows <= ZG_LQ_ORDER && width <= ZG_LQ_ORDER) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "expected a matrix for %s, at most %d x %d, as \"1, 0.1; 0, 1\" with a "
                   "semicolon between rows, found \"%.120s\"",
                   what, ZG_LQ_ORDER, ZG_LQ_ORDER, text);
}

static bool symmetric(size_t n, const double *a)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (a[i * n + j] != a[j * n + i]) return false;
    return true;
}

/* Q semidefinite to rounding, R definite. */
static bool costs_are_convex(const zg_lq *lq)
{
    double q[ZG_LQ_ORDER * ZG_LQ_ORDER], r[ZG_LQ_ORDER * ZG_LQ_ORDER], w[ZG_LQ_ORDER];
    size_t n = lq->states, m = lq->inputs;
    memcpy(q, lq->q, n * n * sizeof *q);
    memcpy(r, lq->r, m * m * sizeof *r);
    if (!symmetric(n, q) || !symmetric(m, r)) return false;
    if (zg_eigenvalues(n, q, w) != ZG_OK || !(w[0] >= -1e-12 * fabs(w[n - 1]))) return false;
    return zg_eigenvalues(m, r, w) == ZG_OK && w[0] > 0;
}

zg_status zg_lq_parse(const char *a, const char *b, const char *q, const char *r, const char *k,
                      double discount, zg_lq **out, zg_error *error)
{
    const char *const what[] = {"A", "B", "Q", "R", "K"}, *const texts[] = {a, b, q, r, k};
    size_t rows[5], columns[5];
    zg_lq *lq = calloc(1, sizeof *lq);
    if (!lq) return zg_no_memory(error);
    lq->discount = discount;
    double **const places[] = {&lq->a, &lq->b, &lq->q, &lq->r, &lq->k};
    zg_status status = ZG_OK;
    for (size_t i = 0; i < 5 && status == ZG_OK; i++)
        if (texts[i])
            status = read_matrix(what[i], texts[i], places[i], &rows[i], &columns[i], error);
    if (status == ZG_OK) {
        size_t n = lq->states = lq->window = rows[0], m = lq->inputs = columns[1];
        if (!k) {
            rows[4] = m;
            columns[4] = n;
            lq->k = zg_doubles(m * n);
            if (!lq->k) status = zg_no_memory(error);
        }
        bool fits = columns[0] == n && rows[1] == n && rows[2] == n && columns[2] == n &&
                    rows[3] == m && columns[3] == m && rows[4] == m && columns[4] == n;
        if (status == ZG_OK && !fits)
            status = zg_fail(error, ZG_BAD_INPUT,
                             "expected A %zu x %zu, B %zu x %zu, Q as A, R %zu x %zu and K %zu x "
                             "%zu",
                             n, n, n, m, m, m, m, n);
        if (status == ZG_OK && !costs_are_convex(lq))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "expected symmetric Q and R, Q positive semidefinite and R definite");
    }
    if (status == ZG_OK)
        *out = lq;
    else
        zg_lq_free(lq);
    return status;
}
