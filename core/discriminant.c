/* Two classes told apart by one output (see discriminant.h). */
#include "core/discriminant.h"

#include "base/linalg.h"
#include "core/neuron_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t class_of(const double *labels, size_t i)
{
    return labels[i] > 0.0;
}

static zg_status check(const zg_problem *p, zg_row_kind rows, const size_t count[2],
                       zg_error *error)
{
    const char *name = zg_loss_name(p->loss.kind);
    const char *what = p->architecture.kind != ZG_DENSE      ? "a dense network"
                       : p->preprocess.halfspaces > 0        ? "inputs that are no half-spaces"
                       : zg_neuron_set_finite(p->neuron_set) ? "neurons of any weights"
                       : p->penalty.kind != ZG_PENALTY_L1    ? "the penalty l1"
                       : rows != ZG_ROWS_VALUES              ? "rows that are values"
                       : p->weights                          ? "rows without weights"
                       : p->encoding.task != ZG_BINARY       ? "the task binary"
                                                             : NULL;
    if (what) return zg_fail(error, ZG_UNSUPPORTED, "the loss %s needs %s", name, what);
    if (count[0] == 0 || count[1] == 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the loss %s needs rows of both classes, found %zu and %zu", name, count[0],
                       count[1]);
    double terms = (double)p->points;
    for (size_t k = 0; k < 2; k++)
        terms += (double)count[k] * (double)count[k];
    if (terms <= (double)ZG_DISCRIMINANT_TERMS) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "the loss %s has %.3g terms for classes of %zu and %zu rows, at most %zu are "
                   "possible: train on a part of the rows",
                   name, terms, count[0], count[1], ZG_DISCRIMINANT_TERMS);
}

static zg_status add_rows(zg_functionals *rows, const double *labels, const size_t count[2])
{
    size_t n = rows->points;
    zg_status status = ZG_OK;
    for (size_t i = 0; i <= n && status == ZG_OK; i++) {
        status = zg_functionals_add_row(rows);
        for (size_t j = 0; j < n && status == ZG_OK; j++) {
            size_t k = class_of(labels, j);
            double own = j == i ? (double)count[k] : 0.0;
            if (i == n)
                status = zg_functionals_add(rows, j, ZG_TERM_VALUE,
                                            k ? (double)count[0] : -(double)count[1]);
            else if (class_of(labels, i) == k)
                status = zg_functionals_add(rows, j, ZG_TERM_VALUE, own - 1.0);
        }
    }
    return status;
}

zg_status zg_discriminant_pose(zg_problem *p, zg_row_kind rows, zg_error *error)
{
    size_t n = p->points, count[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        count[class_of(p->y, i)]++;
    zg_status status = check(p, rows, count, error);
    if (status != ZG_OK) return status;
    double *y = zg_doubles(n + 1), *weights = zg_doubles(n + 1);
    if (!y || !weights) {
        free(y);
        free(weights);
        return zg_no_memory(error);
    }
    for (size_t i = 0; i < n; i++) {
        double own = (double)count[class_of(p->y, i)];
        weights[i] = 1.0 / ((double)n * own * own);
    }
    y[n] = (double)count[0] * (double)count[1];
    weights[n] = INFINITY;
    p->targets = p->y;
    p->y = y;
    p->weights = weights;
    p->samples = n + 1;
    status = zg_functionals_create(n, p->inputs, &p->functionals);
    if (status == ZG_OK) status = add_rows(p->functionals, p->targets, count);
    return status == ZG_OK ? ZG_OK : zg_no_memory(error);
}

bool zg_discriminant_posed(const zg_problem *problem)
{
    return zg_loss_has(problem->loss.kind, ZG_LOSS_SEPARATES) && problem->functionals;
}

zg_status zg_discriminant_measure(const zg_problem *problem, const zg_network *network,
                                  zg_discriminant *out)
{
    size_t n = problem->points, count[2] = {0, 0};
    double *f = zg_doubles(n), sum[2] = {0.0, 0.0}, within = 0.0;
    zg_status status = f ? zg_network_evaluate(network, n, problem->x, f) : ZG_NO_MEMORY;
    for (size_t i = 0; i < n && status == ZG_OK; i++) {
        size_t k = class_of(problem->targets, i);
        count[k]++;
        sum[k] += f[i];
    }
    for (size_t k = 0; k < 2; k++)
        out->mean[k] = sum[k] / (double)count[k];
    for (size_t i = 0; i < n && status == ZG_OK; i++) {
        double away = f[i] - out->mean[class_of(problem->targets, i)];
        within += away * away / (double)n;
    }
    double apart = out->mean[1] - out->mean[0];
    out->within = within;
    out->ratio = apart * apart / within;
    out->threshold = out->mean[0] + 0.5 * apart;
    free(f);
    return status;
}

zg_status zg_discriminant_finish(const zg_problem *problem, zg_network *network)
{
    zg_discriminant d;
    zg_encoding *e = &network->encoding;
    if (!zg_discriminant_posed(problem)) return ZG_OK;
    zg_status status = zg_discriminant_measure(problem, network, &d);
    if (status != ZG_OK) return status;
    double factor = 1.0 / (d.mean[1] - d.mean[0]), threshold = factor * d.threshold;
    if (!isfinite(factor) || !isfinite(threshold) || factor == 0.0) return ZG_OK;
    for (size_t k = 0; k < network->count * network->outputs; k++)
        network->alpha[k] *= factor;
    free(e->mean);
    free(e->scale);
    e->mean = zg_doubles(1);
    e->scale = zg_doubles(1);
    if (!e->mean || !e->scale) return ZG_NO_MEMORY;
    e->mean[0] = -threshold;
    e->scale[0] = 1.0;
    return ZG_OK;
}
