/* The tests that claims are judged by, one function each.  Internal to reports/. */
#ifndef ZG_REPORTS_CLAIM_PARTS_H
#define ZG_REPORTS_CLAIM_PARTS_H

#include "reports/chart.h"
#include "reports/claims.h"

/* The cases that one selector of methods speaks of, within the claim's suite, data and models. */
typedef struct zg_claim_cases {
    size_t *at; /* those that ran, as indices into the log's cases */
    size_t count;
    size_t *others; /* those that did not */
    size_t other_count;
} zg_claim_cases;

/* What a claim speaks of: its own methods, and those that it compares them with. */
typedef struct zg_claim_sides {
    zg_claim_cases own, against;
} zg_claim_sides;

/* Whether the method said that it cannot treat the problem: the claim does not speak of that. */
bool zg_claim_untreatable(const zg_log_case *row);
/* Whether the case's verdict in the log is that of a proven optimum. */
bool zg_claim_optimal(const zg_log_case *row);
/* Whether it ended without the proof that it should have, or with a wrong one. */
bool zg_claim_unproven(const zg_log_case *row);

/* Why the log does not hold all that the claim speaks of, or nothing: cases that never started, did
 * not run or are wrong, problems that no method can treat, cases of another suite. */
bool zg_claim_missing(const zg_study *study, const zg_claim *claim, const zg_claim_sides *sides,
                      zg_text *reason);
/* Adds how many cases are not counted, since no method can treat what is not asked of it. */
void zg_claim_tell_untreatable(const zg_study *study, const zg_claim_cases *cases,
                               zg_text *evidence);
/* Adds a warning where the machine had more work than its processors could do. */
void zg_claim_tell_load(const zg_study *study, const zg_claim_cases *cases, zg_text *evidence);

double zg_claim_number(const zg_claim *claim, const char *key, double fallback);
const char *zg_claim_text(const zg_claim *claim, const char *key, const char *fallback);

/* The method's name without its options; never NULL. */
const char *zg_claim_method(const zg_log_case *row);

/* Different texts in order of appearance; the texts are borrowed. */
typedef struct zg_claim_names {
    const char **at;
    size_t count, capacity;
} zg_claim_names;
/* The number of a name, added when it is new; SIZE_MAX when memory ran out. */
size_t zg_claim_name(zg_claim_names *names, const char *name);

/* Sets the verdict and its reason. */
void zg_claim_decide(zg_claim *claim, zg_claim_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* n, d, outputs, patches or any other key of the data; NAN when the log does not say. */
double zg_claim_size(const zg_log_case *row, const char *variable);

/* A problem's optimum as cases of the claim's own suite proved it; NAN where none did. */
typedef struct zg_optimum {
    double bound;   /* the best certified lower bound of those cases */
    double neurons; /* the fewest of their networks */
} zg_optimum;
zg_optimum zg_claim_optimum(const zg_study *study, const zg_claim *claim, size_t problem);
/* Below the bound by more than rounding explains. */
bool zg_claim_below(double objective, double bound);
/* Whether more epochs could not have brought the best of some runs, which differ in settings only,
 * down to the level: the last half of its epochs, or four times the epochs, gained less than what
 * it lies above it.  False when memory ran out. */
bool zg_claim_converged(const zg_study *study, const size_t *runs, size_t count, size_t best,
                        double level, bool *converged);

/* Each fills verdict, evidence, reason and figure; the claim's own side holds at least one case
 * that ran.  Whether all cases ran is not the test's business.  False when memory ran out. */
typedef bool (*zg_claim_test)(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_certified(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_above_bound(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_neurons(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_exponent(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_exponential(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_compare(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_faster(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);
bool zg_claim_decomposition(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim);

#endif
