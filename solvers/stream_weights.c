/* The best weights of given neurons, from sums (see stream_weights.h). */
#include "solvers/stream_weights.h"

#include "base/linalg.h"
#include "solvers/l1.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Relative jitter on the diagonal, more where features are dependent. */
#define JITTER 1e-15
#define MOST_JITTER 1e-9
#define TOLERANCE 1e-12

/* F'F = B'GB and F'y = B'q for the k columns B: all that the loss over them depends on but a
 * constant.  With G = L L' they come from the triangular factor of [L'B, inv(L) q]. */
typedef struct reduced {
    size_t k;
    double *rows; /* features x (k + 1): [L'B, inv(L) q] */
    double *f;    /* (k + 1) x (k + 1): [F, y] */
    double *v, *alpha, *tau;
    double *storage;
} reduced;

static zg_status reduced_create(size_t p, size_t k, reduced *out)
{
    *out = (reduced){.k = k, .storage = zg_doubles(p * (k + 1) + (k + 1) * (k + 1) + 3 * (k + 1))};
    if (!out->storage) return ZG_NO_MEMORY;
    out->rows = out->storage;
    out->f = out->rows + p * (k + 1);
    out->v = out->f + (k + 1) * (k + 1);
    out->alpha = out->v + k + 1;
    out->tau = out->alpha + k + 1;
    return ZG_OK;
}

/* judge->factor = L. */
static zg_status factor(zg_sums_judge *judge)
{
    size_t p = judge->sums->features;
    if (judge->factor) return ZG_OK;
    zg_status status = ZG_FAILED;
    judge->factor = zg_doubles(p * p);
    if (!judge->factor) return ZG_NO_MEMORY;
    for (double jitter = JITTER; status != ZG_OK && jitter < MOST_JITTER; jitter *= 100.0) {
        memcpy(judge->factor, judge->sums->gram, p * p * sizeof *judge->factor);
        for (size_t k = 0; k < p; k++)
            judge->factor[k * (p + 1)] += jitter * judge->factor[k * (p + 1)] + DBL_MIN;
        status = zg_cholesky(p, judge->factor);
    }
    if (status != ZG_OK) {
        free(judge->factor);
        judge->factor = NULL;
    }
    return status;
}

static zg_status reduce(const zg_sums_judge *judge, reduced *s)
{
    const zg_sums *sums = judge->sums;
    int p = (int)sums->features, k = (int)s->k;
    size_t n = sums->features, order = s->k + 1, rank = n < order ? n : order;
    cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, p, k, 1.0,
                judge->factor, p, s->rows, p);
    memcpy(s->rows + n * s->k, sums->moments + judge->output * n, n * sizeof *s->rows);
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, p, judge->factor, p,
                s->rows + n * s->k, 1);
    if (!zg_all_finite(n * order, s->rows) ||
        LAPACKE_dgeqrf(LAPACK_COL_MAJOR, p, k + 1, s->rows, p, s->tau) != 0)
        return ZG_FAILED;
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j && i < rank; i++)
            s->f[j * order + i] = s->rows[j * n + i];
    return ZG_OK;
}

static zg_status solve(zg_loss loss, double beta, reduced *s)
{
    double *y = s->f + s->k * (s->k + 1), size = zg_norm(s->k + 1, y);
    if (!(size > 0.0) || !isfinite(size)) return ZG_FAILED;
    cblas_dscal((int)s->k + 1, 1.0 / size, y, 1);
    zg_l1 problem = {
        .samples = s->k + 1, .columns = s->k, .f = s->f, .loss = loss, .y = y, .beta = beta / size};
    zg_l1_answer answer = {.v = s->v, .alpha = s->alpha};
    zg_status status = zg_l1_solve(&problem, TOLERANCE, false, &answer);
    cblas_dscal((int)s->k, size, s->alpha, 1);
    return status;
}

zg_status zg_sums_best_weights(zg_sums_judge *judge, zg_loss loss, zg_network *network)
{
    reduced s = {0};
    if (network->count == 0) return ZG_FAILED;
    zg_status status = reduced_create(judge->sums->features, network->count, &s);
    if (status == ZG_OK) status = factor(judge);
    if (status == ZG_OK) {
        zg_sums_columns(judge, network, s.rows);
        status = reduce(judge, &s);
    }
    if (status == ZG_OK) status = solve(loss, judge->beta, &s);
    for (size_t j = 0; j < network->count && status == ZG_OK; j++)
        network->alpha[j * network->outputs + judge->output] = s.alpha[j];
    free(s.storage);
    return status;
}
