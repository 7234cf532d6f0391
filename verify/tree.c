/*
 * The lower bound of a concave penalty over the given neurons: a tree of boxes.
 *
 * For every v in the domain, every w in a box has
 *
 *   loss(Phi w) + beta sum |w_k|^p >= D(v) + sum_k min over [low_k, high_k] of beta |w_k|^p - q_k
 * w_k, q = Phi' v,
 *
 * and a split covers its box by two, so that the leaves cover the root box whatever the file says.
 * A pair is a leader k and a follower m that alone have responses in one sample i of an
 * interpolation, exactly: w_m = (y_i - phi_ik w_k) / phi_im.
 */
#include "number.h"
#include "proof.h"

#include <string.h>

typedef struct tree {
    const zv_claim *claim;
    mpq_t **phi, **phi_error; /* of each neuron, n responses and how far they may be off */
    mpq_t *q, *q_error;       /* neurons each: Phi' v of a leaf */
    const uint32_t **leads;   /* of each neuron, the pair that it leads, or NULL */
    bool *follows;            /* whether it follows in one */
} tree;

static void create(tree *t, const zv_claim *c)
{
    zv_session *s = c->session;
    *t = (tree){.claim = c};
    t->phi = zv_take(s, c->neurons, sizeof *t->phi);
    t->phi_error = zv_take(s, c->neurons, sizeof *t->phi_error);
    t->leads = zv_take(s, c->neurons, sizeof *t->leads);
    t->follows = zv_take(s, c->neurons, sizeof *t->follows);
    t->q = zv_rationals(s, c->neurons);
    t->q_error = zv_rationals(s, c->neurons);
    for (size_t k = 0; k < c->neurons; k++) {
        t->phi[k] = zv_rationals(s, c->n);
        t->phi_error[k] = zv_rationals(s, c->n);
        zv_respond(c, k, t->phi[k], t->phi_error[k]);
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
        bool responds = mpq_sgn(t->phi[j][i]) != 0;
        if (responds != (j == k || j == m) || mpq_sgn(t->phi_error[j][i]) != 0) return false;
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

/* out = the follower's weight where the leader of the pair has w. */
static void follower_weight(const tree *t, const uint32_t *pair, const mpq_t w, mpq_t out)
{
    mpq_t product;
    uint32_t leader = pair[0], follower = pair[1], sample = pair[2];
    mpq_init(product);
    mpq_mul(product, t->phi[leader][sample], w);
    mpq_set_d(out, t->claim->y[sample]);
    mpq_sub(out, out, product);
    mpq_div(out, out, t->phi[follower][sample]);
    mpq_clear(product);
}

/* value += beta |w|^p - q_k w - error |w|, from below. */
static void add_term(const tree *t, size_t k, const mpq_t w, mpq_t value)
{
    mpq_t part;
    mpq_init(part);
    zv_penalty(t->claim, w, -1, part);
    mpq_add(value, value, part);
    mpq_mul(part, t->q[k], w);
    mpq_sub(value, value, part);
    mpq_abs(part, w);
    mpq_mul(part, part, t->q_error[k]);
    mpq_sub(value, value, part);
    mpq_clear(part);
}

/* bound += the least of the term of neuron k, with its follower's, over [low, high].  It is concave
 * between the points where a weight is 0 and the ends, so that it is least at one of these. */
static void add_least(const tree *t, size_t k, double low, double high, mpq_t bound)
{
    const uint32_t *pair = t->leads[k];
    mpq_t point[4], w, value, least;
    mpq_inits(point[0], point[1], point[2], point[3], w, value, least, NULL);
    mpq_set_d(point[0], low);
    mpq_set_d(point[1], high);
    if (pair) { /* where the follower's weight is 0 */
        mpq_set_d(point[3], t->claim->y[pair[2]]);
        mpq_div(point[3], point[3], t->phi[k][pair[2]]);
    }
    for (int e = 0; e < 4; e++) { /* point 2 is 0 */
        if (mpq_cmp(point[e], point[0]) < 0 || mpq_cmp(point[e], point[1]) > 0) continue;
        mpq_set_ui(value, 0, 1);
        add_term(t, k, point[e], value);
        if (pair) {
            follower_weight(t, pair, point[e], w);
            add_term(t, pair[1], w, value);
        }
        if (e == 0 || mpq_cmp(value, least) < 0) mpq_set(least, value);
    }
    mpq_add(bound, bound, least);
    mpq_clears(point[0], point[1], point[2], point[3], w, value, least, NULL);
}

/* q = Phi' v, and how far it may be off. */
static void form_q(const tree *t, const double *v, size_t k)
{
    mpq_set_ui(t->q[k], 0, 1);
    mpq_set_ui(t->q_error[k], 0, 1);
    for (size_t i = 0; i < t->claim->n; i++) {
        if (v[i] == 0) continue;
        zv_add_product(t->q[k], t->phi[k][i], v[i]);
        zv_add_product(t->q_error[k], t->phi_error[k][i], v[i] < 0 ? -v[i] : v[i]);
    }
}

/* bound = what v proves of the box. */
static void leaf_bound(const tree *t, const double *v, const double *low, const double *high,
                       mpq_t bound)
{
    zv_dual_value(t->claim, 0, v, bound);
    for (size_t k = 0; k < t->claim->neurons; k++)
        form_q(t, v, k);
    for (size_t k = 0; k < t->claim->neurons; k++) {
        if (!t->follows[k]) add_least(t, k, low[k], high[k], bound);
    }
}

/* Whether no weight can be beyond this end (side = -1: below low, 1: above high) of the box: it, or
 * its follower's, would be negative.  The follower's falls beyond the end when its slope there,
 * -phi_ik / phi_im, has the sign that makes it so, and it is 0 or less at the end already. */
static bool is_forbidden(const tree *t, size_t k, int side, const mpq_t end)
{
    if (!t->claim->nonnegative) return false;
    if (side < 0 && mpq_sgn(end) <= 0) return true;
    const uint32_t *pair = t->leads[k];
    if (!pair) return false;
    int slope = -mpq_sgn(t->phi[k][pair[2]]) * mpq_sgn(t->phi[pair[1]][pair[2]]);
    mpq_t weight;
    mpq_init(weight);
    follower_weight(t, pair, end, weight);
    bool negative = mpq_sgn(weight) <= 0 && slope == -side;
    mpq_clear(weight);
    return negative;
}

/* Beyond an end of the root box the objective is at least the weight's own penalty there, which
 * bounds p* like a leaf.  (Nothing, if the end is on the wrong side of 0.) */
static void check_end(const tree *t, size_t k, int side, mpq_t bound)
{
    const zv_claim *c = t->claim;
    mpq_t end, term;
    mpq_inits(end, term, NULL);
    mpq_set_d(end, side > 0 ? c->high[k] : c->low[k]);
    if (!is_forbidden(t, k, side, end)) {
        if (mpq_sgn(end) == side) zv_penalty(c, end, -1, term);
        zv_need(c->session, c->lower, ZV_AT_MOST, term, ZV_REFUTED, "the root box is too small");
        if (mpq_cmp(term, bound) < 0) mpq_set(bound, term);
    }
    mpq_clears(end, term, NULL);
}

/* Goes through the nodes, in preorder; the boxes that wait are on a stack, low and high of each,
 * whose top the next node is about.  A split's first half comes on top of its second. */
static void check_nodes(const tree *t, double *stack, mpq_t value, mpq_t bound)
{
    const zv_claim *c = t->claim;
    zv_session *s = c->session;
    size_t open = 1, m = c->neurons, i = 0;
    memcpy(stack, c->low, m * sizeof *stack);
    memcpy(stack + m, c->high, m * sizeof *stack);
    for (; i < c->nodes && open > 0 && s->verdict == ZV_PROVEN; i++) {
        double *low = stack + (open - 1) * 2 * m, *high = low + m, at = c->node_value[i];
        size_t which = c->node[i];
        if (which >= m) {
            leaf_bound(t, c->v + (which - m) * c->n, low, high, value);
            zv_need(s, at, ZV_AT_MOST, value, ZV_REFUTED, "a leaf's bound exceeds the true one");
            if (mpq_cmp(value, bound) < 0) mpq_set(bound, value);
            open--;
        } else if (at < low[which] || at > high[which] || t->follows[which]) {
            zv_note(s, ZV_REFUTED, "split %zu of the tree is not one of its box", i);
        } else {
            memcpy(low + 2 * m, low, 2 * m * sizeof *low);
            high[2 * m + which] = low[which] = at;
            open++;
        }
    }
    if (open > 0) zv_note(s, ZV_REFUTED, "%zu boxes of the tree are not covered", open);
    if (i < c->nodes) zv_note(s, ZV_REFUTED, "nodes follow the tree's last leaf");
}

/* The bound is the least of the leaves' and of what is beyond the root box. */
void zv_judge_tree(const zv_claim *c, mpq_t lower)
{
    tree t;
    double *stack = zv_take(c->session, (c->nodes + 1) * c->neurons, 2 * sizeof *stack);
    mpq_ptr value = *zv_rationals(c->session, 1);
    create(&t, c);
    read_pairs(&t);
    mpq_set_d(lower, 0x1p1000);
    for (size_t k = 0; k < c->neurons; k++) {
        if (t.follows[k]) continue;
        check_end(&t, k, -1, lower);
        check_end(&t, k, 1, lower);
    }
    check_nodes(&t, stack, value, lower);
    zv_need(c->session, c->lower, ZV_AT_MOST, lower, ZV_REFUTED,
            "the claimed lower bound exceeds a leaf's");
}
