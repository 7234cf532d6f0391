/* Descent on the factored program by L-BFGS (libLBFGS, with its line search). */
#include "solvers/low_rank_descent.h"

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

typedef struct run {
    zg_factor *factor;
    const zg_descent *how;
    double *f;
    double *w, *by_w, *work; /* with a metric: the point, the gradient by it, scratch */
} run;

static lbfgsfloatval_t evaluate(void *instance, const lbfgsfloatval_t *x, lbfgsfloatval_t *gradient,
                                const int n, const lbfgsfloatval_t step)
{
    run *r = instance;
    size_t size = zg_factor_size(r->factor);
    (void)step;
    memset(gradient + size, 0, ((size_t)n - size) * sizeof *gradient);
    const zg_metric *metric = r->how->metric;
    if (!metric) return zg_factor_value(r->factor, x, gradient, r->f);
    zg_metric_point(metric, r->factor, x, r->w, r->work);
    double value = zg_factor_value(r->factor, r->w, r->by_w, r->f);
    zg_metric_gradient(metric, r->factor, r->by_w, gradient, r->work);
    return value;
}

static int advance(void *instance, const lbfgsfloatval_t *x, const lbfgsfloatval_t *gradient,
                   const lbfgsfloatval_t value, const lbfgsfloatval_t size,
                   const lbfgsfloatval_t slope, const lbfgsfloatval_t step, int n, int k, int calls)
{
    const run *r = instance;
    (void)x, (void)gradient, (void)size, (void)slope, (void)step, (void)n, (void)k, (void)calls;
    return !isfinite(value) || !r->how->go_on(r->how->context);
}

/* x (padded) becomes the point reached, in the variables of W. */
static zg_status search(run *r, size_t padded, const double *w, double *x, bool *ended)
{
    size_t size = zg_factor_size(r->factor);
    const zg_metric *metric = r->how->metric;
    lbfgs_parameter_t settings;
    lbfgs_parameter_init(&settings);
    settings.m = MEMORY;
    settings.epsilon = 1e-12;
    settings.max_iterations = (int)r->how->steps;
    memcpy(x, w, size * sizeof *w);
    if (metric) zg_metric_coordinates(metric, r->factor, w, x, r->work);
    lbfgsfloatval_t reached;
    int outcome = lbfgs((int)padded, x, &reached, evaluate, advance, r, &settings);
    *ended = outcome != LBFGSERR_MAXIMUMITERATION;
    if (metric) {
        zg_metric_point(metric, r->factor, x, r->w, r->work);
        memcpy(x, r->w, size * sizeof *x);
    }
    return outcome == LBFGSERR_OUTOFMEMORY ? ZG_NO_MEMORY : ZG_OK;
}

zg_status zg_factor_descend(zg_factor *factor, const zg_descent *how, double *w, double *value,
                            double *f, bool *ended)
{
    size_t size = zg_factor_size(factor), padded = (size + LANES - 1) / LANES * LANES;
    if (padded > (size_t)INT32_MAX) return ZG_UNSUPPORTED;
    double *x = zg_doubles(padded);
    run r = {factor, how, f, zg_doubles(size), zg_doubles(size), zg_doubles(size)};
    zg_status status = x && r.w && r.by_w && r.work ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        factor->balanced = true;
        double before = zg_factor_value(factor, w, NULL, f);
        zg_factor_take_multiples(factor, w);
        status = zg_factor_use(factor, how->store, how->single);
        if (status == ZG_OK) status = search(&r, padded, w, x, ended);
        (void)zg_factor_use(factor, how->store, false);
        /* Predictions of the last trial of a line search need not be those of the point kept. */
        *value = zg_factor_value(factor, x, NULL, f);
        zg_factor_take_multiples(factor, x);
        *ended = *ended || !(*value < before);
        if (*value < before)
            memcpy(w, x, size * sizeof *w);
        else
            *value = zg_factor_value(factor, w, NULL, f);
    }
    factor->balanced = false;
    free(x);
    free(r.w);
    free(r.by_w);
    free(r.work);
    return status;
}
