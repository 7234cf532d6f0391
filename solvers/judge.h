/*
 * What an answer about a semidefinite program is worth, from the program's and the answer's numbers
 * alone (docs/judge.md).  Nothing that the solver says is believed, and every inequality that a
 * verdict rests on holds with rounding accounted for.
 */
#ifndef ZG_SOLVERS_JUDGE_H
#define ZG_SOLVERS_JUDGE_H

#include "solvers/answer.h"

/* ---- rigorous statements ---------------------------------------------------------------------- */

/* An upper bound on the optimum of (D), and so on (P): the cost of a y that is proven feasible,
 * found between the given one and a strictly feasible one; +infinity where none was found. */
zg_status zg_sdp_bound_above(const zg_sdp *sdp, const double *y, double *bound);

/* Whether y is a ray that proves that no X exists: cost'y < 0 and sum_k y_k A_k in the cone, in
 * exact arithmetic or with a margin. */
zg_status zg_sdp_ray_proves(const zg_sdp *sdp, const double *y, bool *proven);

/* ---- verdicts --------------------------------------------------------------------------------- */

#define ZG_JUDGE_DIMACS_LIMIT 1e-5

/* What is proven about the program, from elsewhere. */
typedef struct zg_known {
    double lower, upper; /* the optimum, which exists, lies between; NAN: not known */
    bool x_infeasible;   /* there is no X */
} zg_known;

typedef enum zg_opinion_kind {
    ZG_OPINION_RIGHT,
    ZG_OPINION_CLAIM_TRUE,
    ZG_OPINION_WRONG,
    ZG_OPINION_CLAIM_FALSE,
    ZG_OPINION_UNDECIDED
} zg_opinion_kind;

typedef struct zg_opinion {
    zg_opinion_kind kind;
    int digits; /* of the answer that are right for certain; -1: no interval or no answer */
    double primal, dual; /* <C, X> and cost'y; NAN without X or y */
    double bound;        /* the optimum is at most this; +infinity: none */
    double dimacs[6];    /* NAN where X or y is missing */
    bool x_infeasible;   /* proven */
    char reason[256];    /* a sentence */
} zg_opinion;

const char *zg_opinion_name(zg_opinion_kind kind);

/* Judges an answer whose claim is `claim`; digits: how many have to be right.  complaint: why there
 * is no answer, or NULL.  ZG_BAD_INPUT when what is known contradicts what the answer proves. */
zg_status zg_answer_judge(const zg_sdp *sdp, const zg_answer *answer, zg_claim_kind claim,
                          const char *complaint, const zg_known *known, int digits, zg_opinion *out,
                          zg_error *error);

#endif
