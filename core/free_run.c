/* Free runs of models of time series, and what is told of them. */
#include "core/free_run.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The past of a row with the model's own outputs: those before it move by one age, the last ones
 * take the first place. */
static void carry(size_t lags, size_t outputs, const double *last, double *past)
{
    if (lags == 0) return;
    memmove(past + outputs, past, (lags - 1) * outputs * sizeof *past);
    memcpy(past, last, outputs * sizeof *past);
}

static bool usable(size_t outputs, const double *y)
{
    for (size_t c = 0; c < outputs; c++)
        if (!(fabs(y[c]) <= ZG_DIVERGED)) return false;
    return true;
}

/* The rows one after the other; x has room for a row, y for its outputs. */
static zg_status run_rows(const zg_network *network, const zg_dataset *rows, double *x, double *y,
                          double *f, size_t *diverged, zg_error *error)
{
    size_t d = rows->inputs, k = network->outputs, n = rows->rows;
    size_t lags = rows->series->lags.outputs, past = lags * k;
    for (size_t i = 0; i < n; i++) {
        const double *measured = rows->x + i * d;
        if (zg_series_begins(rows->series, i))
            memcpy(x, measured, past * sizeof *x);
        else
            carry(lags, k, y, x);
        memcpy(x + past, measured + past, (d - past) * sizeof *x);
        zg_status status = zg_network_predict(network, 1, x, y, error);
        if (status != ZG_OK) return status;
        if (!usable(k, y)) {
            *diverged = i + 1;
            return ZG_OK;
        }
        for (size_t c = 0; c < k; c++)
            f[c * n + i] = y[c];
    }
    return ZG_OK;
}

zg_status zg_free_run(const zg_network *network, const zg_dataset *rows, double *f,
                      size_t *diverged, zg_error *error)
{
    size_t d = rows->inputs, k = network->outputs;
    *diverged = 0;
    if (!rows->series || !rows->series->sample || network->preprocess.inputs != d ||
        rows->series->lags.outputs * k > d)
        return zg_fail(error, ZG_BAD_INPUT,
                       "only a model of a time series, on rows of one, can run freely");
    for (size_t i = 0; i < k * rows->rows; i++)
        f[i] = NAN;
    double *x = zg_doubles(d), *y = zg_doubles(k);
    zg_status status =
        x && y ? run_rows(network, rows, x, y, f, diverged, error) : zg_no_memory(error);
    free(x);
    free(y);
    return status;
}

double zg_fit_percent(size_t outputs, size_t n, const double *y, const double *f)
{
    double error = 0, spread = 0;
    for (size_t c = 0; c < outputs; c++) {
        const double *measured = y + c * n;
        double mean = 0; /* seen from the first, so that a constant has no spread of rounding */
        for (size_t i = 0; i < n; i++)
            mean += (measured[i] - measured[0]) / (double)n;
        for (size_t i = 0; i < n; i++) {
            error = hypot(error, measured[i] - f[c * n + i]);
            spread = hypot(spread, (measured[i] - measured[0]) - mean);
        }
    }
    return spread > 0 && isfinite(spread) ? 100 * (1 - error / spread) : NAN;
}

double zg_share_outside(size_t inputs, size_t n, const double *x, size_t m, const double *others)
{
    size_t outside = 0;
    double *low = zg_doubles(inputs), *high = zg_doubles(inputs);
    for (size_t j = 0; low && high && j < inputs; j++) {
        low[j] = high[j] = others[j];
        for (size_t i = 1; i < m; i++) {
            low[j] = fmin(low[j], others[i * inputs + j]);
            high[j] = fmax(high[j], others[i * inputs + j]);
        }
    }
    for (size_t i = 0; low && high && i < n; i++) {
        bool inside = true;
        for (size_t j = 0; j < inputs; j++)
            inside = inside && x[i * inputs + j] >= low[j] && x[i * inputs + j] <= high[j];
        outside += !inside;
    }
    double share = low && high && n > 0 ? (double)outside / (double)n : NAN;
    free(low);
    free(high);
    return share;
}
