/* Simulated dynamical systems: series of an input and an output. */
#include "data/dynamics.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double uniform(zg_random *random, double low, double high)
{
    return low + (high - low) * zg_random_uniform(random);
}

/* Levels held for so many samples. */
static zg_status hold_levels(zg_random *random, size_t n, size_t held, double low, double high,
                             double *u)
{
    size_t count = n / held + 1;
    double *levels = zg_doubles(count);
    if (!levels) return ZG_NO_MEMORY;
    for (size_t k = 0; k < count; k++)
        levels[k] = uniform(random, low, high);
    for (size_t t = 0; t < n; t++)
        u[t] = levels[t / held];
    free(levels);
    return ZG_OK;
}

static void draw_noise(zg_random *random, double deviation, size_t n, double *e)
{
    for (size_t t = 0; t < n; t++)
        e[t] = deviation * zg_random_normal(random);
}

/* ---- differential equations ------------------------------------------------------------------- */

typedef void (*field)(const double x[2], double u, double out[2]);

static void duffing(const double x[2], double u, double out[2])
{
    out[0] = x[1];
    out[1] = u - 0.4 * x[1] - x[0] - 0.5 * (x[0] * x[0] * x[0]);
}

static void tanks(const double x[2], double u, double out[2])
{
    double upper = 0.1 * sqrt(fmax(x[0], 0)), lower = 0.1 * sqrt(fmax(x[1], 0));
    out[0] = -upper + 0.1 * u;
    out[1] = upper - lower;
}

/* x + step k */
static void shifted(const double x[2], double step, const double k[2], double out[2])
{
    out[0] = x[0] + step * k[0];
    out[1] = x[1] + step * k[1];
}

/* Four classical Runge-Kutta steps over the interval, u held. */
static void integrate(field f, double x[2], double u, double interval)
{
    double h = interval / 4, k1[2], k2[2], k3[2], k4[2], at[2];
    for (int step = 0; step < 4; step++) {
        f(x, u, k1);
        shifted(x, h / 2, k1, at);
        f(at, u, k2);
        shifted(x, h / 2, k2, at);
        f(at, u, k3);
        shifted(x, h, k3, at);
        f(at, u, k4);
        for (int i = 0; i < 2; i++)
            x[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
}

/* y(t) is state number output before the interval, e(t) is in y already. */
static void simulate(field f, double x[2], size_t output, double interval, size_t n,
                     const double *u, double *y)
{
    for (size_t t = 0; t < n; t++) {
        y[t] += x[output];
        integrate(f, x, u[t], interval);
    }
}

static void run_narx(size_t n, const double *u, double *y)
{
    for (size_t t = 0; t < n; t++) {
        double y1 = t > 0 ? y[t - 1] : 0, y2 = t > 1 ? y[t - 2] : 0, u1 = t > 0 ? u[t - 1] : 0;
        y[t] += 0.3 + 0.6 * y1 - 0.2 * y2 + 0.5 * u1 + 0.25 * u1 * y1 - 0.15 * y1 * y1;
    }
}

/* u, then the noise, then the system. */
static zg_status run_system(const zg_dynamics *d, zg_random *random, double *u, double *y)
{
    double still[2] = {0, 0}, filled[2] = {2, 2};
    zg_status status = ZG_OK;
    if (d->system == ZG_SYSTEM_NARX) {
        for (size_t t = 0; t < d->n; t++)
            u[t] = uniform(random, -1, 1);
    } else if (d->system == ZG_SYSTEM_DUFFING) {
        status = hold_levels(random, d->n, 5, -1, 1, u);
    } else {
        status = hold_levels(random, d->n, 10, 0.4, 2.2, u);
    }
    if (status != ZG_OK) return status;
    draw_noise(random, d->noise, d->n, y);
    if (d->system == ZG_SYSTEM_NARX)
        run_narx(d->n, u, y);
    else if (d->system == ZG_SYSTEM_DUFFING)
        simulate(duffing, still, 0, 0.2, d->n, u, y);
    else
        simulate(tanks, filled, 1, 4, d->n, u, y);
    return ZG_OK;
}

/* ---- rows ------------------------------------------------------------------------------------- */

static void normalise(size_t count, double *g)
{
    double length = zg_norm(count, g);
    for (size_t k = 0; k < count; k++)
        g[k] /= length;
}

/* y = (g1'u)^2 - 0.7 (g2'u)^2 + 0.5 g1'u + e over the last `length` inputs, the latest first. */
static zg_status fill_volterra(const zg_dynamics *d, zg_random *random, zg_dataset *rows)
{
    size_t length = d->length, n = d->n;
    double *u = zg_doubles(n + length), *g1 = zg_doubles(length), *g2 = zg_doubles(length);
    bool room = u && g1 && g2;
    for (size_t t = 0; room && t < n + length; t++)
        u[t] = zg_random_normal(random);
    for (size_t k = 0; room && k < length; k++) {
        g1[k] = exp(-(double)k / 6) * cos((double)k / 2);
        g2[k] = exp(-(double)k / 4) * sin((double)k / 3);
    }
    if (room) normalise(length, g1);
    if (room && length > 1) normalise(length, g2);
    if (room) draw_noise(random, d->noise, n, rows->t);
    for (size_t t = 0; room && t < n; t++) {
        double *x = rows->x + t * length;
        for (size_t k = 0; k < length; k++)
            x[k] = u[length - 1 - k + t];
        double first = zg_dot(length, x, g1), second = zg_dot(length, x, g2);
        rows->t[t] += first * first + 0.5 * first;
        if (d->branches > 1) rows->t[t] -= 0.7 * (second * second);
    }
    free(u);
    free(g1);
    free(g2);
    return room ? ZG_OK : ZG_NO_MEMORY;
}

/* y = |M'x|^2 + |x|^2 + e; draw order M (row by row), X, e. */
static zg_status fill_definite(const zg_dynamics *d, zg_random *random, zg_dataset *rows)
{
    size_t k = d->length;
    double *m = zg_doubles(k * k), *response = zg_doubles(k);
    bool room = m && response;
    for (size_t i = 0; room && i < k * k; i++)
        m[i] = zg_random_normal(random);
    for (size_t i = 0; room && i < d->n * k; i++)
        rows->x[i] = zg_random_normal(random);
    for (size_t i = 0; room && i < d->n; i++) {
        const double *x = rows->x + i * k;
        zg_gemv(false, k, k, 1, m, k, x, 0, response); /* M'x: m is row-major */
        rows->t[i] =
            zg_dot(k, response, response) + zg_dot(k, x, x) + d->noise * zg_random_normal(random);
    }
    free(m);
    free(response);
    return room ? ZG_OK : ZG_NO_MEMORY;
}

static zg_status name_series(zg_dataset *rows)
{
    rows->input_names = calloc(1, sizeof *rows->input_names);
    rows->target_names = calloc(1, sizeof *rows->target_names);
    if (!rows->input_names || !rows->target_names) return ZG_NO_MEMORY;
    rows->input_names[0] = strdup("u");
    rows->target_names[0] = strdup("y");
    return rows->input_names[0] && rows->target_names[0] ? ZG_OK : ZG_NO_MEMORY;
}

zg_status zg_dynamics_create(const zg_dynamics *d, zg_dataset **out, zg_error *error)
{
    bool rows = d->system == ZG_SYSTEM_VOLTERRA || d->system == ZG_SYSTEM_DEFINITE;
    zg_dataset *dataset;
    zg_random random;
    zg_status status = zg_dataset_alloc(d->n, rows ? d->length : 1, 1, &dataset, error);
    if (status != ZG_OK) return status;
    zg_random_seed(&random, d->seed);
    if (d->system == ZG_SYSTEM_VOLTERRA)
        status = fill_volterra(d, &random, dataset);
    else if (d->system == ZG_SYSTEM_DEFINITE)
        status = fill_definite(d, &random, dataset);
    else
        status = run_system(d, &random, dataset->x, dataset->t);
    if (status == ZG_OK && !rows) status = name_series(dataset);
    if (status != ZG_OK) {
        zg_dataset_free(dataset);
        return zg_no_memory(error);
    }
    *out = dataset;
    return ZG_OK;
}
