/* What branch and bound does to one box: bounding, range reduction, branching. */
#include "baselines/weight_decay/work.h"

#include "core/safe.h"

#include <string.h>

#define ROUNDS 4            /* relaxations of one node while the range reduction pays */
#define PAYS 0.3            /* reduction (in widths) that asks for another round */
#define SHARE_FLOOR 1e-3    /* smaller reductions of a width are not worth a split of the proof */
#define WIDTH_FLOOR 1e-11   /* narrower intervals are not split */
#define STRONG_CANDIDATES 3 /* columns whose children are bounded before branching */
#define EXACT_SECONDS 1.0   /* of rational arithmetic, per doubtful relaxation */

double zg_decay_cutoff(const zg_decay_tree *tree)
{
    double objective = tree->result->objective, tolerance = tree->options->tolerance;
    /* 0.9: the rest of the tolerance is for the rounding of whoever computes the gap. */
    double cutoff = objective - 0.9 * tolerance * fmax(1.0, fabs(objective));
    if (tree->options->target > 0.0) cutoff = zg_lower_min(cutoff, tree->options->target);
    return cutoff;
}

void zg_decay_follow(const zg_decay_tree *tree, double *lower, double *upper, size_t k)
{
    const zg_decay_pair *pair = tree->pairs + k;
    if (pair->role != ZG_DECAY_LEADER) return;
    zg_decay_pair_image(pair, lower[k], upper[k], lower + pair->partner, upper + pair->partner);
}

/* ---- bounding ------------------------------------------------------------------------------ */

static double evaluate_along(zg_decay_tree *tree, const double *lower, const double *upper,
                             double step, zg_decay_bound *bound)
{
    const double *ray = zg_decay_lp_ray(tree->lp), *v = zg_decay_lp_multipliers(tree->lp);
    for (size_t i = 0; i < tree->problem->rows; i++)
        tree->multipliers[i] = v[i] + step * ray[i];
    zg_decay_bound_evaluate(tree->problem, lower, upper, tree->multipliers, bound);
    return bound->value;
}

/* Multipliers of an infeasible box: along the ray until the bound is high enough. */
static void follow_ray(zg_decay_tree *tree, const double *lower, const double *upper,
                       zg_decay_bound *bound)
{
    double best_step = 0.0, best = -INFINITY, cutoff = zg_decay_cutoff(tree);
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (double size = 1.0; size < 1e13 && best < cutoff; size *= 10.0) {
            double value = evaluate_along(tree, lower, upper, sign * size, bound);
            if (value <= best) continue;
            best = value;
            best_step = sign * size;
        }
    }
    evaluate_along(tree, lower, upper, best_step, bound);
}

/* Solves the relaxation over the box and evaluates the safe bound of what it proposes; rational
 * arithmetic has a try where GLPK's answer and the bound do not agree. */
static zg_decay_lp_status relax(zg_decay_tree *tree, const double *lower, const double *upper,
                                zg_decay_bound *bound)
{
    double cutoff = zg_decay_cutoff(tree), slack = 1e-6 * (1.0 + fabs(cutoff));
    zg_decay_lp_status status = zg_decay_lp_solve(tree->lp, lower, upper, cutoff + 1e-3 * slack);
    const double *v = zg_decay_lp_multipliers(tree->lp);
    zg_decay_bound_evaluate(tree->problem, lower, upper, v, bound);
    if (status == ZG_DECAY_LP_INFEASIBLE && bound->value < cutoff)
        follow_ray(tree, lower, upper, bound);
    bool loose =
        status == ZG_DECAY_LP_OPTIMAL && bound->value < zg_decay_lp_value(tree->lp) - slack;
    bool unproven = status != ZG_DECAY_LP_OPTIMAL && bound->value < cutoff;
    bool doubtful = (loose || unproven) && !zg_loss_has(tree->problem->loss, ZG_LOSS_QUADRATIC);
    if (doubtful && !zg_limit_reached(&tree->limit)) {
        tree->result->exact_solves++;
        zg_decay_lp_status again = zg_decay_lp_solve_exactly(tree->lp, EXACT_SECONDS);
        zg_decay_bound_evaluate(tree->problem, lower, upper, v, bound);
        if (again == ZG_DECAY_LP_OPTIMAL) status = again;
    }
    return status;
}

/* Cuts w_k >= at (w_k <= at when below) off the node: v has proven that it holds nothing. */
static void exclude(zg_decay_tree *tree, zg_decay_node *node, size_t k, double at, bool below,
                    double bound, const double *v)
{
    size_t left, right;
    zg_decay_record *record = tree->options->record;
    zg_decay_record_split(record, node->record, k, at, &left, &right);
    zg_decay_record_leaf(record, below ? left : right, v);
    node->record = below ? right : left;
    tree->pruned_bound = zg_lower_min(tree->pruned_bound, bound);
    if (below)
        node->lower[k] = at;
    else
        node->upper[k] = at;
    zg_decay_follow(tree, node->lower, node->upper, k);
}

static bool prune(zg_decay_tree *tree, zg_decay_node *node, double bound, const double *v)
{
    zg_decay_record_leaf(tree->options->record, node->record, v);
    tree->pruned_bound = zg_lower_min(tree->pruned_bound, bound);
    return false;
}

/* Range reduction by the multipliers of bound, which was evaluated over this box. */
static bool tighten(zg_decay_tree *tree, zg_decay_node *node, const zg_decay_bound *bound,
                    double *reduction)
{
    double cutoff = zg_decay_cutoff(tree);
    *reduction = 0.0;
    for (size_t k = 0; k < tree->problem->columns; k++) {
        double lower = node->lower[k], upper = node->upper[k], width = upper - lower;
        if (!(width > 0.0) || tree->pairs[k].role == ZG_DECAY_FOLLOWER) continue;
        if (!zg_decay_bound_tighten(tree->problem, bound, k, cutoff, &lower, &upper))
            return prune(tree, node, cutoff, bound->v);
        double share = 1.0 - (upper - lower) / width;
        if (share < SHARE_FLOOR) continue;
        if (upper < node->upper[k]) exclude(tree, node, k, upper, false, cutoff, bound->v);
        if (lower > node->lower[k]) exclude(tree, node, k, lower, true, cutoff, bound->v);
        *reduction += share;
    }
    return true;
}

bool zg_decay_bound_node(zg_decay_tree *tree, zg_decay_node *node)
{
    size_t columns = tree->problem->columns;
    for (int round = 1;; round++) {
        zg_decay_lp_status status = relax(tree, node->lower, node->upper, &tree->bound);
        node->bound = zg_lower_better(node->bound, tree->bound.value);
        if (tree->bound.value >= zg_decay_cutoff(tree))
            return prune(tree, node, tree->bound.value, tree->bound.v);
        memcpy(tree->w, zg_decay_lp_point(tree->lp), columns * sizeof *tree->w);
        double reduction;
        if (!tighten(tree, node, &tree->bound, &reduction)) return false;
        for (size_t k = 0; k < columns; k++) {
            double l = node->lower[k], u = node->upper[k];
            bool usable = status == ZG_DECAY_LP_OPTIMAL && isfinite(tree->w[k]);
            tree->w[k] = usable ? fmin(u, fmax(l, tree->w[k])) : 0.5 * (l + u);
        }
        if (reduction < PAYS || round >= ROUNDS || zg_decay_ends(tree)) return true;
    }
}

bool zg_decay_reduce_ranges(zg_decay_tree *tree, zg_decay_node *node, double *reduction)
{
    double cutoff = zg_decay_cutoff(tree), share;
    *reduction = 0.0;
    if (zg_decay_lp_solve(tree->lp, node->lower, node->upper, INFINITY) != ZG_DECAY_LP_OPTIMAL ||
        !zg_decay_lp_range_begin(tree->lp, cutoff))
        return true;
    bool alive = true;
    for (size_t call = 0; call < 2 * tree->problem->columns && alive; call++) {
        size_t k = call / 2;
        if (zg_decay_ends(tree)) break;
        if (!(node->upper[k] - node->lower[k] > WIDTH_FLOOR)) continue;
        if (tree->pairs[k].role == ZG_DECAY_FOLLOWER) continue;
        if (!zg_decay_lp_range(tree->lp, k, call % 2 == 0 ? -1.0 : 1.0)) continue;
        zg_decay_bound_evaluate(tree->problem, node->lower, node->upper,
                                zg_decay_lp_multipliers(tree->lp), &tree->trial);
        if (tree->trial.value >= cutoff)
            alive = prune(tree, node, tree->trial.value, tree->trial.v);
        else
            alive = tighten(tree, node, &tree->trial, &share);
        if (alive) *reduction += share;
    }
    zg_decay_lp_range_end(tree->lp);
    return alive;
}

/* ---- branching ----------------------------------------------------------------------------- */

/* |w|^p above its envelope on [l, u], at w. */
static double envelope_gap(const zg_decay_problem *problem, double l, double u, double w)
{
    double value = zg_decay_penalty_below(problem, w), chord;
    if (l < 0.0 && u > 0.0) {
        double end = w > 0.0 ? u : l;
        chord = zg_decay_penalty_below(problem, end) * (w / end);
    } else {
        double at_l = zg_decay_penalty_below(problem, l);
        double at_u = zg_decay_penalty_below(problem, u);
        chord = at_l + (at_u - at_l) * ((w - l) / (u - l));
    }
    return value - chord;
}

static double gap_of(const zg_decay_tree *tree, const zg_decay_node *node, size_t k)
{
    const zg_decay_pair *pair = tree->pairs + k;
    double gap = envelope_gap(tree->problem, node->lower[k], node->upper[k], tree->w[k]);
    if (pair->role != ZG_DECAY_LEADER) return gap;
    size_t l = pair->partner;
    if (!(node->upper[l] > node->lower[l])) return gap;
    return gap + envelope_gap(tree->problem, node->lower[l], node->upper[l], tree->w[l]);
}

/* The columns that can be split, by falling gap. */
static size_t sort_candidates(zg_decay_tree *tree, const zg_decay_node *node)
{
    size_t count = 0;
    for (size_t k = 0; k < tree->problem->columns; k++) {
        double l = node->lower[k], u = node->upper[k];
        if (!(u - l > WIDTH_FLOOR * (1.0 + fabs(l)))) continue;
        if (tree->pairs[k].role == ZG_DECAY_FOLLOWER) continue;
        tree->gap[k] = gap_of(tree, node, k);
        size_t at = count++;
        while (at > 0 && tree->gap[tree->candidate[at - 1]] < tree->gap[k]) {
            tree->candidate[at] = tree->candidate[at - 1];
            at--;
        }
        tree->candidate[at] = k;
    }
    return count;
}

/* A hole that the multipliers prove, else the middle: halving took a tenth of the nodes that the
 * relaxation's point or the incumbent's value did (docs/weight-decay.md). */
static void set_branching_points(zg_decay_tree *tree, const zg_decay_node *node,
                                 zg_decay_branch *branch)
{
    size_t k = branch->column;
    double l = node->lower[k], u = node->upper[k];
    if (zg_decay_bound_hole(tree->problem, &tree->bound, k, zg_decay_cutoff(tree), l, u,
                            &branch->low, &branch->high))
        return;
    double at = zg_decay_branching_point(tree->problem, l, u);
    if (l < 0.0 && u > 0.0 && fabs(at) < 0.02 * (u - l)) at = 0.0;
    branch->low = branch->high = at;
}

/* Strong branching: bounds both children by their own relaxations; one that can be pruned is cut
 * off. */
static zg_decay_branching strong_branch(zg_decay_tree *tree, zg_decay_node *node,
                                        zg_decay_branch *branch)
{
    size_t k = branch->column;
    double cutoff = zg_decay_cutoff(tree), l = node->lower[k], u = node->upper[k];
    for (int side = 0; side < 2; side++) {
        bool below = side == 0;
        if (below)
            node->upper[k] = branch->low;
        else
            node->lower[k] = branch->high;
        zg_decay_follow(tree, node->lower, node->upper, k);
        relax(tree, node->lower, node->upper, &tree->trial);
        node->lower[k] = l;
        node->upper[k] = u;
        zg_decay_follow(tree, node->lower, node->upper, k);
        branch->bound[side] = zg_lower_better(tree->trial.value, node->bound);
        if (!(tree->trial.value >= cutoff)) continue;
        exclude(tree, node, k, below ? branch->low : branch->high, below, tree->trial.value,
                tree->trial.v);
        if (branch->high > branch->low) /* the hole goes with it */
            exclude(tree, node, k, below ? branch->high : branch->low, below, cutoff,
                    tree->bound.v);
        return ZG_DECAY_REDUCED;
    }
    branch->score =
        fmax(branch->bound[0] - node->bound, 1e-9) * fmax(branch->bound[1] - node->bound, 1e-9);
    return ZG_DECAY_BRANCHED;
}

zg_decay_branching zg_decay_choose_branch(zg_decay_tree *tree, zg_decay_node *node,
                                          zg_decay_branch *best)
{
    size_t count = sort_candidates(tree, node);
    if (count == 0) return ZG_DECAY_STUCK;
    *best = (zg_decay_branch){.score = -1.0};
    for (size_t c = 0; c < count && c < STRONG_CANDIDATES; c++) {
        zg_decay_branch branch = {.column = tree->candidate[c]};
        if (c > 0 && tree->gap[branch.column] <= 1e-3 * tree->gap[tree->candidate[0]]) break;
        set_branching_points(tree, node, &branch);
        if (strong_branch(tree, node, &branch) == ZG_DECAY_REDUCED) return ZG_DECAY_REDUCED;
        if (branch.score > best->score) *best = branch;
        if (zg_decay_ends(tree)) break;
    }
    return ZG_DECAY_BRANCHED;
}

zg_status zg_decay_split_node(zg_decay_tree *tree, zg_decay_node *node,
                              const zg_decay_branch *branch, zg_decay_node **first)
{
    size_t k = branch->column, left, right, size = zg_decay_lp_basis_size(tree->lp);
    zg_decay_record *record = tree->options->record;
    zg_decay_node *child =
        zg_decay_node_create(tree->problem->columns, size, node->lower, node->upper);
    if (!child) return ZG_NO_MEMORY;
    zg_decay_record_split(record, node->record, k, branch->low, &left, &right);
    child->record = left;
    if (branch->high > branch->low) {
        size_t hole, rest;
        zg_decay_record_split(record, right, k, branch->high, &hole, &rest);
        zg_decay_record_leaf(record, hole, tree->bound.v);
        tree->pruned_bound = zg_lower_min(tree->pruned_bound, zg_decay_cutoff(tree));
        right = rest;
    }
    node->record = right;
    child->upper[k] = branch->low;
    node->lower[k] = branch->high;
    zg_decay_follow(tree, child->lower, child->upper, k);
    zg_decay_follow(tree, node->lower, node->upper, k);
    child->depth = ++node->depth;
    child->ranged = node->ranged;
    child->bound = branch->bound[0];
    node->bound = branch->bound[1];
    zg_decay_lp_basis_save(tree->lp, child->basis);
    memcpy(node->basis, child->basis, size);
    *first = child;
    return ZG_OK;
}
