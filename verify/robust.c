/*
 * Robust problems: p* = min over networks of sum w max over |e| <= R of loss(f(x + e), y) +
 * penalty.
 *
 * Below, for any copies x + e of the rows with |e| <= R, the largest loss of a sample is at least
 * that of each of its copies, so that p* is at least the optimum over the copies, several of one
 * sample under one loss, and the dual of that is what cone.c and loss.c judge.  Above, a network's
 * margins (margin.c) enclose what it is in each ball, and a convex loss is largest at an end.
 */
#include "proof.h"

void zv_judge_copies(const zv_claim *c)
{
    zv_session *s = c->session;
    mpz_t radius, sum, a, b;
    mpz_inits(radius, sum, a, b, NULL);
    zv_scaled(radius, c->radius, s->unit);
    mpz_mul(radius, radius, radius);
    for (size_t k = 0; k < c->rows; k++) {
        mpz_set_ui(sum, 0);
        for (size_t j = 0; j < c->d; j++) {
            zv_scaled(a, c->xs[k * c->d + j], s->unit);
            zv_scaled(b, c->x[c->owner[k] * c->d + j], s->unit);
            mpz_sub(a, a, b);
            mpz_addmul(sum, a, a);
        }
        if (mpz_cmp(sum, radius) > 0)
            zv_note(s, ZV_REFUTED, "copy %zu is not within the radius of sample %u", k,
                    c->owner[k]);
    }
    mpz_clears(radius, sum, a, b, NULL);
}

/* The loss of sample i at the worse end of what f is in its ball. */
static zv_number *worst_loss(const zv_claim *c, size_t i)
{
    zv_session *s = c->session;
    const double *margin = c->margin + i * c->statements;
    if (c->statements == 1) return zv_loss_of(c, i, zv_real(s, c->y[i] > 0 ? *margin : -*margin));
    const zv_number *low = zv_loss_of(c, i, zv_real(s, margin[0]));
    return zv_max(low, zv_loss_of(c, i, zv_real(s, -margin[1])));
}

void zv_judge_robust_network(const zv_claim *c, zv_number *objective)
{
    zv_session *s = c->session;
    zv_judge_margins(c);
    size_t before = s->used;
    for (size_t j = 0; j < c->neurons; j++, s->used = before)
        zv_increase(objective, zv_penalty(c, zv_real(s, c->alpha[j])));
    for (size_t i = 0; i < c->n; i++, s->used = before)
        zv_increase(objective, worst_loss(c, i));
    zv_need(c->upper, ZV_AT_LEAST, objective,
            "the network's robust objective exceeds the claimed upper bound");
}
