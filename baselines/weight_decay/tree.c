/* Branch and bound for the weight-decay program: the loop over boxes, and the incumbents. */
#include "baselines/weight_decay/tree.h"

#include "baselines/weight_decay/checkpoint.h"
#include "baselines/weight_decay/work.h"
#include "core/safe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_FIRST 200000  /* open nodes from which node selection is depth first */
#define HEURISTIC_EVERY 32  /* nodes between two local searches from the relaxation's point */
#define RANGE_PAYS 0.05     /* reduction per column that makes range reduction worth repeating */
#define RANGE_RETRY 4       /* depths after which it is tried again all the same */
#define FAR 1e6             /* box in which a first feasible point is looked for */
#define WIDEST 1e150        /* weights beyond are in no box: what they cost bounds them */
#define CHECKPOINT_SHARE 20 /* a checkpoint is due after this many times what the last one took */

/* ---- bound and progress -------------------------------------------------------------------- */

/* The lower bound on the optimum so far: the least of the open and of the pruned nodes. */
static double dual_bound(const zg_decay_tree *t)
{
    if (!t->rooted) return 0.0; /* before there are boxes: penalty and loss are not negative */
    double bound = zg_lower_min(t->pruned_bound, zg_heap_bound(&t->open));
    return t->current ? zg_lower_min(bound, t->current->bound) : bound;
}

/* Tells the observer; not more often than ten times a second unless `always`. */
static void notify(zg_decay_tree *t, bool always)
{
    const zg_decay_options *options = t->options;
    double now = zg_monotonic();
    if (!options->notify || (!always && now - t->last_notice < 0.1)) return;
    t->last_notice = now;
    zg_decay_progress progress = {.nodes = t->result->nodes,
                                  .pivots = t->lp ? zg_decay_lp_pivots(t->lp) : 0,
                                  .bound = dual_bound(t),
                                  .objective = t->result->objective,
                                  .earlier = t->result->earlier,
                                  .w = isfinite(t->result->objective) ? t->result->w : NULL};
    if (!options->notify(options->context, &progress)) t->limit.stopped = true;
}

bool zg_decay_ends(zg_decay_tree *t)
{
    notify(t, false);
    return zg_limit_reached(&t->limit);
}

/* ---- incumbents ---------------------------------------------------------------------------- */

/* Takes w when its own evaluation says that it is feasible and better. */
static void offer_incumbent(zg_decay_tree *t, const double *w)
{
    double objective = zg_decay_objective(t->problem, w);
    if (t->options->fault) objective = fmax(objective, t->options->fault->least_objective);
    if (!(objective < t->result->objective)) return;
    t->result->objective = objective;
    memcpy(t->result->w, w, t->problem->columns * sizeof *w);
}

static void local_search(zg_decay_tree *t, const double *from, size_t perturbations)
{
    memcpy(t->start, from, t->problem->columns * sizeof *from);
    zg_decay_point_improve(t->point, t->start);
    offer_incumbent(t, t->start);
    for (size_t i = 0; i < perturbations && !zg_decay_ends(t); i++) {
        zg_decay_point_perturb(t->point, &t->random, 2 + i % 3, t->start);
        offer_incumbent(t, t->start);
    }
}

/* Re-weighted l1 (Candes, Wakin and Boyd 2008) from w over the root box, then a local search. */
static void reweight(zg_decay_tree *t, const double *w, int rounds, size_t perturbations)
{
    size_t n = t->problem->columns;
    double p = t->problem->power, lambda = t->problem->lambda;
    memcpy(t->start, w, n * sizeof *w);
    for (int round = 0; round < rounds && !zg_decay_ends(t); round++) {
        for (size_t k = 0; k < n; k++)
            t->weight[k] = lambda * p * pow(fabs(t->start[k]) + 0.01, p - 1.0);
        if (zg_decay_lp_weighted(t->weighted, t->root_lower, t->root_upper, t->weight) !=
            ZG_DECAY_LP_OPTIMAL)
            break;
        memcpy(t->start, zg_decay_lp_point(t->weighted), n * sizeof *w);
    }
    memcpy(t->weight, t->start, n * sizeof *w);
    local_search(t, t->weight, perturbations);
}

/* The interval of a pair's leader is also what its follower's leaves; a proof tree has the leader's
 * own. */
static void narrow_pair(zg_decay_tree *t, size_t k)
{
    double low, high, *lower = t->root_lower + k, *upper = t->root_upper + k;
    size_t l = t->pairs[k].partner;
    zg_decay_pair_image(t->pairs + l, t->root_lower[l], t->root_upper[l], &low, &high);
    if (!t->options->record) {
        *lower = fmin(fmax(*lower, low), *upper);
        *upper = fmax(fmin(*upper, high), *lower);
    }
    zg_decay_follow(t, t->root_lower, t->root_upper, k);
}

/* The box |w| <= radius, whose outside costs lambda radius^p at least. */
static void set_root(zg_decay_tree *t, double radius)
{
    const zg_decay_problem *problem = t->problem;
    if (!(radius <= WIDEST)) radius = WIDEST;
    if (!(radius >= DBL_MIN)) radius = DBL_MIN;
    for (size_t k = 0; k < problem->columns; k++) {
        t->root_lower[k] = problem->lower ? fmax(problem->lower[k], -radius) : -radius;
        t->root_upper[k] = problem->upper ? fmin(problem->upper[k], radius) : radius;
    }
    for (size_t k = 0; k < problem->columns; k++)
        if (t->pairs[k].role == ZG_DECAY_LEADER) narrow_pair(t, k);
    memcpy(t->result->root_lower, t->root_lower, problem->columns * sizeof(double));
    memcpy(t->result->root_upper, t->root_upper, problem->columns * sizeof(double));
    t->radius = radius;
    t->result->outside = zg_decay_penalty_below(problem, radius);
}

/* lambda |w_k|^p <= objective for every point at least as good as the incumbent; infinite, or 0,
 * where that is no double. */
static double root_radius(const zg_decay_tree *t)
{
    double ratio = t->result->objective / t->problem->lambda * (1.0 + 1e-12);
    return pow(ratio, 1.0 / t->problem->power) * (1.0 + 1e-12);
}

static zg_status create_relaxations(zg_decay_tree *t, zg_error *error)
{
    const zg_decay_fault *fault = t->options->fault;
    zg_status status = zg_decay_lp_create(t->problem, t->pairs, fault, &t->limit, &t->lp, error);
    if (status != ZG_OK) return status;
    return zg_decay_lp_create(t->problem, t->pairs, fault, &t->limit, &t->weighted, error);
}

/* A first feasible point: local searches from simple points, then linear programming. */
static zg_status first_incumbent(zg_decay_tree *t, zg_error *error)
{
    size_t n = t->problem->columns;
    if (t->options->start) local_search(t, t->options->start, 0);
    for (size_t k = 0; k < n; k++)
        t->w[k] = zg_loss_has(t->problem->loss, ZG_LOSS_EXACT) ? 1.0 : 0.0;
    offer_incumbent(t, t->w);
    local_search(t, t->w, 3);
    zg_status status = create_relaxations(t, error);
    if (status != ZG_OK) return status;
    if (!isfinite(t->result->objective)) {
        set_root(t, FAR);
        memset(t->w, 0, n * sizeof *t->w);
        reweight(t, t->w, 2, 3);
    }
    if (!isfinite(t->result->objective) && zg_decay_ends(t))
        return zg_fail(error, t->limit.timeout ? ZG_TIMEOUT : ZG_STOPPED,
                       "the search ended before there was a first network");
    if (!isfinite(t->result->objective))
        return zg_fail(error, ZG_FAILED,
                       "no point was found that satisfies the equality constraints and the bounds "
                       "to full accuracy; they may contradict each other");
    set_root(t, root_radius(t));
    memset(t->w, 0, n * sizeof *t->w);
    reweight(t, t->w, 4, 10 + n);
    return ZG_OK;
}

/* ---- the loop ------------------------------------------------------------------------------ */

/* Diving: the child with the lower bound is processed next, the other one joins the open nodes. */
static zg_status open_children(zg_decay_tree *t, zg_decay_node *node, zg_decay_node *first,
                               zg_decay_node **next)
{
    bool second = node->bound < first->bound;
    *next = second ? node : first;
    return zg_decay_node_open(second ? first : node, &t->open);
}

/* Bounding, range reduction, heuristics; false when the node is pruned. */
static bool evaluate_node(zg_decay_tree *t, zg_decay_node *node)
{
    double before, reduction;
    do {
        if (!zg_decay_bound_node(t, node)) return false;
        before = t->result->objective;
        if (t->result->nodes % HEURISTIC_EVERY == 1) {
            memcpy(t->weight, t->w, t->problem->columns * sizeof *t->w);
            reweight(t, t->weight, 3, 2);
        }
        if (t->result->objective < before) {
            notify(t, true);
            continue;
        }
        if (!node->ranged && node->depth % RANGE_RETRY != 0) return true;
        if (!zg_decay_reduce_ranges(t, node, &reduction)) return false;
        node->ranged = reduction > RANGE_PAYS * (double)t->problem->columns;
        if (reduction > 0.0 && !zg_decay_bound_node(t, node)) return false;
    } while (node->ranged && !zg_decay_ends(t));
    return true;
}

/* Prunes the node, puts it back among the open ones, or branches: *next is a child of it. */
static zg_status process_node(zg_decay_tree *t, zg_decay_node *node, zg_decay_node **next)
{
    *next = NULL;
    t->result->nodes++;
    while (evaluate_node(t, node)) {
        zg_decay_branch branch;
        if (zg_decay_ends(t)) return zg_decay_node_open(node, &t->open);
        zg_decay_branching outcome = zg_decay_choose_branch(t, node, &branch);
        if (outcome == ZG_DECAY_REDUCED) continue;
        if (outcome == ZG_DECAY_STUCK) {
            t->pruned_bound = zg_lower_min(t->pruned_bound, node->bound);
            break;
        }
        zg_decay_node *first;
        zg_status status = zg_decay_split_node(t, node, &branch, &first);
        if (status == ZG_OK) return open_children(t, node, first, next);
        zg_decay_node_free(node);
        return status;
    }
    zg_decay_node_free(node);
    return ZG_OK;
}

/* How to treat a fault of the checkpoint. */
static zg_status tolerate(zg_decay_tree *t, zg_status status, const zg_error *fault,
                          zg_error *error)
{
    if (!t->options->lenient || status == ZG_NO_MEMORY)
        return zg_fail(error, status, "%s", fault->message);
    snprintf(t->result->remark, sizeof t->result->remark, "%.255s", fault->message);
    return ZG_OK;
}

static zg_status save(zg_decay_tree *t, zg_error *error)
{
    double now = zg_monotonic();
    zg_error fault = {0};
    zg_decay_state state = {.objective = t->result->objective,
                            .w = t->result->w,
                            .pruned_bound = t->pruned_bound,
                            .radius = t->radius,
                            .seconds = t->result->earlier + now - t->started,
                            .nodes = t->result->nodes};
    zg_status status =
        zg_decay_checkpoint_write(t->options->checkpoint, t->problem, &state, &t->open, &fault);
    t->last_checkpoint = zg_monotonic();
    t->checkpoint_cost = t->last_checkpoint - now;
    return status == ZG_OK ? ZG_OK : tolerate(t, status, &fault, error);
}

static bool tree_ends(zg_decay_tree *t)
{
    long most = t->options->nodes;
    if (most > 0 && t->result->nodes >= most) t->limit.timeout = true;
    return zg_decay_ends(t);
}

static zg_status run_tree(zg_decay_tree *t, zg_error *error)
{
    zg_decay_node *node = NULL;
    zg_status status = ZG_OK;
    notify(t, true);
    double every = t->options->checkpoint_seconds > 0.0 ? t->options->checkpoint_seconds : 1.0;
    while (status == ZG_OK && (node || t->open.count > 0) && !tree_ends(t)) {
        double wait = fmax(every, CHECKPOINT_SHARE * t->checkpoint_cost);
        if (t->options->checkpoint && zg_monotonic() - t->last_checkpoint > wait) {
            if (node) status = zg_decay_node_open(node, &t->open);
            node = NULL;
            if (status == ZG_OK) status = save(t, error);
            continue;
        }
        if (!node) {
            node = zg_heap_pop(&t->open, DEPTH_FIRST);
            zg_decay_lp_basis_load(t->lp, node->basis);
        }
        /* A proof tree wants multipliers of the leaf's own; without one the bound is enough. */
        if (!t->options->record && node->bound >= zg_decay_cutoff(t)) {
            t->pruned_bound = zg_lower_min(t->pruned_bound, node->bound);
            zg_decay_node_free(node);
            node = NULL;
            continue;
        }
        zg_decay_node *next;
        t->current = node;
        status = process_node(t, node, &next);
        t->current = node = next;
    }
    t->current = NULL;
    if (node && status == ZG_OK) status = zg_decay_node_open(node, &t->open);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    return status;
}

/* Resumes from a checkpoint where there is one. */
static zg_status resume_checkpoint(zg_decay_tree *t, bool *resumed, zg_error *error)
{
    zg_decay_state state = {.w = t->start};
    zg_error fault = {0};
    zg_status status =
        zg_decay_checkpoint_read(t->options->checkpoint, t->problem, zg_decay_lp_basis_size(t->lp),
                                 &state, &t->open, &fault);
    *resumed = status == ZG_OK;
    if (status == ZG_MISSING) return ZG_OK;
    if (status != ZG_OK) return tolerate(t, status, &fault, error);
    offer_incumbent(t, state.w);
    t->pruned_bound = zg_lower_min(t->pruned_bound, state.pruned_bound);
    t->result->nodes = t->result->resumed_at = state.nodes;
    t->result->earlier = state.seconds;
    set_root(t, state.radius);
    return ZG_OK;
}

/* The root box, or the boxes of a checkpoint. */
static zg_status open_root(zg_decay_tree *t, zg_error *error)
{
    size_t n = t->problem->columns, basis = zg_decay_lp_basis_size(t->lp);
    if (t->options->resume && t->options->checkpoint) {
        bool resumed;
        zg_status status = resume_checkpoint(t, &resumed, error);
        t->rooted = resumed;
        if (status != ZG_OK || resumed) return status;
    }
    zg_decay_node *root = zg_decay_node_create(n, basis, t->root_lower, t->root_upper);
    if (!root) return zg_no_memory(error);
    root->ranged = true;
    root->bound = 0.0; /* penalty and loss are not negative */
    if (zg_decay_node_open(root, &t->open) != ZG_OK) return zg_no_memory(error);
    t->rooted = true;
    return ZG_OK;
}

static void conclude(zg_decay_tree *t)
{
    zg_decay_result *result = t->result;
    double target = t->options->target;
    result->bound = zg_lower_min(dual_bound(t), result->outside);
    /* Nothing below the cutoff was left out, and no more than that has been proven. */
    result->bound = zg_lower_min(result->bound, zg_decay_cutoff(t));
    double gap = result->objective - result->bound;
    bool within = gap <= t->options->tolerance * fmax(1.0, fabs(result->objective));
    result->complete = t->open.count == 0 && (within || (target > 0.0 && result->bound >= target));
    result->pivots = zg_decay_lp_pivots(t->lp) + zg_decay_lp_pivots(t->weighted);
}

/* ---- life ---------------------------------------------------------------------------------- */

static zg_status check(const zg_decay_problem *problem, const zg_decay_options *options,
                       zg_error *error)
{
    if (!zg_loss_has(problem->loss, ZG_DECAY_LOSSES))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "branch and bound treats the losses squared, absolute and interpolate");
    if (!(problem->lambda > 0.0) || !(problem->power > 0.0 && problem->power <= 1.0))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the penalty needs a weight above 0 and a power in (0, 1]");
    if (problem->columns == 0 || problem->rows == 0)
        return zg_fail(error, ZG_BAD_INPUT, "there are no samples or no neurons");
    for (size_t e = 0; e < problem->rows * problem->columns; e++)
        if (!isfinite(problem->phi[e]))
            return zg_fail(error, ZG_BAD_INPUT, "a neuron's response is not finite");
    for (size_t i = 0; i < problem->rows; i++)
        if (!isfinite(problem->y[i])) return zg_fail(error, ZG_BAD_INPUT, "a target is not finite");
    if (options->record && options->resume && options->checkpoint)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a resumed tree has no proof tree of the part before; solve it in one go");
    return ZG_OK;
}

static zg_status create(zg_decay_tree *t, zg_error *error)
{
    size_t n = t->problem->columns;
    double **arrays[] = {&t->w,
                         &t->start,
                         &t->weight,
                         &t->gap,
                         &t->root_lower,
                         &t->root_upper,
                         &t->result->w,
                         &t->result->root_lower,
                         &t->result->root_upper};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = calloc(n + 1, sizeof(double));
        if (!*arrays[i]) return zg_no_memory(error);
    }
    t->multipliers = calloc(t->problem->rows + 1, sizeof(double));
    t->candidate = calloc(n + 1, sizeof *t->candidate);
    if (!t->multipliers || !t->candidate) return zg_no_memory(error);
    t->pairs = calloc(n + 1, sizeof *t->pairs);
    if (!t->pairs) return zg_no_memory(error);
    zg_decay_find_pairs(t->problem, t->pairs);
    if (zg_decay_bound_create(t->problem, t->pairs, &t->bound) != ZG_OK ||
        zg_decay_bound_create(t->problem, t->pairs, &t->trial) != ZG_OK)
        return zg_no_memory(error);
    return zg_decay_point_create(t->problem, &t->limit, &t->point, error);
}

static void clear(zg_decay_tree *t)
{
    zg_heap_clear(&t->open, zg_decay_node_free);
    free(t->w);
    free(t->start);
    free(t->weight);
    free(t->gap);
    free(t->root_lower);
    free(t->root_upper);
    free(t->multipliers);
    free(t->candidate);
    free(t->pairs);
    zg_decay_bound_clear(&t->bound);
    zg_decay_bound_clear(&t->trial);
    zg_decay_point_free(t->point);
    zg_decay_lp_free(t->lp);
    zg_decay_lp_free(t->weighted);
}

zg_status zg_decay_search_end(const zg_limit *limit, size_t open, zg_error *error)
{
    if (open == 0 || !(limit->timeout || limit->stopped)) return ZG_OK;
    return zg_fail(error, limit->timeout ? ZG_TIMEOUT : ZG_STOPPED,
                   "the search ended with %zu boxes open", open);
}

zg_status zg_decay_solve(const zg_decay_problem *problem, const zg_decay_options *options,
                         zg_decay_result *result, zg_error *error)
{
    zg_decay_options local = options ? *options : (zg_decay_options){0};
    if (!(local.tolerance > 0.0)) local.tolerance = 1e-6;
    *result = (zg_decay_result){.objective = INFINITY, .bound = -INFINITY, .outside = INFINITY};
    zg_status status = check(problem, &local, error);
    if (status != ZG_OK) return status;
    zg_decay_tree t = {.problem = problem, .options = &local, .result = result};
    t.pruned_bound = t.radius = INFINITY;
    t.started = t.last_checkpoint = zg_monotonic();
    t.limit = zg_limit_start(local.seconds, local.clock);
    zg_random_seed(&t.random, local.seed);
    status = create(&t, error);
    if (status == ZG_OK) status = first_incumbent(&t, error);
    if (status == ZG_OK) status = open_root(&t, error);
    if (status == ZG_OK) status = run_tree(&t, error);
    if (status == ZG_OK) conclude(&t);
    bool ended = t.limit.timeout || t.limit.stopped;
    if (status == ZG_OK && ended && local.checkpoint) status = save(&t, error);
    if (status == ZG_OK) status = zg_decay_search_end(&t.limit, t.open.count, error);
    result->seconds = zg_monotonic() - t.started;
    clear(&t);
    return status;
}

void zg_decay_result_clear(zg_decay_result *result)
{
    free(result->w);
    free(result->root_lower);
    free(result->root_upper);
    *result = (zg_decay_result){.objective = INFINITY, .bound = -INFINITY};
}
