/* Whether a log holds all that a claim speaks of, and how busy the machine was meanwhile. */
#include "reports/claim_parts.h"

#include <math.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

static bool has_cause(const zg_log_case *row, const char *cause)
{
    const char *found = zg_log_text(row->finished, "cause");
    return found && strcmp(found, cause) == 0;
}

bool zg_claim_untreatable(const zg_log_case *row)
{
    return row->result.verdict == ZG_SKIPPED && has_cause(row, "unsupported");
}

bool zg_claim_optimal(const zg_log_case *row)
{
    return zg_verdict_certified(row->result.verdict) && isfinite(row->result.objective) &&
           isfinite(row->result.bound);
}

bool zg_claim_unproven(const zg_log_case *row)
{
    return row->result.verdict == ZG_WRONG ||
           (row->result.verdict == ZG_CASE_FAILED &&
            (has_cause(row, "not_certified") || has_cause(row, "inaccurate")));
}

/* ---- which cases there should be ------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keys in ascending order, one a line: what the run's announcement has the digest of. */
static void digest_keys(const char **keys, size_t count, size_t *different, char *digest)
{
    SHA2_CTX context;
    *different = 0;
    SHA256Init(&context);
    qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(keys[i], keys[i - 1]) == 0) continue;
        SHA256Update(&context, (const unsigned char *)keys[i], strlen(keys[i]));
        SHA256Update(&context, (const unsigned char *)"\n", 1);
        (*different)++;
    }
    SHA256End(&context, digest);
}

static void add_keys(const zg_log *log, const size_t *at, size_t count, const char **keys,
                     size_t *used)
{
    for (size_t i = 0; i < count; i++)
        if (log->cases[at[i]].key) keys[(*used)++] = log->cases[at[i]].key;
}

/* Whether the log has every case that was announced, and no other, by their keys. */
static bool check_keys(const zg_log *log, const zg_claim *claim, const zg_claim_sides *sides,
                       zg_text *reason)
{
    const zg_claim_cases *own = &sides->own, *against = &sides->against;
    double announced = zg_log_number(claim->settings, "cases");
    const char *expected = zg_log_text(claim->settings, "keys");
    size_t used = 0, seen, room = own->count + own->other_count + against->count + 1;
    char digest[SHA256_DIGEST_STRING_LENGTH];
    const char **keys = calloc(room + against->other_count, sizeof *keys);
    if (!keys) return false;
    add_keys(log, own->at, own->count, keys, &used);
    add_keys(log, own->others, own->other_count, keys, &used);
    add_keys(log, against->at, against->count, keys, &used);
    add_keys(log, against->others, against->other_count, keys, &used);
    digest_keys(keys, used, &seen, digest);
    free(keys);
    if (!(announced > 0) || !expected)
        zg_text_add(reason, "the log does not say how many cases it speaks of");
    else if ((double)seen < announced)
        zg_text_format(reason, "%g of its %g cases never started", announced - (double)seen,
                       announced);
    else if (strcmp(digest, expected) != 0)
        zg_text_add(reason, "the log holds cases of another version of its suite");
    return true;
}

/* ---- what became of them -------------------------------------------------------------------- */

/* Whether some case of the problem, on this side, was not refused by its method. */
static bool has_treated(const zg_study *study, const zg_claim_cases *cases, size_t problem)
{
    for (size_t i = 0; i < cases->count; i++)
        if (study->problem_of[cases->at[i]] == problem) return true;
    for (size_t i = 0; i < cases->other_count; i++)
        if (study->problem_of[cases->others[i]] == problem &&
            !zg_claim_untreatable(&study->log->cases[cases->others[i]]))
            return true;
    return false;
}

/* The beginning of a reason; all of it stands with the case. */
static void add_reason(const zg_log_case *row, zg_text *out)
{
    const int most = 90;
    const char *reason = row->message ? row->message : zg_verdict_words(row->result.verdict);
    zg_text_format(out, "%.*s%s", most, reason,
                   strlen(reason) > (size_t)most ? " \xe2\x80\xa6" : "");
}

/* Cases without a result that stands.  Those that lack a proof alone are evidence against a claim
 * of certificates, and for nothing else. */
static void check_results(const zg_study *study, const zg_claim *claim, const zg_claim_cases *cases,
                          zg_text *reason)
{
    bool proofs = strcmp(claim->test, "certified") == 0;
    const zg_log_case *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < cases->other_count; i++) {
        const zg_log_case *row = &study->log->cases[cases->others[i]];
        if (zg_claim_untreatable(row) || (proofs && zg_claim_unproven(row))) continue;
        if (count++ == 0) first = row;
    }
    if (count == 0) return;
    zg_text_format(reason, "%zu case%s not run to a result that stands (", count,
                   count == 1 ? " did" : "s did");
    add_reason(first, reason);
    zg_text_add(reason, ")");
}

static void check_problems(const zg_study *study, const zg_claim_cases *cases, zg_text *reason)
{
    for (size_t i = 0; i < cases->other_count; i++) {
        size_t problem = study->problem_of[cases->others[i]];
        if (has_treated(study, cases, problem)) continue;
        zg_text_format(reason, "no method of it can treat %.100s", study->problems[problem].label);
        return;
    }
}

bool zg_claim_missing(const zg_study *study, const zg_claim *claim, const zg_claim_sides *sides,
                      zg_text *reason)
{
    bool done = check_keys(study->log, claim, sides, reason);
    if (!reason->length) check_results(study, claim, &sides->own, reason);
    if (!reason->length) check_results(study, claim, &sides->against, reason);
    if (!reason->length) check_problems(study, &sides->own, reason);
    if (!reason->length) check_problems(study, &sides->against, reason);
    return done;
}

void zg_claim_tell_untreatable(const zg_study *study, const zg_claim_cases *cases,
                               zg_text *evidence)
{
    size_t count = 0;
    for (size_t i = 0; i < cases->other_count; i++)
        count += zg_claim_untreatable(&study->log->cases[cases->others[i]]);
    if (count)
        zg_text_format(evidence, " %zu case%s not counted: the method cannot treat the problem.",
                       count, count == 1 ? " is" : "s are");
}

/* ---- load ----------------------------------------------------------------------------------- */

void zg_claim_tell_load(const zg_study *study, const zg_claim_cases *cases, zg_text *evidence)
{
    size_t busy = 0;
    double most = 0;
    for (size_t i = 0; i < cases->count; i++) {
        double load = zg_study_overload(study, &study->log->cases[cases->at[i]]);
        busy += load > 0;
        if (load > most) most = load;
    }
    if (busy)
        zg_text_format(evidence,
                       " Warning: the machine was busy with more than this: during %zu of %zu "
                       "cases its load was above %g times its processors, up to %.2g times.",
                       busy, cases->count, ZG_STUDY_BUSY, most);
}
