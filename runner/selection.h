/*
 * Choosing a setting: of the variants of a model entry and a method entry, the one with the best
 * score on the rows that validate, whichever method it is.
 */
#ifndef ZG_RUNNER_SELECTION_H
#define ZG_RUNNER_SELECTION_H

#include "log/row.h"
#include "runner/suite.h"

/* A case that is to run, and what came of it; row.name is empty before that. */
typedef struct zg_candidate {
    const zg_case *item;
    const zg_row *row;
} zg_candidate;

typedef struct zg_choice {
    const zg_case *chosen; /* the final case of the best setting; NULL: none has a score */
    double score;          /* mean over its cases: error rate, or root mean squared error */
    double error;          /* standard error of that mean over folds; NAN without folds */
    bool classes;          /* what the score is */
    size_t settings;       /* that there were to choose from */
} zg_choice;

/* Chooses among the cases of one group (all of them: candidates[0..count)).  A setting counts when
 * every one of its cases ran and has a score.  Of equal scores the largest beta wins, then the
 * first; under one-se, the largest beta within one standard error of the best score. */
zg_choice zg_selection_choose(const zg_candidate *candidates, size_t count);

#endif
