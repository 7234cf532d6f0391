/* The upper bound: the objective of the certificate's network, enclosed between two rationals. */
#include "number.h"
#include "proof.h"

#include <math.h>

/* r = 1 / |u| from below, off by at most 2^-ZV_ROOT_BITS; returns whether it is exact.  Directions
 * must have about unit length, or "normalised" would hide what the network is. */
static bool inverse_length(const zv_claim *c, size_t neuron, mpq_t r)
{
    const double *u = c->u + neuron * c->width;
    mpq_t square, above;
    mpq_inits(square, above, NULL);
    for (size_t k = 0; k < c->width; k++) {
        zv_set_product(above, u[k], u[k]);
        mpq_add(square, square, above);
    }
    bool unit = mpq_cmp_ui(square, 1, 2) >= 0 && mpq_cmp_ui(square, 2, 1) <= 0;
    bool exact = false;
    if (unit) {
        mpq_inv(square, square);
        zv_power(r, square, 1, 2, -1);
        zv_power(above, square, 1, 2, 1);
        exact = mpq_equal(r, above) != 0;
    }
    mpq_clears(square, above, NULL);
    if (!unit) zv_stop(c->session, ZV_BAD_FILE, "neuron %zu is not of about unit length", neuron);
    return exact;
}

/* out = the patch of that row times u, summed in whole numbers. */
static void inner_product(const zv_claim *c, const double *row, const uint32_t *patch,
                          const double *u, mpq_t out)
{
    int unit = c->session->unit;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    mpq_set_ui(out, 0, 1);
    for (size_t k = 0; k < c->width; k++) {
        zv_scaled(x, row[patch[k]], unit);
        zv_scaled(y, u[k], unit);
        mpz_addmul(mpq_numref(out), x, y);
    }
    mpq_div_2exp(out, out, 2 * (mp_bitcnt_t)unit);
    mpz_clears(x, y, NULL);
}

/* response += (a s^2 + b s) / patches; error += (|a| |s| + |b|) |s| off. */
static void add_patch(const zv_claim *c, const mpq_t s, double off, mpq_t response, mpq_t error)
{
    mpq_t t, size;
    mpq_inits(t, size, NULL);
    mpq_set_d(t, c->b);
    zv_add_product(t, s, c->a);
    mpq_mul(t, t, s);
    mpq_set_ui(size, c->patches, 1);
    mpq_div(t, t, size);
    mpq_add(response, response, t);
    mpq_abs(size, s);
    mpq_set_d(t, fabs(c->b));
    zv_add_product(t, size, fabs(c->a));
    mpq_mul(t, t, size);
    zv_add_product(error, t, off);
    mpq_clears(t, size, NULL);
}

/* The mean over the group's patches of a s^2 + b s + c with s = r patch . u, r = 1 / |u|.  As |u|^2
 * is in [1/2, 2], r is at least 1/2; off by 2^-256 it is off by 2^-255 of itself, and so is s.
 * s^2 is then off by at most 2^-253 of itself. */
void zv_respond(const zv_claim *c, size_t neuron, mpq_t *response, mpq_t *error)
{
    const double *u = c->u + neuron * c->width;
    const uint32_t *patches = c->inputs + c->group[neuron] * c->patches * c->width;
    mpq_t *work = zv_rationals(c->session, 2); /* owned by the session: inverse_length may stop */
    mpq_ptr r = work[0], s = work[1];
    double off = inverse_length(c, neuron, r) ? 0 : 0x1p-253;
    for (size_t i = 0; i < c->n; i++) {
        mpq_set_d(response[i], c->c);
        mpq_set_ui(error[i], 0, 1);
        for (size_t p = 0; p < c->patches; p++) {
            inner_product(c, c->x + i * c->d, patches + p * c->width, u, s);
            mpq_mul(s, s, r);
            add_patch(c, s, off, response[i], error[i]);
        }
    }
}

/* f += alpha response, for all samples; error likewise. */
static void add_responses(const zv_claim *c, double alpha, mpq_t *response, mpq_t *off, mpq_t *f,
                          mpq_t *error)
{
    for (size_t i = 0; i < c->n; i++) {
        zv_add_product(f[i], response[i], alpha);
        zv_add_product(error[i], off[i], fabs(alpha));
    }
}

static void add_penalty(const zv_claim *c, double alpha, mpq_t lower, mpq_t upper)
{
    mpq_t weight, term;
    mpq_inits(weight, term, NULL);
    mpq_set_d(weight, alpha);
    zv_penalty(c, weight, -1, term);
    mpq_add(lower, lower, term);
    zv_penalty(c, weight, 1, term);
    mpq_add(upper, upper, term);
    mpq_clears(weight, term, NULL);
}

/* An objective whose lower end exceeds the claim refutes it; that of the logistic loss is taken
 * from above only, and so cannot. */
void zv_judge_network(const zv_claim *c, mpq_t upper)
{
    static const char sentence[] = "the network's objective exceeds the claimed upper bound";
    zv_session *s = c->session;
    size_t n = c->n, count = n * c->outputs;
    mpq_t *f = zv_rationals(s, count), *error = zv_rationals(s, count);
    mpq_t *response = zv_rationals(s, n), *off = zv_rationals(s, n);
    mpq_ptr lower = *zv_rationals(s, 1);
    mpq_set_ui(upper, 0, 1);
    for (size_t j = 0; j < c->neurons; j++) {
        zv_respond(c, j, response, off);
        for (size_t o = 0; o < c->outputs; o++) {
            double alpha = c->alpha[j * c->outputs + o];
            add_responses(c, alpha, response, off, f + o * n, error + o * n);
            add_penalty(c, alpha, lower, upper);
        }
    }
    for (size_t e = 0; e < count; e++)
        zv_add_loss(c, e, f[e], error[e], lower, upper);
    if (c->loss != ZV_LOGISTIC) zv_need(s, c->upper, ZV_AT_LEAST, lower, ZV_REFUTED, sentence);
    zv_need(s, c->upper, ZV_AT_LEAST, upper, ZV_NOT_PROVEN, sentence);
}
