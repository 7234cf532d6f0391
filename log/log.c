/* Run logs: newline-delimited JSON events, read into one row per case. */
#include "log/log.h"

#include "base/formats.h"
#include "base/gap.h"
#include "base/memory.h"
#include "log/doubt.h"
#include "log/follower.h"
#include "log/interval.h"
#include "log/log_merge.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool zg_log_unproven(const zg_log_case *row)
{
    const char *cause = zg_log_text(row->finished, "cause");
    return row->result.verdict == ZG_CASE_FAILED && cause &&
           (strcmp(cause, "not_certified") == 0 || strcmp(cause, "inaccurate") == 0);
}

static bool add_point(zg_log_points *points, zg_log_progress point)
{
    zg_log_progress *at = zg_grow(points->at, &points->capacity, points->count + 1, sizeof *at);
    if (!at) return false;
    points->at = at;
    points->at[points->count++] = point;
    return true;
}

static bool add_damage(zg_log *log, size_t line, const char *reason)
{
    zg_log_damage *larger =
        zg_grow(log->damage, &log->damage_capacity, log->damage_count + 1, sizeof *larger);
    if (!larger) return false;
    log->damage = larger;
    zg_log_damage *damage = &log->damage[log->damage_count++];
    damage->log = log->logs;
    damage->line = line;
    snprintf(damage->reason, sizeof damage->reason, "%s", reason);
    return true;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void case_defaults(zg_log_case *row)
{
    zg_row_start(&row->result);
    row->result.verdict = ZG_UNFINISHED;
    row->ended = row->train_score = row->validation_score = row->test_score = NAN;
    row->interval = zg_interval_unknown();
}

static size_t index_of(const json_t *map, const char *name)
{
    const json_t *index = name ? json_object_get(map, name) : NULL;
    return index ? (size_t)json_integer_value(index) : SIZE_MAX;
}

const char *zg_log_case_key(const char *key, const char *suite, char room[ZG_LOG_CASE_KEY])
{
    if (!key || !suite) return key;
    snprintf(room, ZG_LOG_CASE_KEY, "%.100s %.900s", key, suite);
    return room;
}

/* Events that name no suite find the case by its key alone. */
static bool index_key(zg_log *log, const char *key, const char *suite, size_t number)
{
    char room[ZG_LOG_CASE_KEY];
    const char *const names[] = {zg_log_case_key(key, suite, room), key};
    for (size_t i = 0; i < 2; i++)
        if (names[i] &&
            json_object_set_new(log->by_key, names[i], json_integer((json_int_t)number)) != 0)
            return false;
    return true;
}

/* The case an event is about, made when it is new; NULL when memory ran out. */
static zg_log_case *case_of(zg_log *log, const json_t *event, const char *name)
{
    char room[ZG_LOG_CASE_KEY];
    const char *plain = zg_log_text(event, "key"), *suite = zg_log_text(event, "suite");
    const char *key = zg_log_case_key(plain, suite, room);
    size_t index = key ? index_of(log->by_key, key) : index_of(log->by_name, name);
    if (index == SIZE_MAX) {
        zg_log_case *larger =
            zg_grow(log->cases, &log->case_capacity, log->case_count + 1, sizeof *larger);
        if (!larger) return NULL;
        log->cases = larger;
        index = log->case_count++;
        memset(&log->cases[index], 0, sizeof *log->cases);
        case_defaults(&log->cases[index]);
        log->cases[index].run = log->run_count ? log->run_count - 1 : SIZE_MAX;
    }
    bool kept = index_key(log, plain, suite, index) &&
                json_object_set_new(log->by_name, name, json_integer((json_int_t)index)) == 0;
    return kept ? &log->cases[index] : NULL;
}

static void keep_event(json_t **place, const json_t *event)
{
    json_decref(*place);
    *place = json_incref((json_t *)event);
}

static void choose_score(zg_log_case *row)
{
    const zg_row *result = &row->result;
    bool accuracy = !isnan(result->train.accuracy) || !isnan(result->test.accuracy);
    bool rmse = !isnan(result->train.rmse) || !isnan(result->test.rmse);
    row->score = accuracy ? "accuracy" : rmse ? "rmse" : NULL;
    row->train_score = accuracy ? result->train.accuracy : result->train.rmse;
    row->validation_score = accuracy ? result->validation.accuracy : result->validation.rmse;
    row->test_score = accuracy ? result->test.accuracy : result->test.rmse;
}

static void case_texts(zg_log_case *row)
{
    const json_t *event = row->finished ? row->finished : row->started;
    row->name = zg_log_text(event, "case");
    row->key = zg_log_text(event, "key");
    if (!row->key && row->started) row->key = zg_log_text(row->started, "key");
}

/* The suite that the case names itself, else that of the run. */
static void case_suite(const zg_log *log, zg_log_case *row)
{
    row->suite = row->started ? zg_log_text(row->started, "suite") : NULL;
    if (!row->suite && row->finished) row->suite = zg_log_text(row->finished, "suite");
    if (!row->suite && row->run != SIZE_MAX)
        row->suite = zg_log_text(log->runs[row->run].started, "suite");
}

/* "cause: message", or the one that there is. */
static bool case_message(zg_log_case *row)
{
    const char *cause = zg_log_text(row->finished, "cause");
    const char *message = zg_log_text(row->finished, "message");
    free(row->owned_message);
    row->owned_message = NULL;
    row->message = message ? message : cause;
    if (!message || !cause || strcmp(message, cause) == 0) return true;
    size_t length = strlen(cause) + strlen(message) + 3;
    row->owned_message = malloc(length);
    if (!row->owned_message) return false;
    snprintf(row->owned_message, length, "%s: %s", cause, message);
    row->message = row->owned_message;
    return true;
}

static bool on_case_started(zg_log *log, zg_log_case *row, const json_t *event)
{
    size_t run = log->run_count ? log->run_count - 1 : SIZE_MAX;
    if (run != SIZE_MAX && (row->run != run || !row->started)) log->runs[run].cases++;
    if (!zg_log_same_data(row->started, event)) row->interval = zg_interval_unknown();
    keep_event(&row->started, event);
    row->run = run;
    row->unchosen = false;
    row->pending.count = 0;
    case_texts(row);
    case_suite(log, row);
    return true;
}

/* Another setting was chosen; unless it is chosen once more, the row is about nothing. */
static bool on_case_superseded(zg_log *log, zg_log_case *row, const json_t *event)
{
    (void)log;
    (void)event;
    row->unchosen = true;
    return true;
}

static double step_of(const json_t *event)
{
    static const char *const units[] = {"iteration", "epoch", "node"};
    double step = NAN;
    for (size_t i = 0; isnan(step) && i < sizeof units / sizeof *units; i++)
        step = zg_log_number(event, units[i]);
    return step;
}

static bool on_progress(zg_log *log, zg_log_case *row, const json_t *event)
{
    (void)log;
    if (!row->name) { /* a foreign writer that leaves out case_started */
        keep_event(&row->started, event);
        case_texts(row);
    }
    zg_log_progress point = {zg_log_number(event, "seconds"), step_of(event),
                             zg_log_number(event, "objective"), zg_log_number(event, "bound")};
    return isnan(point.seconds) || add_point(&row->pending, point);
}

/* The best certified bound of the attempt, where the finish does not name one. */
static double best_pending_bound(const zg_log_case *row)
{
    double best = NAN;
    for (size_t i = 0; i < row->pending.count; i++)
        best = fmax(best, row->pending.at[i].bound); /* fmax passes over NAN */
    return best;
}

/* The result is the last point of the curve: local methods report less often than they improve. */
static bool add_result_point(zg_log_case *row)
{
    if (!zg_verdict_ran(row->result.verdict) || isnan(row->result.seconds) ||
        isnan(row->result.objective))
        return true;
    zg_log_progress point = {row->result.seconds, row->result.iterations, row->result.objective,
                             row->result.bound};
    if (row->progress.count) {
        const zg_log_progress *last = &row->progress.at[row->progress.count - 1];
        point.seconds = fmax(point.seconds, last->seconds);
        if (point.objective == last->objective && point.bound == last->bound) return true;
    }
    return add_point(&row->progress, point);
}

static bool read_result(zg_log_case *row, const json_t *event)
{
    zg_row *result = &row->result;
    zg_row_clear(result);
    if (zg_row_read(result, event, NULL) == ZG_NO_MEMORY) return false;
    /* A certificate is of the network written out: progress has no part in it. */
    if (isnan(result->bound) && !zg_verdict_certified(result->verdict))
        result->bound = best_pending_bound(row);
    zg_row_settle_gap(result);
    row->shared =
        json_is_true(json_object_get(event, "shared")) || strcmp(result->timing, "shared") == 0;
    choose_score(row);
    return result->sample_count > 0 || isnan(result->seconds) ||
           zg_row_add_sample(result, result->seconds) == ZG_OK;
}

double zg_log_tolerance(const zg_log *log, const zg_log_case *row)
{
    double tolerance = row->started ? zg_log_number(row->started, "tolerance") : NAN;
    if (row->run != SIZE_MAX) /* fmin passes over NAN */
        tolerance = fmin(tolerance, zg_log_number(log->runs[row->run].started, "tolerance"));
    return isnan(tolerance) ? ZG_USUAL_TOLERANCE : tolerance;
}

static void doubt(const zg_log *log, zg_log_case *row)
{
    const char *reason = zg_row_doubt(&row->result, row->finished, zg_log_tolerance(log, row));
    if (reason) row->message = reason;
}

double zg_log_clock(const json_t *run, const json_t *event, double *unsure)
{
    struct tm utc = {0};
    const char *started = run ? zg_log_text(run, "started") : NULL;
    const char *end = started ? strptime(started, "%Y-%m-%dT%H:%M:%SZ", &utc) : NULL;
    if (unsure) *unsure = 0;
    if (!end || *end) return NAN;
    double second = (double)timegm(&utc), epoch = zg_log_number(run, "epoch");
    bool exact = floor(epoch) == second; /* not of another start, as after an edit */
    if (unsure && !exact) *unsure = 1;
    return (exact ? epoch : second) + zg_log_number(event, "t") - zg_log_number(run, "t");
}

static bool on_case_finished(zg_log *log, zg_log_case *row, const json_t *event)
{
    const json_t *run = log->run_count ? log->runs[log->run_count - 1].started : NULL;
    row->ended = zg_log_clock(run, event, &row->unsure);
    keep_event(&row->finished, event);
    row->finishes++;
    row->superseded = false; /* run anew: by another solver */
    case_texts(row);
    case_suite(log, row);
    if (!read_result(row, event)) return false;
    zg_log_points finished = row->pending;
    row->pending = row->progress;
    row->pending.count = 0;
    row->progress = finished;
    if (!case_message(row)) return false;
    doubt(log, row);
    if (!add_result_point(row)) return false;
    zg_log_interval own = zg_interval_of(row, log->logs);
    if (!row->key) row->interval = zg_interval_unknown(); /* its name alone is no problem */
    zg_interval_narrow(&row->interval, &own);
    return zg_interval_judge(row);
}

static bool on_case_event(zg_log *log, const json_t *event, const char *kind)
{
    static const struct {
        const char *kind;
        bool (*handle)(zg_log *log, zg_log_case *row, const json_t *event);
    } handlers[] = {{"case_started", on_case_started},
                    {"progress", on_progress},
                    {"case_superseded", on_case_superseded},
                    {"case_finished", on_case_finished}};
    const char *name = zg_log_text(event, "case");
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (strcmp(kind, handlers[i].kind) != 0) continue;
        zg_log_case *row = case_of(log, event, name);
        return row && handlers[i].handle(log, row, event);
    }
    return true; /* events of later versions */
}

static bool is_of_this_log(const zg_log *log, const zg_log_case *row)
{
    return row->run != SIZE_MAX && log->runs[row->run].log == log->logs;
}

/* A resumed run names the rows before it that are about other data or settings; what an earlier
 * part named and it does not counts again. */
static void mark_superseded(zg_log *log, const json_t *event)
{
    size_t k;
    const json_t *key, *keys = json_object_get(event, "superseded");
    for (size_t i = 0; i < log->case_count; i++)
        if (is_of_this_log(log, &log->cases[i])) log->cases[i].superseded = false;
    json_array_foreach(keys, k, key)
    {
        const char *text = json_string_value(key);
        for (size_t i = 0; text && i < log->case_count; i++) {
            zg_log_case *row = &log->cases[i];
            if (is_of_this_log(log, row) && row->key && strcmp(row->key, text) == 0)
                row->superseded = true;
        }
    }
}

static bool on_run_started(zg_log *log, const json_t *event)
{
    mark_superseded(log, event);
    zg_log_run *larger = zg_grow(log->runs, &log->run_capacity, log->run_count + 1, sizeof *larger);
    if (!larger) return false;
    log->runs = larger;
    log->runs[log->run_count++] = (zg_log_run){log->logs, json_incref((json_t *)event), NULL, 0};
    return true;
}

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct reading {
    zg_log *log;
    zg_follower follower;
    zg_status status; /* after the first failure events are passed over */
    size_t events;    /* read from this file */
    zg_error *error;
} reading;

static bool is_our_format(reading *in, const json_t *event)
{
    const char *format = zg_log_text(event, "format");
    if (format && strcmp(format, ZG_EVENTS_FORMAT) == 0) return true;
    in->status = zg_fail(
        in->error, ZG_BAD_INPUT, "%.300s:%zu:1: expected a run of format \"%s\", found \"%.60s\"",
        in->follower.path, in->follower.line, ZG_EVENTS_FORMAT, format ? format : "none");
    return false;
}

static void take_event(void *context, const json_t *event)
{
    reading *in = context;
    zg_log *log = in->log;
    if (in->status != ZG_OK) return;
    const char *kind = zg_log_text(event, "event");
    bool kept = true;
    in->events++;
    if (strcmp(kind, "run_started") == 0)
        kept = !is_our_format(in, event) || on_run_started(log, event);
    else if (strcmp(kind, "run_finished") != 0)
        kept = on_case_event(log, event, kind);
    else if (log->run_count)
        keep_event(&log->runs[log->run_count - 1].finished, event);
    if (!kept) in->status = zg_no_memory(in->error);
}

static void take_damage(void *context, size_t line, const char *reason)
{
    reading *in = context;
    if (in->status == ZG_OK && !add_damage(in->log, line, reason))
        in->status = zg_no_memory(in->error);
}

static zg_status read_lines(reading *in, const char *path)
{
    bool torn = false;
    zg_follower *follower = &in->follower;
    zg_status status = zg_follower_open(follower, path, in->error);
    follower->foreign = true;
    follower->on_damage = take_damage;
    if (status == ZG_OK) status = zg_follower_read(follower, take_event, in, in->error);
    if (status == ZG_OK) status = zg_follower_end(follower, take_event, in, &torn, in->error);
    if (status == ZG_OK) status = in->status;
    in->log->torn += torn;
    if (status == ZG_OK && in->events == 0 && in->log->damage_count > 0)
        status = zg_fail(in->error, ZG_BAD_INPUT,
                         "%.300s:%zu:1: expected a run log (one JSON event a line), but %s",
                         follower->path, in->log->damage[0].line, in->log->damage[0].reason);
    return status;
}

/* What is known of cases that never finished: their last certified state. */
static void settle_unfinished(zg_log *log)
{
    for (size_t i = 0; i < log->case_count; i++) {
        zg_log_case *row = &log->cases[i];
        if (row->finished || row->pending.count == 0) continue;
        zg_log_points old = row->progress;
        row->progress = row->pending;
        row->pending = old;
        row->pending.count = 0;
        const zg_log_progress *last = &row->progress.at[row->progress.count - 1];
        row->result.objective = last->objective;
        row->result.bound = last->bound;
        row->result.gap = zg_gap(last->objective, last->bound);
        row->interval = zg_interval_of(row, log->logs);
    }
}

static void clear_case(zg_log_case *row)
{
    json_decref(row->started);
    json_decref(row->finished);
    zg_row_clear(&row->result);
    free(row->owned_message);
    free(row->progress.at);
    free(row->pending.at);
}

static bool equal_texts(const char *one, const char *other)
{
    return strcmp(one ? one : "", other ? other : "") == 0;
}

/* Whether two rows are final cases of one choice: settings of one method on the same data. */
static bool share_choice(const zg_log_case *a, const zg_log_case *b)
{
    const json_t *one = zg_log_member(a->started, "data"),
                 *other = zg_log_member(b->started, "data");
    return !isnan(a->result.selection_settings) && !isnan(b->result.selection_settings) && one &&
           other && json_equal(one, other) &&
           equal_texts(zg_log_text(a->started, "method.method"),
                       zg_log_text(b->started, "method.method"));
}

/* Whether the log holds the row that took the place of one that it calls superseded. */
static bool is_replaced(const zg_log *log, const zg_log_case *row)
{
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *other = &log->cases[i];
        if (other->superseded || other->unchosen || !other->finished) continue;
        if (!equal_texts(other->suite, row->suite)) continue;
        if (row->superseded && equal_texts(other->name, row->name)) return true;
        if (row->unchosen && share_choice(other, row)) return true;
    }
    return false;
}

/* Whether a row does not count any more.  A line of the log makes no case vanish: what was chosen
 * otherwise must be there instead, and what went wrong counts until it is. */
static bool is_out(const zg_log *log, const zg_log_case *row)
{
    if (!row->superseded && !row->unchosen) return false;
    if (!row->finished) return true;
    bool bad = !zg_verdict_ran(row->result.verdict) && row->result.verdict != ZG_SKIPPED;
    return (row->superseded && !bad) || is_replaced(log, row);
}

/* Leaves out what the log itself calls superseded. */
static bool drop_superseded(zg_log *log)
{
    size_t kept = 0;
    for (size_t i = 0; i < log->case_count; i++)
        log->cases[i].dropped = is_out(log, &log->cases[i]);
    for (size_t i = 0; i < log->case_count; i++) {
        if (log->cases[i].dropped)
            clear_case(&log->cases[i]);
        else
            log->cases[kept++] = log->cases[i];
    }
    if (kept == log->case_count) return true;
    log->case_count = kept;
    json_object_clear(log->by_key);
    json_object_clear(log->by_name);
    for (size_t i = 0; i < kept; i++)
        if (!index_key(log, log->cases[i].key, zg_log_text(log->cases[i].started, "suite"), i))
            return false;
    return true;
}

static zg_status read_one(zg_log *log, const char *path, zg_error *error)
{
    log->by_key = json_object();
    log->by_name = json_object();
    if (!log->by_key || !log->by_name) return zg_no_memory(error);
    reading in = {.log = log, .error = error};
    zg_status status = read_lines(&in, path);
    if (!drop_superseded(log) && status == ZG_OK) status = zg_no_memory(error);
    settle_unfinished(log);
    zg_follower_close(&in.follower);
    return status;
}

zg_status zg_log_read(zg_log *log, const char *path, zg_error *error)
{
    zg_log one = {.logs = log->logs};
    if (!log->by_key) log->by_key = json_object();
    zg_status status = log->by_key ? read_one(&one, path, error) : zg_no_memory(error);
    if (status == ZG_OK) status = zg_log_absorb(log, &one, path, error);
    zg_log_clear(&one);
    return status;
}

void zg_log_clear(zg_log *log)
{
    for (size_t i = 0; i < log->run_count; i++) {
        json_decref(log->runs[i].started);
        json_decref(log->runs[i].finished);
    }
    for (size_t i = 0; i < log->case_count; i++) {
        clear_case(&log->cases[i]);
    }
    free(log->runs);
    free(log->cases);
    free(log->damage);
    json_decref(log->by_key);
    json_decref(log->by_name);
    memset(log, 0, sizeof *log);
}

void zg_log_count(const zg_log *log, size_t *counts)
{
    memset(counts, 0, ZG_VERDICT_COUNT * sizeof *counts);
    for (size_t i = 0; i < log->case_count; i++)
        counts[log->cases[i].result.verdict]++;
}
