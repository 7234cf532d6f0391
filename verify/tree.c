/*
 * The lower bound of a concave penalty over the given neurons: a tree of boxes.
 *
 * For every v in the domain, every w in a box has
 *
 *   loss(Phi w) + beta sum |w_k|^p  >=
 *       D(v) + sum_k min over [low_k, high_k] of beta |w_k|^p - q_k w_k,   q = Phi' v,
 *
 * and a split covers its box by two, so that the leaves cover the root box whatever the file says.
 * A pair is a leader k and a follower m that alone have responses in one sample i of an
 * interpolation, exactly: w_m = (y_i - phi_ik w_k) / phi_im.
 */
#include "proof.h"

#include <string.h>

typedef struct tree {
    const zv_claim *claim;
    zv_number *phi;         /* neurons x n */
    zv_number *q;           /* neurons: Phi' v of a leaf */
    const uint32_t **leads; /* of each neuron, the pair that it leads, or NULL */
    bool *follows;          /* whether it follows in one */
} tree;

static const zv_number *phi(const tree *t, size_t k, size_t i)
{
    return &t->phi[k * t->claim->n + i];
}

static void create(tree *t, const zv_claim *c)
{
    zv_session *s = c->session;
    *t = (tree){.claim = c,
                .phi = zv_numbers(s, c->neurons * c->n),
                .q = zv_numbers(s, c->neurons),
                .leads = zv_take(s, c->neurons, sizeof *t->leads),
                .follows = zv_take(s, c->neurons, sizeof *t->follows)};
    for (size_t k = 0; k < c->neurons; k++) {
        zv_respond(c, k, &t->phi[k * c->n]);
        if (c->nonnegative && c->alpha[k] < 0)
            zv_note(s, ZV_REFUTED, "a weight of the network is negative");
    }
}

/* Whether neurons k and m, and no others, respond to sample i, exactly; and neither is in a pair.
 */
static bool is_pair(const tree *t, uint32_t k, uint32_t m, uint32_t i)
{
    const zv_claim *c = t->claim;
    if (c->loss != ZV_INTERPOLATE || k >= c->neurons || m >= c->neurons || i >= c->n || k == m)
        return false;
    if (t->leads[k] || t->leads[m] || t->follows[k] || t->follows[m]) return false;
    for (size_t j = 0; j < c->neurons; j++) {
        bool responds = mpq_sgn(phi(t, j, i)->low) != 0;
        if (responds != (j == k || j == m) || !zv_is_exact(phi(t, j, i))) return false;
    }
    return true;
}

static void read_pairs(tree *t)
{
    const zv_claim *c = t->claim;
    for (size_t p = 0; p < c->pairs && c->session->verdict == ZV_PROVEN; p++) {
        const uint32_t *pair = c->pair + 3 * p;
        if (!is_pair(t, pair[0], pair[1], pair[2]))
            zv_stop(c->session, ZV_REFUTED, "pair %zu of the tree is none", p);
        t->leads[pair[0]] = pair;
        t->follows[pair[1]] = true;
    }
}

/* The follower's weight where the leader of the pair has w. */
static zv_number *follower_weight(const tree *t, const uint32_t *pair, const zv_number *w)
{
    uint32_t leader = pair[0], follower = pair[1], sample = pair[2];
    const zv_number *y = zv_real(w->session, t->claim->y[sample]);
    return zv_div(zv_sub(y, zv_mul(phi(t, leader, sample), w)), phi(t, follower, sample));
}

/* beta |w|^p - q_k w. */
static zv_number *term(const tree *t, size_t k, const zv_number *w)
{
    return zv_sub(zv_penalty(t->claim, w), zv_mul(&t->q[k], w));
}

/* The least of the term of neuron k, with its follower's, over [low, high].  It is concave between
 * the points where a weight is 0 and the ends, so that it is least at one of these. */
static const zv_number *least_term(const tree *t, size_t k, double low, double high)
{
    zv_session *s = t->claim->session;
    const uint32_t *pair = t->leads[k];
    const zv_number *point[] = {zv_real(s, low), zv_real(s, high), zv_real(s, 0), NULL};
    if (pair) /* where the follower's weight is 0 */
        point[3] = zv_div(zv_real(s, t->claim->y[pair[2]]), phi(t, k, pair[2]));
    const zv_number *least = NULL;
    for (int e = 0; e < (pair ? 4 : 3); e++) {
        if (!zv_at_most(point[0], point[e]) || !zv_at_most(point[e], point[1])) continue;
        const zv_number *value = term(t, k, point[e]);
        if (pair) value = zv_add(value, term(t, pair[1], follower_weight(t, pair, point[e])));
        least = least ? zv_min(least, value) : value;
    }
    return least ? least : zv_real(s, 0); /* an empty box */
}

/* bound = what v proves of the box. */
static void judge_leaf(const tree *t, const double *v, const double *low, const double *high,
                       zv_number *bound)
{
    const zv_claim *c = t->claim;
    zv_session *s = c->session;
    size_t before = s->used;
    zv_set(bound, zv_real(s, 0));
    zv_add_dual_value(c, 0, v, bound);
    for (size_t k = 0; k < c->neurons; k++) {
        zv_set(&t->q[k], zv_real(s, 0));
        for (size_t i = 0; i < c->n; i++, s->used = before)
            zv_increase(&t->q[k], zv_mul(phi(t, k, i), zv_real(s, v[i])));
    }
    for (size_t k = 0; k < c->neurons; k++, s->used = before) {
        if (!t->follows[k]) zv_increase(bound, least_term(t, k, low[k], high[k]));
    }
}

/* Whether no weight can be beyond this end (side = -1: below low, 1: above high) of the box: it, or
 * its follower's, would be negative.  The follower's falls beyond the end when its slope there,
 * -phi_ik / phi_im, has the sign that makes it so, and it is 0 or less at the end already. */
static bool is_forbidden(const tree *t, size_t k, int side, const zv_number *end)
{
    const uint32_t *pair = t->leads[k];
    if (!t->claim->nonnegative) return false;
    if (side < 0 && mpq_sgn(end->low) <= 0) return true;
    if (!pair) return false;
    int slope = -mpq_sgn(phi(t, k, pair[2])->low) * mpq_sgn(phi(t, pair[1], pair[2])->low);
    return slope == -side && mpq_sgn(follower_weight(t, pair, end)->high) <= 0;
}

/* Beyond an end of the root box the objective is at least the weight's own penalty there, which
 * bounds p* like a leaf.  (Nothing, if the end is on the wrong side of 0.) */
static void judge_end(const tree *t, size_t k, int side, zv_number *bound)
{
    const zv_claim *c = t->claim;
    zv_session *s = c->session;
    size_t before = s->used;
    const zv_number *end = zv_real(s, side > 0 ? c->high[k] : c->low[k]);
    if (!is_forbidden(t, k, side, end)) {
        const zv_number *beyond = mpq_sgn(end->low) == side ? zv_penalty(c, end) : zv_real(s, 0);
        zv_need(c->lower, ZV_AT_MOST, beyond, "the root box is too small");
        zv_set(bound, zv_min(bound, beyond));
    }
    s->used = before;
}

/* Goes through the nodes, in preorder; the boxes that wait are on a stack, low and high of each,
 * whose top the next node is about.  A split's first half comes on top of its second. */
static void judge_nodes(const tree *t, double *stack, zv_number *leaf, zv_number *bound)
{
    const zv_claim *c = t->claim;
    zv_session *s = c->session;
    size_t open = 1, m = c->neurons, i = 0, before = s->used;
    memcpy(stack, c->low, m * sizeof *stack);
    memcpy(stack + m, c->high, m * sizeof *stack);
    for (; i < c->nodes && open > 0 && s->verdict == ZV_PROVEN; i++, s->used = before) {
        double *low = stack + (open - 1) * 2 * m, *high = low + m, at = c->node_value[i];
        size_t which = c->node[i];
        if (which >= m) {
            judge_leaf(t, c->v + (which - m) * c->n, low, high, leaf);
            zv_need(at, ZV_AT_MOST, leaf, "a leaf's bound exceeds the true one");
            zv_set(bound, zv_min(bound, leaf));
            open--;
        } else if (at < low[which] || at > high[which] || t->follows[which]) {
            zv_note(s, ZV_REFUTED, "split %zu of the tree is not one of its box", i);
        } else {
            memcpy(low + 2 * m, low, 2 * m * sizeof *low);
            high[2 * m + which] = low[which] = at;
            open++;
        }
    }
    if (s->verdict != ZV_PROVEN) return;
    if (open > 0) zv_note(s, ZV_REFUTED, "%zu boxes of the tree are not covered", open);
    if (i < c->nodes) zv_note(s, ZV_REFUTED, "nodes follow the tree's last leaf");
}

/* The bound is the least of the leaves' and of what is beyond the root box. */
void zv_judge_tree(const zv_claim *c, zv_number *bound)
{
    tree t;
    double *stack = zv_take(c->session, (c->nodes + 1) * c->neurons, 2 * sizeof *stack);
    create(&t, c);
    read_pairs(&t);
    zv_set(bound, zv_real(c->session, 0x1p1000));
    for (size_t k = 0; k < c->neurons; k++) {
        if (t.follows[k]) continue;
        judge_end(&t, k, -1, bound);
        judge_end(&t, k, 1, bound);
    }
    judge_nodes(&t, stack, zv_numbers(c->session, 1), bound);
    zv_need(c->lower, ZV_AT_MOST, bound, "the claimed lower bound exceeds a leaf's");
}
