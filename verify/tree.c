/*
 * The lower bound of min over w of loss(Phi w) + beta sum |w_k|^p: a tree of boxes.
 *
 * Any w outside the root box has one term, and so an objective, of at least the claimed bound: the
 * ends of the box are checked for that.  The nodes come in preorder; a split covers its box by two,
 * and so the leaves cover the root box whatever the file says.  For every v a leaf has
 *   D(v) + sum_k min over w_k in [l_k, h_k] of beta |w_k|^p - q_k w_k,   q = Phi' v,
 * as a lower bound; each summand is concave on either side of 0, so that its minimum is at an end
 * or at 0.
 */
#include "verify.h"

#include <string.h>

/* Lowers worst to beta |w|^p - q w - error |w| if that is less. */
static void worst_at(const zg_claim *c, double w, const mpq_t q, const mpq_t error, mpq_t worst)
{
    mpq_t point, term;
    mpq_inits(point, term, NULL);
    mpq_set_d(point, w);
    zg_penalty(c, point, -1, term);
    mpq_t part;
    mpq_init(part);
    mpq_mul(part, q, point);
    mpq_sub(term, term, part);
    mpq_abs(point, point);
    mpq_mul(part, error, point);
    mpq_sub(term, term, part);
    if (mpq_cmp(term, worst) < 0) mpq_set(worst, term);
    mpq_clears(point, term, part, NULL);
}

/* phi: per neuron n values, then n error bounds. */
static void leaf_bound(const zg_claim *c, mpq_t *phi, const double *v, const double *low,
                       const double *high, mpq_t bound)
{
    mpq_t q, error, worst, t;
    mpq_inits(q, error, worst, t, NULL);
    if (!zg_dual_value(c, 0, v, bound))
        zg_note(c->session, ZG_REFUTED, "a leaf's dual vector is outside the loss's domain");
    for (size_t k = 0; k < c->neurons; k++) {
        mpq_set_ui(q, 0, 1);
        mpq_set_ui(error, 0, 1);
        for (size_t i = 0; i < c->n; i++) {
            if (v[i] == 0) continue;
            mpq_set_d(t, v[i]);
            mpq_mul(t, t, phi[2 * k * c->n + i]);
            mpq_add(q, q, t);
            mpq_set_d(t, v[i] < 0 ? -v[i] : v[i]);
            mpq_mul(t, t, phi[(2 * k + 1) * c->n + i]);
            mpq_add(error, error, t);
        }
        mpq_set_ui(worst, 0, 1); /* at w = 0 */
        bool inside = low[k] <= 0 && high[k] >= 0;
        if (!inside) mpq_set_d(worst, 0x1p1000);
        worst_at(c, low[k], q, error, worst);
        worst_at(c, high[k], q, error, worst);
        mpq_add(bound, bound, worst);
    }
    mpq_clears(q, error, worst, t, NULL);
}

/* The most boxes that wait at a time; notes what leaves part of the root box uncovered. */
static size_t count_boxes(const zg_claim *c)
{
    size_t open = 1, most = 1;
    for (size_t k = 0; k < c->node_count; k++) {
        if (open == 0) zg_note(c->session, ZG_REFUTED, "the tree has nodes after its last leaf");
        open = c->node[k] >= c->neurons ? open - (open > 0) : open + 1;
        most = open > most ? open : most;
    }
    if (open) zg_note(c->session, ZG_REFUTED, "%zu boxes of the tree are not covered", open);
    return most + 1;
}

/* A network whose terms are as large as the claimed bound is no better: the root box may end there.
 */
static void check_root(const zg_claim *c, const mpq_t claimed)
{
    mpq_t end, term;
    mpq_inits(end, term, NULL);
    for (size_t k = 0; k < 2 * c->neurons; k++) {
        double w = k < c->neurons ? c->low[k] : c->high[k - c->neurons];
        if (k < c->neurons ? w > 0 : w < 0) zg_note(c->session, ZG_REFUTED, "the root box lacks 0");
        if (c->nonnegative && k < c->neurons) continue;
        mpq_set_d(end, w);
        zg_penalty(c, end, -1, term);
        zg_judge_excess(c->session, claimed, term, false, "the root box is too small");
    }
    for (size_t k = 0; c->nonnegative && k < c->neurons; k++) {
        if (c->alpha[k] < 0) zg_note(c->session, ZG_REFUTED, "a weight of the network is negative");
    }
    mpq_clears(end, term, NULL);
}

void zg_judge_tree(zg_claim *c, mpq_t bound)
{
    size_t boxes = count_boxes(c), open = 1, k = c->neurons;
    mpq_t *phi = zg_rationals(c->session, 2 * k * c->n), value, claimed;
    double *stack = zg_take(c->session, boxes * k, 2 * sizeof *stack);
    mpq_inits(value, claimed, NULL);
    for (size_t j = 0; j < k; j++)
        zg_response(c, j, phi + 2 * j * c->n, phi + (2 * j + 1) * c->n);
    memcpy(stack, c->low, k * sizeof *stack);
    memcpy(stack + k, c->high, k * sizeof *stack);
    mpq_set_d(bound, 0x1p1000);
    for (size_t i = 0; i < c->node_count && open && c->session->verdict == ZG_PROVEN; i++) {
        double *low = stack + (open - 1) * 2 * k, *high = low + k;
        size_t which = c->node[i];
        mpq_set_d(claimed, c->node_value[i]);
        if (which >= k) {
            leaf_bound(c, phi, c->v + (which - k) * c->n, low, high, value);
            zg_judge_excess(c->session, claimed, value, false,
                            "a leaf's bound exceeds the true one");
            if (mpq_cmp(value, bound) < 0) mpq_set(bound, value);
            open--;
        } else if (c->node_value[i] < low[which] || c->node_value[i] > high[which]) {
            zg_note(c->session, ZG_REFUTED, "split %zu of the tree is outside its box", i);
        } else { /* the first half is done next: it comes on top of the second */
            memcpy(low + 2 * k, low, 2 * k * sizeof *low);
            high[2 * k + which] = low[which] = c->node_value[i];
            open++;
        }
    }
    mpq_set_d(claimed, c->lower);
    check_root(c, claimed);
    zg_judge_excess(c->session, claimed, bound, false, "the claimed lower bound exceeds a leaf's");
    mpq_clears(value, claimed, NULL);
    zg_clear(phi, 2 * k * c->n);
}
