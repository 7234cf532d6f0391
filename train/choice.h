/* The method "auto": the cheaper one of those that reach the global optimum. */
#ifndef ZG_TRAIN_CHOICE_H
#define ZG_TRAIN_CHOICE_H

#include "core/method.h"

extern const zg_method zg_method_auto;

typedef struct zg_choice {
    const zg_method *method; /* NULL: no method of this build treats the problem */
    /* Multiply-adds that the cost model expects (solvers/work.h); NAN where the method cannot treat
     * the problem, or no choice was needed. */
    double ipm, low_rank;
} zg_choice;

/* Among the methods (NULL-terminated, in order of preference) that treat the problem with their
 * default options: of ipm and low-rank the one that costs less, else the first. */
zg_choice zg_choose_method(const zg_problem *problem);

#endif
