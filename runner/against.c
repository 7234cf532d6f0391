/* Two builds of the program against each other, measurement by measurement in turn. */
#include "runner/against.h"

#include "base/command.h"
#include "log/journal.h"
#include "runner/announce.h"
#include "runner/signals.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One of the two programs. */
typedef struct contender {
    const char *program;
    zg_journal *journal;
    zg_row row;           /* of the case under way */
    bool announced;       /* its run_started is in the journal */
    zg_run_result result; /* rows with room for all cases */
} contender;

typedef struct contest {
    const zg_against *against;
    const zg_shard *shard; /* or NULL: all cases */
    size_t total;          /* cases */
    contender sides[2];    /* base, this */
    zg_event event;
    char log[PATH_MAX], output[PATH_MAX];
    zg_error *error;
    zg_signals signals;
    int interrupted; /* the signal that ended it, or 0 */
    /* While one measurement's log is read: */
    contender *side;
    size_t repetition;
    double offset; /* of its t in the journal */
    zg_row fresh;
    bool finished;
    zg_status status;
} contest;

/* What the first measurement says of itself becomes what is so of all. */
static bool announce_all(const contest *c, json_t *started)
{
    const zg_shard *s = c->shard;
    if (json_object_set_new(started, "cases", json_integer((json_int_t)c->total)) != 0)
        return false;
    return !s ||
           json_object_set_new(started, "shard",
                               json_pack("{s:I, s:I, s:I, s:s}", "index", (json_int_t)s->index,
                                         "count", (json_int_t)s->count, "cases",
                                         (json_int_t)s->cases, "keys", s->keys)) == 0;
}

/* Appends an event of a measurement's log, with the time of the whole. */
static zg_status copy_event(contest *c, const json_t *event, bool start)
{
    json_t *copy = json_copy((json_t *)event);
    double t = json_number_value(json_object_get(event, "t")) + c->offset;
    char *text = NULL;
    if (copy && json_object_del(copy, "crc") == 0 && (!start || announce_all(c, copy)) &&
        json_object_set_new(copy, "t", json_real(round(t * 1e6) / 1e6)) == 0)
        text = json_dumps(copy, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(copy);
    if (!text) return zg_no_memory(c->error);
    zg_event_copy(&c->event, text, strlen(text) - 1);
    free(text);
    return zg_journal_write(c->side->journal, &c->event, false, c->error);
}

static void visit(void *context, const json_t *event)
{
    contest *c = context;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (!kind || c->status != ZG_OK) return;
    bool wanted = strcmp(kind, "case_started") == 0 || strcmp(kind, "progress") == 0;
    bool start = strcmp(kind, "run_started") == 0;
    if (start) {
        wanted = !c->side->announced;
        c->side->announced = true;
    }
    if (wanted && c->repetition == 0) c->status = copy_event(c, event, start);
    if (strcmp(kind, "case_finished") != 0) return;
    zg_row_clear(&c->fresh);
    c->status = zg_row_read(&c->fresh, event, c->error);
    c->finished = c->status == ZG_OK;
}

static zg_status read_log(contest *c)
{
    zg_follower follower;
    if (access(c->log, F_OK) != 0) return ZG_OK;
    zg_status status = zg_follower_open(&follower, c->log, c->error);
    if (status != ZG_OK) return status;
    c->status = ZG_OK;
    status = zg_follower_read(&follower, visit, c, c->error);
    zg_follower_close(&follower);
    return status == ZG_OK ? c->status : status;
}

static bool not_interrupted(void *context)
{
    contest *c = context;
    c->interrupted = zg_signals_taken(&c->signals);
    return c->interrupted == 0;
}

/* One measurement of one case by one program. */
static zg_status measure(contest *c, contender *side, const zg_suite *suite, const zg_case *item,
                         size_t repetition)
{
    const char *words[16 + 2 * ZG_AGAINST_PLUGINS] = {
        side->program, "run",      suite->path, "--case",  item->name, "--repeat",
        "1",           "--output", c->log,      "--quiet", "--offline"};
    size_t used = 11;
    const char *solver = c->against->programs[side - c->sides];
    if (c->against->adapter) words[used++] = "--adapter";
    if (c->against->adapter) words[used++] = c->against->adapter;
    if (solver) words[used++] = "--program";
    if (solver) words[used++] = solver;
    for (size_t i = 0; i < c->against->plugin_count; i++) {
        words[used++] = "--plugin";
        words[used++] = c->against->plugins[i];
    }
    const zg_command command = {.arguments = words,
                                .directory = ".",
                                .log = c->output,
                                .folder = c->against->folder,
                                .tick = not_interrupted,
                                .context = c};
    zg_ending ending = {0};
    c->side = side;
    c->repetition = repetition;
    c->finished = false;
    c->offset = zg_journal_time(side->journal);
    zg_row_start(&c->fresh);
    (void)unlink(c->log);
    zg_status status = zg_command_run(&command, &ending, c->error);
    if (status == ZG_OK) status = read_log(c);
    if (status != ZG_OK) return status;
    if (!c->finished) {
        zg_row_clear(&c->fresh);
        snprintf(c->fresh.suite, sizeof c->fresh.suite, "%s", suite->name);
        snprintf(c->fresh.name, sizeof c->fresh.name, "%s", item->name);
        snprintf(c->fresh.key, sizeof c->fresh.key, "%s", item->key);
        snprintf(c->fresh.cause, sizeof c->fresh.cause, "no_result");
        snprintf(c->fresh.message, sizeof c->fresh.message,
                 "%.300s gave no row for the case (exit status %d)", side->program,
                 zg_command_status(&ending));
    }
    return zg_row_merge(&side->row, &c->fresh, repetition, c->error);
}

static zg_status finish_case(contest *c, contender *side)
{
    zg_run_result *result = &side->result;
    zg_announce_row(&c->event, &side->row, zg_journal_time(side->journal));
    result->counts[side->row.verdict]++;
    result->rows[result->count++] = side->row;
    zg_row_start(&side->row);
    return zg_journal_write(side->journal, &c->event, true, c->error);
}

static zg_status run_case(contest *c, const zg_suite *suite, const zg_case *item, size_t repeat,
                          const zg_spectator *spectator)
{
    bool good = true;
    zg_status status = ZG_OK;
    for (size_t r = 0; r < repeat && good && status == ZG_OK; r++)
        for (size_t s = 0; s < 2 && status == ZG_OK; s++) {
            status = measure(c, &c->sides[s], suite, item, r);
            good = good && zg_verdict_ran(c->sides[s].row.verdict);
        }
    for (size_t s = 0; s < 2 && status == ZG_OK; s++)
        status = finish_case(c, &c->sides[s]);
    const zg_run_result *own = &c->sides[1].result;
    if (status == ZG_OK && spectator->finished)
        spectator->finished(spectator->context, &own->rows[own->count - 1]);
    return status;
}

static zg_status run_all(contest *c, zg_suite *const *suites, size_t count, size_t total,
                         const zg_run_options *options)
{
    zg_status status = ZG_OK;
    size_t number = 0;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < suites[k]->case_count && status == ZG_OK; i++) {
            const zg_case *item = &suites[k]->cases[i];
            if (!zg_case_planned(suites[k], item, options)) continue;
            if (options->spectator.started)
                options->spectator.started(options->spectator.context, item->name, ++number, total);
            size_t repeat = options->repeat ? options->repeat : suites[k]->repeat;
            status = run_case(c, suites[k], item, repeat, &options->spectator);
        }
    bool interrupted = status == ZG_STOPPED && c->interrupted;
    for (size_t s = 0; s < 2 && (status == ZG_OK || interrupted); s++) {
        zg_run_result *result = &c->sides[s].result;
        result->interrupted = c->interrupted;
        result->expected = result->count;
        result->exit_status = interrupted       ? 128 + c->interrupted
                              : options->strict ? zg_verdict_exit_strict(result->counts)
                                                : zg_verdict_exit(result->counts);
        zg_announce_end(&c->event, result, zg_journal_time(c->sides[s].journal));
        zg_status written = zg_journal_write(c->sides[s].journal, &c->event, true, c->error);
        if (written != ZG_OK) return written;
    }
    if (interrupted)
        return zg_fail(c->error, ZG_STOPPED, "interrupted; %.300s is cut short", options->log);
    return status;
}

static zg_status prepare(contest *c, const zg_run_options *options, size_t total)
{
    const char *logs[] = {c->against->base_log, options->log};
    zg_status status = ZG_OK;
    if (total == 0)
        return zg_fail(c->error, ZG_BAD_INPUT, "no case matches%s",
                       c->shard ? ", or none is left for this part: fewer parts" : "");
    for (size_t s = 0; s < 2 && status == ZG_OK; s++) {
        c->sides[s].result.rows = calloc(total, sizeof *c->sides[s].result.rows);
        if (!c->sides[s].result.rows) return zg_no_memory(c->error);
        zg_row_start(&c->sides[s].row);
        status = zg_journal_open(logs[s], false, NULL, NULL, &c->sides[s].journal, c->error);
    }
    return status;
}

zg_status zg_run_against(zg_suite *const *suites, size_t count, const zg_against *against,
                         const zg_run_options *options, zg_run_result *out, zg_error *error)
{
    size_t total = 0;
    *out = (zg_run_result){0};
    contest *c = calloc(1, sizeof *c);
    if (!c) return zg_no_memory(error);
    c->against = against;
    c->shard = options->shard;
    c->error = error;
    c->signals.descriptor = -1;
    c->sides[0].program = against->base;
    c->sides[1].program = "/proc/self/exe";
    snprintf(c->log, sizeof c->log, "%s/one.ndjson", against->folder);
    snprintf(c->output, sizeof c->output, "%s/output", against->folder);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < suites[k]->case_count; i++)
            total += zg_case_planned(suites[k], &suites[k]->cases[i], options);
    c->total = total;
    zg_status status = prepare(c, options, total);
    if (status == ZG_OK) status = zg_signals_catch(&c->signals, error);
    if (status == ZG_OK) status = run_all(c, suites, count, total, options);
    zg_signals_release(&c->signals);
    (void)unlink(c->log);
    (void)unlink(c->output);
    for (size_t s = 0; s < 2; s++) {
        zg_journal_close(c->sides[s].journal);
        zg_row_clear(&c->sides[s].row);
    }
    if (status == ZG_OK)
        *out = c->sides[1].result;
    else
        zg_run_result_clear(&c->sides[1].result);
    out->interrupted = c->interrupted;
    zg_run_result_clear(&c->sides[0].result);
    zg_event_clear(&c->event);
    free(c);
    return status;
}
