/*
 * The losses, their duals, and the objective of the network: the upper bound.
 *
 * With g = 1 - y f, t = y v for losses of labels and g = |y - f|, t = |v| for the others, the loss
 * of f is the maximum over t in [0, limit] of g t - q t^2 (where g > 0; else 0), and D(v) = y v - q
 * v^2: q is 1 / (2 w) for the curved losses, else 0; limit is w delta, or none.  (Not so the
 * logistic.)
 */
#include "verify.h"

#include <math.h>

static bool curved(const zg_claim *c)
{
    return c->loss == ZG_SQUARED || c->loss == ZG_HUBER || c->loss == ZG_SQUARED_HINGE;
}

static bool limited(const zg_claim *c)
{
    return c->loss != ZG_SQUARED && c->loss != ZG_INTERPOLATE && c->loss != ZG_SQUARED_HINGE;
}

static double weight(const zg_claim *c, size_t sample)
{
    return c->weights ? c->weights[sample] : 1;
}

bool zg_dual_value(const zg_claim *c, size_t output, const double *v, mpq_t out)
{
    mpq_t t, beyond;
    bool inside = true;
    mpq_inits(t, beyond, NULL);
    mpq_set_ui(out, 0, 1);
    for (size_t i = 0; i < c->n && inside; i++) {
        double y = c->y[output * c->n + i], w = weight(c, i);
        zg_formula(t, c->labels ? "dd*" : "d|", v[i], y);
        zg_formula(beyond, "xdd*-", t, w, c->delta);
        inside = mpq_sgn(t) >= 0 && (!limited(c) || mpq_sgn(beyond) <= 0);
        if (c->loss == ZG_LOGISTIC && inside) { /* w H(t / w) */
            zg_formula(t, "xd/", t, w);
            zg_entropy(t, t);
            zg_formula(t, "xd*", t, w);
        } else {
            zg_formula(t, curved(c) ? "dd*dd*dd+/-" : "dd*", v[i], y, v[i], v[i], w, w);
        }
        if (c->weights) zg_round(t, -1); /* or the denominator of the sum would grow and grow */
        mpq_add(out, out, t);
    }
    mpq_clears(t, beyond, NULL);
    return inside;
}

/* out = the loss of prediction f; an upper bound for the logistic loss.  False: infinite. */
static bool loss_value(const zg_claim *c, size_t element, const mpq_t f, mpq_t out)
{
    mpq_t g, t, beyond;
    bool finite = true;
    double y = c->y[element], w = weight(c, element % c->n);
    mpq_inits(g, t, beyond, NULL);
    if (c->loss == ZG_LOGISTIC) {
        zg_formula(t, "dx*", y, f);
        zg_softplus(g, t);
        zg_formula(out, "xd*", g, w);
    } else {
        if (c->labels) zg_formula(g, "ddx*-", 1.0, y, f);
        if (!c->labels) zg_formula(g, "dx-|", y, f);
        if (mpq_sgn(g) < 0) mpq_set_ui(g, 0, 1);
        zg_formula(t, "xd*", g, w); /* g / (2 q) */
        zg_formula(beyond, "xdd*-", t, w, c->delta);
        if (limited(c) && (!curved(c) || mpq_sgn(beyond) > 0)) zg_formula(t, "dd*", w, c->delta);
        finite = limited(c) || curved(c) || mpq_sgn(g) == 0;
        zg_formula(out, curved(c) ? "xx*xx*dd+/-" : "xx*", g, t, t, t, w, w);
    }
    mpq_clears(g, t, beyond, NULL);
    return finite;
}

void zg_penalty(const zg_claim *c, const mpq_t alpha, int side, mpq_t out)
{
    mpq_abs(out, alpha);
    if (c->tree) zg_power(out, out, c->power, side);
    zg_formula(out, "xd*", out, c->beta);
}

/* ---- predictions ---------------------------------------------------------------------------- */

/* r = 1 / |u| from below, and whether it is exact; if not, it is off by at most 2^-192. */
static bool inverse_norm(const double *u, size_t width, mpq_t r)
{
    static const uint32_t half[] = {1, 2};
    mpq_t square;
    mpq_init(square);
    for (size_t k = 0; k < width; k++)
        zg_formula(square, "xdd*+", square, u[k], u[k]);
    mpq_inv(square, square);
    zg_power(r, square, half, -1);
    zg_power(square, square, half, 1);
    bool exact = mpq_equal(r, square);
    mpq_clear(square);
    return exact;
}

/* With s = r patch . u it is the mean of a s^2 + b s + c.  As |u|^2 is in (1/2, 2), r is at least
 * 1/2; if it is off by at most 2^-192, s is off by at most |s| 2^-191 and s^2 by s^2 2^-189. */
void zg_response(const zg_claim *c, size_t neuron, mpq_t *out, mpq_t *error)
{
    const double *u = c->u + neuron * c->width, patches = (double)c->patches;
    long ex = zg_exponent(c->x, c->n * c->d), eu = zg_exponent(u, c->width);
    mpq_t r, s;
    mpz_t x, y;
    mpq_inits(r, s, NULL);
    mpz_inits(x, y, NULL);
    double off = inverse_norm(u, c->width, r) ? 0 : 0x1p-189;
    for (size_t e = 0; e < c->n * c->patches; e++) {
        size_t i = e / c->patches, patch = c->group[neuron] * c->patches + e % c->patches;
        mpq_set_ui(s, 0, 1);
        for (size_t k = 0; k < c->width; k++) {
            zg_integer(x, c->x[i * c->d + c->inputs[patch * c->width + k]], ex);
            zg_integer(y, u[k], eu);
            mpz_addmul(mpq_numref(s), x, y);
        }
        mpq_div_2exp(s, s, (mp_bitcnt_t)(-ex - eu));
        mpq_mul(s, s, r);
        if (e % c->patches == 0) mpq_set_d(out[i], c->c);
        if (e % c->patches == 0) mpq_set_ui(error[i], 0, 1);
        zg_formula(out[i], "xxd*d+xd/*+", out[i], s, c->a, c->b, s, patches);
        zg_formula(error[i], "xx|d|*d|+x|d**+", error[i], s, c->a, c->b, s, off);
    }
    mpz_clears(x, y, NULL);
    mpq_clears(r, s, NULL);
}

/* ---- the bound ------------------------------------------------------------------------------ */

/* A convex loss is largest at an end of f +- error, and nowhere there below twice the loss of f
 * less that: most sums the first, least the second (not for the logistic loss, known from above
 * only). */
static bool objective(const zg_claim *c, mpq_t *f, mpq_t *error, mpq_t most, mpq_t least)
{
    mpq_t t, low, high;
    bool finite = true;
    mpq_inits(t, low, high, NULL);
    for (size_t e = 0; e < c->n * c->outputs; e++) {
        zg_formula(t, "xx-", f[e], error[e]);
        finite = loss_value(c, e, t, low) && finite;
        zg_formula(t, "xx+", f[e], error[e]);
        finite = loss_value(c, e, t, high) && finite;
        if (mpq_cmp(low, high) > 0) mpq_swap(low, high);
        loss_value(c, e, f[e], t);
        zg_formula(low, "xx+x-", t, t, high);
        zg_round(low, -1);
        zg_round(high, 1);
        mpq_add(most, most, high);
        mpq_add(least, least, low);
    }
    for (size_t k = 0; k < c->neurons * c->outputs; k++) {
        mpq_set_d(t, c->alpha[k]);
        zg_penalty(c, t, 1, high);
        zg_penalty(c, t, -1, low);
        mpq_add(most, most, high);
        mpq_add(least, least, low);
    }
    mpq_clears(t, low, high, NULL);
    return finite;
}

void zg_judge_network(zg_claim *c, mpq_t bound)
{
    size_t count = c->n * c->outputs;
    mpq_t *f = zg_rationals(c->session, 2 * count), *error = f + count;
    mpq_t *response = zg_rationals(c->session, 2 * c->n), least;
    mpq_init(least);
    mpq_set_ui(bound, 0, 1);
    for (size_t j = 0; j < c->neurons; j++) {
        zg_response(c, j, response, response + c->n);
        for (size_t e = 0; e < count; e++) {
            double alpha = c->alpha[j * c->outputs + e / c->n];
            zg_formula(f[e], "xdx*+", f[e], alpha, response[e % c->n]);
            zg_formula(error[e], "xd|x*+", error[e], alpha, response[c->n + e % c->n]);
        }
    }
    if (!objective(c, f, error, bound, least))
        zg_note(c->session, ZG_NOT_PROVEN, "the network does not fit the targets exactly");
    zg_formula(least, "xd-", least, c->upper);
    bool sure = c->loss != ZG_LOGISTIC && mpq_sgn(least) > 0;
    if (!sure) zg_formula(least, "xd-", bound, c->upper);
    zg_judge_excess(c->session, least, sure ? ZG_REFUTED : ZG_NOT_PROVEN,
                    "the network's objective exceeds the claimed upper bound");
    mpq_clear(least);
}
