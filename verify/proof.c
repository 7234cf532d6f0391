/* The order of a proof: read, weigh the work, judge both bounds and the gap between them. */
#include "proof.h"

#include <math.h>

/* About how many multiplications the proof takes. */
static double work_of(const zv_claim *c)
{
    double d = (double)c->d, width = (double)c->width;
    if (c->lyapunov)
        return (double)c->neurons * d * d + 5 * d * d * d + (c->quadratic ? d * d * d * d / 3 : 0);
    if (c->worst_case)
        return (double)(c->neurons * c->outputs * c->patches) * width * width +
               (double)(c->n * c->statements) * (d * d * d / 6 + 2 * d * d + (double)c->neurons);
    if (c->sums) {
        double q = (double)c->columns, outputs = (double)c->outputs;
        return q * q * q / 6 + outputs * (q * q * 3 + d * d * (q + (double)c->neurons + d / 3));
    }
    double rows = (double)(c->n * c->patches), order = (double)c->width + 1;
    if (c->robust) rows = (double)(c->rows * c->patches);
    for (size_t i = 0; c->functional && i < c->n; i++)
        rows += (double)c->row_terms[i];
    double network = (double)c->neurons * rows * (order + (double)(c->outputs + c->nodes));
    double cones = (double)(c->outputs * c->groups) * order * order * (rows + order);
    if (c->counting) cones += zv_count_size(c) * (double)(c->outputs * c->groups) * order;
    double margins =
        c->robust && c->has_upper
            ? (double)(c->neurons * c->patches) * width * width +
                  (double)(c->n * c->statements) * (d * d * d / 6 + 2 * d * d + (double)c->neurons)
            : 0;
    double features = c->points ? (double)zv_feature_count(c) : 0;
    double points = features * features * ((double)(c->n + c->points) + features / 6);
    return c->tree ? network : network + cones + margins + points;
}

/* upper - lower <= gap max(1, |upper|), of the claimed numbers. */
static void judge_gap(const zv_claim *c)
{
    zv_session *s = c->session;
    const zv_number *upper = zv_real(s, c->upper), *lower = zv_real(s, c->lower);
    const zv_number *most = zv_mul(zv_real(s, c->gap), zv_max(zv_real(s, 1), zv_abs(upper)));
    zv_need(0, ZV_AT_LEAST, zv_sub(zv_sub(upper, lower), most),
            "upper less lower exceeds the claimed gap");
}

void zv_judge(zv_session *s, zv_claim *c, char *certificate, size_t size, char *data,
              size_t data_size)
{
    *c = (zv_claim){.session = s};
    s->unit = 53; /* as 1 has them */
    s->bits = 1;
    s->lower = -INFINITY;
    s->upper = INFINITY;
    if (setjmp(s->escape)) return; /* zv_stop: the verdict is there */
    zv_claim_read(c, certificate, size, data, data_size);
    double work = work_of(c);
    if (s->work_limit > 0 && work > s->work_limit)
        zv_stop(s, ZV_NOT_PROVEN, "the proof takes %.0e multiplications, too many", work);
    s->temporary = zv_numbers(s, ZV_TEMPORARIES);
    if (c->worst_case || c->lyapunov) {
        (c->lyapunov ? zv_judge_lyapunov : zv_judge_margins)(c);
        return;
    }
    if (c->discrepancy) {
        zv_judge_discrepancy(c);
        return;
    }
    zv_number *bounds = zv_numbers(s, 2), *lower = &bounds[0], *upper = &bounds[1];
    if (c->robust) zv_judge_copies(c);
    if (c->sums) zv_judge_sums(c);
    if (c->tree)
        zv_judge_tree(c, lower);
    else if (c->counting)
        zv_judge_count(c, lower);
    else
        zv_judge_cones(c, lower);
    if (s->verdict == ZV_PROVEN) s->lower = zv_double(lower->low, -1);
    if (!c->has_upper) return;
    (c->robust       ? zv_judge_robust_network
     : c->functional ? zv_judge_functional_network
     : c->sums       ? zv_judge_sums_network
                     : zv_judge_network)(c, upper);
    if (s->verdict == ZV_PROVEN) s->upper = zv_double(upper->high, 1);
    judge_gap(c);
    if (c->points) zv_judge_points(c);
}
