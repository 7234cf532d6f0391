/*
 * The losses of docs/certificate.md, and the penalty.
 *
 * All but two are of one kind: with r = |f - y|, or max(0, 1 - y f) for labels, the loss is r^2 / 2
 * where it is quadratic and r where it is not; and where the slope is bounded by delta (1 unless
 * the loss is huber), r^2 / 2 goes on as a line from r = delta on.  Then D(v) = v y, less
 * v^2 / (2 w) where it is quadratic, for |v| <= w delta where it is bounded, v y >= 0 for labels.
 */
#include "proof.h"

static const struct {
    bool labels, quadratic, bounded;
} traits[] = {
    [ZV_SQUARED] = {.quadratic = true},
    [ZV_ABSOLUTE] = {.bounded = true},
    [ZV_HUBER] = {.quadratic = true, .bounded = true},
    [ZV_HINGE] = {.labels = true, .bounded = true},
    [ZV_SQUARED_HINGE] = {.labels = true, .quadratic = true},
    [ZV_LOGISTIC] = {.labels = true, .bounded = true},
    [ZV_INTERPOLATE] = {.quadratic = false}, /* 0 if f = y, else infinite; D(v) = v y for all v */
};

bool zv_takes_labels(zv_loss loss)
{
    return traits[loss].labels;
}

/* ---- from below: the dual -------------------------------------------------------------------- */

/* vy = v y. */
static bool in_domain(const zv_claim *c, const zv_number *v, const zv_number *vy,
                      const zv_number *w)
{
    zv_session *s = c->session;
    if (traits[c->loss].labels && !zv_at_most(zv_real(s, 0), vy)) return false;
    return !traits[c->loss].bounded || zv_at_most(zv_abs(v), zv_mul(w, zv_real(s, c->delta)));
}

/* p log(w / p); 0 log(1 / 0) = 0. */
static zv_number *entropy(const zv_number *p, const zv_number *w)
{
    zv_number *zero = zv_real(p->session, 0);
    return zv_at_most(p, zero) ? zero : zv_mul(p, zv_log(zv_div(w, p)));
}

void zv_add_dual_value(const zv_claim *c, size_t output, const double *v, zv_number *sum)
{
    zv_session *s = c->session;
    for (size_t i = 0; i < c->n; i++) {
        size_t before = s->used;
        const zv_number *w = zv_real(s, c->weights[i]), *dual = zv_real(s, v[i]);
        zv_number *value = zv_mul(dual, zv_real(s, c->y[output * c->n + i]));
        if (c->has_exact && i == c->exact) { /* a constraint: v is free, D = v y */
            zv_increase(sum, value);
            s->used = before;
            continue;
        }
        if (!in_domain(c, dual, value, w)) {
            zv_note(s, ZV_REFUTED, "v of sample %zu, output %zu is outside the loss's domain", i,
                    output);
        } else {
            if (c->loss == ZV_LOGISTIC) /* w H(v y / w) */
                value = zv_add(entropy(value, w), entropy(zv_sub(w, value), w));
            if (traits[c->loss].quadratic)
                value = zv_sub(value, zv_div(zv_mul(dual, dual), zv_mul(zv_real(s, 2), w)));
            if (c->weights[i] != 1)
                value = zv_round(value); /* or the sum's denominator would grow */
            zv_increase(sum, value);
        }
        s->used = before;
    }
}

/* ---- copies ---------------------------------------------------------------------------------- */

/* D of one sample with S the sum of its copies' v, and T that of |v|: for labels, where all v y are
 * at least 0, the plain D at S; otherwise y S, less T^2 / (2 w) where it is quadratic, for T <= w
 * delta where it is bounded. */
static zv_number *shared_value(const zv_claim *c, size_t i, const zv_number *sum,
                               const zv_number *total)
{
    zv_session *s = c->session;
    const zv_number *w = zv_real(s, c->weights[i]);
    zv_number *value = zv_mul(sum, zv_real(s, c->y[i]));
    if (!in_domain(c, total, traits[c->loss].labels ? total : value, w)) {
        zv_note(s, ZV_REFUTED, "the copies of sample %zu are outside the loss's domain", i);
        return value;
    }
    if (c->loss == ZV_LOGISTIC) value = zv_add(entropy(value, w), entropy(zv_sub(w, value), w));
    if (traits[c->loss].quadratic)
        value = zv_sub(value, zv_div(zv_mul(total, total), zv_mul(zv_real(s, 2), w)));
    return c->weights[i] != 1 ? zv_round(value) : value;
}

void zv_add_copies_value(const zv_claim *c, zv_number *sum)
{
    zv_session *s = c->session;
    zv_number *sums = zv_numbers(s, 2 * c->n), *totals = sums + c->n;
    size_t before = s->used;
    for (size_t k = 0; k < c->rows; k++, s->used = before) {
        size_t i = c->owner[k];
        const zv_number *v = zv_real(s, c->v[k]), *vy = zv_mul(v, zv_real(s, c->y[i]));
        if (traits[c->loss].labels && !zv_at_most(zv_real(s, 0), vy))
            zv_note(s, ZV_REFUTED, "v of copy %zu has the wrong sign", k);
        zv_increase(&sums[i], v);
        zv_increase(&totals[i], zv_abs(v));
    }
    for (size_t i = 0; i < c->n; i++, s->used = before)
        zv_increase(sum, shared_value(c, i, &sums[i], &totals[i]));
}

/* ---- from above: the loss of a network ------------------------------------------------------- */

/* log(1 + exp(-t)) = max(-t, 0) + log(1 + exp(-|t|)), with t = y f. */
static zv_number *logistic_loss(const zv_number *y, const zv_number *f)
{
    zv_number *t = zv_mul(y, f), *zero = zv_real(f->session, 0), *one = zv_real(f->session, 1);
    zv_number *rest = zv_log(zv_add(one, zv_exp_minus(zv_abs(t))));
    return zv_add(zv_max(zv_sub(zero, t), zero), rest);
}

/* |f - y|, or max(0, 1 - y f) for labels. */
static zv_number *residual(const zv_claim *c, const zv_number *y, const zv_number *f)
{
    zv_session *s = c->session;
    if (!traits[c->loss].labels) return zv_abs(zv_sub(f, y));
    return zv_max(zv_real(s, 0), zv_sub(zv_real(s, 1), zv_mul(y, f)));
}

zv_number *zv_loss_of(const zv_claim *c, size_t element, const zv_number *f)
{
    zv_session *s = c->session;
    const zv_number *y = zv_real(s, c->y[element]), *w = zv_real(s, c->weights[element % c->n]);
    if (c->loss == ZV_LOGISTIC) return zv_mul(w, logistic_loss(y, f));
    const zv_number *r = residual(c, y, f), *bent = r;
    if (c->loss == ZV_INTERPOLATE && !(zv_is_exact(r) && mpq_sgn(r->low) == 0))
        zv_note(s, ZV_NOT_PROVEN, "the network does not fit the targets exactly");
    if (!traits[c->loss].quadratic) return zv_mul(w, r);
    if (traits[c->loss].bounded) bent = zv_min(r, zv_real(s, c->delta));
    /* with m = min(r, delta), m (r - m / 2) is r^2 / 2 or delta (r - delta / 2) */
    return zv_mul(w, zv_mul(bent, zv_sub(r, zv_mul(bent, zv_real(s, 0.5)))));
}

zv_number *zv_penalty(const zv_claim *c, const zv_number *alpha)
{
    zv_number *size = zv_abs(alpha);
    if (c->tree) size = zv_power(size, c->power[0], c->power[1]);
    return zv_mul(zv_real(c->session, c->beta), size);
}
