/* The losses, a case each, as in the table of docs/certificate.md; and the penalty. */
#include "number.h"
#include "proof.h"

#include <math.h>

/* |v| <= w delta. */
static bool is_within(double v, double w, double delta)
{
    mpq_t excess;
    mpq_init(excess);
    zv_set_product(excess, -w, delta);
    zv_add(excess, fabs(v));
    bool within = mpq_sgn(excess) <= 0;
    mpq_clear(excess);
    return within;
}

/* The domain of D_i.  Labels are -1 and 1: the product with one is exact. */
static bool in_domain(const zv_claim *c, double v, double y, double w)
{
    switch (c->loss) {
    case ZV_SQUARED:
    case ZV_INTERPOLATE:
        return true;
    case ZV_ABSOLUTE:
        return fabs(v) <= w;
    case ZV_HUBER:
        return is_within(v, w, c->delta);
    case ZV_HINGE:
    case ZV_LOGISTIC:
        return v * y >= 0 && v * y <= w;
    case ZV_SQUARED_HINGE:
        return v * y >= 0;
    }
    return false;
}

/* out -= p log(p / w), the logarithm from above, so that out is from below.  0 log 0 = 0. */
static void subtract_entropy(mpq_t out, const mpq_t p, const mpq_t w)
{
    mpq_t logarithm;
    if (mpq_sgn(p) == 0) return;
    mpq_init(logarithm);
    mpq_div(logarithm, p, w);
    zv_log_above(logarithm, logarithm);
    mpq_mul(logarithm, logarithm, p);
    mpq_sub(out, out, logarithm);
    mpq_clear(logarithm);
}

/* w H(p / w) = -p log(p / w) - (w - p) log((w - p) / w) with p = v y in [0, w]. */
static void logistic_dual(double v, double y, double w, mpq_t out)
{
    mpq_t p, weight;
    mpq_inits(p, weight, NULL);
    zv_set_product(p, v, y);
    mpq_set_d(weight, w);
    mpq_set_ui(out, 0, 1);
    subtract_entropy(out, p, weight);
    mpq_sub(p, weight, p);
    subtract_entropy(out, p, weight);
    mpq_clears(p, weight, NULL);
}

/* v y, less v^2 / (2 w) where the loss is quadratic near its minimum. */
static void rational_dual(zv_loss loss, double v, double y, double w, mpq_t out)
{
    zv_set_product(out, v, y);
    if (loss != ZV_SQUARED && loss != ZV_HUBER && loss != ZV_SQUARED_HINGE) return;
    mpq_t square, weight;
    mpq_inits(square, weight, NULL);
    zv_set_product(square, v, v);
    zv_set_product(weight, 2, w);
    mpq_div(square, square, weight);
    mpq_sub(out, out, square);
    mpq_clears(square, weight, NULL);
}

void zv_dual_value(const zv_claim *c, size_t output, const double *v, mpq_t out)
{
    mpq_t term;
    mpq_init(term);
    mpq_set_ui(out, 0, 1);
    for (size_t i = 0; i < c->n; i++) {
        double y = c->y[output * c->n + i], w = c->weights[i];
        if (!in_domain(c, v[i], y, w)) {
            zv_note(c->session, ZV_REFUTED,
                    "v of sample %zu, output %zu is outside the loss's domain", i, output);
        } else if (c->loss == ZV_LOGISTIC) {
            logistic_dual(v[i], y, w, term);
            mpq_add(out, out, term);
        } else {
            rational_dual(c->loss, v[i], y, w, term);
            if (c->weighted)
                zv_power(term, term, 1, 1, -1); /* or the sum's denominator would grow on */
            mpq_add(out, out, term);
        }
    }
    mpq_clear(term);
}

/* log(1 + exp(-t)) from above, as max(-t, 0) + log(1 + exp(-|t|)), with t = y f. */
static void logistic_loss(double y, const mpq_t f, mpq_t out)
{
    mpq_t t;
    mpq_init(t);
    zv_add_product(t, f, y);
    bool negative = mpq_sgn(t) < 0;
    mpq_abs(t, t);
    zv_exp_minus_above(out, t);
    zv_add(out, 1);
    zv_log_above(out, out);
    if (negative) mpq_add(out, out, t);
    mpq_clear(t);
}

/* r = |f - y|, or max(0, 1 - y f) for labels. */
static void residual(const zv_claim *c, double y, const mpq_t f, mpq_t r)
{
    if (zv_takes_labels(c->loss)) {
        mpq_set_ui(r, 1, 1);
        zv_add_product(r, f, -y);
        if (mpq_sgn(r) < 0) mpq_set_ui(r, 0, 1);
    } else {
        mpq_set(r, f);
        zv_add(r, -y);
        mpq_abs(r, r);
    }
}

/* r^2 / 2 up to delta, delta (r - delta / 2) beyond it. */
static void huber_loss(double delta, const mpq_t r, mpq_t out)
{
    mpq_t limit;
    mpq_init(limit);
    mpq_set_d(limit, delta);
    if (mpq_cmp(r, limit) <= 0) {
        mpq_mul(out, r, r);
        mpq_div_2exp(out, out, 1);
    } else {
        mpq_div_2exp(limit, limit, 1);
        mpq_sub(out, r, limit);
        zv_multiply(out, delta);
    }
    mpq_clear(limit);
}

/* value = loss(f, y), and slope >= |loss'| wherever f is off by at most error. */
static void loss_at(const zv_claim *c, double y, const mpq_t f, const mpq_t error, mpq_t value,
                    mpq_t slope)
{
    mpq_t r;
    mpq_init(r);
    residual(c, y, f, r);
    mpq_set_ui(slope, 1, 1);
    switch (c->loss) {
    case ZV_SQUARED:
    case ZV_SQUARED_HINGE:
        mpq_mul(value, r, r);
        mpq_div_2exp(value, value, 1);
        mpq_add(slope, r, error);
        break;
    case ZV_ABSOLUTE:
    case ZV_HINGE:
        mpq_set(value, r);
        break;
    case ZV_HUBER:
        huber_loss(c->delta, r, value);
        mpq_set_d(slope, c->delta);
        break;
    case ZV_LOGISTIC:
        logistic_loss(y, f, value);
        break;
    case ZV_INTERPOLATE: /* infinite unless r = 0, and so at least r */
        mpq_set(value, r);
        if (mpq_sgn(r) != 0 || mpq_sgn(error) != 0)
            zv_note(c->session, ZV_NOT_PROVEN, "the network does not fit the targets exactly");
        break;
    }
    mpq_clear(r);
}

void zv_add_loss(const zv_claim *c, size_t element, const mpq_t f, const mpq_t error, mpq_t lower,
                 mpq_t upper)
{
    mpq_t value, slack;
    double w = c->weights[element % c->n];
    mpq_inits(value, slack, NULL);
    loss_at(c, c->y[element], f, error, value, slack);
    mpq_mul(slack, slack, error);
    zv_add_product(lower, value, w);
    zv_add_product(lower, slack, -w);
    zv_add_product(upper, value, w);
    zv_add_product(upper, slack, w);
    mpq_clears(value, slack, NULL);
}

void zv_penalty(const zv_claim *c, const mpq_t alpha, int side, mpq_t out)
{
    mpq_abs(out, alpha);
    if (c->tree) zv_power(out, out, c->power[0], c->power[1], side);
    zv_multiply(out, c->beta);
}
