/* How good predictions are. */
#include "core/scores.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double zg_probability(double f)
{
    if (f >= 0) return 1 / (1 + exp(-f));
    double odds = exp(f);
    return odds / (1 + odds);
}

/* ---- regression ---------------------------------------------------------------------------- */

/* 1 - sum (y - f)^2 / sum (y - mean)^2 */
static double r_squared(size_t n, const double *f, const double *y)
{
    long double mean = 0, left = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        mean += y[i];
    mean /= (long double)n;
    for (size_t i = 0; i < n; i++) {
        left += ((long double)y[i] - f[i]) * ((long double)y[i] - f[i]);
        all += (y[i] - mean) * (y[i] - mean);
    }
    return all > 0 ? (double)(1 - left / all) : NAN;
}

static void score_regression(size_t n, const double *f, const double *y, zg_scores *out)
{
    out->rmse = zg_rmse(n * out->outputs, f, y);
    out->r2 = 0;
    for (size_t c = 0; c < out->outputs; c++) {
        out->output_rmse[c] = zg_rmse(n, f + c * n, y + c * n);
        out->output_r2[c] = r_squared(n, f + c * n, y + c * n);
        out->r2 += out->output_r2[c] / (double)out->outputs;
    }
}

/* ---- classes ------------------------------------------------------------------------------- */

typedef struct ranked {
    double output;
    bool member;
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    double x = ((const ranked *)a)->output, y = ((const ranked *)b)->output;
    return (x > y) - (x < y);
}

/* Mann and Whitney's statistic over the number of pairs; order (n) is scratch. */
static double area_under_curve(size_t n, const double *f, const double *y, ranked *order)
{
    size_t members = 0, below = 0;
    long double wins = 0;
    for (size_t i = 0; i < n; i++) {
        order[i] = (ranked){f[i], y[i] > 0};
        members += y[i] > 0;
    }
    if (members == 0 || members == n) return NAN;
    qsort(order, n, sizeof *order, compare_ranked);
    for (size_t first = 0, end; first < n; first = end) {
        size_t in = 0;
        for (end = first; end < n && order[end].output == order[first].output; end++)
            in += order[end].member;
        size_t out = end - first - in;
        wins += (long double)in * ((long double)below + 0.5L * (long double)out);
        below += out;
    }
    return (double)(wins / ((long double)members * (long double)(n - members)));
}

static void count_classes(const zg_encoding *encoding, size_t n, const double *f, const double *y,
                          zg_scores *out)
{
    size_t k = out->classes, occurring = 0;
    for (size_t i = 0; i < n; i++)
        out->confusion[zg_predicted_class(encoding, n, y, i) * k +
                       zg_predicted_class(encoding, n, f, i)]++;
    double recalls = 0;
    for (size_t a = 0; a < k; a++) {
        size_t rows = 0;
        for (size_t b = 0; b < k; b++)
            rows += out->confusion[a * k + b];
        if (rows == 0) continue;
        occurring++;
        recalls += (double)out->confusion[a * k + a] / (double)rows;
    }
    out->accuracy = zg_accuracy(encoding, n, f, y);
    out->balanced_accuracy = recalls / (double)occurring;
}

static void score_probabilities(size_t n, const double *f, const double *y, zg_scores *out)
{
    long double loss = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double margin = y[i] * f[i]; /* -ln p = ln(1 + exp(-margin)) */
        loss += margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin;
        double off = zg_probability(f[i]) - (y[i] > 0);
        squares += (long double)off * off;
    }
    out->log_loss = (double)(loss / (long double)n);
    out->brier = (double)(squares / (long double)n);
}

static zg_status score_classes(const zg_encoding *encoding, bool log_odds, size_t n,
                               const double *f, const double *y, zg_scores *out, zg_error *error)
{
    ranked *order = malloc(n * sizeof *order);
    if (!order) return zg_no_memory(error);
    count_classes(encoding, n, f, y, out);
    out->auc = 0;
    for (size_t c = 0; c < out->outputs; c++)
        out->auc += area_under_curve(n, f + c * n, y + c * n, order) / (double)out->outputs;
    if (log_odds && encoding->task == ZG_BINARY) score_probabilities(n, f, y, out);
    free(order);
    return ZG_OK;
}

zg_status zg_scores_compute(const zg_encoding *encoding, bool log_odds, size_t n, const double *f,
                            const double *y, zg_scores *out, zg_error *error)
{
    size_t outputs = encoding->outputs, k = encoding->label_count;
    *out = (zg_scores){.task = encoding->task,
                       .rows = n,
                       .outputs = outputs,
                       .classes = k,
                       .rmse = NAN,
                       .r2 = NAN,
                       .accuracy = NAN,
                       .balanced_accuracy = NAN,
                       .auc = NAN,
                       .log_loss = NAN,
                       .brier = NAN,
                       .output_rmse = zg_doubles(outputs),
                       .output_r2 = zg_doubles(outputs),
                       .confusion = calloc(k ? k * k : 1, sizeof *out->confusion)};
    zg_status status =
        out->output_rmse && out->output_r2 && out->confusion ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK && n > 0 && encoding->task == ZG_REGRESSION)
        score_regression(n, f, y, out);
    else if (status == ZG_OK && n > 0)
        status = score_classes(encoding, log_odds, n, f, y, out, error);
    if (status != ZG_OK) zg_scores_clear(out);
    return status;
}

void zg_scores_clear(zg_scores *scores)
{
    free(scores->output_rmse);
    free(scores->output_r2);
    free(scores->confusion);
    *scores = (zg_scores){0};
}
