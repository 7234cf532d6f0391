/* Claims: read from the log, their cases selected, each judged by its test. */
#include "reports/claims.h"

#include "base/memory.h"
#include "reports/claim_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *zg_claim_words(zg_claim_verdict verdict)
{
    static const char *const words[] = {"reproduced", "not reproduced", "not decidable here"};
    return words[verdict];
}

void zg_claims_count(const zg_claims *claims, size_t *counts)
{
    memset(counts, 0, ZG_CLAIM_VERDICTS * sizeof *counts);
    for (size_t i = 0; i < claims->count; i++)
        counts[claims->items[i].verdict]++;
}

/* ---- what the tests share ------------------------------------------------------------------- */

double zg_claim_number(const zg_claim *claim, const char *key, double fallback)
{
    double value = zg_log_number(claim->settings, key);
    return isnan(value) ? fallback : value;
}

const char *zg_claim_text(const zg_claim *claim, const char *key, const char *fallback)
{
    const char *text = zg_log_text(claim->settings, key);
    return text ? text : fallback;
}

const char *zg_claim_method(const zg_log_case *row)
{
    const char *name = zg_log_text(row->started, "method.method");
    if (!name) name = zg_log_text(row->started, "method");
    return name ? name : "?";
}

size_t zg_claim_name(zg_claim_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i], name) == 0) return i;
    const char **longer = zg_grow(names->at, &names->capacity, names->count + 1, sizeof(char *));
    if (!longer) return SIZE_MAX;
    names->at = longer;
    names->at[names->count] = name;
    return names->count++;
}

void zg_claim_decide(zg_claim *claim, zg_claim_verdict verdict, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    claim->verdict = verdict;
    zg_text_add(&claim->reason, text);
}

/* ---- selection ------------------------------------------------------------------------------ */

/* Whether one of the comma-separated names is the label, the part of it in front of what varies, or
 * the method; no list selects everything. */
static bool in_list(const char *list, const char *label, const char *method)
{
    if (!list) return true;
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        bool front = label && strncmp(at, label, length) == 0 &&
                     (label[length] == '\0' || label[length] == ',');
        if (front || (method && strlen(method) == length && strncmp(at, method, length) == 0))
            return true;
        at += length;
        at += *at == ',';
    }
    return false;
}

static bool speaks_of(const zg_claim *claim, const char *methods, const zg_log_case *row)
{
    if (!row->started || !row->suite || strcmp(row->suite, claim->suite) != 0) return false;
    if (json_is_true(zg_log_member(row->started, "data.retrained"))) return false;
    return in_list(zg_claim_text(claim, "data", NULL), zg_log_text(row->started, "data.name"),
                   NULL) &&
           in_list(zg_claim_text(claim, "model", NULL), zg_log_text(row->started, "model.name"),
                   NULL) &&
           in_list(zg_claim_text(claim, methods, NULL), zg_log_text(row->started, "method.name"),
                   zg_claim_method(row));
}

static bool select_cases(const zg_study *study, const zg_claim *claim, const char *methods,
                         zg_claim_cases *out)
{
    const zg_log *log = study->log;
    *out = (zg_claim_cases){.at = calloc(log->case_count + 1, sizeof *out->at),
                            .others = calloc(log->case_count + 1, sizeof *out->others)};
    if (!out->at || !out->others) return false;
    for (size_t i = 0; i < log->case_count; i++) {
        if (!speaks_of(claim, methods, &log->cases[i])) continue;
        if (zg_verdict_ran(log->cases[i].result.verdict))
            out->at[out->count++] = i;
        else
            out->others[out->other_count++] = i;
    }
    return true;
}

static void cases_clear(zg_claim_cases *cases)
{
    free(cases->at);
    free(cases->others);
    *cases = (zg_claim_cases){0};
}

static bool select_sides(const zg_study *study, const zg_claim *claim, zg_claim_sides *out)
{
    *out = (zg_claim_sides){0};
    return select_cases(study, claim, "method", &out->own) &&
           (!zg_log_text(claim->settings, "against") ||
            select_cases(study, claim, "against", &out->against));
}

/* ---- judging -------------------------------------------------------------------------------- */

static zg_claim_test find_test(const char *name)
{
    static const struct {
        const char *name;
        zg_claim_test test;
    } tests[] = {{"certified", zg_claim_certified},     {"above-bound", zg_claim_above_bound},
                 {"neurons", zg_claim_neurons},         {"exponent", zg_claim_exponent},
                 {"exponential", zg_claim_exponential}, {"compare", zg_claim_compare},
                 {"faster-to-better", zg_claim_faster}, {"decomposition", zg_claim_decomposition}};
    for (size_t i = 0; name && i < sizeof tests / sizeof *tests; i++)
        if (strcmp(tests[i].name, name) == 0) return tests[i].test;
    return NULL;
}

static bool judge(const zg_study *study, zg_claim *claim)
{
    zg_claim_sides sides;
    zg_text missing = {0};
    zg_claim_test test = find_test(claim->test);
    bool done =
        select_sides(study, claim, &sides) && zg_claim_missing(study, claim, &sides, &missing);
    /* What did not run can be evidence only where it is certificates that were promised. */
    bool any = sides.own.count > 0 || (test == zg_claim_certified && sides.own.other_count > 0);
    if (!test)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "this program does not know the test %s",
                        claim->test);
    else if (!any)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no case of it ran");
    else
        done = done && test(study, &sides, claim);
    if (test && missing.length) { /* whatever the rest says */
        zg_text_clear(&claim->reason);
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%s", missing.bytes);
    }
    zg_claim_tell_untreatable(study, &sides.own, &claim->evidence);
    zg_claim_tell_untreatable(study, &sides.against, &claim->evidence);
    done = done && !missing.failed;
    zg_text_clear(&missing);
    cases_clear(&sides.own);
    cases_clear(&sides.against);
    return done && !claim->evidence.failed && !claim->reason.failed && !claim->figure.failed;
}

/* The place of a claim of that suite and id, a new one at the end when there is none. */
static zg_claim *place(zg_claims *claims, const char *suite, const char *id)
{
    for (size_t i = 0; i < claims->count; i++)
        if (strcmp(claims->items[i].suite, suite) == 0 && strcmp(claims->items[i].id, id) == 0)
            return &claims->items[i];
    zg_claim *longer = zg_grow(claims->items, &claims->capacity, claims->count + 1, sizeof *longer);
    if (!longer) return NULL;
    claims->items = longer;
    claims->items[claims->count] = (zg_claim){0};
    return &claims->items[claims->count++];
}

static bool read_run(const json_t *started, zg_claims *out)
{
    const char *suite, *id;
    json_t *group, *row;
    json_object_foreach(json_object_get(started, "claims"), suite, group)
    {
        json_object_foreach(group, id, row)
        {
            zg_claim *claim = place(out, suite, id);
            if (!claim) return false;
            const char *statement = zg_log_text(row, "claim"), *test = zg_log_text(row, "test");
            *claim = (zg_claim){.suite = suite,
                                .id = id,
                                .statement = statement ? statement : id,
                                .test = test ? test : "",
                                .settings = row};
        }
    }
    return true;
}

zg_status zg_claims_judge(const zg_study *study, zg_claims *out, zg_error *error)
{
    bool done = true;
    *out = (zg_claims){0};
    for (size_t i = 0; done && i < study->log->run_count; i++)
        done = read_run(study->log->runs[i].started, out);
    for (size_t i = 0; done && i < out->count; i++)
        done = judge(study, &out->items[i]);
    if (done) return ZG_OK;
    zg_claims_clear(out);
    return zg_no_memory(error);
}

void zg_claims_clear(zg_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        zg_text_clear(&claims->items[i].evidence);
        zg_text_clear(&claims->items[i].reason);
        zg_text_clear(&claims->items[i].figure);
    }
    free(claims->items);
    *claims = (zg_claims){0};
}
