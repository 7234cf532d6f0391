/* Branch and bound over sign vectors (see set_search.h). */
#include "core/set_search.h"

#include "base/linalg.h"
#include "base/random.h"
#include "core/cube.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAF 19        /* free weights that are enumerated */
#define STARTS 400     /* of the search for a good neuron to begin with */
#define SHARE 1e-10    /* of the best response: smaller differences are not told apart */
#define MOST_CHOICES 8 /* neurons that a leaf offers */

bool zg_set_searchable(zg_neuron_set set, size_t width)
{
    return set.kind == ZG_SET_BINARY && width > LEAF && width <= ZG_SEARCH_WIDTH;
}

/* sum over i != j of c_ij x_i x_j + constant, the last x being 1: of the weights that are free. */
typedef struct node {
    size_t order; /* free weights and 1 */
    double *c;    /* order x order, 0 on the diagonal */
    double constant;
    size_t *weight; /* order - 1: which they are */
} node;

typedef struct search {
    size_t width;
    int sign;     /* of the response that is maximised */
    int exponent; /* responses are in units of 2^exponent, in which the largest entry is about 1 */
    double slack, enough;
    zg_search *limits;
    double best; /* largest response known, of either sign */
    zg_candidates *candidates;
    int *levels; /* width: of the path to the node */
    zg_candidates leaf;
} search;

static double target_of(const search *s)
{
    double best = s->best + SHARE * fabs(s->best);
    return best > s->enough ? best : s->enough;
}

/* Offers a neuron, unless it is known already, whose response times sign is value. */
static void offer(search *s, double value, const int *levels)
{
    zg_candidates *c = s->candidates;
    if (value > s->best) s->best = value;
    for (size_t k = 0; c && k < c->count; k++)
        if (memcmp(c->levels + k * c->width, levels, s->width * sizeof *levels) == 0) return;
    if (c) zg_candidates_offer(c, s->sign * scalbn(value, s->exponent), levels);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static zg_status node_create(size_t order, node *n)
{
    *n = (node){
        .order = order, .c = zg_doubles(order * order), .weight = calloc(order, sizeof *n->weight)};
    return n->c && n->weight ? ZG_OK : ZG_NO_MEMORY;
}

static void node_clear(node *n)
{
    free(n->c);
    free(n->weight);
}

/* The root: x'Cx of the form's response times sign, x = (l, 1). */
static void fill_root(const zg_set_form *form, int sign, node *root)
{
    size_t m = form->order, w = root->order - 1;
    root->constant = form->bordered ? sign * form->t[m * m - 1] : 0.0;
    for (size_t j = 0; j < w; j++) {
        root->weight[j] = j;
        root->constant += sign * form->t[j * m + j] / (double)w;
        for (size_t i = 0; i < w; i++)
            if (i != j) root->c[j * (w + 1) + i] = sign * form->t[j * m + i] / (double)w;
        if (!form->bordered) continue;
        root->c[j * (w + 1) + w] = root->c[w * (w + 1) + j] =
            sign * form->t[w * m + j] / sqrt((double)w);
    }
}

/* The child in which free weight k has a sign. */
static zg_status descend(const node *from, size_t k, int sign, node *to)
{
    size_t m = from->order, last = m - 2;
    zg_status status = node_create(m - 1, to);
    if (status != ZG_OK) return status;
    to->constant = from->constant + 2.0 * sign * from->c[k * m + m - 1];
    for (size_t j = 0; j <= last; j++)
        for (size_t i = 0; i <= last; i++)
            to->c[j * (m - 1) + i] = from->c[(j + (j >= k)) * m + i + (i >= k)];
    for (size_t j = 0; j < last; j++) {
        double border = to->c[j * (m - 1) + last] + sign * from->c[(j + (j >= k)) * m + k];
        to->c[j * (m - 1) + last] = to->c[last * (m - 1) + j] = border;
        to->weight[j] = from->weight[j + (j >= k)];
    }
    return ZG_OK;
}

/* Enumerates what is free; the bound of it. */
static zg_status count_out(search *s, const node *n, double *value)
{
    size_t m = n->order, r = m - 1;
    double *t = zg_doubles(m * m), values[2];
    if (!t) return ZG_NO_MEMORY;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) {
            bool border = i == r || j == r;
            t[j * m + i] = n->c[j * m + i] * (border ? sqrt((double)r) : (double)r);
        }
    t[m * m - 1] = n->constant;
    const zg_set_form form = {m, true, t, 4.0 * DBL_EPSILON * zg_norm(m * m, t)};
    s->leaf.count = 0;
    s->leaf.width = r;
    zg_status status = zg_set_enumerate((zg_neuron_set){ZG_SET_BINARY, 0}, &form, values, &s->leaf);
    *value = values[0];
    for (size_t k = 0; k < s->leaf.count && status == ZG_OK; k++) {
        for (size_t j = 0; j < r; j++)
            s->levels[n->weight[j]] = s->leaf.levels[k * r + j];
        if (s->leaf.value[k] > 0.0) offer(s, s->leaf.value[k], s->levels);
    }
    free(t);
    return status;
}

/* ---- branching ------------------------------------------------------------------------------- */

/* The weight with the largest coefficients: it decides most. */
static size_t choose(const node *n)
{
    size_t m = n->order, best = 0;
    double most = -1.0;
    for (size_t k = 0; k + 1 < m; k++) {
        double sum = zg_dot(m, n->c + k * m, n->c + k * m);
        if (sum > most) {
            most = sum;
            best = k;
        }
    }
    return best;
}

static zg_status visit(search *s, const node *n, double *value);

/* Both children, the likelier one first; the bound is the larger one of theirs. */
static zg_status branch(search *s, const node *n, const double *x, double *value)
{
    size_t m = n->order, k = choose(n);
    int first = x[(m - 1) * m + k] < 0.0 ? -1 : 1;
    zg_status status = ZG_OK;
    *value = -INFINITY;
    for (int turn = 0; turn < 2 && status == ZG_OK; turn++) {
        node child;
        double own = INFINITY;
        int sign = turn ? -first : first;
        s->levels[n->weight[k]] = sign;
        status = descend(n, k, sign, &child);
        if (status == ZG_OK) {
            s->levels[n->weight[k]] = sign;
            status = visit(s, &child, &own);
        }
        node_clear(&child);
        *value = zg_upper_max(*value, own);
    }
    return status;
}

/* A bound on all neurons of the node. */
static zg_status visit(search *s, const node *n, double *value)
{
    size_t m = n->order;
    if (m - 1 <= LEAF) return count_out(s, n, value);
    *value = INFINITY;
    if (zg_norm(m * m, n->c) == 0.0) {
        *value = n->constant;
        return ZG_OK;
    }
    double *x = zg_doubles(m * m), target = target_of(s), bound;
    zg_status status = x ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        const zg_cube_search to = {.target = target - n->constant, .x = x};
        status = zg_cube_bound(m, n->c, &to, &bound);
        s->limits->nodes++;
    }
    if (status == ZG_OK) {
        *value = zg_upper(bound + n->constant);
        bool done = *value <= target;
        bool stopped = !done && s->limits->nodes >= s->limits->most_nodes;
        if (stopped) s->limits->complete = false;
        if (!done && !stopped) {
            double below;
            status = branch(s, n, x, &below);
            *value = zg_upper_better(*value, below);
        }
    }
    free(x);
    return status;
}

/* ---- a first neuron -------------------------------------------------------------------------- */

/* Flips the sign that gains most while one gains; h holds C x. */
static double climb(const node *root, int *x, double *h)
{
    size_t m = root->order;
    for (size_t i = 0; i < m; i++) {
        h[i] = 0.0;
        for (size_t j = 0; j < m; j++)
            h[i] += root->c[j * m + i] * x[j];
    }
    for (size_t moves = 0; moves < 100 * m; moves++) {
        size_t k = 0;
        for (size_t i = 1; i + 1 < m; i++)
            if (x[i] * h[i] < x[k] * h[k]) k = i;
        if (!(x[k] * h[k] < 0.0)) break;
        for (size_t i = 0; i < m; i++)
            h[i] -= 2.0 * root->c[k * m + i] * x[k];
        x[k] = -x[k];
    }
    double sum = root->constant;
    for (size_t i = 0; i < m; i++)
        sum += x[i] * h[i];
    return sum;
}

static zg_status start(search *s, const node *root)
{
    size_t m = root->order;
    int *x = calloc(m, sizeof *x);
    double *h = zg_doubles(m);
    zg_random random;
    zg_random_seed(&random, 1);
    for (int k = 0; k < STARTS && x && h; k++) {
        for (size_t i = 0; i + 1 < m; i++)
            x[i] = zg_random_uniform(&random) < 0.5 ? -1 : 1;
        x[m - 1] = 1;
        double value = climb(root, x, h);
        /* What is known must not be above what there is. */
        offer(s, value - s->slack, x);
    }
    zg_status status = x && h ? ZG_OK : ZG_NO_MEMORY;
    free(x);
    free(h);
    return status;
}

/* ---- all together ---------------------------------------------------------------------------- */

/* Entries of nodes are sums of at most width + 1 of the root's, which are off by three units of the
 * last place; leaves have their own slack. */
static double slack_of(const zg_set_form *form, const node *root)
{
    size_t m = root->order;
    double size = fabs(root->constant);
    for (size_t k = 0; k < m * m; k++)
        size += fabs(root->c[k]);
    for (size_t i = 0; i < form->order; i++)
        size += fabs(form->t[i * form->order + i]);
    return 8.0 * (double)(m + 4) * DBL_EPSILON * size + (form->bordered ? 2.0 : 1.0) * form->error +
           DBL_MIN;
}

/* The root of one sign, and what is known of it without branching. */
static zg_status begin_sign(search *s, const zg_set_form *form, int sign, node *root)
{
    zg_status status = node_create(s->width + 1, root);
    if (status != ZG_OK) return status;
    s->sign = sign;
    fill_root(form, sign, root);
    s->slack = slack_of(form, root);
    return isfinite(s->slack) ? start(s, root) : ZG_OK;
}

static zg_status search_sign(search *s, int sign, const node *root, double *value)
{
    zg_status status = ZG_OK;
    s->sign = sign;
    *value = INFINITY;
    if (isfinite(s->slack)) status = visit(s, root, value);
    *value = zg_upper(zg_up(scalbn(*value + s->slack, s->exponent)));
    return status;
}

/* A copy of the form in units of 2^exponent; t is the caller's. */
static zg_status scale(const zg_set_form *form, zg_set_form *out, double **t, int *exponent)
{
    size_t count = form->order * form->order;
    double most = 0.0;
    *t = zg_doubles(count);
    if (!*t) return ZG_NO_MEMORY;
    for (size_t k = 0; k < count; k++)
        most = fmax(most, fabs(form->t[k]));
    (void)frexp(most, exponent);
    for (size_t k = 0; k < count; k++)
        (*t)[k] = scalbn(form->t[k], -*exponent);
    *out = *form;
    out->t = *t;
    out->error = zg_up(scalbn(form->error, -*exponent));
    return ZG_OK;
}

zg_status zg_set_search(zg_neuron_set set, const zg_set_form *form, zg_search *limits,
                        double value[2], zg_candidates *best)
{
    size_t width = form->order - (form->bordered ? 1 : 0);
    value[0] = value[1] = INFINITY;
    limits->nodes = 0;
    limits->complete = true;
    if (!zg_set_searchable(set, width)) return ZG_UNSUPPORTED;
    if (!zg_all_finite(form->order * form->order, form->t)) return ZG_FAILED;
    search s = {.width = width,
                .limits = limits,
                .best = -INFINITY,
                .candidates = best,
                .levels = calloc(width, sizeof *s.levels)};
    zg_set_form scaled;
    double *t = NULL;
    zg_status status = s.levels ? zg_candidates_create(MOST_CHOICES, width, &s.leaf) : ZG_NO_MEMORY;
    if (status == ZG_OK) status = scale(form, &scaled, &t, &s.exponent);
    s.enough = scalbn(limits->enough, -s.exponent);
    /* What is known of either sign says early how little of the other matters. */
    node root[2] = {{0}, {0}};
    for (int side = 0; side < 2 && status == ZG_OK; side++)
        status = begin_sign(&s, &scaled, side ? -1 : 1, &root[side]);
    for (int side = 0; side < 2 && status == ZG_OK; side++)
        status = search_sign(&s, side ? -1 : 1, &root[side], &value[side]);
    node_clear(&root[0]);
    node_clear(&root[1]);
    free(t);
    if (status != ZG_OK) value[0] = value[1] = INFINITY; /* half a search is none */
    if (status == ZG_FAILED) status = ZG_OK;
    if (!isfinite(value[0]) || !isfinite(value[1])) limits->complete = false;
    zg_candidates_clear(&s.leaf);
    free(s.levels);
    return status;
}
