/*
 * Certificates over sums (docs/certificate.md, section 14): the squared loss of a dense network
 * needs no more of the data than M = sum w m m', m = (monomials of the inputs, targets).
 *
 * Rounded sums of few rows are seldom those of any rows, as M must be positive semidefinite: so
 * their diagonal is raised by more than what rounding can have done, and the claim is about that
 * matrix.  Everything in it is bounded anew: a dual vector of the rows only says where to look.
 */
#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"
#include "core/certificate.h"
#include "core/neuron_set.h"
#include "core/proof_parts.h"
#include "core/proof_text.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

/* Rows that are summed at once; the sums of blocks are then added up. */
#define BLOCK 256
/* Between these the sums of squares must be: so no product of two numbers is lost. */
#define LEAST_SUM 1e-280
#define LARGEST_SUM 1e300
/* What the checker's own rounding of a number, to multiples of 2^-256, stays below. */
#define CHECKER_ROUNDING 0x1p-250L

/* The sums, and what is claimed of them. */
typedef struct sums {
    size_t d, monomials, outputs, order; /* order: of the matrix, monomials + outputs */
    double *matrix;                      /* order x order */
    double *h;                           /* outputs x (monomials + 1) */
    double *rho;                         /* outputs x 2 */
    double lower, upper;
} sums;

static size_t monomials_of(const zg_problem *problem)
{
    size_t d = problem->inputs;
    return d * (d + 1) / 2 + d + 1;
}

zg_status zg_sums_proof_check(const zg_problem *problem, zg_error *error)
{
    const char *what = NULL;
    if (problem->loss.kind != ZG_LOSS_SQUARED || problem->functionals)
        what = "the squared loss of values";
    else if (problem->architecture.kind != ZG_DENSE)
        what = "dense networks";
    else if (zg_neuron_set_finite(problem->neuron_set))
        what = "neurons of the whole sphere";
    else if (problem->robust > 0.0)
        what = "rows as they are, not worst cases";
    if (what)
        return zg_fail(error, ZG_UNSUPPORTED, "sums over the rows certify %s only: no --sums",
                       what);
    size_t order = monomials_of(problem) + problem->outputs;
    if (order <= ZG_SUMS_PROOF_ORDER) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "%zu inputs and %zu outputs have %zu x %zu sums, and --sums takes up to %d x "
                   "%d: certify the rows, without --sums",
                   problem->inputs, problem->outputs, order, order, ZG_SUMS_PROOF_ORDER,
                   ZG_SUMS_PROOF_ORDER);
}

/* ---- the sums --------------------------------------------------------------------------------- */

/* Which monomial x_i x_j is, i <= j; with i = d that is x_j, and with j = d, too, 1. */
static size_t place(size_t d, size_t i, size_t j)
{
    if (i == d) return d * (d + 1) / 2 + j;
    return i * d - i * (i + 1) / 2 + j;
}

static void form_monomials(const zg_problem *problem, size_t row, long double *m)
{
    size_t d = problem->inputs;
    const double *x = problem->x + row * d;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i; j < d; j++)
            *m++ = (long double)x[i] * x[j];
    }
    for (size_t i = 0; i < d; i++)
        *m++ = x[i];
    *m++ = 1;
    for (size_t c = 0; c < problem->outputs; c++)
        *m++ = problem->y[c * problem->samples + row];
}

/* Adds a block of rows to the lower triangle; m and weighted have room for its monomials. */
static void add_block(const zg_problem *problem, size_t first, size_t count, size_t order,
                      long double *m, long double *weighted, long double *total)
{
    for (size_t i = 0; i < count; i++) {
        long double weight = problem->weights ? problem->weights[first + i] : 1.0;
        form_monomials(problem, first + i, m + i * order);
        for (size_t k = 0; k < order; k++)
            weighted[i * order + k] = weight * m[i * order + k];
    }
    for (size_t a = 0; a < order; a++) {
        for (size_t b = 0; b <= a; b++) {
            long double sum = 0;
            for (size_t i = 0; i < count; i++)
                sum += weighted[i * order + a] * m[i * order + b];
            total[a * order + b] += sum;
        }
    }
}

/* Rounds the sums and raises the diagonal.  An element is off by at most e sqrt(M_aa M_bb), e the
 * roundings that a term passes (Cauchy and Schwarz), and such an error is above -order e diag(M).
 * Where all rows have a zero, the diagonal gets what is nothing beside the least other one. */
static zg_status round_sums(size_t samples, const long double *total, sums *s, zg_error *error)
{
    size_t q = s->order;
    long double roundings = BLOCK + (long double)samples / BLOCK + 16;
    long double unit = DBL_EPSILON + 2 * roundings * LDBL_EPSILON;
    double least = INFINITY;
    for (size_t a = 0; a < q; a++) {
        long double square = total[a * q + a];
        if (square == 0) continue;
        if (!(square >= LEAST_SUM && square <= LARGEST_SUM))
            return zg_fail(error, ZG_UNSUPPORTED,
                           "a sum of squares over the rows is %.3Lg, beyond what --sums can write: "
                           "scale the data (--standardize), or certify the rows, without --sums",
                           square);
        least = square < least ? (double)square : least;
    }
    for (size_t a = 0; a < q; a++) {
        for (size_t b = 0; b < a; b++)
            s->matrix[a * q + b] = s->matrix[b * q + a] = (double)total[a * q + b];
        long double square = total[a * q + a] == 0 ? least : total[a * q + a];
        long double raised = total[a * q + a] + 2 * ((long double)q + 1) * unit * square;
        s->matrix[a * q + a] = zg_up((double)raised);
    }
    return ZG_OK;
}

static zg_status form_sums(const zg_problem *problem, sums *s, zg_error *error)
{
    size_t q = s->order, room = q * BLOCK;
    long double *total = calloc(q * q + 2 * room, sizeof *total);
    if (!total) return zg_no_memory(error);
    for (size_t first = 0; first < problem->samples; first += BLOCK) {
        size_t left = problem->samples - first;
        add_block(problem, first, left < BLOCK ? left : BLOCK, q, total + q * q,
                  total + q * q + room, total);
    }
    zg_status status = round_sums(problem->samples, total, s, error);
    free(total);
    return status;
}

/* ---- below ------------------------------------------------------------------------------------ */

/* The column of the matrix that element k of (monomials, target) is. */
static size_t column(const sums *s, size_t output, size_t k)
{
    return k < s->monomials ? k : k + output;
}

/* h with M h = sum v m, as well as numbers of very different size allow: the matrix is scaled to a
 * unit diagonal, and raised until it has a factor. */
static zg_status solve(const zg_problem *problem, const sums *s, size_t output, const double *v,
                       double *h)
{
    size_t q = s->monomials + 1, n = problem->samples;
    double *factor = zg_doubles(q * q), *scale = zg_doubles(q);
    long double *m = calloc(s->order, 2 * sizeof *m), *right = m + s->order;
    zg_status status = factor && scale && m ? ZG_FAILED : ZG_NO_MEMORY;
    for (size_t i = 0; i < n && status != ZG_NO_MEMORY; i++) {
        form_monomials(problem, i, m);
        for (size_t k = 0; k < q; k++)
            right[k] += v[i] * m[column(s, output, k)];
    }
    for (size_t k = 0; k < q && status != ZG_NO_MEMORY; k++)
        scale[k] = sqrt(s->matrix[column(s, output, k) * (s->order + 1)]);
    double more = (double)q * DBL_EPSILON;
    for (; more < 1.0 && status == ZG_FAILED; more *= 8.0) {
        for (size_t a = 0; a < q; a++) {
            const double *row = s->matrix + column(s, output, a) * s->order;
            for (size_t b = 0; b < q; b++)
                factor[a * q + b] = row[column(s, output, b)] / scale[a] / scale[b];
            factor[a * q + a] = 1.0 + more;
        }
        status = zg_cholesky(q, factor);
    }
    for (size_t k = 0; k < q && status == ZG_OK; k++)
        h[k] = (double)(right[k] / scale[k]);
    if (status == ZG_OK && zg_all_finite(q, h)) zg_cholesky_solve(q, factor, 1, h);
    for (size_t k = 0; k < q && status == ZG_OK; k++)
        h[k] /= scale[k];
    free(factor);
    free(scale);
    free(m);
    return status;
}

/* Element k of Mh, and a bound on its error. */
static long double product(const sums *s, size_t output, size_t k, long double *error)
{
    const double *row = s->matrix + column(s, output, k) * s->order;
    const double *h = s->h + output * (s->monomials + 1);
    long double sum = 0, size = 0;
    for (size_t i = 0; i <= s->monomials; i++) {
        long double term = (long double)row[column(s, output, i)] * h[i];
        sum += term;
        size += fabsl(term);
    }
    *error = ((long double)s->monomials + 8) * LDBL_EPSILON * size;
    return sum;
}

/* T of Mh, and a bound on the norm of its error, which no row sum of absolute errors exceeds. */
static double form_cone(const zg_problem *problem, const sums *s, size_t output, double *t)
{
    size_t m = problem->lift->order, d = s->d;
    const zg_activation *act = &problem->activation;
    double most = 0.0;
    for (size_t a = 0; a < m; a++) {
        long double errors = 0, error;
        for (size_t b = 0; b < m; b++) {
            size_t low = a < b ? a : b, high = a < b ? b : a;
            size_t k = high == d ? place(d, d, low) : place(d, low, high);
            long double factor = high < d ? act->a : low < d ? 0.5 * act->b : act->c;
            long double value = factor * product(s, output, k, &error);
            t[a * m + b] = (double)value;
            errors += 2 * fabsl(factor) * error + DBL_EPSILON * fabsl(value) + DBL_MIN;
        }
        most = zg_upper_max(most, (double)errors);
    }
    return most * (1.0 + 4.0 * DBL_EPSILON);
}

/* h and rho at share eta of the way to (0, beta / 2); whether the cones are safe there. */
static bool is_safe_at(const zg_problem *problem, sums *s, size_t output, const double *h,
                       const double *rho, double eta, double *t)
{
    size_t m = problem->lift->order, q = s->monomials + 1;
    bool safe = true;
    for (size_t k = 0; k < q; k++)
        s->h[output * q + k] = (1.0 - eta) * h[k];
    double error = form_cone(problem, s, output, t);
    for (size_t side = 0; side < 2 && safe; side++) {
        double *own = s->rho + 2 * output + side;
        *own = (1.0 - eta) * rho[side] + eta * problem->beta / 2.0;
        safe = zg_proof_cone_is_safe(problem->lift, problem->beta, *own, side ? -1 : 1, t, error,
                                     t + m * m);
    }
    return safe;
}

/* e'Mh - h'Mh / 2, rounded down. */
static double dual_below(const sums *s, size_t output)
{
    const double *h = s->h + output * (s->monomials + 1);
    long double square = 0, size = 0, doubt = 0, error, last = 0;
    for (size_t k = 0; k <= s->monomials; k++) {
        last = product(s, output, k, &error);
        square += h[k] * last;
        size += fabsl(h[k] * last);
        doubt += fabsl(h[k]) * error;
    }
    doubt += 2 * error + ((long double)s->monomials + 8) * LDBL_EPSILON * (size + fabsl(last));
    return zg_lower_final(zg_down((double)(last - square / 2 - doubt)));
}

/* Shrinks what solves for the rows' dual vector until the cones of the sums are safe; nothing at
 * all, h = 0, always is. */
static zg_status claim_below(const zg_problem *problem, sums *s, size_t output, const double *v,
                             const double *rho)
{
    size_t m = problem->lift->order, q = s->monomials + 1;
    double *h = zg_doubles(q), *t = zg_doubles(2 * m * m), lower = -INFINITY, eta = 1e-15;
    zg_status status = h && t ? solve(problem, s, output, v, h) : ZG_NO_MEMORY;
    if (status == ZG_OK && zg_all_finite(q, h)) {
        while (eta < 1.0 && !is_safe_at(problem, s, output, h, rho, eta, t))
            eta *= 4.0;
        if (eta < 1.0) lower = dual_below(s, output);
    }
    if (status != ZG_NO_MEMORY && !(lower > 0.0)) {
        lower = 0.0;
        memset(s->h + output * q, 0, q * sizeof *s->h);
        s->rho[2 * output] = s->rho[2 * output + 1] = problem->beta / 2.0;
    }
    if (status != ZG_NO_MEMORY) s->lower += lower;
    free(h);
    free(t);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

/* ---- above ------------------------------------------------------------------------------------ */

/* r = (-theta, 1) of one output, and size, what its elements are sums of. */
static void form_residual(const zg_problem *problem, const zg_network *network, size_t output,
                          long double *r, long double *size)
{
    size_t d = problem->inputs, q = monomials_of(problem);
    const zg_activation *act = &problem->activation;
    memset(r, 0, q * sizeof *r);
    memset(size, 0, q * sizeof *size);
    r[q] = size[q] = 1;
    for (size_t j = 0; j < network->count; j++) {
        const double *u = network->u + j * d;
        long double square = 0, alpha = network->alpha[j * network->outputs + output];
        for (size_t i = 0; i < d; i++)
            square += (long double)u[i] * u[i];
        for (size_t a = 0; a <= d; a++) {
            for (size_t b = a; b <= d; b++) {
                size_t k = b == d ? place(d, d, a) : place(d, a, b);
                long double term = b < d   ? act->a * alpha * u[a] * u[b] / square * (a < b ? 2 : 1)
                                   : a < d ? act->b * alpha * u[a] / sqrtl(square)
                                           : act->c * alpha;
                r[k] -= term;
                size[k] += fabsl(term);
            }
        }
    }
}

/* The objective of the sums, rounded up.  r is a seminorm's argument, |r|^2 = r'Mr, and no longer
 * than `most`, the sum of its elements' sizes times sqrt M_aa.  An element is off by at most so
 * many roundings of its size; the checker rounds it, too. */
static zg_status claim_above(const zg_problem *problem, const zg_network *network, sums *s)
{
    size_t q = s->monomials + 1;
    long double *r = calloc(q, 2 * sizeof *r), *size = r + q, sum = 0;
    if (!r) return ZG_NO_MEMORY;
    long double roundings = 2.0L * (long double)(network->count + s->d + q) + 64;
    for (size_t output = 0; output < s->outputs; output++) {
        long double whole = 0, most = 0, doubt = 0;
        form_residual(problem, network, output, r, size);
        for (size_t a = 0; a < q; a++) {
            const double *row = s->matrix + column(s, output, a) * s->order;
            long double part = 0;
            for (size_t b = 0; b < q; b++)
                part += row[column(s, output, b)] * r[b];
            whole += r[a] * part;
            long double length = sqrtl(row[column(s, output, a)]);
            most += length * size[a];
            doubt += length * (roundings * LDBL_EPSILON * size[a] + CHECKER_ROUNDING);
        }
        sum += whole / 2 + doubt * (most + doubt);
    }
    for (size_t k = 0; k < network->count * s->outputs; k++)
        sum += problem->beta * fabsl((long double)network->alpha[k]);
    sum *= 1 + ((long double)(network->count * s->outputs) + 8) * LDBL_EPSILON;
    free(r);
    s->upper = zg_up((double)sum * (1.0 + DBL_EPSILON));
    return isfinite(s->upper) ? ZG_OK : ZG_FAILED;
}

/* ---- the files -------------------------------------------------------------------------------- */

static zg_status write_sums(const char *path, const sums *s, zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    for (size_t k = 0; k < s->order * s->order; k++)
        fprintf(replacement.file, "%.17g%c", s->matrix[k], (k + 1) % s->order ? ',' : '\n');
    return zg_replace_end(&replacement, ZG_OK, error);
}

static zg_status write_claim(const char *path, const zg_proof *proof, const sums *s,
                             const zg_proof_claim *claim, zg_error *error)
{
    const zg_problem *problem = proof->problem;
    const zg_network *network = proof->network;
    const zg_activation *act = &problem->activation;
    char hex[ZG_PROOF_DIGEST_SIZE];
    zg_replacement replacement;
    SHA2_CTX context;
    SHA256Init(&context);
    if (proof->salt) SHA256Update(&context, proof->salt, ZG_PROOF_SALT_SIZE);
    zg_proof_digest_add(&context, s->order * s->order, s->matrix);
    SHA256End(&context, hex);
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    fputs("{\"format\": \"" ZG_SUMS_FORMAT "\"", file);
    zg_put_size(file, "inputs", s->d);
    zg_put_size(file, "outputs", s->outputs);
    zg_put_word(file, "digest", hex);
    zg_put_reals(file, "activation", 3, (const double[]){act->a, act->b, act->c});
    zg_put_real(file, "beta", problem->beta);
    zg_put_real(file, "lower", claim->lower);
    zg_put_real(file, "upper", claim->upper);
    zg_put_real(file, "gap", claim->gap);
    zg_put_reals(file, "neurons", network->count * s->d, network->u);
    zg_put_reals(file, "alpha", network->count * s->outputs, network->alpha);
    zg_put_reals(file, "dual", s->outputs * (s->monomials + 1), s->h);
    if (problem->lift->bordered) zg_put_reals(file, "rho", 2 * s->outputs, s->rho);
    fputs("}\n", file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

static zg_status write_files(const char *path, const zg_proof *proof, const sums *s,
                             zg_proof_claim *out, zg_error *error)
{
    if (snprintf(out->data_file, sizeof out->data_file, "%s.csv", path) >=
        (int)sizeof out->data_file)
        return zg_fail(error, ZG_BAD_INPUT, "the certificate's path is too long");
    zg_status status = write_sums(out->data_file, s, error);
    return status == ZG_OK ? write_claim(path, proof, s, out, error) : status;
}

static zg_status make_claim(const zg_proof *proof, const double *v, const double *rho, sums *s,
                            zg_error *error)
{
    const zg_problem *problem = proof->problem;
    size_t q = s->order, n = problem->samples;
    s->matrix = zg_doubles(q * q);
    s->h = zg_doubles(s->outputs * (s->monomials + 1));
    s->rho = zg_doubles(2 * s->outputs);
    if (!s->matrix || !s->h || !s->rho) return zg_no_memory(error);
    zg_status status = form_sums(problem, s, error);
    if (status != ZG_OK) return status;
    for (size_t c = 0; c < s->outputs && status == ZG_OK; c++)
        status = claim_below(problem, s, c, v + c * n, rho + 2 * c);
    if (status == ZG_OK) status = claim_above(problem, proof->network, s);
    if (status != ZG_OK)
        zg_fail(error, status, "the claim could not be computed: %s", zg_status_message(status));
    return status;
}

zg_status zg_sums_proof_write(const char *path, const zg_proof *proof, const double *v,
                              const double *rho, double before, zg_proof_claim *out,
                              zg_error *error)
{
    const zg_problem *problem = proof->problem;
    sums s = {.d = problem->inputs,
              .monomials = monomials_of(problem),
              .outputs = problem->outputs,
              .order = monomials_of(problem) + problem->outputs};
    zg_status status = zg_sums_proof_check(problem, error);
    if (status == ZG_OK && !proof->network)
        status = zg_fail(error, ZG_BAD_INPUT, "sums certify a network: there is none");
    if (status == ZG_OK) status = make_claim(proof, v, rho, &s, error);
    if (status == ZG_OK) {
        out->lower = s.lower - 4.0 * (double)s.outputs * DBL_EPSILON * fabs(s.lower);
        out->lost = before - out->lower;
        out->upper = s.upper;
        double gap = zg_gap(out->upper, out->lower);
        out->gap = zg_up(gap + 4.0 * DBL_EPSILON * fabs(gap) + DBL_EPSILON);
        out->sums = true;
        status = write_files(path, proof, &s, out, error);
    }
    free(s.matrix);
    free(s.h);
    free(s.rho);
    return status;
}
