/* Branch and bound for the weight-decay program. */
#include "baselines/weight_decay_tree.h"

#include "baselines/weight_decay_bound.h"
#include "baselines/weight_decay_point.h"
#include "core/method.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>
static int envi(const char *n, int d){const char*s=getenv(n);return s?atoi(s):d;}
static double envd(const char *n, double d){const char*s=getenv(n);return s?atof(s):d;}
static int STRONG, OBBT_DEPTH, ROUNDS, POINT_MODE, KICKS, SBP; static double SHRINK, MIX;

typedef struct zg_tree_node {
    double bound;
    int depth;
    size_t record;        /* its node in the proof tree */
    double *lower, *upper; /* columns; both in one allocation, the basis behind */
    unsigned char *basis;
} tree_node;

typedef struct zg_tree {
    const zg_decay_problem *problem;
    const zg_decay_options *options;
    zg_decay_result *result;
    zg_decay_lp *lp, *weighted;
    zg_decay_bound bound, trial;
    zg_decay_search_point *point;
    zg_random random;
    double *w, *scratch, *root_lower, *root_upper, *lower, *upper;
    size_t *candidates;
    double *gaps;
    tree_node **heap;
    size_t open, capacity;
    double fathomed; /* least bound among boxes given up */
    double started, last_notice, last_checkpoint;
    bool stop, out_of_memory, timeout;
} tree;

/* ---- nodes and the heap of open ones ---------------------------------------------------- */

static tree_node *node_create(tree *t, const double *lower, const double *upper)
{
    size_t n = t->problem->columns, basis = zg_decay_lp_basis_size(t->lp);
    tree_node *node = calloc(1, sizeof *node);
    if (node) node->lower = calloc(1, 2 * n * sizeof(double) + basis + 1);
    if (!node || !node->lower) {
        free(node);
        t->out_of_memory = true;
        return NULL;
    }
    node->upper = node->lower + n;
    node->basis = (unsigned char *)(node->upper + n);
    memcpy(node->lower, lower, n * sizeof(double));
    memcpy(node->upper, upper, n * sizeof(double));
    return node;
}

static void node_free(tree_node *node)
{
    if (!node) return;
    free(node->lower);
    free(node);
}

static bool heap_push(tree *t, tree_node *node)
{
    if (t->open == t->capacity) {
        size_t wanted = t->capacity ? 2 * t->capacity : 256;
        tree_node **bigger = realloc(t->heap, wanted * sizeof *bigger);
        if (!bigger) {
            t->out_of_memory = true;
            return false;
        }
        t->heap = bigger;
        t->capacity = wanted;
    }
    size_t at = t->open++;
    while (at > 0 && t->heap[(at - 1) / 2]->bound > node->bound) {
        t->heap[at] = t->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    t->heap[at] = node;
    return true;
}

static tree_node *heap_pop(tree *t)
{
    tree_node *top = t->heap[0], *last = t->heap[--t->open];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= t->open) break;
        if (child + 1 < t->open && t->heap[child + 1]->bound < t->heap[child]->bound) child++;
        if (t->heap[child]->bound >= last->bound) break;
        t->heap[at] = t->heap[child];
        at = child;
    }
    if (t->open > 0) t->heap[at] = last;
    return top;
}

/* ---- incumbent and thresholds ------------------------------------------------------------ */

/* A box whose safe bound reaches this is given up. */
static double threshold(const tree *t)
{
    double objective = t->result->objective, tolerance = t->options->tolerance;
    double level = objective - 0.9 * tolerance * fmax(1.0, fabs(objective));
    if (t->options->target > 0.0) level = fmin(level, t->options->target);
    return level;
}

static double bound_now(const tree *t, const tree_node *current)
{
    double bound = t->fathomed;
    if (current) bound = fmin(bound, current->bound);
    if (t->open > 0) bound = fmin(bound, t->heap[0]->bound);
    return bound;
}

static void notify(tree *t, const tree_node *current, bool always)
{
    const zg_decay_options *options = t->options;
    double now = zg_monotonic();
    if (options->seconds > 0.0 && now - t->started > options->seconds) t->stop = t->timeout = true;
    if (!options->notify || (!always && now - t->last_notice < 0.1)) return;
    t->last_notice = now;
    zg_decay_progress progress = {t->result->nodes, zg_decay_lp_pivots(t->lp),
                                  fmin(bound_now(t, current), t->result->objective),
                                  t->result->objective, t->result->w};
    if (!options->notify(options->context, &progress)) t->stop = true;
}

/* w is feasible by its own evaluation or it is not taken. */
static bool offer(tree *t, const double *w)
{
    double objective = zg_decay_objective(t->problem, w);
    if (!(objective < t->result->objective)) return false;
    t->result->objective = objective;
    memcpy(t->result->w, w, t->problem->columns * sizeof *w);
    return true;
}

/* Re-weighted l1 from w, then a local search from each point on the way. */
static void reweight(tree *t, double *w, int rounds)
{
    size_t n = t->problem->columns;
    double p = t->problem->power;
    for (int round = 0; round < rounds; round++) {
        for (size_t k = 0; k < n; k++)
            t->scratch[k] = t->problem->lambda * p * pow(fabs(w[k]) + 0.01, p - 1.0);
        if (zg_decay_lp_weighted(t->weighted, t->root_lower, t->root_upper, t->scratch) !=
            ZG_DECAY_LP_OPTIMAL)
            return;
        memcpy(w, zg_decay_lp_point(t->weighted), n * sizeof *w);
    }
    zg_decay_point_improve(t->point, w);
    offer(t, w);
}

static void search_locally(tree *t, const double *from, size_t kicks)
{
    memcpy(t->w, from, t->problem->columns * sizeof *t->w);
    zg_decay_point_improve(t->point, t->w);
    offer(t, t->w);
    for (size_t kick = 0; kick < kicks; kick++) {
        zg_decay_point_kick(t->point, &t->random, 2 + kick % 3, t->w);
        offer(t, t->w);
    }
}

/* ---- bounding one box ---------------------------------------------------------------------- */

/* Multipliers of an infeasible box: from the LP's, along its ray, until the bound is high enough. */
static void follow_ray(tree *t, const double *lower, const double *upper, zg_decay_bound *bound)
{
    const double *ray = zg_decay_lp_ray(t->lp), *v = zg_decay_lp_multipliers(t->lp);
    double best_step = 0.0, best = -INFINITY, level = threshold(t);
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (double size = 1.0; size < 1e13 && best < level; size *= 10.0) {
            for (size_t i = 0; i < t->problem->rows; i++)
                t->scratch[i] = v[i] + sign * size * ray[i];
            zg_decay_bound_evaluate(t->problem, lower, upper, t->scratch, bound);
            if (bound->value <= best) continue;
            best = bound->value;
            best_step = sign * size;
        }
    }
    for (size_t i = 0; i < t->problem->rows; i++)
        t->scratch[i] = v[i] + best_step * ray[i];
    zg_decay_bound_evaluate(t->problem, lower, upper, t->scratch, bound);
}

/* Solves the relaxation over the box and evaluates the safe bound of what it proposes. */
static zg_decay_lp_status relax(tree *t, const double *lower, const double *upper,
                                zg_decay_bound *bound)
{
    double level = threshold(t);
    zg_decay_lp_status status =
        zg_decay_lp_solve(t->lp, lower, upper, level + 1e-9 * (1.0 + fabs(level)));
    zg_decay_bound_evaluate(t->problem, lower, upper, zg_decay_lp_multipliers(t->lp), bound);
    if (status == ZG_DECAY_LP_INFEASIBLE && bound->value < level)
        follow_ray(t, lower, upper, bound);
    bool loose = status == ZG_DECAY_LP_OPTIMAL &&
                 bound->value < zg_decay_lp_value(t->lp) - 1e-6 * (1.0 + fabs(level));
    bool unproven = status != ZG_DECAY_LP_OPTIMAL && bound->value < level;
    if (loose || unproven) {
        t->result->exact_solves++;
        zg_decay_lp_status again = zg_decay_lp_solve_exactly(t->lp, 1.0);
        zg_decay_bound_evaluate(t->problem, lower, upper, zg_decay_lp_multipliers(t->lp), bound);
        if (again == ZG_DECAY_LP_OPTIMAL) status = again;
    }
    return status;
}

/* Cuts w_k > at (or < at when below) off the node, which v has proven empty of better points. */
static void cut_off(tree *t, tree_node *node, size_t k, double at, bool below, const double *v)
{
    size_t left, right;
    zg_decay_record_split(t->options->record, node->record, k, at, &left, &right);
    zg_decay_record_leaf(t->options->record, below ? left : right, v);
    if (t->options->record) node->record = below ? right : left;
    if (below)
        node->lower[k] = at;
    else
        node->upper[k] = at;
}

/* Range reduction by the multipliers of `bound`; false when nothing is left of the box.  *reduction
 * is the sum over columns of the share of the width that went. */
static bool shrink(tree *t, tree_node *node, const zg_decay_bound *bound, double *reduction)
{
    double level = threshold(t);
    *reduction = 0.0;
    for (size_t k = 0; k < t->problem->columns; k++) {
        double lower = node->lower[k], upper = node->upper[k], width = upper - lower;
        if (!(width > 0.0)) continue;
        if (!zg_decay_bound_shrink(t->problem, bound, k, level, &lower, &upper)) {
            zg_decay_record_leaf(t->options->record, node->record, bound->v);
            return false;
        }
        double share = 1.0 - (upper - lower) / width;
        if (share < 1e-3) continue;
        if (upper < node->upper[k]) cut_off(t, node, k, upper, false, bound->v);
        if (lower > node->lower[k]) cut_off(t, node, k, lower, true, bound->v);
        *reduction += share;
    }
    return true;
}

static bool give_up(tree *t, tree_node *node, double bound, const double *v)
{
    zg_decay_record_leaf(t->options->record, node->record, v);
    t->fathomed = fmin(t->fathomed, fmax(bound, node->bound));
    return false;
}

/* Minimises and maximises every coordinate over the relaxation below the incumbent; false when the
 * box turned out empty. */
static bool reduce_ranges(tree *t, tree_node *node, double *reduction)
{
    double level = threshold(t), share;
    *reduction = 0.0;
    if (zg_decay_lp_solve(t->lp, node->lower, node->upper, INFINITY) != ZG_DECAY_LP_OPTIMAL)
        return true;
    if (!zg_decay_lp_range_begin(t->lp, level)) return true;
    bool alive = true;
    for (size_t k = 0; k < t->problem->columns && alive; k++) {
        for (int direction = -1; direction <= 1 && alive; direction += 2) {
            if (!(node->upper[k] - node->lower[k] > 1e-9)) continue;
            if (!zg_decay_lp_range(t->lp, k, direction)) continue;
            zg_decay_bound_evaluate(t->problem, node->lower, node->upper,
                                    zg_decay_lp_multipliers(t->lp), &t->trial);
            if (t->trial.value >= level) {
                give_up(t, node, t->trial.value, t->trial.v);
                alive = false;
            } else if (!shrink(t, node, &t->trial, &share)) {
                t->fathomed = fmin(t->fathomed, level);
                alive = false;
            } else {
                *reduction += share;
            }
        }
    }
    zg_decay_lp_range_end(t->lp);
    return alive;
}

/* Relaxes and reduces until little changes.  False when the box is given up; otherwise t->bound and
 * t->w belong to its final relaxation. */
static bool bound_node(tree *t, tree_node *node)
{
    for (int round = 0;; round++) {
        zg_decay_lp_status status = relax(t, node->lower, node->upper, &t->bound);
        if (isfinite(t->bound.value)) node->bound = fmax(node->bound, t->bound.value);
        if (t->bound.value >= threshold(t)) return give_up(t, node, t->bound.value, t->bound.v);
        memcpy(t->w, zg_decay_lp_point(t->lp), t->problem->columns * sizeof *t->w);
        for (size_t k = 0; k < t->problem->columns; k++)
            if (status != ZG_DECAY_LP_OPTIMAL || !(t->w[k] >= node->lower[k] - 1e-6 &&
                                                   t->w[k] <= node->upper[k] + 1e-6))
                t->w[k] = 0.5 * (node->lower[k] + node->upper[k]);
        double reduction;
        if (!shrink(t, node, &t->bound, &reduction)) {
            t->fathomed = fmin(t->fathomed, threshold(t));
            return false;
        }
        if (reduction < SHRINK || round >= ROUNDS) return true;
    }
}

/* ---- branching ------------------------------------------------------------------------------ */

/* |w|^p above its envelope on [l, u], at w. */
static double envelope_gap(const zg_decay_problem *problem, double l, double u, double w)
{
    if (!(u > l)) return 0.0;
    double value = zg_decay_penalty_below(problem, w), chord;
    if (l < 0.0 && u > 0.0) {
        double end = w > 0.0 ? u : l;
        chord = zg_decay_penalty_below(problem, end) * (w / end);
    } else {
        double fl = zg_decay_penalty_below(problem, l), fu = zg_decay_penalty_below(problem, u);
        chord = fl + (fu - fl) * ((w - l) / (u - l));
    }
    return value - chord;
}

/* Where to split column k: the two children are [l, *low] and [*high, u]. */
static void split_points(tree *t, const tree_node *node, size_t k, double *low, double *high)
{
    double l = node->lower[k], u = node->upper[k], width = u - l, level = threshold(t);
    if (zg_decay_bound_hole(t->problem, &t->bound, k, level, l, u, low, high)) return;
    double at = t->w[k], best = t->result->w[k];
    if (POINT_MODE == 1 && best > l + 0.01 * width && best < u - 0.01 * width && best != 0.0) at = best;
    if (POINT_MODE == 2 && best > l + 0.01 * width && best < u - 0.01 * width) at = best;
    at = MIX * at + (1 - MIX) * 0.5 * (l + u);
    if (l < 0 && u > 0 && POINT_MODE == 3) at = 0;
    at = fmin(fmax(at, l + 0.05 * width), u - 0.05 * width);
    if (l < 0.0 && u > 0.0 && fabs(at) < 0.02 * width) at = 0.0;
    *low = *high = at;
}

static size_t sort_candidates(tree *t, const tree_node *node)
{
    size_t count = 0;
    for (size_t k = 0; k < t->problem->columns; k++) {
        double gap = envelope_gap(t->problem, node->lower[k], node->upper[k], t->w[k]);
        if (!(node->upper[k] - node->lower[k] > 1e-10)) continue;
        t->gaps[k] = gap;
        size_t at = count++;
        while (at > 0 && t->gaps[t->candidates[at - 1]] < gap) {
            t->candidates[at] = t->candidates[at - 1];
            at--;
        }
        t->candidates[at] = k;
    }
    return count;
}

typedef enum zg_branch_outcome { BRANCHED, REDUCED, EMPTY, STUCK } branch_outcome;

typedef struct zg_branch {
    size_t k;
    double low, high;
    double bound[2];
    double score;
} branch;

/* The bounds of both children by their own relaxations; a child that can be given up is cut off. */
static branch_outcome try_branch(tree *t, tree_node *node, branch *b)
{
    double level = threshold(t), l = node->lower[b->k], u = node->upper[b->k];
    bool dead[2];
    for (int side = 0; side < 2; side++) {
        if (side == 0)
            node->upper[b->k] = b->low;
        else
            node->lower[b->k] = b->high;
        relax(t, node->lower, node->upper, &t->trial);
        node->lower[b->k] = l;
        node->upper[b->k] = u;
        b->bound[side] = fmax(t->trial.value, node->bound);
        dead[side] = t->trial.value >= level;
        if (dead[side]) {
            t->fathomed = fmin(t->fathomed, t->trial.value);
            bool below = side == 0;
            cut_off(t, node, b->k, below ? b->low : b->high, below, t->trial.v);
            if (b->high > b->low) { /* the hole goes with it */
                cut_off(t, node, b->k, below ? b->high : b->low, below, t->bound.v);
                t->fathomed = fmin(t->fathomed, level);
            }
            return REDUCED;
        }
    }
    double gain0 = b->bound[0] - node->bound, gain1 = b->bound[1] - node->bound;
    b->score = fmax(gain0, 1e-9) * fmax(gain1, 1e-9);
    return BRANCHED;
}

static branch_outcome choose_branch(tree *t, tree_node *node, branch *best)
{
    size_t count = sort_candidates(t, node);
    best->score = -1.0;
    if (count == 0) return STUCK;
    int since = 0;
    for (size_t c = 0; c < count && c < (size_t)STRONG; c++) {
        branch b = {.k = t->candidates[c]};
        if (c > 0 && t->gaps[b.k] <= 1e-3 * t->gaps[t->candidates[0]]) break;
        split_points(t, node, b.k, &b.low, &b.high);
        branch_outcome outcome = STRONG > 1 ? try_branch(t, node, &b) : BRANCHED;
        if (STRONG <= 1) b.bound[0] = b.bound[1] = node->bound;
        if (outcome != BRANCHED) return outcome;
        if (b.score > best->score || c == 0) {
            *best = b;
            since = 0;
        } else if (++since >= SBP)
            break;
    }
    return BRANCHED;
}

/* Replaces node by its children: one is returned, the other opened. */
static tree_node *split_node(tree *t, tree_node *node, const branch *b)
{
    tree_node *child[2] = {node_create(t, node->lower, node->upper), node};
    if (!child[0]) {
        heap_push(t, node);
        return NULL;
    }
    size_t left, right;
    zg_decay_record_split(t->options->record, node->record, b->k, b->low, &left, &right);
    child[0]->record = left;
    if (b->high > b->low) {
        size_t hole, rest;
        zg_decay_record_split(t->options->record, right, b->k, b->high, &hole, &rest);
        zg_decay_record_leaf(t->options->record, hole, t->bound.v);
        t->fathomed = fmin(t->fathomed, threshold(t));
        right = rest;
    }
    child[1]->record = right;
    child[0]->upper[b->k] = b->low;
    child[1]->lower[b->k] = b->high;
    child[0]->depth = ++child[1]->depth;
    zg_decay_lp_basis_save(t->lp, child[0]->basis);
    memcpy(child[1]->basis, child[0]->basis, zg_decay_lp_basis_size(t->lp));
    for (int side = 0; side < 2; side++)
        child[side]->bound = b->bound[side];
    int dive = child[1]->bound < child[0]->bound;
    if (!heap_push(t, child[1 - dive])) {
        node_free(child[1 - dive]);
        t->stop = true;
    }
    return child[dive];
}

/* Works one node; returns the child to go on with, or NULL. */
static tree_node *work_node(tree *t, tree_node *node)
{
    t->result->nodes++;
    for (;;) {
        double reduction;
        if (!bound_node(t, node)) break;
        if (t->result->nodes % 50 == 1) {
            memcpy(t->lower, t->w, t->problem->columns * sizeof(double));
            double held=t->result->objective;
            reweight(t, t->lower, 3);
            if (t->result->objective<held) continue;
        }
        if (node->depth <= OBBT_DEPTH) {
            bool again = false;
            if (!reduce_ranges(t, node, &reduction)) break;
            again = reduction > 0.3;
            if (again) continue;
            if (!bound_node(t, node)) break;
        }
        branch b;
        branch_outcome outcome = choose_branch(t, node, &b);
        if (outcome == REDUCED) continue;
        if (outcome == STUCK) {
            t->fathomed = fmin(t->fathomed, node->bound);
            break;
        }
        return split_node(t, node, &b);
    }
    node_free(node);
    return NULL;
}

/* ---- the whole tree ------------------------------------------------------------------------- */

static double root_radius(const tree *t)
{
    double ratio = t->result->objective / t->problem->lambda * (1.0 + 1e-12);
    return pow(ratio, 1.0 / t->problem->power) * (1.0 + 1e-12);
}

static void run_tree(tree *t)
{
    size_t n = t->problem->columns;
    double radius = root_radius(t);
    for (size_t k = 0; k < n; k++) {
        t->root_lower[k] = fmax(t->problem->lower ? t->problem->lower[k] : -radius, -radius);
        t->root_upper[k] = fmin(t->problem->upper ? t->problem->upper[k] : radius, radius);
        t->result->root[k] = radius;
    }
    memset(t->lower, 0, n * sizeof(double));
    double *start = calloc(n, sizeof *start);
    reweight(t, start, 4);
    search_locally(t, start, (size_t)KICKS);
    free(start);
    tree_node *node = node_create(t, t->root_lower, t->root_upper);
    if (!node) return;
    node->bound = -INFINITY;
    heap_push(t, node);
    node = NULL;
    while ((node || t->open > 0) && !t->stop) {
        if (!node) {
            node = heap_pop(t);
            zg_decay_lp_basis_load(t->lp, node->basis);
        }
        if (node->bound >= threshold(t)) {
            t->fathomed = fmin(t->fathomed, node->bound);
            node_free(node);
            node = NULL;
            continue;
        }
        node = work_node(t, node);
        notify(t, node, false);
    }
    if (node) heap_push(t, node);
    t->result->bound = fmin(bound_now(t, NULL), t->result->objective);
    t->result->complete = t->open == 0;
}

static zg_status tree_create(tree *t, zg_error *error)
{
    size_t n = t->problem->columns, m = t->problem->rows;
    double **arrays[] = {&t->w, &t->scratch, &t->root_lower, &t->root_upper, &t->lower, &t->upper,
                         &t->gaps, &t->result->w, &t->result->root};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = calloc(n + m + 1, sizeof(double));
        if (!*arrays[i]) return zg_no_memory(error);
    }
    t->candidates = calloc(n + 1, sizeof *t->candidates);
    if (!t->candidates) return zg_no_memory(error);
    if (zg_decay_bound_create(t->problem, &t->bound) != ZG_OK ||
        zg_decay_bound_create(t->problem, &t->trial) != ZG_OK)
        return zg_no_memory(error);
    zg_status status = zg_decay_point_create(t->problem, &t->point, error);
    if (status == ZG_OK)
        status = zg_decay_lp_create(t->problem, 1.0, t->options->fault, &t->lp, error);
    if (status == ZG_OK)
        status = zg_decay_lp_create(t->problem, 1.0, t->options->fault, &t->weighted, error);
    return status;
}

static void tree_clear(tree *t)
{
    for (size_t i = 0; i < t->open; i++)
        node_free(t->heap[i]);
    free(t->heap);
    free(t->w);
    free(t->scratch);
    free(t->root_lower);
    free(t->root_upper);
    free(t->lower);
    free(t->upper);
    free(t->gaps);
    free(t->candidates);
    zg_decay_bound_clear(&t->bound);
    zg_decay_bound_clear(&t->trial);
    zg_decay_point_free(t->point);
    zg_decay_lp_free(t->lp);
    zg_decay_lp_free(t->weighted);
}

zg_status zg_decay_solve(const zg_decay_problem *problem, const zg_decay_options *options,
                         zg_decay_result *result, zg_error *error)
{
    STRONG = envi("STRONG", 6); OBBT_DEPTH = envi("OBBT", 0); ROUNDS = envi("ROUNDS", 3);
    POINT_MODE = envi("PM", 2); KICKS = envi("KICKS", 50); SHRINK = envd("SHRINK", 0.3); MIX = envd("MIX", 1.0); SBP=envi("SBP",100);
    zg_decay_options local = options ? *options : (zg_decay_options){0};
    if (!(local.tolerance > 0.0)) local.tolerance = 1e-6;
    *result = (zg_decay_result){.objective = INFINITY, .bound = -INFINITY};
    tree t = {.problem = problem, .options = &local, .result = result, .fathomed = INFINITY};
    t.started = zg_monotonic();
    zg_random_seed(&t.random, local.seed);
    zg_status status = tree_create(&t, error);
    if (status == ZG_OK) {
        if (local.start) search_locally(&t, local.start, 0);
        for (size_t k = 0; k < problem->columns; k++)
            t.upper[k] = 1.0;
        search_locally(&t, t.upper, 5);
        run_tree(&t);
        if (t.out_of_memory) status = zg_no_memory(error);
        if (t.timeout) status = ZG_TIMEOUT;
        result->pivots = zg_decay_lp_pivots(t.lp) + zg_decay_lp_pivots(t.weighted);
    }
    result->seconds = zg_monotonic() - t.started;
    tree_clear(&t);
    return status;
}

void zg_decay_result_clear(zg_decay_result *result)
{
    free(result->w);
    free(result->root);
    *result = (zg_decay_result){.objective = INFINITY, .bound = -INFINITY};
}
