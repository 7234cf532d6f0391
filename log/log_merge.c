/*
 * Several logs as one run: parts of a run from different machines, and logs of runs that were taken
 * up again elsewhere.
 *
 * Where two logs have a result of one case, the one that finished later counts, by the clock and
 * not by the order of the logs; where the clocks cannot tell, the worse.  Of the parts of one run
 * (shards) a measured result counts before a failure, a wrong one before all, in whatever order the
 * logs stand.  Results of which one's bound lies above another's objective are wrong in any logs.
 */
#include "log/log_merge.h"

#include "base/memory.h"
#include "log/interval.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts of one run ----------------------------------------------------------------------- */

static const json_t *shard_of(const zg_log *log, const zg_log_case *row)
{
    return row->run == SIZE_MAX ? NULL : zg_log_member(log->runs[row->run].started, "shard");
}

static bool same_text(const json_t *a, const json_t *b, const char *path)
{
    const char *one = zg_log_text(a, path), *other = zg_log_text(b, path);
    return strcmp(one ? one : "", other ? other : "") == 0;
}

/* What tells a case apart in all logs; NULL where it has no key. */
static const char *identify(const zg_log_case *row, char room[ZG_LOG_CASE_KEY])
{
    return zg_log_case_key(row->key, row->suite ? row->suite : "", room);
}

static bool same_number(const json_t *a, const json_t *b, const char *path)
{
    double one = zg_log_number(a, path), other = zg_log_number(b, path);
    return one == other || (isnan(one) && isnan(other));
}

const char *zg_log_part_difference(const json_t *a, const json_t *b)
{
    if (!same_text(a, b, "digest")) return "the suite's file";
    if (!same_text(a, b, "shard.keys")) return "what was selected or read";
    if (!same_number(a, b, "tolerance")) return "the tolerance, of the same suite's file,";
    if (!same_number(a, b, "shard.cases")) return "how many cases all parts have";
    return NULL;
}

/* Parts of one suite must be of the same cases. */
static zg_status check_parts(const zg_log *into, const zg_log *one, const char *path,
                             zg_error *error)
{
    for (size_t i = 0; i < one->run_count; i++)
        for (size_t k = 0; k < into->run_count; k++) {
            const json_t *a = into->runs[k].started, *b = one->runs[i].started;
            if (!zg_log_member(a, "shard") || !zg_log_member(b, "shard") ||
                !same_text(a, b, "suite"))
                continue;
            const char *other = zg_log_part_difference(a, b);
            if (!other) continue;
            const char *suite = zg_log_text(b, "suite");
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.300s: this part of the suite \"%.100s\" has other cases than the "
                           "parts before it: %s differs",
                           path, suite ? suite : "", other);
        }
    return ZG_OK;
}

/* The tolerance is in the key: equal keys of unequal tolerance are of a log that was changed. */
static zg_status check_tolerances(const zg_log *into, const zg_log *one, const char *path,
                                  zg_error *error)
{
    char room[ZG_LOG_CASE_KEY];
    for (size_t i = 0; i < one->case_count; i++) {
        const zg_log_case *row = &one->cases[i];
        const char *name = identify(row, room);
        const json_t *at = name ? json_object_get(into->by_key, name) : NULL;
        if (!at) continue;
        double before = zg_log_tolerance(into, &into->cases[json_integer_value(at)]);
        double here = zg_log_tolerance(one, row);
        if (before == here) continue;
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: the case \"%.200s\" has the tolerance %g here and %g in a log "
                       "before it, under one key, which stands for one tolerance: one of the logs "
                       "was changed",
                       path, row->name ? row->name : "?", here, before);
    }
    return ZG_OK;
}

/* ---- one case in two logs ------------------------------------------------------------------- */

static bool is_measured(const zg_log_case *row)
{
    return zg_verdict_ran(row->result.verdict) || row->result.verdict == ZG_WRONG;
}

/* Of two results of which none is later: larger is worse. */
static double badness(const zg_row *row)
{
    return row->verdict == ZG_WRONG ? ZG_VERDICT_COUNT : (double)row->verdict;
}

static double or_infinity(double value)
{
    return isnan(value) ? INFINITY : value;
}

/* Whether the second of two results of which none is later is the worse: by verdict, else by
 * numbers, so that the order of the logs does not matter. */
static bool is_worse(const zg_row *first, const zg_row *second)
{
    if (badness(first) != badness(second)) return badness(second) > badness(first);
    double gap = or_infinity(first->gap), other = or_infinity(second->gap);
    if (gap != other) return other > gap;
    return or_infinity(second->objective) > or_infinity(first->objective);
}

/* Whether the second result takes the place of the first. */
static bool is_later(const zg_log_case *first, const zg_log_case *second, bool parts)
{
    if (!first->finished || !second->finished) return second->finished || !first->finished;
    if (parts && is_measured(first) != is_measured(second)) return is_measured(second);
    bool wrong = first->result.verdict == ZG_WRONG, too = second->result.verdict == ZG_WRONG;
    if (parts && wrong != too) return too;
    bool after = second->ended > first->ended + first->unsure; /* false where a clock is unknown */
    bool before = first->ended > second->ended + second->unsure;
    return after || (!before && is_worse(&first->result, &second->result));
}

static void take_place(zg_log_case *row, zg_log_case *other, bool parts)
{
    size_t finishes = row->finishes + other->finishes;
    if (is_later(row, other, parts)) {
        zg_log_case earlier = *row;
        *row = *other;
        *other = earlier;
    }
    row->finishes = finishes;
    if (zg_log_same_data(row->started, other->started))
        zg_interval_narrow(&row->interval, &other->interval); /* a third hides no two */
}

/* ---- one log into others -------------------------------------------------------------------- */

static bool move_runs(zg_log *into, zg_log *one)
{
    size_t count = into->run_count + one->run_count;
    zg_log_run *runs = zg_grow(into->runs, &into->run_capacity, count + 1, sizeof *runs);
    if (!runs) return false;
    into->runs = runs;
    if (one->run_count) memcpy(runs + into->run_count, one->runs, one->run_count * sizeof *runs);
    into->run_count = count;
    one->run_count = 0;
    return true;
}

static bool move_cases(zg_log *into, zg_log *one, size_t first_run)
{
    char room[ZG_LOG_CASE_KEY];
    size_t total = into->case_count + one->case_count;
    zg_log_case *cases = zg_grow(into->cases, &into->case_capacity, total + 1, sizeof *cases);
    if (!cases) return false;
    into->cases = cases;
    for (size_t i = 0; i < one->case_count; i++) {
        zg_log_case *row = &one->cases[i];
        if (row->run != SIZE_MAX) row->run += first_run;
        const char *name = identify(row, room);
        const json_t *at = name ? json_object_get(into->by_key, name) : NULL;
        if (at) {
            zg_log_case *first = &into->cases[json_integer_value(at)];
            take_place(first, row, shard_of(into, first) && shard_of(into, row));
            if (!zg_interval_judge(first)) return false;
            continue;
        }
        json_int_t number = (json_int_t)into->case_count;
        if (name && json_object_set_new(into->by_key, name, json_integer(number)) != 0)
            return false;
        into->cases[into->case_count++] = *row;
        *row = (zg_log_case){0};
    }
    return true;
}

static bool move_damage(zg_log *into, zg_log *one)
{
    size_t count = into->damage_count + one->damage_count;
    zg_log_damage *damage =
        zg_grow(into->damage, &into->damage_capacity, count + 1, sizeof *damage);
    if (!damage) return false;
    into->damage = damage;
    if (one->damage_count)
        memcpy(damage + into->damage_count, one->damage, one->damage_count * sizeof *damage);
    into->damage_count = count;
    return true;
}

/* ---- order ---------------------------------------------------------------------------------- */

typedef struct place {
    double number;
    size_t at;
} place;

static int by_number(const void *a, const void *b)
{
    const place *one = a, *other = b;
    int order = (one->number > other->number) - (one->number < other->number);
    return order ? order : (one->at > other->at) - (one->at < other->at);
}

/* Cases of parts stand where they would in the whole run, those of other logs as they are, before
 * them. */
static bool restore_order(zg_log *log)
{
    char room[ZG_LOG_CASE_KEY];
    bool parts = false;
    for (size_t i = 0; i < log->run_count; i++)
        parts = parts || zg_log_member(log->runs[i].started, "shard");
    if (!parts) return true;
    place *places = calloc(log->case_count + 1, sizeof *places);
    zg_log_case *cases = calloc(log->case_count + 1, sizeof *cases);
    bool done = places && cases;
    for (size_t i = 0; done && i < log->case_count; i++) {
        double number = NAN;
        if (shard_of(log, &log->cases[i])) number = zg_log_number(log->cases[i].started, "number");
        places[i] = (place){isnan(number) ? -1 : number, i};
        cases[i] = log->cases[i];
    }
    if (done) qsort(places, log->case_count, sizeof *places, by_number);
    for (size_t i = 0; done && i < log->case_count; i++)
        log->cases[i] = cases[places[i].at];
    for (size_t i = 0; done && i < log->case_count; i++) {
        const char *name = identify(&log->cases[i], room);
        done = !name || json_object_set_new(log->by_key, name, json_integer((json_int_t)i)) == 0;
    }
    free(places);
    free(cases);
    return done;
}

zg_status zg_log_absorb(zg_log *into, zg_log *one, const char *path, zg_error *error)
{
    zg_status status = check_parts(into, one, path, error);
    if (status == ZG_OK) status = check_tolerances(into, one, path, error);
    if (status != ZG_OK) return status;
    size_t first_run = into->run_count;
    bool done = move_runs(into, one) && move_cases(into, one, first_run) &&
                move_damage(into, one) && restore_order(into);
    into->torn += one->torn;
    into->logs++;
    return done ? ZG_OK : zg_no_memory(error);
}
