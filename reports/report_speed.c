/*
 * In words, from the rows: where a method that proves optima takes longer than one that proves
 * nothing.  Whoever recommends the former has to say so.
 */
#include "base/gap.h"
#include "reports/claim_parts.h"
#include "reports/formats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PROBLEMS 3 /* named one by one */

/* Times of one method on one problem. */
typedef struct span {
    double least, most, excess; /* seconds; of the fastest run, over the optimum */
    bool any;
} span;

static span span_of(const zg_study *study, size_t problem, const char *method, bool optimal)
{
    span out = {INFINITY, 0, NAN, false};
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (study->problem_of[i] != problem || strcmp(zg_claim_method(row), method) != 0) continue;
        bool counts = optimal ? zg_claim_optimal(row) : row->result.verdict == ZG_UNCERTIFIED;
        if (!counts || row->shared || study->elsewhere[i] || !(row->result.seconds > 0)) continue;
        out.any = true;
        out.most = fmax(out.most, row->result.seconds);
        if (!(row->result.seconds < out.least)) continue;
        out.least = row->result.seconds;
        double bound = study->best_bound[problem];
        out.excess = zg_gap(row->result.objective, bound);
    }
    return out;
}

static void name_problem(const zg_study *study, size_t problem, const span *slow, const span *fast,
                         zg_text *out)
{
    zg_text_format(out, "%s: ", study->problems[problem].label);
    zg_text_seconds(out, slow->least);
    zg_text_add(out, " beside ");
    zg_text_seconds(out, fast->least);
    if (fast->most > fast->least) {
        zg_text_add(out, " to ");
        zg_text_seconds(out, fast->most);
    }
    if (fast->excess >= 0)
        zg_text_format(out, " (the fastest ended %.2g above the optimum)", fast->excess);
}

/* One sentence for a method with proofs beside one without; nothing when they share no problem. */
static void pair(const zg_study *study, const char *proving, const char *other, zg_text *out)
{
    size_t both = 0, slower = 0;
    zg_text named = {0};
    for (size_t p = 0; p < study->problem_count; p++) {
        span slow = span_of(study, p, proving, true), fast = span_of(study, p, other, false);
        if (!slow.any || !fast.any) continue;
        both++;
        if (!(slow.least > fast.least) || slower++ >= MOST_PROBLEMS) continue;
        if (named.length) zg_text_add(&named, "; ");
        name_problem(study, p, &slow, &fast, &named);
    }
    if (slower == 0 && both)
        zg_text_format(out,
                       "%s took no more time to the proof than any run of %s took, on all %zu "
                       "problem%s of both.\n",
                       proving, other, both, both == 1 ? "" : "s");
    else if (slower)
        zg_text_format(out,
                       "%s was slower than the fastest run of %s on %zu of %zu problem%s: %s%s.\n",
                       proving, other, slower, both, both == 1 ? "" : "s", zg_text_bytes(&named),
                       slower > MOST_PROBLEMS ? "; and others" : "");
    if (named.failed) out->failed = true;
    zg_text_clear(&named);
}

/* Names of methods, by whether any of their rows is certified. */
static bool split_methods(const zg_study *study, zg_claim_names *proving, zg_claim_names *others)
{
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        zg_claim_names *names = zg_claim_optimal(row)                   ? proving
                                : row->result.verdict == ZG_UNCERTIFIED ? others
                                                                        : NULL;
        if (names && zg_claim_name(names, zg_claim_method(row)) == SIZE_MAX) return false;
    }
    return true;
}

void zg_report_speed(const zg_study *study, zg_text *out)
{
    zg_claim_names proving = {0}, others = {0};
    if (!split_methods(study, &proving, &others)) out->failed = true;
    for (size_t a = 0; a < proving.count; a++)
        for (size_t b = 0; b < others.count; b++)
            if (strcmp(proving.at[a], others.at[b]) != 0)
                pair(study, proving.at[a], others.at[b], out);
    free(proving.at);
    free(others.at);
}
