/*
 * Discrepancies: how far the means of a network on two samples can be apart,
 *
 *   D = max over networks with sum |alpha| <= 1 and neurons of length 1 of |mean f - mean f|.
 *
 * With v the other sample's number of rows on one sample, and minus that on the other, sum v_i f_i
 * is n_1 n_2 times the difference of means.  Cones for v and beta show it to be at most beta for
 * every neuron (cone.c), hence for every such network; and the certificate's neuron attains the
 * lower end, up to sign.
 */
#include "proof.h"

void zv_judge_discrepancy(const zv_claim *c)
{
    zv_session *s = c->session;
    const zv_number *pairs =
        zv_mul(zv_real(s, (double)c->share[0]), zv_real(s, (double)c->share[1]));
    zv_judge_definite(c);
    zv_number *kept = zv_numbers(s, c->n + 2), *upper = &kept[c->n], *seen = &kept[c->n + 1];
    zv_set(upper, zv_div(zv_real(s, c->beta), pairs));
    zv_need(c->upper, ZV_AT_LEAST, upper, "the cones' constant exceeds the claimed upper bound");
    zv_respond(c, 0, kept);
    for (size_t i = 0; i < c->n; i++) {
        size_t before = s->used;
        zv_increase(seen, zv_mul(zv_real(s, c->v[i]), &kept[i]));
        s->used = before;
    }
    const zv_number *lower = zv_div(zv_abs(seen), pairs);
    zv_need(c->lower, ZV_AT_MOST, lower, "the claimed lower bound exceeds what the neuron sees");
    if (s->verdict != ZV_PROVEN) return;
    s->lower = zv_double(lower->low, -1);
    s->upper = zv_double(upper->high, 1);
}
