/* The whole judgement. */
#include "verify.h"

#include <math.h>

void zg_judge_excess(zg_session *s, const mpq_t value, const mpq_t limit, bool not_sure,
                     const char *sentence)
{
    if (mpq_cmp(value, limit) <= 0) return;
    mpq_t by;
    mpq_init(by);
    mpq_sub(by, value, limit);
    zg_note(s, not_sure ? ZG_NOT_PROVEN : ZG_REFUTED, "%s by %.3e", sentence, zg_double(by, -1));
    mpq_clear(by);
}

/* upper - lower <= gap max(1, |upper|), of the claim itself. */
static void judge_gap(zg_claim *c)
{
    mpq_t gap, t;
    mpq_inits(gap, t, NULL);
    mpq_set_d(gap, c->gap);
    mpq_set_d(t, fmax(1, fabs(c->upper)));
    mpq_mul(gap, gap, t);
    mpq_set_d(t, c->lower);
    mpq_add(gap, gap, t);
    mpq_set_d(t, c->upper);
    zg_judge_excess(c->session, t, gap, false, "upper less lower exceeds the claimed gap");
    mpq_clears(gap, t, NULL);
}

void zg_judge(zg_session *s, char *certificate, size_t size, char *data, size_t data_size)
{
    zg_claim c = {.session = s};
    zg_reader r = {.session = s, .text = certificate, .size = size};
    s->lower = -INFINITY;
    s->upper = INFINITY;
    if (setjmp(s->escape)) return;
    zg_claim_read(&c, &r, data, data_size);
    mpq_t *bound = zg_rationals(s, 1);
    (c.tree ? zg_judge_tree : zg_judge_cones)(&c, *bound);
    if (s->verdict == ZG_PROVEN) s->lower = zg_double(*bound, -1);
    if (c.has_upper) {
        zg_judge_network(&c, *bound);
        if (s->verdict == ZG_PROVEN) s->upper = zg_double(*bound, 1);
        judge_gap(&c);
    }
}
