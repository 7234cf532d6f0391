/* What logs lack of the runs that they announce. */
#include "reports/parts.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- runs that are whole -------------------------------------------------------------------- */

static double cases_of_log(const zg_log *log, size_t number)
{
    double count = 0;
    for (size_t i = 0; i < log->case_count; i++) {
        size_t run = log->cases[i].run;
        count += run != SIZE_MAX && log->runs[run].log == number;
    }
    return count;
}

/* Cases that a run announced, did not take over from an earlier part of its log, and did not start.
 * before: how many the earlier parts left, which a part with a filter does not announce. */
static double left_over(const zg_log *log, const zg_log_run *run, double before)
{
    double announced = zg_log_number(run->started, "cases");
    double kept = zg_log_number(run->started, "kept");
    if (isnan(kept)) /* a log written before `kept` existed */
        return fmax(0, announced - cases_of_log(log, run->log));
    if (announced - kept > before) before = announced - kept;
    return fmax(0, before - (double)run->cases);
}

static const char *suite_of(const zg_log_run *run)
{
    const char *suite = zg_log_text(run->started, "suite");
    return suite ? suite : "";
}

/* The first run of its log, and whole, that took cases over: from other logs. */
static bool is_taker(const zg_log *log, size_t number)
{
    const json_t *started = log->runs[number].started;
    bool first = number == 0 || log->runs[number - 1].log != log->runs[number].log;
    return first && !zg_log_member(started, "shard") && zg_log_number(started, "kept") > 0;
}

/* Whether a taker announces this whole run's cases, or is an earlier one of two takers of a suite:
 * those of such a suite are counted together. */
static bool is_taken(const zg_log *log, size_t number, bool earlier)
{
    const zg_log_run *run = &log->runs[number];
    for (size_t i = 0; i < (earlier ? number : log->run_count); i++)
        if (is_taker(log, i) && strcmp(suite_of(&log->runs[i]), suite_of(run)) == 0 &&
            !(zg_log_number(log->runs[i].started, "cases") < zg_log_number(run->started, "cases")))
            return true;
    return false;
}

/* Cases of a taker's suite that it announces and no log holds. */
static double left_over_taken(const zg_log *log, const zg_log_run *taker)
{
    double held = 0;
    for (size_t i = 0; i < log->case_count; i++) {
        size_t run = log->cases[i].run;
        held += run != SIZE_MAX && strcmp(suite_of(&log->runs[run]), suite_of(taker)) == 0;
    }
    return fmax(0, zg_log_number(taker->started, "cases") - held);
}

/* Runs that are whole, log by log; with `parts` also each part by itself. */
static double left_over_whole(const zg_log *log, bool parts)
{
    double sum = 0, missing = 0;
    for (size_t i = 0; i < log->run_count; i++) {
        const zg_log_run *run = &log->runs[i];
        bool part = zg_log_member(run->started, "shard") != NULL;
        if (!parts && part) continue;
        if (is_taker(log, i) && !is_taken(log, i, true)) sum += left_over_taken(log, run);
        if (!part && is_taken(log, i, false)) continue;
        if (i > 0 && log->runs[i - 1].log != run->log) {
            sum += missing;
            missing = 0;
        }
        missing = left_over(log, run, missing);
    }
    return sum + missing;
}

/* ---- parts of runs -------------------------------------------------------------------------- */

static bool is_part(const zg_log_run *run)
{
    return zg_log_member(run->started, "shard") != NULL;
}

/* Whether an earlier part is of the same suite. */
static bool is_known(const zg_log *log, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (is_part(&log->runs[i]) &&
            strcmp(suite_of(&log->runs[i]), suite_of(&log->runs[number])) == 0)
            return true;
    return false;
}

/* Cases that the parts of this one's suite announce together and do not hold. */
static double left_over_parts(const zg_log *log, const zg_log_run *part)
{
    double held = 0;
    for (size_t i = 0; i < log->case_count; i++) {
        size_t run = log->cases[i].run;
        held += run != SIZE_MAX && is_part(&log->runs[run]) &&
                strcmp(suite_of(&log->runs[run]), suite_of(part)) == 0;
    }
    double announced = zg_log_number(part->started, "shard.cases");
    return fmax(0, announced - held); /* fmax passes over NAN */
}

size_t zg_parts_not_started(const zg_log *log)
{
    double sum = left_over_whole(log, false);
    for (size_t i = 0; i < log->run_count; i++)
        if (is_part(&log->runs[i]) && !is_known(log, i)) sum += left_over_parts(log, &log->runs[i]);
    return sum < 1e9 ? (size_t)sum : 0;
}

static bool same_part(const json_t *a, const json_t *b)
{
    const json_t *first = zg_log_member(a, "shard"), *second = zg_log_member(b, "shard");
    return first && second && json_equal((json_t *)first, (json_t *)second) != 0;
}

size_t zg_parts_same(const zg_log *a, const zg_log *b)
{
    if (a->run_count == 0 || b->run_count == 0) return 0;
    const json_t *part = a->runs[0].started;
    for (size_t i = 0; i < a->run_count; i++)
        if (!same_part(a->runs[i].started, part)) return 0;
    for (size_t i = 0; i < b->run_count; i++)
        if (!same_part(b->runs[i].started, part)) return 0;
    double index = zg_log_number(part, "shard.index");
    return index >= 1 && index <= 10000 ? (size_t)index : 0;
}

size_t zg_parts_not_started_here(const zg_log *log)
{
    double sum = left_over_whole(log, true);
    return sum < 1e9 ? (size_t)sum : 0;
}

/* Whether a part of that number is there; *same: all parts are of as many. */
static bool has_part(const zg_log *log, const zg_log_run *part, size_t index, bool *same)
{
    bool found = false;
    for (size_t i = 0; i < log->run_count; i++) {
        const zg_log_run *run = &log->runs[i];
        if (!is_part(run) || strcmp(suite_of(run), suite_of(part)) != 0) continue;
        *same = *same && zg_log_number(run->started, "shard.count") ==
                             zg_log_number(part->started, "shard.count");
        found = found || zg_log_number(run->started, "shard.index") == (double)index;
    }
    return found;
}

#define MOST_NAMED 20

static void tell_parts(const zg_log *log, const zg_log_run *part, zg_text *out)
{
    double stated = zg_log_number(part->started, "shard.count");
    size_t count = stated >= 1 && stated <= 10000 ? (size_t)stated : 0, missing = 0;
    bool same = true;
    zg_text names = {0};
    for (size_t index = 1; index <= count; index++) {
        if (has_part(log, part, index, &same)) continue;
        if (missing++ < MOST_NAMED) zg_text_format(&names, "%s%zu", missing > 1 ? ", " : "", index);
    }
    if (missing && same)
        zg_text_format(out, "%s: part%s %s%s of %zu %s not among the logs.\n", suite_of(part),
                       missing == 1 ? "" : "s", zg_text_bytes(&names),
                       missing > MOST_NAMED ? " and others" : "", count,
                       missing == 1 ? "is" : "are");
    if (names.failed) out->failed = true;
    zg_text_clear(&names);
}

void zg_report_parts(const zg_log *log, zg_text *out)
{
    for (size_t i = 0; i < log->run_count; i++)
        if (is_part(&log->runs[i]) && !is_known(log, i)) tell_parts(log, &log->runs[i], out);
}
