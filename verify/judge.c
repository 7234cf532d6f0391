/* The whole judgement. */
#include "verify.h"

#include <math.h>

void zg_judge_excess(zg_session *s, const mpq_t excess, zg_verdict verdict, const char *sentence)
{
    if (mpq_sgn(excess) > 0) zg_note(s, verdict, "%s by %.3e", sentence, zg_double(excess, -1));
}

void zg_judge(zg_session *s, char *certificate, size_t size, char *data, size_t data_size)
{
    zg_claim c = {.session = s};
    zg_reader r = {.session = s, .size = size};
    r.text = certificate;
    s->lower = -INFINITY;
    s->upper = INFINITY;
    if (setjmp(s->escape)) return;
    zg_claim_read(&c, &r, data, data_size);
    mpq_t *bound = zg_rationals(s, 1);
    (c.tree ? zg_judge_tree : zg_judge_cones)(&c, *bound);
    if (s->verdict == ZG_PROVEN) s->lower = zg_double(*bound, -1);
    if (!c.has_upper) return;
    zg_judge_network(&c, *bound);
    if (s->verdict == ZG_PROVEN) s->upper = zg_double(*bound, 1);
    zg_formula(*bound, "dd-dd*-", c.upper, c.lower, c.gap, fmax(1, fabs(c.upper)));
    zg_judge_excess(s, *bound, ZG_REFUTED, "upper less lower exceeds the claimed gap");
}
