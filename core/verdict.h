/*
 * The verdict of a result: the one place that decides from numbers whether a network is certified.
 *
 * `train`, `certify`, the runner, the public library and through the log the reports all ask here.
 * Whatever is not a number, not finite or not there proves nothing: every comparison is written so
 * that it cannot end as a success.
 */
#ifndef ZG_CORE_VERDICT_H
#define ZG_CORE_VERDICT_H

#include "zerogap.h"

/* How the method ended. */
typedef enum zg_method_end {
    ZG_METHOD_NOTHING,  /* it measured nothing: out of memory, a crash, no iterate; place-holders */
    ZG_METHOD_FINISHED, /* as it wanted to */
    ZG_METHOD_STOPPED,  /* by a limit or on request, with what it had */
    ZG_METHOD_FAILED    /* it gave up and says so; what it had is real */
} zg_method_end;

/* What a solver says it has found.  The worse of two is the larger. */
typedef enum zg_says {
    ZG_SAYS_OPTIMAL,
    ZG_SAYS_UNSURE,     /* an answer, of which it does not claim that it is optimal */
    ZG_SAYS_UNBOUNDED,  /* no optimum, as objectives have no limit: never true of training */
    ZG_SAYS_INFEASIBLE, /* no network meets the constraints */
} zg_says;

/* "optimal", "unsure", "unbounded", "infeasible". */
const char *zg_says_name(zg_says says);

/* What a solver says of its own answer, before anything was made of it.  All values are in the
 * scale of the training problem, where an optimal answer has primal = dual = p*. */
typedef struct zg_claim {
    zg_says says;                      /* all that follows is an answer's, where there is one */
    double primal, dual;               /* objectives of its own primal and dual point */
    double stated_primal, stated_dual; /* as it printed them; NAN where it did not */
    double rounding;                   /* of all these, by the digits that were written */
    double unit;                       /* what 1 of the solver's scaled program is worth */
    double dimacs[6];                  /* error measures of the point, recomputed */
    double limit;                      /* on every one of them, and relative on the objectives */
} zg_claim;

typedef struct zg_evidence {
    zg_method_end end;
    bool claims_optimum;   /* a global method: to end with a gap is to fail */
    bool feasible;         /* the network meets the constraints, where the problem has any */
    double objective;      /* of the network, evaluated again from the raw rows */
    double rounding;       /* that evaluation is off by at most this */
    double bound;          /* safe lower bound on p*, its own rounding subtracted */
    double own_bound;      /* that the method claims for itself; -INFINITY: none */
    double tolerance;      /* largest gap of a certified result */
    const zg_claim *claim; /* or NULL */
    bool impossible;       /* it is proven that no network meets the constraints */
} zg_evidence;

typedef struct zg_assessment {
    zg_decision decision;
    double gap;        /* zg_gap, not below zero; NAN where there is none */
    const char *cause; /* a fixed word for programs, "" where all is well; never freed */
    char message[320]; /* a sentence with the numbers, or empty */
} zg_assessment;

/* Certified needs all of: a method that measured something; a feasible network of finite objective
 * and finite rounding; a bound (finite: NAN and -INFINITY are none) that contradicts neither the
 * objective nor what the solver claims; a claim as accurate as its limit asks; and
 * |objective - bound| + rounding <= tolerance max(1, |objective|).
 * Wrong is what contradicts a certificate: bound > objective + rounding, or a claim outside
 * [bound, objective] by more than its rounding and limit (unit + |primal| + |dual|).
 * A claim that there is no solution is certified where that is proven (there is no gap then, and
 * the cause is "infeasible"), wrong where a network meets the constraints, and else failed. */
zg_decision zg_judge(const zg_evidence *evidence, zg_assessment *out);

/* Judges what a solver claims of each output by itself, since in a sum one lie can hide another:
 * outputs has count pieces of evidence, each of one output alone, without a claim where the solver
 * makes none.  whole comes as zg_judge's assessment of all outputs together, without claims, and
 * gives way to a claim that is wrong, else to the first that failed, else to a denial that is
 * proven. */
zg_decision zg_judge_claims(const zg_evidence *outputs, size_t count, zg_assessment *whole);

/* What a certificate alone says (tolerance 0 asks for its gap only). */
zg_decision zg_certificate_judge(const zg_certificate *certificate, double tolerance,
                                 zg_assessment *out);

/* Holds what a written certificate claims (upper NAN: no upper end) against the certificate that
 * was printed and the assessment of that, found, which gives way: WRONG where one of two safe
 * bounds must be false, the file's lower end above the objective or its upper end below it; else,
 * where the file claims something else (lower further from the bound than `lost`, or upper above
 * the objective) and that is wider than the tolerance, what was certified is UNCERTIFIED. */
zg_decision zg_judge_written(const zg_certificate *printed, double lower, double upper, double lost,
                             double tolerance, zg_assessment *found);

/* Whether an objective that was only claimed, on the way, lies below a certified lower bound by
 * more than its summation in floating point can explain. */
bool zg_claim_refuted(double objective, double bound);

#endif
