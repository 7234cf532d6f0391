/*
 * The lower bound of min over w of loss(Phi w) + beta sum |w_k|^p: a tree of boxes.
 *
 * The nodes come in preorder; a split covers its box by two, and so the leaves cover the root box
 * whatever the file says.  For every v a leaf has
 *   D(v) + sum_k min over w_k in [l_k, h_k] of beta |w_k|^p - q_k w_k,   q = Phi' v,
 * as a lower bound; each summand is concave on either side of 0, so that its minimum is at an end
 * or at 0.  A pair is a leader k and a follower m that alone have responses in one sample i of an
 * interpolation: w_m = (y_i - phi_ik w_k) / phi_im, and both terms together are concave between the
 * points where w_k or w_m is 0.
 */
#include "verify.h"

#include <string.h>

#define NONE UINT32_MAX

typedef struct tree {
    zg_claim *c;
    mpq_t *phi;         /* per neuron n values, then n error bounds */
    mpq_t *q;           /* of the leaf at hand: neurons values, then as many error bounds */
    uint32_t *follower; /* neurons: of a leader, or NONE */
    uint32_t *sample;   /* neurons: that ties a leader to its follower */
    bool *follows;      /* neurons */
} tree;

static mpq_t *phi_at(const tree *t, size_t k, size_t sample)
{
    return &t->phi[2 * k * t->c->n + sample];
}

/* The follower's weight where its leader has w. */
static void partner(const tree *t, size_t k, const mpq_t w, mpq_t out)
{
    size_t i = t->sample[k];
    zg_formula(out, "dxx*-x/", t->c->y[i], *phi_at(t, k, i), w, *phi_at(t, t->follower[k], i));
}

/* value += beta |w|^p - q w - error |w| for neuron k. */
static void add_term(const tree *t, size_t k, const mpq_t w, mpq_t value)
{
    mpq_t part;
    mpq_init(part);
    zg_penalty(t->c, w, -1, part);
    zg_formula(part, "xxx*-xx*|-", part, t->q[k], w, t->q[t->c->neurons + k], w);
    mpq_add(value, value, part);
    mpq_clear(part);
}

/* bound += the least of neuron k's term, with its follower's, over [low, high]. */
static void add_least(const tree *t, size_t k, double low, double high, mpq_t bound)
{
    mpq_t point[4], value, least, w;
    mpq_inits(point[0], point[1], point[2], point[3], value, least, w, NULL);
    mpq_set_d(point[0], low);
    mpq_set_d(point[1], high);
    if (t->follower[k] != NONE) /* where the follower is 0 */
        zg_formula(point[3], "dx/", t->c->y[t->sample[k]], *phi_at(t, k, t->sample[k]));
    for (int e = 0; e < 4; e++) {
        if (mpq_cmp(point[e], point[0]) < 0 || mpq_cmp(point[e], point[1]) > 0) continue;
        mpq_set_ui(value, 0, 1);
        add_term(t, k, point[e], value);
        if (t->follower[k] != NONE) {
            partner(t, k, point[e], w);
            add_term(t, t->follower[k], w, value);
        }
        if (e == 0 || mpq_cmp(value, least) < 0) mpq_set(least, value);
    }
    mpq_add(bound, bound, least);
    mpq_clears(point[0], point[1], point[2], point[3], value, least, w, NULL);
}

static void leaf_bound(tree *t, const double *v, const double *low, const double *high, mpq_t bound)
{
    const zg_claim *c = t->c;
    if (!zg_dual_value(c, 0, v, bound))
        zg_note(c->session, ZG_REFUTED, "a leaf's dual vector is outside the loss's domain");
    for (size_t k = 0; k < c->neurons; k++) {
        mpq_t *q = &t->q[k], *error = &t->q[c->neurons + k];
        mpq_set_ui(*q, 0, 1);
        mpq_set_ui(*error, 0, 1);
        for (size_t i = 0; i < c->n; i++) {
            if (v[i] == 0) continue;
            zg_formula(*q, "xdx*+", *q, v[i], *phi_at(t, k, i));
            zg_formula(*error, "xd|x*+", *error, v[i], *phi_at(t, k, c->n + i));
        }
    }
    for (size_t k = 0; k < c->neurons; k++) {
        if (!t->follows[k]) add_least(t, k, low[k], high[k], bound);
    }
}

/* Responses, and the pairs: two neurons each that alone respond to a sample, exactly. */
static void prepare(tree *t)
{
    const zg_claim *c = t->c;
    for (size_t k = 0; k < c->neurons; k++) {
        zg_response(c, k, phi_at(t, k, 0), phi_at(t, k, c->n));
        t->follower[k] = NONE;
    }
    for (size_t p = 0; p < c->pair_count; p++) {
        uint32_t k = c->pairs[3 * p], m = c->pairs[3 * p + 1], i = c->pairs[3 * p + 2];
        bool fine = k < c->neurons && m < c->neurons && i < c->n && k != m &&
                    c->loss == ZG_INTERPOLATE && t->follower[k] == NONE && !t->follows[k] &&
                    t->follower[m] == NONE && !t->follows[m];
        for (size_t j = 0; fine && j < c->neurons; j++)
            fine = (j == k || j == m) == (mpq_sgn(*phi_at(t, j, i)) != 0) &&
                   mpq_sgn(*phi_at(t, j, c->n + i)) == 0;
        if (!fine) {
            zg_note(c->session, ZG_REFUTED, "pair %zu of the tree is none", p);
            return;
        }
        t->follower[k] = m;
        t->sample[k] = i;
        t->follows[m] = true;
    }
}

/* Beyond an end of the root box there is nothing better than the claimed bound: the weight's own
 * term reaches it, or a weight is negative that must not be. */
static void check_root(const tree *t)
{
    const zg_claim *c = t->c;
    mpq_t end, term, w;
    mpq_inits(end, term, w, NULL);
    for (size_t e = 0; e < 2 * c->neurons; e++) {
        size_t k = e / 2;
        bool upper = e % 2;
        if (t->follows[k]) continue;
        mpq_set_d(end, upper ? c->high[k] : c->low[k]);
        bool fine = c->nonnegative && !upper && mpq_sgn(end) <= 0;
        if (c->nonnegative &&
            t->follower[k] != NONE) { /* w falls to where the follower is below 0 */
            int slope = -mpq_sgn(*phi_at(t, k, t->sample[k])) *
                        mpq_sgn(*phi_at(t, t->follower[k], t->sample[k]));
            partner(t, k, end, w);
            fine = fine || (mpq_sgn(w) <= 0 && slope == (upper ? -1 : 1));
        }
        zg_penalty(c, end, -1, term);
        if (upper ? mpq_sgn(end) < 0 : mpq_sgn(end) > 0) mpq_set_ui(term, 0, 1);
        zg_formula(term, "dx-", c->lower, term);
        if (!fine) zg_judge_excess(c->session, term, ZG_REFUTED, "the root box is too small");
    }
    for (size_t k = 0; c->nonnegative && k < c->neurons; k++) {
        if (c->alpha[k] < 0) zg_note(c->session, ZG_REFUTED, "a weight of the network is negative");
    }
    mpq_clears(end, term, w, NULL);
}

/* Goes through the nodes; the boxes that wait are on a stack, low and high of each. */
static void check_nodes(tree *t, double *stack, mpq_t bound)
{
    const zg_claim *c = t->c;
    size_t open = 1, k = c->neurons, i = 0;
    mpq_t value, excess;
    mpq_inits(value, excess, NULL);
    memcpy(stack, c->low, k * sizeof *stack);
    memcpy(stack + k, c->high, k * sizeof *stack);
    for (; i < c->node_count && open && c->session->verdict == ZG_PROVEN; i++) {
        double *low = stack + (open - 1) * 2 * k, *high = low + k, at = c->node_value[i];
        size_t which = c->node[i];
        if (which >= k) {
            leaf_bound(t, c->v + (which - k) * c->n, low, high, value);
            zg_formula(excess, "dx-", at, value);
            zg_judge_excess(c->session, excess, ZG_REFUTED, "a leaf's bound exceeds the true one");
            if (mpq_cmp(value, bound) < 0) mpq_set(bound, value);
            open--;
        } else if (at < low[which] || at > high[which] || t->follows[which]) {
            zg_note(c->session, ZG_REFUTED, "split %zu of the tree is not one of its box", i);
        } else { /* the first half is done next: it comes on top of the second */
            memcpy(low + 2 * k, low, 2 * k * sizeof *low);
            high[2 * k + which] = low[which] = at;
            open++;
        }
    }
    if (open) zg_note(c->session, ZG_REFUTED, "%zu boxes of the tree are not covered", open);
    if (i < c->node_count) zg_note(c->session, ZG_REFUTED, "nodes follow the tree's last leaf");
    mpq_clears(value, excess, NULL);
}

void zg_judge_tree(zg_claim *c, mpq_t bound)
{
    size_t k = c->neurons; /* the stack has at most a box for every split, and one */
    double *stack = zg_take(c->session, (c->node_count + 1) * k, 2 * sizeof *stack);
    mpq_t excess;
    tree t = {.c = c};
    t.follower = zg_take(c->session, k, sizeof *t.follower);
    t.sample = zg_take(c->session, k, sizeof *t.sample);
    t.follows = zg_take(c->session, k, sizeof *t.follows);
    t.phi = zg_rationals(c->session, 2 * k * c->n);
    t.q = zg_rationals(c->session, 2 * k);
    mpq_init(excess);
    mpq_set_d(bound, 0x1p1000);
    prepare(&t);
    if (c->session->verdict == ZG_PROVEN) check_root(&t);
    check_nodes(&t, stack, bound);
    zg_formula(excess, "dx-", c->lower, bound);
    zg_judge_excess(c->session, excess, ZG_REFUTED, "the claimed lower bound exceeds a leaf's");
    mpq_clear(excess);
}
