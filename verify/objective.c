/*
 * The losses, their duals, and the objective of the network: the upper bound.
 *
 * Every loss but the logistic is max over v in [low, high] of (y - f) v - q v^2, with its dual
 * value D(v) = y v - q v^2: the table of docs/certificate.md has the q and the intervals.
 */
#include "verify.h"

#include <math.h>

typedef struct loss {
    mpq_t y, q, low, high; /* of one sample */
    bool low_free, high_free;
} loss;

static void loss_start(const zg_claim *c, size_t element, loss *l)
{
    double weight = c->weights ? c->weights[element % c->n] : 1, y = c->y[element];
    bool free = c->loss == ZG_SQUARED || c->loss == ZG_INTERPOLATE;
    bool labels = c->loss == ZG_HINGE || c->loss == ZG_SQUARED_HINGE || c->loss == ZG_LOGISTIC;
    mpq_inits(l->y, l->q, l->low, l->high, NULL);
    mpq_set_d(l->y, y);
    mpq_set_d(l->high, weight);
    if (c->loss == ZG_SQUARED || c->loss == ZG_HUBER || c->loss == ZG_SQUARED_HINGE) {
        mpq_inv(l->q, l->high);
        mpq_div_2exp(l->q, l->q, 1);
    }
    mpq_set_d(l->low, c->loss == ZG_HUBER ? c->delta : 1);
    mpq_mul(l->high, l->high, l->low); /* w, or w delta */
    mpq_neg(l->low, l->high);
    if (labels && y > 0) mpq_set_ui(l->low, 0, 1);
    if (labels && y < 0) mpq_set_ui(l->high, 0, 1);
    l->low_free = free || (c->loss == ZG_SQUARED_HINGE && y < 0);
    l->high_free = free || (c->loss == ZG_SQUARED_HINGE && y > 0);
}

static void loss_end(loss *l)
{
    mpq_clears(l->y, l->q, l->low, l->high, NULL);
}

bool zg_dual_value(const zg_claim *c, size_t output, const double *v, mpq_t out)
{
    mpq_t t, w;
    bool inside = true;
    mpq_inits(t, w, NULL);
    mpq_set_ui(out, 0, 1);
    for (size_t i = 0; i < c->n && inside; i++) {
        loss l;
        loss_start(c, output * c->n + i, &l);
        mpq_set_d(t, v[i]);
        inside = (l.low_free || mpq_cmp(t, l.low) >= 0) && (l.high_free || mpq_cmp(t, l.high) <= 0);
        if (c->loss == ZG_LOGISTIC && inside) { /* w H(y v / w); the interval is [0, w] y */
            mpq_mul(t, t, l.y);
            mpq_sub(w, l.high, l.low);
            mpq_div(t, t, w);
            zg_entropy(t, t);
            mpq_mul(t, t, w);
        } else { /* v (y - q v) */
            mpq_mul(w, l.q, t);
            mpq_sub(w, l.y, w);
            mpq_mul(t, t, w);
        }
        if (c->weights) zg_round(t, -1); /* or the denominator of the sum would grow and grow */
        mpq_add(out, out, t);
        loss_end(&l);
    }
    mpq_clears(t, w, NULL);
    return inside;
}

/* The loss of prediction f, in its place; an upper bound for the logistic loss.  False: infinite.
 */
static bool loss_value(const zg_claim *c, size_t element, mpq_t f)
{
    loss l;
    mpq_t v;
    bool finite = true;
    mpq_init(v);
    loss_start(c, element, &l);
    if (c->loss == ZG_LOGISTIC) {
        mpq_mul(v, l.y, f);
        zg_softplus(f, v);
        mpq_sub(v, l.high, l.low);
    } else {
        mpq_sub(f, l.y,
                f); /* y - f; its v is (y - f) / (2 q), or by its sign, within the interval */
        mpq_set(v, f);
        bool low = mpq_sgn(f)<0, high = mpq_sgn(f)> 0;
        if (mpq_sgn(l.q) != 0) {
            mpq_div(v, f, l.q);
            mpq_div_2exp(v, v, 1);
            low = !l.low_free && mpq_cmp(v, l.low) < 0;
            high = !l.high_free && mpq_cmp(v, l.high) > 0;
        }
        finite = !(low && l.low_free) && !(high && l.high_free);
        if (low || high) mpq_set(v, low ? l.low : l.high);
        mpq_mul(l.q, l.q, v);
        mpq_sub(f, f, l.q);
    }
    mpq_mul(f, f, v);
    loss_end(&l);
    mpq_clear(v);
    return finite;
}

void zg_penalty(const zg_claim *c, const mpq_t alpha, int side, mpq_t out)
{
    mpq_t beta;
    mpq_init(beta);
    mpq_abs(out, alpha);
    if (c->tree) zg_power(out, out, c->power, side);
    mpq_set_d(beta, c->beta);
    mpq_mul(out, out, beta);
    mpq_clear(beta);
}

/* ---- predictions ---------------------------------------------------------------------------- */

/* r = 1 / |u| from below, and whether it is exact; if not, it is off by at most 2^-192. */
static bool inverse_norm(const double *u, size_t width, mpq_t r)
{
    static const uint32_t half[] = {1, 2};
    mpq_t t;
    mpq_init(t);
    mpq_set_ui(r, 0, 1);
    for (size_t k = 0; k < width; k++) {
        mpq_set_d(t, u[k]);
        mpq_mul(t, t, t);
        mpq_add(r, r, t);
    }
    mpq_inv(t, r);
    zg_power(r, t, half, -1);
    zg_power(t, t, half, 1);
    bool exact = mpq_equal(r, t);
    mpq_clear(t);
    return exact;
}

/* With s = r patch . u it is the mean of a s^2 + b s + c.  As |u|^2 is in (1/2, 2), r is at least
 * 1/2; if it is off by at most 2^-192, s is off by at most |s| 2^-191 and s^2 by s^2 2^-189. */
void zg_response(const zg_claim *c, size_t neuron, mpq_t *out, mpq_t *error)
{
    const double *u = c->u + neuron * c->width;
    long ex = zg_exponent(c->x, c->n * c->d), eu = zg_exponent(u, c->width);
    mpq_t r, s, part, term, coefficient[3];
    mpz_t x, y;
    mpq_inits(r, s, part, term, coefficient[0], coefficient[1], coefficient[2], NULL);
    mpz_inits(x, y, NULL);
    bool exact = inverse_norm(u, c->width, r);
    for (int k = 0; k < 3; k++) {
        mpq_set_d(coefficient[k], k == 0 ? c->c : k == 1 ? c->b : c->a);
        mpq_set_ui(part, 1, c->patches);
        mpq_mul(coefficient[k], coefficient[k], part);
    }
    for (size_t e = 0; e < c->n * c->patches; e++) {
        size_t i = e / c->patches, patch = c->group[neuron] * c->patches + e % c->patches;
        if (e % c->patches == 0) mpq_set_ui(out[i], 0, 1);
        if (e % c->patches == 0) mpq_set_ui(error[i], 0, 1);
        mpz_set_ui(mpq_numref(s), 0);
        for (size_t k = 0; k < c->width; k++) {
            zg_integer(x, c->x[i * c->d + c->inputs[patch * c->width + k]], ex);
            zg_integer(y, u[k], eu);
            mpz_addmul(mpq_numref(s), x, y);
        }
        mpz_set_ui(mpq_denref(s), 1);
        mpq_div_2exp(s, s, (mp_bitcnt_t)(-ex - eu));
        mpq_mul(s, s, r);
        mpq_set_ui(part, 1, 1);
        for (int k = 0; k < 3; k++) { /* part = s^k */
            mpq_mul(term, part, coefficient[k]);
            mpq_add(out[i], out[i], term);
            mpq_abs(term, term);
            mpq_div_2exp(term, term, 189);
            if (k > 0 && !exact) mpq_add(error[i], error[i], term);
            mpq_mul(part, part, s);
        }
    }
    mpz_clears(x, y, NULL);
    mpq_clears(r, s, part, term, coefficient[0], coefficient[1], coefficient[2], NULL);
}

/* f and error: outputs x n. */
static void predict(const zg_claim *c, mpq_t *f, mpq_t *error, mpq_t *response)
{
    mpq_t alpha, t;
    mpq_inits(alpha, t, NULL);
    for (size_t j = 0; j < c->neurons; j++) {
        zg_response(c, j, response, response + c->n);
        for (size_t e = 0; e < c->n * c->outputs; e++) {
            mpq_set_d(alpha, c->alpha[j * c->outputs + e / c->n]);
            mpq_mul(t, alpha, response[e % c->n]);
            mpq_add(f[e], f[e], t);
            mpq_abs(alpha, alpha);
            mpq_mul(t, alpha, response[c->n + e % c->n]);
            mpq_add(error[e], error[e], t);
        }
    }
    mpq_clears(alpha, t, NULL);
}

/* ---- the bound ------------------------------------------------------------------------------ */

/* A convex loss is largest at an end of f +- error, and nowhere there below twice the loss of f
 * less that: side 1 sums the first, -1 the second. */
static bool objective(const zg_claim *c, mpq_t *f, mpq_t *error, int side, mpq_t out)
{
    mpq_t low, high;
    bool finite = true;
    mpq_inits(low, high, NULL);
    mpq_set_ui(out, 0, 1);
    for (size_t e = 0; e < c->n * c->outputs; e++) {
        mpq_sub(low, f[e], error[e]);
        mpq_add(high, f[e], error[e]);
        finite = loss_value(c, e, low) && loss_value(c, e, high) && finite;
        if (mpq_cmp(low, high) > 0) mpq_swap(low, high);
        mpq_set(low, f[e]);
        loss_value(c, e, low);
        mpq_mul_2exp(low, low, 1);
        if (side < 0) mpq_sub(high, low, high);
        zg_round(high, side);
        mpq_add(out, out, high);
    }
    for (size_t k = 0; k < c->neurons * c->outputs; k++) {
        mpq_set_d(low, c->alpha[k]);
        zg_penalty(c, low, side, high);
        mpq_add(out, out, high);
    }
    mpq_clears(low, high, NULL);
    return finite;
}

void zg_judge_network(zg_claim *c, mpq_t bound)
{
    size_t count = c->n * c->outputs;
    mpq_t *f = zg_rationals(c->session, 2 * count + 2 * c->n), claimed, least;
    mpq_inits(claimed, least, NULL);
    mpq_set_d(claimed, c->upper);
    predict(c, f, f + count, f + 2 * count);
    if (!objective(c, f, f + count, 1, bound))
        zg_note(c->session, ZG_NOT_PROVEN, "the network does not fit the targets exactly");
    objective(c, f, f + count, -1, least);
    bool sure = c->loss != ZG_LOGISTIC && mpq_cmp(least, claimed) > 0;
    zg_judge_excess(c->session, sure ? least : bound, claimed, !sure,
                    "the network's objective exceeds the claimed upper bound");
    mpq_clears(claimed, least, NULL);
}
