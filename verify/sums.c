/*
 * Sums in the place of rows: everything that the squared loss needs of the data.
 *
 * With the monomials z(x) = (x_i x_j for i <= j, x_i, 1) and m = (z, y_1, .., y_C), the data file
 * is M = sum w m m'.  A network is f = theta'z, its loss 1/2 r'Mr with r = (-theta, 1 at the
 * target).
 *
 * M must be positive semidefinite, which is decided: then, for any v = h'm, with h of the monomials
 * and the target,
 *
 *   1/2 r'Mr >= r'Mh - 1/2 h'Mh = D - f'v,   D = e'Mh - 1/2 h'Mh,   e the target's unit vector,
 *
 * and f'v = sum alpha_j (a u'Xu + b u'l + c s) with X, l, s the sums of v x x', v x, v, which are
 * elements of Mh.  Where the cones of these (cone.c) hold, |f'v| <= beta sum |alpha|, and p* >= D.
 */
#include "csv.h"
#include "json.h"
#include "proof.h"

#include <string.h>

static size_t monomials(const zv_claim *c)
{
    return c->d * (c->d + 1) / 2 + c->d + 1;
}

/* Which monomial x_i x_j is, i <= j; with i = d that is x_j, and with j = d, too, 1. */
static size_t place(size_t d, size_t i, size_t j)
{
    if (i == d) return d * (d + 1) / 2 + j;
    return i * d - i * (i + 1) / 2 + j;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_moments(zv_claim *c, zv_json *j, char *data, size_t size)
{
    zv_session *s = c->session;
    const char *claimed = zv_json_string(j, "digest");
    size_t q = c->columns, row = 0;
    if (q * q > size) zv_stop(s, ZV_BAD_FILE, "the data have fewer sums than the certificate");
    c->moments = zv_take(s, q * q, sizeof *c->moments);
    zv_csv csv = zv_csv_open(s, data, size, q);
    for (; zv_csv_next(&csv); row++) {
        if (row == q) zv_csv_expected(&csv, "as many rows as columns", csv.fields[0]);
        for (size_t k = 0; k < q; k++) {
            double x = c->moments[row * q + k] = zv_csv_number(&csv, csv.fields[k]);
            if (k < row && x != c->moments[k * q + row])
                zv_csv_expected(&csv, "a symmetric matrix of sums", csv.fields[k]);
        }
    }
    if (row < q) zv_stop(s, ZV_BAD_FILE, "the data have fewer sums than the certificate");
    zv_sha256_doubles(s->salted ? s->salt : NULL, c->moments, q * q, c->digest);
    if (strcmp(claimed, c->digest) != 0)
        zv_stop(s, ZV_BAD_FILE, "the sums are not those of the certificate: their digest is %s",
                c->digest);
}

void zv_read_sums(zv_claim *c, zv_json *j, char *data, size_t size)
{
    c->d = zv_json_whole(j, "inputs", 1, 1024);
    c->outputs = zv_json_whole(j, "outputs", 1, 1024);
    c->columns = monomials(c) + c->outputs;
    read_moments(c, j, data, size);
    c->architecture.dense = true;
    c->groups = c->patches = 1;
    c->width = c->u_width = c->d;
    c->activation = zv_json_reals(j, "activation", 3);
    c->loss = ZV_SQUARED;
    c->beta = zv_json_real(j, "beta");
    if (!(c->beta > 0)) zv_json_expected(j, "a positive number just before");
    c->lower = zv_json_real(j, "lower");
    c->has_upper = true;
    c->upper = zv_json_real(j, "upper");
    c->gap = zv_json_real(j, "gap");
    c->neurons = zv_json_count(j, "neurons") / c->d;
    c->u = zv_json_reals(j, NULL, c->neurons * c->d);
    c->alpha = zv_json_reals(j, "alpha", c->neurons * c->outputs);
    c->rows = monomials(c) + 1;
    c->v = zv_json_reals(j, "dual", c->outputs * c->rows);
    if (zv_json_has(j, "rho"))
        c->rho = zv_json_reals(j, NULL, 2 * c->outputs);
    else if (c->activation[1] != 0 || c->activation[2] != 0)
        zv_json_expected(j, "rho, as the activation has b or c");
    zv_json_end(j);
}

/* ---- the proof ------------------------------------------------------------------------------- */

/* The column of M that element k of (monomials, target) is. */
static size_t column(const zv_claim *c, size_t output, size_t k)
{
    return k < monomials(c) ? k : k + output;
}

/* sum = element k of Mh, in units of 2^-(2 unit). */
static void multiply(const zv_claim *c, size_t output, size_t k, mpz_t sum)
{
    const double *h = c->v + output * c->rows;
    const double *row = c->moments + column(c, output, k) * c->columns;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    mpz_set_ui(sum, 0);
    for (size_t i = 0; i < c->rows; i++) {
        zv_scaled(x, row[column(c, output, i)], c->session->unit);
        zv_scaled(y, h[i], c->session->unit);
        mpz_addmul(sum, x, y);
    }
    mpz_clears(x, y, NULL);
}

void zv_form_sums_gram(const zv_claim *c, size_t output, size_t order, mpz_t *gram)
{
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b <= a; b++)
            multiply(c, output, a == c->d ? place(c->d, a, b) : place(c->d, b, a),
                     gram[a * order + b]);
}

void zv_add_sums_value(const zv_claim *c, size_t output, zv_number *sum)
{
    zv_session *s = c->session;
    size_t before = s->used;
    mpz_t product, square, x;
    mpz_inits(product, square, x, NULL);
    for (size_t k = 0; k < c->rows; k++) {
        multiply(c, output, k, product);
        zv_scaled(x, c->v[output * c->rows + k], s->unit);
        mpz_addmul(square, x, product);
    }
    zv_increase(sum, zv_whole(s, product, 2 * s->unit)); /* the target's, which is the last */
    const zv_number *half = zv_mul(zv_real(s, 0.5), zv_whole(s, square, 3 * s->unit));
    zv_set(sum, zv_sub(sum, half));
    mpz_clears(product, square, x, NULL);
    s->used = before;
}

void zv_judge_sums(const zv_claim *c)
{
    zv_session *s = c->session;
    size_t q = c->columns, count = 2 * q * q;
    mpq_t pivot;
    for (int k = 0; k < 2; k++) /* products of two while it is eliminated */
        zv_account(s, count, zv_digits_bytes(s));
    mpz_t *matrix = zv_take(s, count, sizeof *matrix);
    for (size_t k = 0; k < count; k++)
        mpz_init(matrix[k]);
    for (size_t k = 0; k < q * q; k++)
        zv_scaled(matrix[k], c->moments[k], s->unit);
    mpq_init(pivot);
    size_t bad = zv_bad_pivot(s, matrix, matrix + q * q, q, pivot);
    if (bad == ZV_UNDECIDED)
        zv_note(s, ZV_NOT_PROVEN, "the matrix of sums is too close to singular for its size");
    else if (bad < q)
        zv_note(s, ZV_REFUTED,
                "no rows have these sums: their matrix is not positive semidefinite (pivot %zu)",
                bad + 1);
    mpq_clear(pivot);
    for (size_t k = 0; k < count; k++)
        mpz_clear(matrix[k]);
}

/* r = -theta and, last, 1, of one output; adds the penalty to the objective. */
static void form_residual(const zv_claim *c, size_t output, zv_number *r, zv_number *objective)
{
    zv_session *s = c->session;
    size_t before = s->used, d = c->d, last = c->rows - 1;
    for (size_t k = 0; k <= last; k++, s->used = before)
        zv_set(&r[k], zv_real(s, k == last));
    for (size_t n = 0; n < c->neurons; n++, s->used = before) {
        const double *u = c->u + n * d;
        const zv_number *alpha = zv_real(s, c->alpha[n * c->outputs + output]);
        const zv_number *inverse = zv_inverse_length(c, n);
        const zv_number *minus = zv_sub(zv_real(s, 0), alpha);
        const zv_number *linear = zv_mul(zv_mul(zv_real(s, c->activation[1]), minus), inverse);
        const zv_number *square =
            zv_mul(zv_mul(zv_real(s, c->activation[0]), minus), zv_mul(inverse, inverse));
        zv_increase(objective, zv_penalty(c, alpha));
        zv_increase(&r[last - 1], zv_mul(zv_real(s, c->activation[2]), minus));
        for (size_t i = 0, loop = s->used; i < d; i++, s->used = loop) {
            zv_increase(&r[place(d, d, i)], zv_mul(linear, zv_real(s, u[i])));
            for (size_t j = i, inner = s->used; j < d; j++, s->used = inner) {
                const zv_number *product = zv_mul(zv_real(s, u[i]), zv_real(s, u[j]));
                const zv_number *times = zv_real(s, i < j ? 2 : 1);
                zv_increase(&r[place(d, i, j)], zv_mul(square, zv_mul(times, product)));
            }
        }
    }
    for (size_t k = 0; k < last; k++, s->used = before)
        zv_set(&r[k], zv_round(&r[k]));
}

void zv_judge_sums_network(const zv_claim *c, zv_number *objective)
{
    zv_session *s = c->session;
    zv_number *r = zv_numbers(s, c->rows + 1), *sum = &r[c->rows];
    size_t before = s->used;
    for (size_t output = 0; output < c->outputs; output++) {
        form_residual(c, output, r, objective);
        for (size_t a = 0; a < c->rows; a++, s->used = before) {
            const double *row = c->moments + column(c, output, a) * c->columns;
            zv_set(sum, zv_real(s, 0));
            for (size_t b = 0, loop = s->used; b < c->rows; b++, s->used = loop)
                zv_increase(sum, zv_mul(zv_real(s, row[column(c, output, b)]), &r[b]));
            zv_increase(objective, zv_mul(zv_real(s, 0.5), zv_mul(&r[a], sum)));
        }
    }
    zv_need(c->upper, ZV_AT_LEAST, objective,
            "the network's objective exceeds the claimed upper bound");
}
