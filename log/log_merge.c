/*
 * Several logs as one run: parts of a run from different machines, and logs of runs that were taken
 * up again elsewhere.
 *
 * Where two logs have a result of one case, the one that finished later counts, by the clock and
 * not by the order of the logs.  Of the parts of one run (shards) a measured result counts before a
 * failure, a wrong one before all, and two certificates that contradict each other are wrong.
 */
#include "log/log_merge.h"

#include "base/memory.h"

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
            if (same_text(a, b, "digest") && same_text(a, b, "shard.keys")) continue;
            const char *suite = zg_log_text(b, "suite");
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.300s: this part of the suite \"%.100s\" has other cases than the "
                           "parts before it: %s differs",
                           path, suite ? suite : "",
                           same_text(a, b, "digest") ? "what was selected or read"
                                                     : "the suite's file");
        }
    return ZG_OK;
}

/* ---- one case in two logs ------------------------------------------------------------------- */

static bool is_measured(const zg_log_case *row)
{
    return zg_verdict_ran(row->result.verdict) || row->result.verdict == ZG_WRONG;
}

/* Whether the second result takes the place of the first. */
static bool is_later(const zg_log_case *first, const zg_log_case *second, bool parts)
{
    if (!first->finished || !second->finished) return second->finished || !first->finished;
    if (parts && is_measured(first) != is_measured(second)) return is_measured(second);
    bool wrong = first->result.verdict == ZG_WRONG, too = second->result.verdict == ZG_WRONG;
    if (parts && wrong != too) return too;
    return !(second->ended < first->ended); /* unknown times: in the order of the logs */
}

static double slack(const zg_row *row)
{
    return row->rounding >= 0 ? row->rounding : 1e-9 * fmax(1, fabs(row->objective));
}

/* Two certified intervals of one optimum that have no number in common. */
static bool contradict(const zg_row *a, const zg_row *b)
{
    if (!zg_verdict_certified(a->verdict) || !zg_verdict_certified(b->verdict)) return false;
    return a->bound - b->objective > slack(b) || b->bound - a->objective > slack(a);
}

static void take_place(zg_log_case *row, zg_log_case *other, bool parts)
{
    bool against = parts && contradict(&row->result, &other->result);
    size_t finishes = row->finishes + other->finishes;
    if (is_later(row, other, parts)) {
        zg_log_case earlier = *row;
        *row = *other;
        *other = earlier;
    }
    row->finishes = finishes;
    if (!against) return;
    row->result.verdict = ZG_WRONG;
    snprintf(row->result.cause, sizeof row->result.cause, "contradiction");
    row->message = "two parts of the run certify intervals that have no number in common";
}

/* ---- one log into others -------------------------------------------------------------------- */

/* What tells a case apart in all logs: its key and its suite; false where it has no key. */
static bool identify(const zg_log_case *row, char out[1024])
{
    if (!row->key) return false;
    snprintf(out, 1024, "%.100s %.900s", row->key, row->suite ? row->suite : "");
    return true;
}

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
    char name[1024];
    size_t total = into->case_count + one->case_count;
    zg_log_case *cases = zg_grow(into->cases, &into->case_capacity, total + 1, sizeof *cases);
    if (!cases) return false;
    into->cases = cases;
    for (size_t i = 0; i < one->case_count; i++) {
        zg_log_case *row = &one->cases[i];
        if (row->run != SIZE_MAX) row->run += first_run;
        bool known = identify(row, name);
        const json_t *at = known ? json_object_get(into->by_key, name) : NULL;
        if (at) {
            zg_log_case *first = &into->cases[json_integer_value(at)];
            take_place(first, row, shard_of(into, first) && shard_of(into, row));
            continue;
        }
        json_int_t number = (json_int_t)into->case_count;
        if (known && json_object_set_new(into->by_key, name, json_integer(number)) != 0)
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
    char name[1024];
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
    for (size_t i = 0; done && i < log->case_count; i++)
        done = !identify(&log->cases[i], name) ||
               json_object_set_new(log->by_key, name, json_integer((json_int_t)i)) == 0;
    free(places);
    free(cases);
    return done;
}

zg_status zg_log_absorb(zg_log *into, zg_log *one, const char *path, zg_error *error)
{
    zg_status status = check_parts(into, one, path, error);
    if (status != ZG_OK) return status;
    size_t first_run = into->run_count;
    bool done = move_runs(into, one) && move_cases(into, one, first_run) &&
                move_damage(into, one) && restore_order(into);
    into->torn += one->torn;
    into->logs++;
    return done ? ZG_OK : zg_no_memory(error);
}
