/* Objectives and bounds from sums over samples (see stream_judge.h). */
#include "solvers/stream_judge.h"

#include "base/linalg.h"
#include "core/safe.h"
#include "core/sphere.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Additions that a term of the sums can have taken part in: those of its block, the blocks of a
 * part, and a few that the compensated level, weights and roots stand for; besides, for what is
 * summed without compensation, one a block. */
#define ADDITIONS (ZG_SUMS_BLOCK + 64 + 32)

/* ---- life cycle ------------------------------------------------------------------------------ */

zg_status zg_sums_judge_create(const zg_sums *sums, size_t output, double beta, zg_sums_judge *out)
{
    size_t p = sums->features, m = sums->order, block = m * m;
    zg_sums_judge *r = out;
    *r = (zg_sums_judge){.sums = sums, .output = output, .beta = beta};
    r->storage = zg_doubles(3 * p + p / sums->groups + 2 * block + m);
    r->exact = calloc(p, 2 * sizeof *r->exact);
    if (!r->storage || !r->exact) return ZG_NO_MEMORY;
    r->terms = r->exact + p;
    r->fit = r->storage;
    r->product = r->fit + p;
    r->norms = r->product + p;
    r->errors = r->norms + p;
    r->t = r->errors + p / sums->groups;
    r->q = r->t + block;
    r->g = r->q + block;
    double least = (double)sums->rows * DBL_MIN; /* for products that underflow */
    for (size_t k = 0; k < p; k++)
        r->norms[k] = sqrt(fmax(0.0, sums->gram[k * p + k]) + least);
    size_t additions = ADDITIONS + sums->rows / ZG_SUMS_BLOCK + 2 * p;
    r->gamma = (double)additions * DBL_EPSILON;
    zg_sums_judge_move(r, NULL);
    return ZG_OK;
}

void zg_sums_judge_move(zg_sums_judge *judge, const zg_sums_origin *origin)
{
    judge->origin = origin;
    double square = origin ? origin->squares[judge->output] : judge->sums->squares[judge->output];
    judge->length = sqrt(square) * (1.0 + 4.0 * DBL_EPSILON);
}

void zg_sums_judge_clear(zg_sums_judge *judge)
{
    free(judge->storage);
    free(judge->exact);
    free(judge->factor);
}

/* ---- dual vectors ---------------------------------------------------------------------------- */

/* Phi'y, and Phi'(y - Phi f0). */
static const double *moments_of(const zg_sums_judge *r)
{
    return r->sums->moments + r->output * r->sums->features;
}

static const double *moments_at(const zg_sums_judge *r)
{
    return r->origin ? r->origin->moments + r->output * r->sums->features : moments_of(r);
}

/* Relative rounding of the sums that are made anew about an origin. */
static double gamma_at(const zg_sums_judge *r)
{
    return r->origin ? r->origin->gamma : r->gamma;
}

/* product = G fit, and reach. */
static void multiply(zg_sums_judge *r, const double *fit)
{
    int p = (int)r->sums->features;
    cblas_dsymv(CblasColMajor, CblasLower, p, 1.0, r->sums->gram, p, fit, 1, 0.0, r->product, 1);
    r->reach = 0.0;
    for (size_t k = 0; k < r->sums->features; k++)
        r->reach += r->norms[k] * fabs(fit[k]);
}

/* |v|^2 of v = y - Phi (f0 + fit), for the fit multiplied last, and what it can be off by. */
static double square_of(const zg_sums_judge *r, const double *fit, double *doubt)
{
    size_t p = r->sums->features;
    double square = r->origin ? r->origin->squares[r->output] : r->sums->squares[r->output];
    *doubt =
        gamma_at(r) * r->length * r->length + r->gamma * (2.0 * r->length + r->reach) * r->reach;
    return fmax(0.0, square - 2.0 * zg_dot(p, moments_at(r), fit) + zg_dot(p, fit, r->product));
}

/* v'y, likewise. */
static double linear_of(const zg_sums_judge *r, const double *fit, double *doubt)
{
    double square = r->sums->squares[r->output], length = sqrt(square);
    double cross = r->origin ? r->origin->cross[r->output] : square;
    *doubt = ((gamma_at(r) + 4.0 * DBL_EPSILON) * r->length + r->gamma * r->reach) * length *
             (1.0 + 8.0 * DBL_EPSILON);
    return cross - zg_dot(r->sums->features, moments_of(r), fit);
}

/* t = T_g of a group's features x = Phi'v; returns a bound on the norm of its error. */
static double form_slack(zg_sums_judge *r, size_t group, const double *x)
{
    size_t m = r->sums->order, count = r->sums->features / r->sums->groups;
    const double *own = x + group * count, *moments = moments_at(r) + group * count;
    double relative = gamma_at(r) * r->length + r->gamma * r->reach;
    for (size_t k = 0; k < count; k++)
        r->errors[k] = relative * r->norms[group * count + k] + DBL_EPSILON * fabs(moments[k]);
    if (!r->sums->basis) {
        zg_smat(m, own, r->t);
        return zg_norm(count, r->errors);
    }
    for (size_t k = 0; k < count; k++)
        r->errors[k] += 8.0 * DBL_EPSILON * fabs(own[k]); /* of J's elements and the sums of four */
    zg_basis_adjoint(r->sums->basis, group, r->errors, true, r->t);
    double error = zg_norm(m * m, r->t);
    zg_basis_adjoint(r->sums->basis, group, own, false, r->t);
    return error * (1.0 + 8.0 * (double)(m * m) * DBL_EPSILON);
}

/* Largest value of one group's +-[u;1]'T[u;1] over unit u, safe against an error of T. */
static zg_status group_maximum(zg_sums_judge *r, double error, double *largest)
{
    size_t m = r->sums->order, w = m - 1;
    double value[2], rho[2];
    if (!r->sums->bordered) {
        memcpy(r->q, r->t, m * m * sizeof *r->t);
        zg_status status = zg_eigenvalues(m, r->q, r->g);
        double slack = error + 8.0 * (double)m * DBL_EPSILON * zg_norm(m * m, r->t);
        *largest = zg_upper_max(r->g[m - 1], -r->g[0]) + slack;
        return status;
    }
    double corner = r->t[m * m - 1];
    for (size_t j = 0; j < w; j++)
        memcpy(r->q + j * w, r->t + j * m, w * sizeof *r->t);
    memcpy(r->g, r->t + w * m, w * sizeof *r->t);
    zg_status status = zg_sphere_maxima(w, r->q, r->g, value, rho);
    *largest = zg_upper_max(value[0] + corner, value[1] - corner);
    *largest += 2.0 * error + 4.0 * DBL_EPSILON * (fabs(*largest) + fabs(corner));
    return status;
}

zg_status zg_sums_bound(zg_sums_judge *judge, const double *fit, double *bound)
{
    size_t p = judge->sums->features;
    double lambda = 0.0, linear_doubt, square_doubt;
    multiply(judge, fit);
    double linear = linear_of(judge, fit, &linear_doubt),
           square = square_of(judge, fit, &square_doubt);
    for (size_t k = 0; k < p; k++)
        judge->product[k] = moments_at(judge)[k] - judge->product[k];
    for (size_t g = 0; g < judge->sums->groups; g++) {
        double largest, error = form_slack(judge, g, judge->product);
        zg_status status = group_maximum(judge, error, &largest);
        if (status != ZG_OK) return status;
        lambda = zg_upper_max(lambda, largest);
    }
    double s = lambda > 0.0 ? judge->beta / lambda * (1.0 - 4.0 * DBL_EPSILON) : INFINITY;
    s = square > 0.0 ? fmax(0.0, fmin(s, linear / square)) : 0.0;
    *bound = s * linear - 0.5 * s * s * square;
    *bound -= 2.0 * s * linear_doubt + s * s * square_doubt; /* the rounding of this, too */
    return isfinite(*bound) ? ZG_OK : ZG_FAILED;
}

/* ---- networks -------------------------------------------------------------------------------- */

/* exact += alpha svec([u;1][u;1]') over the features of the inputs as they are. */
static void add_plain_neuron(const zg_sums_judge *r, const double *u, double alpha,
                             long double *exact, long double *terms)
{
    size_t m = r->sums->order, width = r->sums->patches->width;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++, exact++, terms++) {
            long double product = (long double)(j < width ? u[j] : 1.0) * (i < width ? u[i] : 1.0);
            long double term = alpha * product * (i < j ? sqrtl(2) : 1);
            *exact += term;
            *terms += fabsl(term);
        }
}

/* exact += alpha times the coefficients of neuron j, and terms their sizes. */
static void add_neuron(zg_sums_judge *r, const zg_network *network, size_t j, double alpha)
{
    size_t count = r->sums->features / r->sums->groups, group = network->group[j];
    const double *u = network->u + j * network->patches.width;
    long double *exact = r->exact + group * count, *terms = r->terms + group * count;
    if (r->sums->basis)
        zg_basis_add_neuron(r->sums->basis, group, u, alpha, exact, terms);
    else
        add_plain_neuron(r, u, alpha, exact, terms);
}

void zg_sums_columns(zg_sums_judge *judge, const zg_network *network, double *columns)
{
    size_t p = judge->sums->features;
    for (size_t j = 0; j < network->count; j++) {
        memset(judge->exact, 0, 2 * p * sizeof *judge->exact); /* and terms */
        add_neuron(judge, network, j, 1.0);
        for (size_t k = 0; k < p; k++)
            columns[j * p + k] = (double)judge->exact[k];
    }
}

/* exact = -f0, and terms its sizes; returns by how much the residuals that the origin's sums are of
 * can be off, |.|_2 over the samples. */
static double begin_fit(zg_sums_judge *r)
{
    size_t p = r->sums->features;
    memset(r->exact, 0, 2 * p * sizeof *r->exact); /* and terms */
    if (!r->origin) return 0.0;
    double sizes = sqrt(r->sums->squares[r->output]);
    for (size_t k = 0; k < p; k++) {
        r->exact[k] = -(long double)r->origin->fit[r->output * p + k];
        r->terms[k] = fabsl(r->exact[k]);
        sizes += r->norms[k] * (double)r->terms[k];
    }
    return 2.0 * (double)(p + 16) * (double)LDBL_EPSILON * sizes;
}

/* fit = the network's coefficients over the features, from f0 on; returns sum |alpha_j|.  *error:
 * by how much the predictions of fit are off, |.|_2 over the samples, from rounding. */
static double network_fit(zg_sums_judge *r, const zg_network *network, double *error)
{
    size_t p = r->sums->features, width = network->patches.width;
    double penalty = 0.0;
    *error = begin_fit(r);
    for (size_t j = 0; j < network->count; j++) {
        double alpha = network->alpha[j * network->outputs + r->output];
        penalty += fabs(alpha);
        add_neuron(r, network, j, alpha);
    }
    double roundings = 2.0 * (double)(network->count + width + 8) * (double)LDBL_EPSILON;
    for (size_t k = 0; k < p; k++) {
        r->fit[k] = (double)r->exact[k];
        *error += r->norms[k] * (roundings * (double)r->terms[k] + DBL_EPSILON * fabs(r->fit[k]));
    }
    return penalty * (1.0 + 2.0 * (double)network->count * DBL_EPSILON);
}

double zg_sums_objective(zg_sums_judge *judge, const zg_network *network, double *doubt)
{
    double error, penalty = network_fit(judge, network, &error);
    multiply(judge, judge->fit);
    double loss = 0.5 * square_of(judge, judge->fit, doubt);
    *doubt += error * (sqrt(2.0 * (loss + *doubt)) + 0.5 * error); /* |r + e|^2 / 2 - |r|^2 / 2 */
    return loss + judge->beta * penalty + *doubt;
}
