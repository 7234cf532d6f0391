/*
 * The bounds of a convex problem.  Below: v is in the domain of the dual, every cone matrix is
 * positive semidefinite, and L is at most the dual value.  Above: the objective of the network.
 *
 * Matrices are integers, in the numerators of rationals; only their lower triangles are used.
 *
 * With g = 1 - y f, t = y v / w for losses of labels and g = |y - f|, t = |v| / w for the others,
 * the loss of f is w times the maximum over t in [0, delta] of g t - q t^2 (where g > 0; else 0),
 * and D(v) = y v - q v^2 / w: q is 1/2 for the curved losses, else 0; delta is for limited losses.
 */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EXTRA_BITS 256  /* of the fast tier */
#define WORK_LIMIT 2e11 /* of the LDL' in about nanoseconds */

static const uint32_t one[] = {1, 1}, half[] = {1, 2}; /* powers */

/* g = sum of v x x' over the samples and their patches, in units of 2^-(3 unit); the border is one
 * more coordinate that is always 1.  x has room for one row. */
static void gram(const zg_claim *c, const double *v, size_t group, size_t order, mpq_t *g, mpq_t *x)
{
    int unit = c->session->unit;
    mpz_ptr t = mpq_numref(*zg_rationals(c->session, 1));
    for (size_t e = 0; e < order * order; e++)
        mpz_set_ui(mpq_numref(g[e]), 0);
    for (size_t i = 0; i < c->n * c->patches; i++) {
        const double *row = c->x + i / c->patches * c->d, vi = v[i / c->patches];
        const uint32_t *input = c->inputs + (group * c->patches + i % c->patches) * c->width;
        for (size_t a = 0; a < order && vi != 0; a++) {
            zg_integer(mpq_numref(x[a]), a < c->width ? row[input[a]] : 1, unit);
            zg_integer(t, vi, unit);
            mpz_mul(t, t, mpq_numref(x[a]));
            for (size_t b = 0; b <= a; b++)
                mpz_addmul(mpq_numref(g[a * order + b]), t, mpq_numref(x[b]));
        }
    }
}

/* s = patches S in units of 2^-(4 unit + 1) for S = beta E + rho R - sign T: with a border E = e
 * e', e the last unit vector, R = diag(1, .., 1, -1), T = [a G, (b/2) g; (b/2) g', c g_0].  Without
 * border S = beta I - sign a G, the same less its last row where rho = beta. */
static void build(const zg_claim *c, mpq_t *g, size_t order, int sign, double rho, mpq_t *s)
{
    int unit = c->session->unit;
    mpz_ptr t = mpq_numref(*zg_rationals(c->session, 1));
    for (size_t k = 0; k < order * order; k++) {
        size_t a = k / order, b = k % order;
        bool edge = a == c->width, half_b = edge && b < a;
        mpz_ptr entry = mpq_numref(s[k]);
        zg_integer(entry, -sign * (!edge ? c->a : half_b ? c->b : c->c), unit + !half_b);
        mpz_mul(entry, entry, mpq_numref(g[k]));
        for (int part = 0; a == b && part <= edge; part++) { /* rho, or -rho and beta */
            zg_integer(t, !edge ? rho : part ? c->beta : -rho, unit + 1);
            mpz_mul_2exp(t, t, 3 * (mp_bitcnt_t)unit);
            mpz_addmul_ui(entry, t, c->patches);
        }
    }
}

/* Eliminates row by row, and returns the first index whose pivot (which is then set) shows that s
 * is not positive semidefinite: negative, or zero in a column that is not; order if there is none.
 *
 * Exact, after step k the entry (i, j) is the minor of the rows and columns so far with i and j
 * (Bareiss 1968), and the pivot of the LDL' is entry (k, k) over the last one's.  If not, every
 * step leaves the Schur complement, off by less than 1 in each entry: all make L D L' = A + E, |E|
 * < order in each entry, of the A begun with.  With A = 2^EXTRA_BITS s - order^2 I that is
 * 2^EXTRA_BITS s less the diagonally dominant order^2 I - E: where no pivot is negative, s is
 * positive semidefinite. */
static size_t eliminate(mpq_t *s, size_t order, bool exact, mpq_t pivot)
{
    mpz_ptr t = mpq_numref(pivot), last = mpq_denref(pivot);
    size_t k;
    for (k = 0; k < order * order && !exact; k++) {
        mpz_mul_2exp(mpq_numref(s[k]), mpq_numref(s[k]), EXTRA_BITS);
        if (k % (order + 1) == 0) mpz_sub_ui(mpq_numref(s[k]), mpq_numref(s[k]), order * order);
    }
    mpz_set_ui(last, 1);
    for (k = 0; k < order; k++) {
        mpz_ptr d = mpq_numref(s[k * order + k]);
        bool column = false;
        for (size_t i = k + 1; i < order; i++)
            column = column || mpq_sgn(s[i * order + k]) != 0;
        if (mpz_sgn(d) < 0 || (mpz_sgn(d) == 0 && column)) break;
        for (size_t e = (k + 1) * order; e < order * order && column; e++) {
            mpz_ptr entry = mpq_numref(s[e]);
            size_t i = e / order, j = e % order;
            if (j <= k || j > i) continue;
            mpz_mul(t, mpq_numref(s[i * order + k]), mpq_numref(s[j * order + k]));
            if (exact) mpz_mul(entry, entry, d);
            if (!exact) mpz_fdiv_q(t, t, d);
            mpz_sub(entry, entry, t);
            if (exact) mpz_divexact(entry, entry, last);
        }
        if (column) mpz_set(last, d);
    }
    if (k < order) mpz_set(t, mpq_numref(s[k * order + k]));
    return k;
}

/* log z <= z - 1 for the 2^64th root z of x > 0, rounded up: log x <= 2^64 (z - 1), nearly that. */
static void log_above(mpq_t x)
{
    for (int k = 0; k < 64; k++)
        zg_power(x, x, half, 1);
    zg_formula(x, "xd-d*", x, 1.0, 0x1p64);
}

/* A lower bound of D(v) = -loss*(-v), out, of one output; exact if not weighted. */
static void dual_value(const zg_claim *c, size_t output, const double *v, mpq_t out)
{
    mpq_t t, limit, l;
    mpq_inits(t, limit, l, NULL);
    mpq_set_d(limit, c->delta);
    mpq_set_ui(out, 0, 1);
    for (size_t i = 0; i < c->n; i++) {
        double y = c->y[output * c->n + i], w = c->weights[i];
        zg_formula(t, c->labels ? "dd*d/" : "d|d/", v[i], c->labels ? y : w, w);
        if (mpq_sgn(t) < 0 || (c->limited && mpq_cmp(t, limit) > 0))
            zg_note(c->session, ZG_REFUTED,
                    "v of sample %zu, output %zu is outside the loss's domain", i, output);
        for (int k = 0; c->logistic && k < 2; k++) { /* -w t log t, and so for 1 - t */
            mpq_set(l, t);
            if (mpq_sgn(t) > 0) log_above(l);
            zg_formula(out, "xdxx**-", out, w, t, l);
            zg_formula(t, "dx-", 1.0, t);
        }
        if (c->logistic) continue;
        zg_formula(t, c->curved ? "dd*dd*dd+/-" : "dd*", v[i], y, v[i], v[i], w, w);
        if (c->weighted) zg_power(t, t, one, -1); /* or the sum's denominator would grow on */
        mpq_add(out, out, t);
    }
    mpq_clears(t, limit, l, NULL);
}

/* sum += the loss of prediction f; slack += by how much it may be off where f is off by error, as
 * its slope is at most w (g + error + delta).  The logistic loss, max(-t, 0) + log(1 + exp(-|t|))
 * with t = y f, is taken from above; exp(-|t|) is at most (1 + |t| / 2^64)^(-2^64). */
static void add_loss(const zg_claim *c, size_t element, const mpq_t f, const mpq_t error, mpq_t sum,
                     mpq_t slack)
{
    mpq_t g, t;
    double y = c->y[element], w = c->weights[element % c->n];
    mpq_inits(g, t, NULL);
    zg_formula(g, c->labels ? "dxd*-" : "dx-|", c->labels ? 1 : y, f, y);
    if (!c->limited && !c->curved && (mpq_sgn(g) != 0 || mpq_sgn(error) != 0))
        zg_note(c->session, ZG_NOT_PROVEN, "the network does not fit the targets exactly");
    if (mpq_sgn(g) < 0) mpq_set_ui(g, 0, 1);
    zg_formula(slack, "xxxd++x*d*+", slack, g, error, c->delta, error, w);
    mpq_set_d(t, c->delta);
    if (c->curved && (!c->limited || mpq_cmp(g, t) < 0)) mpq_set(t, g);
    zg_formula(g, "xxd*-x*", g, t, c->curved ? 0.5 : 0.0, t);
    if (c->logistic) {
        zg_formula(t, "dx*", y, f);
        zg_formula(g, "ddx|d/+/", 1.0, 1.0, t, 0x1p64);
        for (int k = 0; k < 64; k++) {
            mpq_mul(g, g, g);
            zg_power(g, g, one, 1);
        }
        zg_formula(g, "dx+", 1.0, g);
        log_above(g);
        if (mpq_sgn(t) < 0) mpq_sub(g, g, t);
    }
    zg_formula(sum, "xxd*+", sum, g, w);
    mpq_clears(g, t, NULL);
}

static void penalty(const zg_claim *c, const mpq_t alpha, int side, mpq_t out)
{
    mpq_abs(out, alpha);
    if (c->tree) zg_power(out, out, c->power, side);
    zg_formula(out, "xd*", out, c->beta);
}

/* With s = r patch . u, r = 1 / |u|, it is the mean of a s^2 + b s + c.  r is taken from below, off
 * by at most 2^-256.  As |u|^2 is in [1/2, 2], r is at least 1/2, and so s is off by at most |s|
 * 2^-255 and s^2 by s^2 2^-253. */
static void respond(const zg_claim *c, size_t neuron, mpq_t *out, mpq_t *error)
{
    const double *u = c->u + neuron * c->width;
    int unit = c->session->unit;
    mpq_t *t = zg_rationals(c->session, 3);
    mpq_ptr r = t[0], s = t[1];
    mpz_ptr x = mpq_numref(t[2]), y = mpq_denref(t[2]);
    for (size_t k = 0; k < c->width; k++)
        zg_formula(s, "xdd*+", s, u[k], u[k]);
    if (mpq_cmp_ui(s, 1, 2) < 0 || mpq_cmp_ui(s, 2, 1) > 0)
        zg_stop(c->session, ZG_BAD_FILE, "neuron %zu is not of about unit length", neuron);
    mpq_inv(s, s);
    zg_power(r, s, half, -1);
    zg_power(s, s, half, 1);
    double off = mpq_equal(r, s) ? 0 : 0x1p-253;
    for (size_t e = 0; e < c->n * c->patches; e++) {
        size_t i = e / c->patches, patch = c->group[neuron] * c->patches + e % c->patches;
        mpq_set_ui(s, 0, 1);
        for (size_t k = 0; k < c->width; k++) {
            zg_integer(x, c->x[i * c->d + c->inputs[patch * c->width + k]], unit);
            zg_integer(y, u[k], unit);
            mpz_addmul(mpq_numref(s), x, y);
        }
        mpq_div_2exp(s, s, 2 * (mp_bitcnt_t)unit);
        mpq_mul(s, s, r);
        if (e % c->patches == 0) mpq_set_d(out[i], c->c);
        if (e % c->patches == 0) mpq_set_ui(error[i], 0, 1);
        zg_formula(out[i], "xxd*d+xd/*+", out[i], s, c->a, c->b, s, (double)c->patches);
        zg_formula(error[i], "xx|d|*d|+x|d**+", error[i], s, c->a, c->b, s, off);
    }
}

/* The sum of losses and penalties; of these, slack is how far the true ones may be from it. */
static void judge_network(const zg_claim *c, mpq_t bound)
{
    static const char objective[] = "the network's objective exceeds the claimed upper bound";
    size_t n = c->n, count = n * c->outputs;
    mpq_t *f = zg_rationals(c->session, 2 * (count + n) + 3), *error = f + count;
    mpq_t *response = error + count, *low = response + 2 * n, *slack = low + 1, *alpha = low + 2;
    mpq_set_ui(bound, 0, 1);
    for (size_t k = 0; k < c->neurons * c->outputs; k++) {
        size_t first = k % c->outputs * n;
        if (first == 0) respond(c, k / c->outputs, response, response + n);
        for (size_t i = 0; i < n; i++) {
            zg_formula(f[first + i], "xdx*+", f[first + i], c->alpha[k], response[i]);
            zg_formula(error[first + i], "xd|x*+", error[first + i], c->alpha[k], response[n + i]);
        }
        mpq_set_d(*alpha, c->alpha[k]);
        penalty(c, *alpha, -1, *low);
        penalty(c, *alpha, 1, *alpha);
        zg_formula(*slack, "xxx-+", *slack, *alpha, *low);
        mpq_add(bound, bound, *low);
    }
    for (size_t e = 0; e < count; e++)
        add_loss(c, e, f[e], error[e], bound, *slack);
    mpq_sub(*low, bound, *slack);
    mpq_add(bound, bound, *slack);
    if (!c->logistic) zg_compare(c->session, 1, c->upper, *low, ZG_REFUTED, objective);
    zg_compare(c->session, 1, c->upper, bound, ZG_NOT_PROVEN, objective);
}

static void judge_cones(zg_claim *c, mpq_t bound)
{
    zg_session *session = c->session;
    size_t order = c->width + (c->rho != NULL), size = order * order, bad;
    mpq_t *g = zg_rationals(session, 2 * size + order + 1), *s = g + size, *x = s + size,
          *value = x + order;
    for (size_t k = 0; k < 2 * c->outputs * c->groups; k++) { /* S+, S- of each group */
        size_t group = k / 2 % c->groups, output = k / 2 / c->groups;
        int sign = k % 2 ? -1 : 1;
        double rho = c->rho ? c->rho[k] : c->beta;
        char name[128];
        snprintf(name, sizeof name, "cone S%c of group %zu, output %zu", sign > 0 ? '+' : '-',
                 group, output);
        if (k % 2 == 0) gram(c, c->v + output * c->n, group, order, g, x);
        build(c, g, order, sign, rho, s);
        if (!session->exact && eliminate(s, order, false, *value) == order) continue;
        if (!session->exact) build(c, g, order, sign, rho, s);
        session->exact = true;
        double minors = (double)order * (session->unit + session->most) / 16; /* words */
        if (pow((double)order, 3) * pow(minors, 1.6) > WORK_LIMIT) {
            zg_note(session, ZG_NOT_PROVEN, "%s is too close to singular for its size", name);
        } else if ((bad = eliminate(s, order, true, *value)) < order) {
            mpq_canonicalize(*value);
            mpq_div_2exp(*value, *value, 4 * (mp_bitcnt_t)session->unit + 1);
            zg_note(session, ZG_REFUTED, "%s is not positive semidefinite: pivot %zu is %.3e", name,
                    bad + 1, zg_double(*value, 1) / (double)c->patches);
        }
    }
    for (size_t o = 0; o < c->outputs; o++) {
        dual_value(c, o, c->v + o * c->n, *value);
        mpq_add(bound, bound, *value);
    }
    zg_compare(session, -1, c->lower, bound,
               c->weighted || c->logistic ? ZG_NOT_PROVEN : ZG_REFUTED,
               "the claimed lower bound exceeds the dual value");
}

/* The follower's weight where its leader has w. */
static void partner(const zg_claim *c, const uint32_t pair[3], const mpq_t w, mpq_t out)
{
    uint32_t i = pair[2];
    zg_formula(out, "dxx*-x/", c->y[i], c->phi[pair[0]][i], w, c->phi[pair[1]][i]);
}

/* bound += the least of beta |w|^p - q w - error |w| of neuron k, with its follower's, over [low,
 * high]: concave between the points where a weight is 0, it is at an end or there. */
static void add_least(const zg_claim *c, size_t k, double low, double high, mpq_t bound)
{
    const uint32_t *pair = c->leads[k];
    mpq_t point[4], value, least, w, part;
    mpq_inits(point[0], point[1], point[2], point[3], value, least, w, part, NULL);
    mpq_set_d(point[0], low);
    mpq_set_d(point[1], high);
    if (pair) zg_formula(point[3], "dx/", c->y[pair[2]], c->phi[k][pair[2]]); /* w_m = 0 */
    for (int e = 0; e < 4; e++) {
        if (mpq_cmp(point[e], point[0]) < 0 || mpq_cmp(point[e], point[1]) > 0) continue;
        mpq_set_ui(value, 0, 1);
        mpq_set(w, point[e]);
        for (size_t j = 0; j < (pair ? 2 : 1); j++) { /* neuron k, then the follower */
            size_t m = j ? pair[1] : k;
            if (j) partner(c, pair, point[e], w);
            penalty(c, w, -1, part);
            mpq_add(value, value, part);
            zg_formula(value, "xxx*-xx*|-", value, c->q[m], w, c->q[c->neurons + m], w);
        }
        if (e == 0 || mpq_cmp(value, least) < 0) mpq_set(least, value);
    }
    mpq_add(bound, bound, least);
    mpq_clears(point[0], point[1], point[2], point[3], value, least, w, part, NULL);
}

/* For every v a leaf of the tree, a box, has
 *   D(v) + sum_k min over w_k in [low_k, high_k] of beta |w_k|^p - q_k w_k,   q = Phi' v,
 * as a lower bound of loss(Phi w) + beta sum |w_k|^p.  low: neurons numbers, then high. */
static void leaf_bound(const zg_claim *c, const double *v, const double *low, mpq_t bound)
{
    dual_value(c, 0, v, bound);
    for (size_t k = 0; k < 2 * c->neurons; k++) { /* q, then its error */
        bool error = k >= c->neurons;
        mpq_t *phi = error ? c->phi[k - c->neurons] + c->n : c->phi[k];
        mpq_set_ui(c->q[k], 0, 1);
        for (size_t i = 0; i < c->n; i++) {
            if (v[i] != 0) zg_formula(c->q[k], error ? "xd|x*+" : "xdx*+", c->q[k], v[i], phi[i]);
        }
    }
    for (size_t k = 0; k < c->neurons; k++) {
        if (!c->follows[k]) add_least(c, k, low[k], low[c->neurons + k], bound);
    }
}

/* Beyond an end of the root box nothing is better than the weight's own term there, which bounds p*
 * like a leaf; or a weight is negative that must not be. */
static void check_root(const zg_claim *c, mpq_t bound)
{
    mpq_t *end = zg_rationals(c->session, 2), *term = end + 1;
    for (size_t e = 0; e < 2 * c->neurons; e++) {
        const uint32_t k = (uint32_t)(e / 2), *pair = c->leads[k];
        int side = e % 2 ? 1 : -1;
        mpq_set_d(*end, side > 0 ? c->high[k] : c->low[k]);
        if (c->follows[k] || (c->nonnegative && side < 0 && mpq_sgn(*end) <= 0)) continue;
        if (c->nonnegative && pair) { /* the follower falls, from 0 or less? */
            int slope = -mpq_sgn(c->phi[k][pair[2]]) * mpq_sgn(c->phi[pair[1]][pair[2]]);
            partner(c, pair, *end, *term);
            if (mpq_sgn(*term) <= 0 && slope == -side) continue;
        }
        penalty(c, *end, -1, *term);
        if (mpq_sgn(*end) == -side) mpq_set_ui(*term, 0, 1);
        zg_compare(c->session, -1, c->lower, *term, ZG_REFUTED, "the root box is too small");
        if (mpq_cmp(*term, bound) < 0) mpq_set(bound, *term);
    }
}

/* Goes through the nodes, in preorder; the boxes that wait are on a stack, low and high of each.  A
 * split covers its box by two, and so the leaves cover the root box whatever the file says. */
static void check_nodes(const zg_claim *c, double *stack, mpq_t value, mpq_t bound)
{
    size_t open = 1, m = c->neurons, i = 0;
    memcpy(stack, c->low, m * sizeof *stack);
    memcpy(stack + m, c->high, m * sizeof *stack);
    for (; i < c->nodes && open && c->session->verdict == ZG_PROVEN; i++) {
        double *low = stack + (open - 1) * 2 * m, *high = low + m, at = c->node_value[i];
        size_t which = c->node[i];
        if (which >= m) {
            leaf_bound(c, c->v + (which - m) * c->n, low, value);
            zg_compare(c->session, -1, at, value, ZG_REFUTED,
                       "a leaf's bound exceeds the true one");
            if (mpq_cmp(value, bound) < 0) mpq_set(bound, value);
            open--;
        } else if (at < low[which] || at > high[which] || c->follows[which]) {
            zg_note(c->session, ZG_REFUTED, "split %zu of the tree is not one of its box", i);
        } else { /* the first half is done next: it comes on top of the second */
            memcpy(low + 2 * m, low, 2 * m * sizeof *low);
            high[2 * m + which] = low[which] = at;
            open++;
        }
    }
    if (open) zg_note(c->session, ZG_REFUTED, "%zu boxes of the tree are not covered", open);
    if (i < c->nodes) zg_note(c->session, ZG_REFUTED, "nodes follow the tree's last leaf");
}

/* A pair is a leader k and a follower m that alone have responses in one sample i of an
 * interpolation, exactly: w_m = (y_i - phi_ik w_k) / phi_im. */
static void judge_tree(zg_claim *c, mpq_t bound)
{
    zg_session *s = c->session;
    size_t neurons = c->neurons; /* the stack has at most a box for every split, and one */
    double *stack = zg_take(s, (c->nodes + 1) * neurons, 2 * sizeof *stack);
    c->leads = zg_take(s, neurons, sizeof *c->leads);
    c->follows = zg_take(s, neurons, sizeof *c->follows);
    c->phi = zg_take(s, neurons, sizeof *c->phi);
    c->q = zg_rationals(s, 2 * neurons + 1);
    for (size_t k = 0; k < neurons; k++) {
        c->phi[k] = zg_rationals(s, 2 * c->n);
        respond(c, k, c->phi[k], c->phi[k] + c->n);
        if (c->nonnegative && c->alpha[k] < 0)
            zg_note(s, ZG_REFUTED, "a weight of the network is negative");
    }
    for (size_t p = 0; p < c->pairs && s->verdict == ZG_PROVEN; p++) {
        const uint32_t *pair = c->pair + 3 * p, k = pair[0], m = pair[1], i = pair[2];
        bool fine = k < neurons && m < neurons && i < c->n && k != m && !c->curved && !c->limited &&
                    !c->leads[k] && !c->follows[k] && !c->leads[m] && !c->follows[m];
        for (size_t j = 0; fine && j < neurons; j++)
            fine = (j == k || j == m) == (mpq_sgn(c->phi[j][i]) != 0) &&
                   mpq_sgn(c->phi[j][c->n + i]) == 0;
        if (!fine) zg_stop(s, ZG_REFUTED, "pair %zu of the tree is none", p);
        c->leads[k] = pair;
        c->follows[m] = true;
    }
    mpq_set_d(bound, 0x1p1000);
    check_root(c, bound);
    check_nodes(c, stack, c->q[2 * neurons], bound);
    zg_compare(s, -1, c->lower, bound, ZG_REFUTED, "the claimed lower bound exceeds a leaf's");
}

void zg_judge(zg_session *s, char *certificate, size_t size, char *data, size_t data_size)
{
    zg_claim c = {.session = s};
    s->text = s->at = certificate;
    s->size = size;
    s->unit = 53, s->most = 1; /* as 1 has them */
    s->lower = -INFINITY;
    s->upper = INFINITY;
    if (setjmp(s->escape)) return;
    zg_claim_read(&c, data, data_size);
    double rows = (double)(c.n * c.patches), order = (double)c.width + 1;
    double work = (double)c.neurons * rows * (order + (double)(c.outputs + c.nodes));
    if (!c.tree) work += (double)(c.outputs * c.groups) * order * order * (rows + order);
    if (s->work > 0 && work > s->work)
        zg_stop(s, ZG_NOT_PROVEN, "the proof takes %.0e multiplications, too many", work);
    mpq_t *bound = zg_rationals(s, 1);
    (c.tree ? judge_tree : judge_cones)(&c, *bound);
    if (s->verdict == ZG_PROVEN) s->lower = zg_double(*bound, -1);
    if (!c.has_upper) return;
    judge_network(&c, *bound);
    if (s->verdict == ZG_PROVEN) s->upper = zg_double(*bound, 1);
    zg_formula(*bound, "dd-dd*-", c.upper, c.lower, c.gap, fmax(1, fabs(c.upper)));
    zg_compare(s, 1, 0, *bound, ZG_REFUTED, "upper less lower exceeds the claimed gap");
}
