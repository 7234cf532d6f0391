/* The tests that claims are judged by, one function each.  Internal to reports/. */
#ifndef ZG_REPORTS_CLAIM_PARTS_H
#define ZG_REPORTS_CLAIM_PARTS_H

#include "reports/chart.h"
#include "reports/claims.h"

/* The cases that one selector of methods speaks of, within the claim's suite, data and models. */
typedef struct zg_claim_cases {
    size_t *at; /* those that ran, as indices into the log's cases */
    size_t count;
    size_t skipped, failed;                /* those that did not */
    const char *skip_reason, *fail_reason; /* of the first of each; may be NULL */
} zg_claim_cases;

/* methods: the key that names them, "method" or "against".  False when memory ran out; clear it in
 * any case. */
bool zg_claim_select(const zg_study *study, const zg_claim *claim, const char *methods,
                     zg_claim_cases *out);
void zg_claim_cases_clear(zg_claim_cases *cases);

double zg_claim_number(const zg_claim *claim, const char *key, double fallback);
const char *zg_claim_text(const zg_claim *claim, const char *key, const char *fallback);

/* The method's name without its options; never NULL. */
const char *zg_claim_method(const zg_log_case *row);

/* Different texts in order of appearance; the texts are borrowed. */
typedef struct zg_claim_names {
    const char **at;
    size_t count;
} zg_claim_names;
/* The number of a name, added when it is new; SIZE_MAX when memory ran out. */
size_t zg_claim_name(zg_claim_names *names, const char *name);

/* Sets the verdict and its reason. */
void zg_claim_decide(zg_claim *claim, zg_claim_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Each fills verdict, evidence, reason and figure; cases holds at least one that ran.  False when
 * memory ran out. */
typedef bool (*zg_claim_test)(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_certified(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_above_bound(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_neurons(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_exponent(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_exponential(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_compare(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);
bool zg_claim_decomposition(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim);

#endif
