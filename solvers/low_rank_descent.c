/* Descent on the factored program by L-BFGS (libLBFGS, with its line search). */
#include "solvers/low_rank_factor.h"

#include "base/linalg.h"

#include <lbfgs.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pairs of steps and changes of gradient that are kept. */
#define MEMORY 30
/* libLBFGS built with vector instructions wants the number of variables to be a multiple of this;
 * the ones added take no part. */
#define LANES 16

typedef struct descent {
    zg_factor *factor;
    double *f;
    double before; /* F at the first point asked about, which is where the descent starts */
    bool (*go_on)(void *context);
    void *context;
} descent;

static lbfgsfloatval_t evaluate(void *instance, const lbfgsfloatval_t *w, lbfgsfloatval_t *gradient,
                                const int n, const lbfgsfloatval_t step)
{
    descent *d = instance;
    size_t size = zg_factor_size(d->factor);
    (void)step;
    memset(gradient + size, 0, ((size_t)n - size) * sizeof *gradient);
    double value = zg_factor_value(d->factor, w, gradient, d->f);
    if (isinf(d->before)) d->before = value;
    return value;
}

static int advance(void *instance, const lbfgsfloatval_t *w, const lbfgsfloatval_t *gradient,
                   const lbfgsfloatval_t value, const lbfgsfloatval_t size,
                   const lbfgsfloatval_t slope, const lbfgsfloatval_t step, int n, int k, int calls)
{
    const descent *d = instance;
    (void)w, (void)gradient, (void)size, (void)slope, (void)step, (void)n, (void)k, (void)calls;
    return !isfinite(value) || !d->go_on(d->context);
}

zg_status zg_factor_descend(zg_factor *factor, double *w, long steps, bool (*go_on)(void *context),
                            void *context, double *value, double *f)
{
    size_t size = zg_factor_size(factor), padded = (size + LANES - 1) / LANES * LANES;
    if (padded > (size_t)INT32_MAX) return ZG_UNSUPPORTED;
    double *x = zg_doubles(padded);
    if (!x) return ZG_NO_MEMORY;
    memcpy(x, w, size * sizeof *w);
    descent d = {factor, f, INFINITY, go_on, context};
    lbfgs_parameter_t settings;
    lbfgs_parameter_init(&settings);
    settings.m = MEMORY;
    settings.epsilon = 1e-12;
    settings.max_iterations = (int)steps;
    lbfgsfloatval_t reached;
    int outcome = lbfgs((int)padded, x, &reached, evaluate, advance, &d, &settings);
    zg_status status = outcome == LBFGSERR_OUTOFMEMORY ? ZG_NO_MEMORY : ZG_OK;
    /* Predictions of the last trial of a line search need not be those of the point kept. */
    *value = zg_factor_value(factor, x, NULL, f);
    if (*value <= d.before)
        memcpy(w, x, size * sizeof *w);
    else
        *value = zg_factor_value(factor, w, NULL, f);
    free(x);
    return status;
}
