/*
 * The state of one branch and bound, shared by its two files: what is done to one box (work.c) and
 * the loop over boxes with the heuristics (tree.c).
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_WORK_H
#define ZG_BASELINES_WEIGHT_DECAY_WORK_H

#include "baselines/limit.h"
#include "baselines/weight_decay/bound.h"
#include "baselines/weight_decay/node.h"
#include "baselines/weight_decay/point.h"
#include "baselines/weight_decay/tree.h"

typedef struct zg_decay_tree {
    const zg_decay_problem *problem;
    const zg_decay_options *options;
    zg_decay_result *result;
    zg_decay_lp *lp;       /* relaxations of boxes */
    zg_decay_lp *weighted; /* re-weighted l1 over the root box */
    zg_decay_pair *pairs;  /* columns */
    zg_decay_bound bound;  /* of the last relaxation of the node at work */
    zg_decay_bound trial;  /* of anything else */
    zg_decay_search_point *point;
    zg_random random;
    double *w;           /* columns: the relaxation's point at the node at work */
    double *start;       /* columns: scratch of the heuristics */
    double *weight;      /* columns: scratch of the heuristics */
    double *multipliers; /* rows: scratch */
    double *gap;         /* columns: |w|^p above its envelope */
    double *root_lower, *root_upper;
    size_t *candidate;            /* columns */
    zg_heap open;                 /* of zg_decay_node */
    double pruned_bound;          /* least safe bound among the pruned nodes */
    double radius;                /* of the root box */
    bool rooted;                  /* the heap and the node at work hold all that is open */
    const zg_decay_node *current; /* the node at work, or NULL */
    zg_limit limit;
    double started, last_notice, last_checkpoint;
    double checkpoint_cost; /* seconds that the last one took */
} zg_decay_tree;

/* Tells the observer, when it is time to, and says whether the search has to end. */
bool zg_decay_ends(zg_decay_tree *tree);

/* Makes the interval of k's follower fit k's own (nothing for singles). */
void zg_decay_follow(const zg_decay_tree *tree, double *lower, double *upper, size_t k);

/* A node whose safe bound reaches this is pruned: the incumbent less the tolerance, or the target.
 */
double zg_decay_cutoff(const zg_decay_tree *tree);

/* Relaxes and reduces the node.  False when it is pruned; otherwise tree->bound and tree->w
 * belong to it, and node->bound is finite unless every relaxation failed. */
bool zg_decay_bound_node(zg_decay_tree *tree, zg_decay_node *node);

/* Range reduction (optimality-based bound tightening): minimises and maximises every coordinate
 * over the relaxation; *reduction is the sum over columns
 * of the share of the width that went.  False when the node is pruned. */
bool zg_decay_reduce_ranges(zg_decay_tree *tree, zg_decay_node *node, double *reduction);

typedef struct zg_decay_branch {
    size_t column;
    double low, high; /* the children are [lower, low] and [high, upper]; low < high is a hole */
    double bound[2];  /* safe bounds of the children */
    double score;
} zg_decay_branch;

typedef enum zg_decay_branching {
    ZG_DECAY_BRANCHED, /* *best is the branch */
    ZG_DECAY_REDUCED,  /* a child was pruned: the node is now the other one */
    ZG_DECAY_STUCK     /* no interval is wide enough to be split */
} zg_decay_branching;

zg_decay_branching zg_decay_choose_branch(zg_decay_tree *tree, zg_decay_node *node,
                                          zg_decay_branch *best);

/* Splits the node: it becomes the second child, *first gets the first one. */
zg_status zg_decay_split_node(zg_decay_tree *tree, zg_decay_node *node,
                              const zg_decay_branch *branch, zg_decay_node **first);

#endif
