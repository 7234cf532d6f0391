/*
 * The answer in words, from the rows: per suite what was certified and how fast, how far above the
 * certified bounds the methods without a proof end, and whether anything failed.
 */
#include "base/gap.h"
#include "reports/claim_parts.h"
#include "reports/formats.h"
#include "reports/parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PARTS 12 /* told one by one */

/* Figures of one method, in room that the next one uses again. */
typedef struct figures {
    double *values;  /* per case or problem: what a median is taken of */
    double *nearest; /* per problem: how far the method's best run without a proof ended above the
                      * bound; INFINITY where there is none */
    double *seconds; /* per problem: that run's time; NAN where it is not to be compared */
    double *fastest; /* per problem: the shortest time to a certificate by any method; INFINITY */
    size_t *runs;    /* per problem: runs of the method without a proof */
    char *state;     /* per problem: what the sentence before told of it (find_reach) */
    bool failed;     /* memory ran out */
} figures;

/* What a sentence is about: a suite, or all suites of a folder. */
typedef struct part {
    const zg_study *study;
    const char *suite; /* NULL: the whole log */
    size_t length;     /* of its name or folder */
} part;

static bool holds(const part *in, const zg_log_case *row)
{
    if (!in->suite) return true;
    const char *suite = row->suite ? row->suite : "";
    return strncmp(suite, in->suite, in->length) == 0 && strchr("/", suite[in->length]);
}

/* The method; of solvers that one adapter each stands for, the case's own name for it. */
static const char *method_of(const zg_log_case *row)
{
    const char *method = zg_claim_method(row), *name = zg_log_text(row->started, "method.name");
    return name && strcmp(method, "external") == 0 ? name : method;
}

static bool is_of(const part *in, const zg_log_case *row, const char *method)
{
    return holds(in, row) && strcmp(method_of(row), method) == 0;
}

/* The method's time, the median of repetitions; NAN where other cases ran beside it, or on another
 * machine than most. */
static double time_of(const zg_study *study, size_t i, figures *room)
{
    const zg_log_case *row = &study->log->cases[i];
    double median = row->result.seconds;
    if (row->shared || study->elsewhere[i]) return NAN;
    if (row->result.sample_count &&
        !zg_median(row->result.sample_count, row->result.samples, &median))
        room->failed = true;
    return median;
}

/* ---- proofs --------------------------------------------------------------------------------- */

/* "ipm certified 6 of 6 cases, 3 of them proven exactly, median 9.1 ms"; false where the method
 * certified none. */
static bool tell_proofs(const part *in, const char *method, figures *room, zg_text *out)
{
    size_t cases = 0, certified = 0, proven = 0, timed = 0;
    double median = NAN;
    for (size_t i = 0; i < in->study->log->case_count; i++) {
        const zg_log_case *row = &in->study->log->cases[i];
        if (!is_of(in, row, method) || row->result.verdict == ZG_SKIPPED) continue;
        cases++;
        if (!zg_verdict_certified(row->result.verdict)) continue;
        certified++;
        proven += row->result.verdict == ZG_PROVEN;
        double seconds = time_of(in->study, i, room);
        if (seconds >= 0) room->values[timed++] = seconds;
    }
    if (certified == 0) return false;
    zg_text_format(out, "%s certified %zu of %zu case%s", method, certified, cases,
                   cases == 1 ? "" : "s");
    if (proven) zg_text_format(out, ", %zu of them proven exactly", proven);
    if (!zg_median(timed, room->values, &median)) out->failed = true;
    if (timed) zg_text_add(out, timed == certified ? ", median " : ", median where timed alone ");
    if (timed) zg_text_seconds(out, median);
    return true;
}

/* ---- distances ------------------------------------------------------------------------------ */

/* Fills nearest, seconds and runs per problem; returns the most runs on a problem. */
static size_t find_nearest(const part *in, const char *method, figures *room)
{
    const zg_study *study = in->study;
    size_t most = 0;
    for (size_t p = 0; p < study->problem_count; p++) {
        room->nearest[p] = INFINITY;
        room->seconds[p] = NAN;
        room->runs[p] = 0;
    }
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        size_t p = study->problem_of[i];
        if (!is_of(in, row, method) || row->result.verdict != ZG_UNCERTIFIED) continue;
        if (++room->runs[p] > most) most = room->runs[p];
        double distance = zg_study_known(study, p) ? zg_study_distance(study, i) : NAN;
        if (!(distance < room->nearest[p])) continue;
        room->nearest[p] = distance;
        room->seconds[p] = time_of(study, i, room);
    }
    return most;
}

/* Two digits, and never a power of ten: "0.034", "8.5", "120". */
static void add_figure(double value, zg_text *out)
{
    zg_text_format(out, value < 99.5 ? "%.2g" : "%.0f", value);
}

static void add_percent(double share, zg_text *out)
{
    if (share < 1e-5) {
        zg_text_add(out, "less than 0.001 %");
        return;
    }
    add_figure(100 * share, out);
    zg_text_add(out, " %");
}

/* "0.5 % to 8 %", or one figure where both are the same to the digits shown. */
static void add_range(double least, double most, zg_text *out)
{
    zg_text low = {0}, high = {0};
    add_percent(least, &low);
    add_percent(most, &high);
    zg_text_add(out, zg_text_bytes(&low));
    if (strcmp(zg_text_bytes(&low), zg_text_bytes(&high)) != 0)
        zg_text_format(out, " to %s", zg_text_bytes(&high));
    if (low.failed || high.failed) out->failed = true;
    zg_text_clear(&low);
    zg_text_clear(&high);
}

/* On how many problems a method ended without a proof: of which the optimum is known, and not. */
typedef struct reach {
    size_t known, unknown;
} reach;

/* How much longer the nearest runs took than the fastest certificate of their problem; briefly
 * where the words before say what is meant. */
static bool tell_ratio(const zg_study *study, bool briefly, figures *room, zg_text *out)
{
    size_t count = 0;
    double median;
    for (size_t p = 0; p < study->problem_count; p++) {
        double ratio = room->seconds[p] / room->fastest[p];
        if (isfinite(room->nearest[p]) && ratio > 0 && isfinite(ratio))
            room->values[count++] = ratio;
    }
    if (!zg_median(count, room->values, &median)) out->failed = true;
    if (count == 0) return false;
    zg_text_add(out, ", in ");
    add_figure(median, out);
    zg_text_add(out, briefly ? " times it" : " times the time of the fastest certificate");
    if (!briefly && count > 1) zg_text_add(out, " (median)");
    return true;
}

/* *same: the problems are those of the method before. */
static reach find_reach(const zg_study *study, figures *room, bool *same)
{
    reach out = {0, 0};
    *same = true;
    for (size_t p = 0; p < study->problem_count; p++) {
        bool known = isfinite(room->nearest[p]), unknown = room->runs[p] && !known;
        char state = known ? 'k' : unknown ? 'u' : ' ';
        if (state != room->state[p]) *same = false;
        room->state[p] = state;
        out.known += known;
        out.unknown += unknown;
    }
    return out;
}

/* "adam's best of 3 runs ended 0.5 % to 8 % above the certified optimum of 6 problems, in 30 times
 * the time of the fastest certificate (median)", or, where the method before ended on the
 * same problems, "adam's best of 3 runs 0.5 % to 8 %, in 30 times it". */
static bool tell_nearest(const part *in, const char *method, size_t most, size_t known,
                         bool briefly, bool timed, figures *room, zg_text *out)
{
    double least = INFINITY, farthest = 0;
    for (size_t p = 0; p < in->study->problem_count; p++) {
        if (!isfinite(room->nearest[p])) continue;
        least = fmin(least, room->nearest[p]);
        farthest = fmax(farthest, room->nearest[p]);
    }
    zg_text_add(out, method);
    if (most > 1) zg_text_format(out, "\xe2\x80\x99s best of up to %zu runs", most);
    zg_text_add(out, briefly ? " " : " ended ");
    add_range(least, farthest, out);
    if (!briefly)
        zg_text_format(out, " above the certified optimum of %zu problem%s", known,
                       known == 1 ? "" : "s");
    return tell_ratio(in->study, briefly && timed, room, out);
}

static void tell_unknown(const reach *at, zg_text *out)
{
    if (at->unknown)
        zg_text_format(out, "%s no method certified the optimum of %zu %sproblem%s",
                       at->known ? ";" : ", and", at->unknown, at->known ? "other " : "",
                       at->unknown == 1 ? "" : "s");
    if (at->known || at->unknown) zg_text_add(out, ".");
}

/* How far methods ended from the optimum that prove nothing themselves: those on the same problems
 * share a sentence. */
static size_t tell_distances(const part *in, const zg_claim_names *methods, figures *room,
                             size_t told, zg_text *out)
{
    reach before = {0, 0};
    bool timed = false;
    memset(room->state, 0, in->study->problem_count);
    for (size_t m = 0; m < methods->count; m++) {
        size_t most = find_nearest(in, methods->at[m], room);
        if (most == 0) continue;
        bool same;
        reach at = find_reach(in->study, room, &same);
        same = same && at.known;
        if (!same) tell_unknown(&before, out);
        if (same)
            zg_text_add(out, "; ");
        else if (told)
            zg_text_add(out, " ");
        told++;
        if (at.known)
            timed = tell_nearest(in, methods->at[m], most, at.known, same, timed, room, out);
        else
            zg_text_format(out, "%s ended without a proof", methods->at[m]);
        before = at;
    }
    tell_unknown(&before, out);
    return told;
}

/* ---- a part --------------------------------------------------------------------------------- */

static bool is_failure(zg_verdict verdict)
{
    return !zg_verdict_ran(verdict) && verdict != ZG_SKIPPED;
}

/* What went wrong, which comes first; how many cases were skipped. */
static size_t tell_failures(const part *in, size_t *skipped, zg_text *out)
{
    const zg_log *log = in->study->log;
    size_t counts[ZG_VERDICT_COUNT] = {0}, told = 0;
    for (size_t i = 0; i < log->case_count; i++)
        if (holds(in, &log->cases[i])) counts[log->cases[i].result.verdict]++;
    for (size_t v = 0; v < ZG_VERDICT_COUNT; v++) {
        if (!counts[v] || !is_failure((zg_verdict)v)) continue;
        zg_text_format(out, "%s%zu %s", told++ ? ", " : "", counts[v],
                       zg_verdict_words((zg_verdict)v));
    }
    if (told) zg_text_add(out, ". ");
    *skipped = counts[ZG_SKIPPED];
    return told;
}

/* "Nothing failed" only where the log holds all that it announced. */
static void tell_end(const part *in, bool failures, size_t skipped, zg_text *out)
{
    const zg_study *study = in->study;
    if (!failures && !study->not_started && !study->log->damage_count && !study->log->torn)
        zg_text_add(out, skipped ? " Nothing failed," : " Nothing failed.");
    if (skipped) zg_text_format(out, " %zu skipped.", skipped);
}

/* One line about a part; the methods in the order of their first appearance. */
static void tell_part(const part *in, const zg_claim_names *methods, figures *room, zg_text *out)
{
    if (in->suite && in->length)
        zg_text_format(out, "%.*s: ", (int)in->length, in->suite);
    else if (in->suite)
        zg_text_add(out, "Cases of no suite: ");
    size_t told = 0, skipped, failures = tell_failures(in, &skipped, out);
    for (size_t m = 0; m < methods->count; m++) {
        zg_text sentence = {0};
        bool any = tell_proofs(in, methods->at[m], room, &sentence);
        if (any) zg_text_format(out, "%s%s.", told++ ? " " : "", zg_text_bytes(&sentence));
        if (sentence.failed) out->failed = true;
        zg_text_clear(&sentence);
    }
    told = tell_distances(in, methods, room, told, out);
    if (told == 0) zg_text_add(out, "No method ended with a result.");
    tell_end(in, failures || told == 0, skipped, out);
    zg_text_add(out, "\n");
}

/* ---- the log -------------------------------------------------------------------------------- */

static void find_fastest(const zg_study *study, figures *room)
{
    for (size_t p = 0; p < study->problem_count; p++)
        room->fastest[p] = INFINITY;
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        double *fastest = &room->fastest[study->problem_of[i]];
        if (zg_claim_optimal(row)) *fastest = fmin(*fastest, time_of(study, i, room));
    }
}

/* Suites, or their folders, in the order of their first appearance; how many there are, at most
 * one more than there is room for. */
static size_t find_parts(const zg_study *study, bool folders, part *parts)
{
    size_t count = 0;
    for (size_t i = 0; i < study->log->case_count && count <= MOST_PARTS; i++) {
        const char *suite = study->log->cases[i].suite;
        if (!suite) suite = "";
        bool known = false;
        for (size_t k = 0; k < count && !known; k++)
            known = holds(&parts[k], &study->log->cases[i]);
        if (!known) parts[count++] = (part){study, suite, strcspn(suite, folders ? "/" : "")};
    }
    return count;
}

/* Expectations that nothing was held against, as the last part of each log has them. */
static void tell_unjudged(const zg_log *log, zg_text *out)
{
    size_t k;
    const json_t *note;
    for (size_t i = 0; i < log->run_count; i++) {
        bool last = i + 1 == log->run_count || log->runs[i + 1].log != log->runs[i].log;
        const json_t *notes = json_object_get(log->runs[i].finished, "unjudged");
        json_array_foreach(notes, k, note) if (last && json_is_string(note))
            zg_text_format(out, "Not judged: %.400s.\n", json_string_value(note));
    }
}

static void tell_log(const zg_study *study, const zg_claim_names *methods, figures *room,
                     zg_text *out)
{
    part parts[MOST_PARTS + 1];
    size_t count = find_parts(study, false, parts);
    if (count > MOST_PARTS) count = find_parts(study, true, parts);
    bool more = count > MOST_PARTS;
    if (more) count = MOST_PARTS;
    find_fastest(study, room);
    if (count < 2) parts[0] = (part){study, NULL, 0};
    for (size_t k = 0; k < (count < 2 ? 1 : count); k++)
        tell_part(&parts[k], methods, room, out);
    if (more) zg_text_add(out, "More suites follow in the tables below.\n");
    zg_report_parts(study->log, out);
    if (study->elsewhere_count)
        zg_text_format(
            out,
            "%zu case%s on another kind of machine than most: %s times are compared with "
            "no others.\n",
            study->elsewhere_count, study->elsewhere_count == 1 ? " ran" : "s ran",
            study->elsewhere_count == 1 ? "its" : "their");
    tell_unjudged(study->log, out);
    if (study->not_started)
        zg_text_format(out, "%zu case%s never started: the log ends before the run does.\n",
                       study->not_started, study->not_started == 1 ? "" : "s");
}

void zg_report_answer(const zg_study *study, zg_text *out)
{
    size_t most = study->log->case_count + study->problem_count + 1;
    zg_claim_names methods = {0};
    figures room = {.values = calloc(most, sizeof(double)),
                    .nearest = calloc(most, sizeof(double)),
                    .seconds = calloc(most, sizeof(double)),
                    .fastest = calloc(most, sizeof(double)),
                    .runs = calloc(most, sizeof(size_t)),
                    .state = calloc(most, 1)};
    bool done =
        room.values && room.nearest && room.seconds && room.fastest && room.runs && room.state;
    for (size_t i = 0; done && i < study->log->case_count; i++)
        done = zg_claim_name(&methods, method_of(&study->log->cases[i])) != SIZE_MAX;
    if (done && study->log->case_count) tell_log(study, &methods, &room, out);
    if (!done || room.failed) out->failed = true;
    free(methods.at);
    free(room.values);
    free(room.nearest);
    free(room.seconds);
    free(room.fastest);
    free(room.runs);
    free(room.state);
}
