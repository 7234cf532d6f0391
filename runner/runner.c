/* The runner: cases of suites into a journal, each in a process of its own. */
#include "runner/runner.h"

#include "base/clock.h"
#include "base/gap.h"
#include "base/scratch.h"
#include "core/verdict.h"
#include "log/doubt.h"
#include "log/provenance.h"
#include "runner/announce.h"
#include "runner/expectation.h"
#include "runner/orphans.h"
#include "runner/provenance.h"
#include "runner/resume.h"
#include "runner/selection.h"
#include "runner/signals.h"
#include "runner/slot.h"
#include "runner/state_file.h"
#include "runner/together.h"
#include "runner/verdict.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define JOBS_LIMIT ((size_t)64)

/* One case of the plan. */
typedef struct target {
    const zg_suite *suite;
    const zg_case *item;
    bool done;               /* its row is there already, or another setting was chosen */
    zg_solver_change solver; /* since that row, where it would do otherwise */
} target;

typedef struct run {
    const zg_world *world;
    const zg_run_options *options;
    zg_run_result *result;
    zg_journal *journal;
    zg_event event;
    target *targets;          /* as many as result->count */
    zg_candidate *candidates; /* room for as many */
    size_t next;              /* target to look at */
    size_t begun;             /* cases, kept ones too */
    size_t jobs, busy;
    zg_slot *slots;
    zg_signals signals;
    atomic_int *asked; /* shared with all workers: not 0 when the run is to end */
    zg_orphans orphans;
    size_t cores[CPU_SETSIZE], core_count;
    bool resumed;
    bool empty; /* a part of a run that has more parts than cases */
    zg_resumption resumption;
    bool reading_earlier;        /* logs, not the journal */
    json_t *provenance;          /* of this run, to be held against theirs */
    bool elsewhere;              /* what is read now was measured on another kind of machine */
    bool other_suite;            /* and under another edition of the suites' files */
    char digest[ZG_DIGEST_SIZE]; /* of those files now */
    bool no_memory;              /* while they were read */
    zg_error *error;
} run;

bool zg_case_selected(const zg_case *item, const zg_run_options *options)
{
    if (item->elsewhere) return false;
    if (options->exact_case && strcmp(item->name, options->exact_case) != 0) return false;
    return !options->filter || fnmatch(options->filter, item->name, 0) == 0;
}

bool zg_case_planned(const zg_suite *suite, const zg_case *item, const zg_run_options *options)
{
    if (!zg_case_selected(item, options)) return false;
    if (!item->recipe.retrained) return true;
    if (options->no_final) return false;
    for (size_t i = 0; i < suite->case_count; i++) {
        const zg_case *other = &suite->cases[i];
        if (other->group == item->group && !other->recipe.retrained &&
            !zg_case_selected(other, options))
            return false;
    }
    return true;
}

/* ---- the plan -------------------------------------------------------------------------------- */

/* Of the final cases of a group one will run: the first stands for it. */
static size_t count_expected(const run *r)
{
    size_t expected = 0;
    for (size_t i = 0; i < r->result->count; i++) {
        const target *t = &r->targets[i];
        bool first = true;
        for (size_t k = 0; k < i && t->item->recipe.retrained && first; k++)
            first = !r->targets[k].item->recipe.retrained || r->targets[k].suite != t->suite ||
                    r->targets[k].item->group != t->item->group;
        expected += first;
    }
    return expected;
}

static zg_status make_plan(run *r, zg_suite *const *suites, size_t count)
{
    size_t total = 0, number = 0;
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < suites[s]->case_count; i++) {
            suites[s]->cases[i].number = ++number;
            total += zg_case_selected(&suites[s]->cases[i], r->options);
        }
    const zg_shard *shard = r->options->shard;
    r->empty = total == 0 && shard && shard->cases > 0; /* a part of a run that is not */
    if (total == 0 && !r->empty)
        return zg_fail(r->error, ZG_BAD_INPUT, "no case is called \"%.200s\"",
                       r->options->exact_case ? r->options->exact_case : r->options->filter);
    r->targets = calloc(total + 1, sizeof *r->targets);
    r->candidates = calloc(total + 1, sizeof *r->candidates);
    r->result->rows = calloc(total + 1, sizeof *r->result->rows);
    if (!r->targets || !r->candidates || !r->result->rows) return zg_no_memory(r->error);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < suites[s]->case_count; i++) {
            const zg_case *item = &suites[s]->cases[i];
            if (!zg_case_planned(suites[s], item, r->options)) continue;
            zg_row_start(&r->result->rows[r->result->count]);
            r->targets[r->result->count++] = (target){.suite = suites[s], .item = item};
        }
    if (r->result->count == 0 && !r->empty)
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "a setting is chosen by all cases of its group: no case is left to run");
    r->result->expected = count_expected(r);
    return ZG_OK;
}

static size_t repetitions(const run *r, const zg_suite *suite)
{
    return r->options->repeat ? r->options->repeat : suite->repeat;
}

/* A spread of one measurement cannot be judged; of a single case it may be one of several runs. */
static zg_status check_repetitions(const run *r)
{
    size_t line;
    for (size_t i = 0; i < r->result->count && !r->options->exact_case; i++) {
        const target *t = &r->targets[i];
        if (repetitions(r, t->suite) > 1 || !zg_case_needs_two(t->item, &line)) continue;
        return zg_fail(r->error, ZG_BAD_INPUT,
                       "%.300s:%zu: spread needs two measurements of %.300s, and there is one: "
                       "repeat: 2 in the suite, or --repeat 2",
                       t->suite->path, line, t->item->name);
    }
    return ZG_OK;
}

/* Whether a row of an earlier part of the run makes running the case again needless. */
static bool settles(const run *r, const target *t, const zg_row *row)
{
    if (zg_verdict_ran(row->verdict)) {
        /* A global method without its certificate has failed, whatever an edited row says. */
        if (row->verdict == ZG_UNCERTIFIED && t->item->method->convex) return false;
        /* Our own rows have their numbers; without them nothing is proven. */
        bool denied = strcmp(row->claimed_says, "infeasible") == 0;
        if (zg_verdict_certified(row->verdict) && isnan(row->objective) && !denied) return false;
        /* Scores of other rows once stood in for those that could not be had. */
        bool unscored = isnan(row->test.accuracy) && isnan(row->test.rmse);
        if (unscored && zg_recipe_tests(&t->item->recipe)) return false;
        size_t samples = row->sample_count ? row->sample_count : 1;
        return samples >= repetitions(r, t->suite);
    }
    if (row->verdict == ZG_WRONG && strcmp(row->cause, "expectation") == 0)
        return !zg_case_judged_among_others(t->item);
    if (row->verdict == ZG_WRONG) return true;
    return r->options->keep_failed && row->verdict != ZG_SKIPPED;
}

/* Judges an old row by what the suite expects now. */
static void judge_again(const target *t, zg_row *row)
{
    if (row->verdict == ZG_WRONG && strcmp(row->cause, "expectation") == 0) {
        zg_certificate c = {.objective = row->objective,
                            .bound = row->bound,
                            .rounding = isnan(row->rounding) ? 0 : row->rounding};
        row->verdict = zg_verdict_of(zg_certificate_decide(&c, t->suite->tolerance));
        row->cause[0] = row->message[0] = '\0';
    }
    zg_case_judge(t->item, NULL, row);
}

/* A row counts for what its numbers say by the suite's own tolerance, whatever it states. */
static void doubt(const target *t, const json_t *event, zg_row *row)
{
    zg_row_settle_gap(row);
    if (isnan(zg_gap(row->objective, row->bound))) row->gap = NAN;
    const char *reason = zg_row_doubt(row, event, t->suite->tolerance);
    if (reason) snprintf(row->message, sizeof row->message, "%s", reason);
}

static zg_status describe_machine(run *r)
{
    zg_event_start(&r->event, "run_started");
    zg_provenance_write(&r->event, NAN);
    zg_status status = zg_event_finish(&r->event, r->error);
    if (status != ZG_OK) return status;
    r->provenance = json_loadb(r->event.text, r->event.length, JSON_DISABLE_EOF_CHECK, NULL);
    return r->provenance ? ZG_OK : zg_no_memory(r->error);
}

/* Whether a run of the log is of a machine with whose times ours may not be compared. */
static bool is_elsewhere(const run *r, const json_t *started)
{
    char what[200];
    return zg_provenance_differs(json_object_get(started, "provenance"),
                                 json_object_get(r->provenance, "provenance"), what, sizeof what);
}

/* What a run that is not of these very files was not asked to judge. */
static bool is_other_suite(const run *r, const json_t *started)
{
    const char *digest = json_string_value(json_object_get(started, "digest"));
    return !digest || strcmp(digest, r->digest) != 0;
}

/* Times that a suite compares must come from one machine. */
static bool compares_times(const zg_suite *suite)
{
    for (size_t i = 0; i < suite->case_count; i++)
        for (size_t k = 0; k < suite->cases[i].expect_count; k++)
            if (suite->cases[i].expect[k]->than) return true;
    return false;
}

/* Takes over the row of a case that is in the journal already. */
static void visit_old(void *context, const json_t *event)
{
    run *r = context;
    zg_row row;
    r->resumed = true;
    if (!zg_resumption_see(&r->resumption, event)) r->no_memory = true;
    const char *kind = json_string_value(json_object_get(event, "event"));
    if (kind && strcmp(kind, "run_started") == 0) {
        r->elsewhere = is_elsewhere(r, event);
        r->other_suite = is_other_suite(r, event);
    }
    if (!kind || strcmp(kind, "case_finished") != 0) return;
    if (zg_row_read(&row, event, NULL) != ZG_OK) {
        zg_row_clear(&row);
        return;
    }
    for (size_t i = 0; i < r->result->count; i++) {
        target *t = &r->targets[i];
        if (strcmp(t->item->key, row.key) != 0 || strcmp(t->suite->name, row.suite) != 0) continue;
        doubt(t, event, &row);
        size_t line;
        bool settled = settles(r, t, &row) && !(r->elsewhere && compares_times(t->suite)) &&
                       !(r->other_suite && zg_case_needs_two(t->item, &line));
        if (r->reading_earlier && t->done && !settled) {
            zg_row_clear(&row); /* what was measured anywhere counts before a failure */
            return;
        }
        zg_row_clear(&r->result->rows[i]);
        t->solver = settled ? zg_solver_changed(t->item, &row) : ZG_SOLVER_SAME;
        t->done = settled && t->solver != ZG_SOLVER_OTHER;
        r->result->rows[i] = row;
        if (t->done) judge_again(t, &r->result->rows[i]);
        return;
    }
    zg_row_clear(&row);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static void find_cores(run *r)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return;
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &set)) r->cores[r->core_count++] = i;
}

/* Gives the slot its own cores, when there are enough for all slots. */
static void assign_cores(const run *r, zg_slot *slot, size_t threads)
{
    size_t index = (size_t)(slot - r->slots);
    slot->job.core_count = 0;
    if (r->jobs * threads > r->core_count || threads > sizeof slot->cores / sizeof *slot->cores)
        return;
    for (size_t i = 0; i < threads; i++)
        slot->cores[i] = r->cores[index * threads + i];
    slot->job.core_count = threads;
}

static void tell_superseded(const run *r)
{
    const zg_resumption *seen = &r->resumption;
    const zg_spectator *spectator = &r->options->spectator;
    const zg_superseded *other = &seen->other;
    r->result->superseded = other->data + other->settings + other->either + other->solver;
    if (r->result->superseded + other->unknown_solver > 0 && spectator->superseded)
        spectator->superseded(spectator->context, other);
}

/* What another log holds counts as if it stood in this one; nothing is written to it. */
static zg_status read_earlier(run *r, const char *path)
{
    zg_follower follower;
    bool torn = false, resumed = r->resumed;
    r->resumed = false;
    r->reading_earlier = true;
    zg_status status = zg_follower_open(&follower, path, r->error);
    if (status == ZG_OK) status = zg_follower_read(&follower, visit_old, r, r->error);
    if (status == ZG_OK) status = zg_follower_end(&follower, visit_old, r, &torn, r->error);
    bool begun = follower.line == 1 && torn && zg_journal_is_begun(follower.fd);
    if (status == ZG_OK && !r->resumed && follower.line > 0 && !begun)
        status = zg_fail(
            r->error, ZG_BAD_INPUT,
            "--resume-from %.300s: expected a log of zerogap run, found no event in it", path);
    zg_follower_close(&follower);
    r->resumed = resumed;
    return status == ZG_OK ? zg_rows_can_be_held(path, r->error) : status;
}

/* Memory that workers see as well. */
static zg_status share_request(run *r)
{
    void *page =
        mmap(NULL, sizeof *r->asked, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return zg_no_memory(r->error);
    r->asked = page;
    atomic_init(r->asked, 0);
    return ZG_OK;
}

static bool is_shared(const run *r)
{
    return r->jobs > 1 || r->options->shared;
}

static bool is_ending(const run *r)
{
    return atomic_load(r->asked) != 0;
}

static zg_status prepare(run *r, zg_suite *const *suites, size_t count)
{
    r->jobs = r->options->jobs ? r->options->jobs : 1;
    if (r->jobs > JOBS_LIMIT)
        return zg_fail(r->error, ZG_BAD_INPUT, "at most %zu cases can run at a time", JOBS_LIMIT);
    r->slots = calloc(r->jobs, sizeof *r->slots);
    if (!r->slots) return zg_no_memory(r->error);
    zg_suites_digest(suites, count, r->digest);
    zg_status status = share_request(r);
    if (status == ZG_OK) status = make_plan(r, suites, count);
    if (status == ZG_OK) status = check_repetitions(r);
    if (status == ZG_OK) status = zg_signals_catch(&r->signals, r->error);
    if (status == ZG_OK) status = describe_machine(r);
    if (status == ZG_OK) status = zg_resumption_begin(&r->resumption, suites, count, r->error);
    if (status == ZG_OK)
        status = zg_journal_open(r->options->log, r->options->resume, visit_old, r, &r->journal,
                                 r->error);
    for (size_t i = 0; i < r->options->earlier_count && status == ZG_OK; i++)
        status = read_earlier(r, r->options->earlier[i]);
    if (status == ZG_OK && r->no_memory) status = zg_no_memory(r->error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < r->result->count; i++) {
        const target *t = &r->targets[i];
        r->result->kept += t->done;
        if (!zg_resumption_count(&r->resumption, t->item, t->solver)) return zg_no_memory(r->error);
    }
    r->begun = r->result->kept;
    tell_superseded(r);
    find_cores(r);
    zg_announce_run(&r->event, suites, count, r->options, r->result, r->resumed,
                    r->resumption.superseded, zg_journal_time(r->journal));
    return zg_journal_write(r->journal, &r->event, true, r->error);
}

/* ---- running --------------------------------------------------------------------------------- */

/* What a case may write when its suite does not say: half of what is free where it writes, MiB.  A
 * case that fills the disk would end the run. */
static double disk_share(const char *log)
{
    char folder[4096];
    struct statvfs info;
    double share = INFINITY;
    const char *slash = strrchr(log, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - log) + 1 : 1, slash ? log : ".");
    const char *const places[] = {folder, zg_temporary_folder()};
    for (size_t i = 0; i < 2; i++)
        if (statvfs(places[i], &info) == 0)
            share = fmin(share, 0.5 * (double)info.f_bavail * (double)info.f_frsize / 1048576);
    return isfinite(share) ? fmax(share, 1) : 0;
}

static zg_status start_case(run *r, zg_slot *slot, size_t index)
{
    const target *t = &r->targets[index];
    const zg_spectator *spectator = &r->options->spectator;
    zg_row_clear(&r->result->rows[index]);
    zg_row_start(&slot->row);
    snprintf(slot->row.timing, sizeof slot->row.timing, "%s", is_shared(r) ? "shared" : "solo");
    slot->target = index;
    slot->repeat = repetitions(r, t->suite);
    slot->disk_mb = disk_share(r->options->log);
    free(slot->checkpoint);
    zg_status status =
        zg_state_place(r->options, t->item->key, r->resumed, &slot->checkpoint, r->error);
    if (status != ZG_OK) return status;
    slot->work = (zg_case_job){.suite = t->suite,
                               .item = t->item,
                               .world = r->world,
                               .checkpoint = slot->checkpoint,
                               .asked = r->asked};
    assign_cores(r, slot, t->suite->threads);
    double now = zg_journal_time(r->journal);
    slot->work.begin = zg_monotonic() - now;
    slot->announced = false;
    status = zg_slot_launch(slot, r->error);
    if (status != ZG_OK) return status;
    slot->busy = true;
    r->busy++;
    if (spectator->started)
        spectator->started(spectator->context, t->item->name, ++r->begun, r->result->expected);
    return ZG_OK;
}

/* ---- choosing ------------------------------------------------------------------------------ */

/* The choice of a target's group; *ready: all its cases have ended.  The array is r->candidates. */
static zg_choice choose(const run *r, const target *t, bool *ready)
{
    size_t count = 0;
    *ready = true;
    for (size_t i = 0; i < r->result->count; i++) {
        const target *other = &r->targets[i];
        if (other->suite != t->suite || other->item->group != t->item->group) continue;
        const zg_row *row = &r->result->rows[i];
        if (!other->item->recipe.retrained && row->name[0] == '\0') *ready = false;
        r->candidates[count++] = (zg_candidate){other->item, row};
    }
    return zg_selection_choose(r->candidates, count);
}

/* Says in the row how its setting was chosen. */
static void note_choice(const run *r, size_t index)
{
    const target *t = &r->targets[index];
    zg_row *row = &r->result->rows[index];
    bool ready;
    if (!t->item->recipe.retrained) return;
    zg_choice choice = choose(r, t, &ready);
    row->selection_score = choice.score;
    row->selection_error = choice.error;
    row->selection_settings = (double)choice.settings;
    char spread[48] = "";
    if (!isnan(choice.error)) snprintf(spread, sizeof spread, " +- %.2g", choice.error);
    size_t used = strlen(row->message);
    snprintf(row->message + used, sizeof row->message - used,
             "%schosen among %zu settings: %s %.6g%s on rows that validate", used ? "; " : "",
             choice.settings, choice.classes ? "share of wrong labels" : "rmse", choice.score,
             spread);
}

/* No setting has a score: the group's first final case says so, and nothing is trained. */
static zg_status fail_choice(run *r, size_t index)
{
    const target *t = &r->targets[index];
    const zg_spectator *spectator = &r->options->spectator;
    const zg_extent unread = {0};
    zg_row *row = &r->result->rows[index];
    double now = zg_journal_time(r->journal);
    snprintf(row->suite, sizeof row->suite, "%s", t->suite->name);
    snprintf(row->name, sizeof row->name, "%s", t->item->name);
    snprintf(row->key, sizeof row->key, "%s", t->item->key);
    row->verdict = ZG_CASE_FAILED;
    snprintf(row->cause, sizeof row->cause, "no_score");
    snprintf(row->message, sizeof row->message,
             "no setting has a score on all rows that validate: there is nothing to choose from");
    zg_announce_case(&r->event, t->suite, t->item, &unread, is_shared(r), now);
    zg_status status = zg_journal_write(r->journal, &r->event, false, r->error);
    if (status != ZG_OK) return status;
    zg_announce_row(&r->event, row, now);
    status = zg_journal_write(r->journal, &r->event, true, r->error);
    if (status == ZG_OK && spectator->finished) spectator->finished(spectator->context, row);
    return status;
}

/* Whether the target is to run: always, unless it is a final case of a setting that was not chosen.
 * *ready: whether that can be said yet. */
static zg_status decide(run *r, size_t index, bool *ready, bool *runs)
{
    const target *t = &r->targets[index];
    *ready = *runs = true;
    if (!t->item->recipe.retrained) return ZG_OK;
    zg_choice choice = choose(r, t, ready);
    if (!*ready) return ZG_OK;
    *runs = choice.chosen == t->item;
    if (choice.chosen) return ZG_OK;
    for (size_t i = 0; i < index; i++)
        if (r->targets[i].suite == t->suite && r->targets[i].item->group == t->item->group &&
            r->targets[i].item->recipe.retrained)
            return ZG_OK; /* it has said so */
    return fail_choice(r, index);
}

/* Whether two cases ask the same solver: the files that their methods' options name are the same.
 */
static bool same_solver(const target *a, const target *b)
{
    const zg_method *method = a->item->method;
    if (a->suite != b->suite || method != b->item->method) return false;
    for (size_t i = 0; i < method->option_count; i++) {
        const char *one = a->item->values[i].text, *other = b->item->values[i].text;
        bool file =
            method->options[i].type == ZG_OPTION_FILE || method->options[i].type == ZG_OPTION_PLACE;
        if (file && strcmp(one ? one : "", other ? other : "") != 0) return false;
    }
    return strcmp(a->item->method_label, b->item->method_label) == 0;
}

/* Whether the solver of a case that says that something is missing ran another case: then it may
 * not choose what it is judged by, and has failed. */
static bool feigns_absence(const run *r, size_t index)
{
    const target *t = &r->targets[index];
    const zg_row *row = &r->result->rows[index];
    if (row->verdict != ZG_SKIPPED || strcmp(row->cause, "missing_program") != 0) return false;
    for (size_t i = 0; i < r->result->count; i++) {
        const zg_row *answer = &r->result->rows[i];
        if (answer->verdict != ZG_SKIPPED && answer->solver_program[0] &&
            same_solver(t, &r->targets[i]))
            return true;
    }
    return false;
}

static void fail_feigned(zg_row *row)
{
    char reason[sizeof row->message];
    memcpy(reason, row->message, sizeof reason);
    row->verdict = ZG_CASE_FAILED;
    snprintf(row->message, sizeof row->message, "its solver ran other cases; here %.900s", reason);
}

/* Those that were skipped before their solver ran another case get a second row. */
static zg_status review_absences(run *r)
{
    zg_status status = ZG_OK;
    for (size_t i = 0; i < r->result->count && status == ZG_OK; i++) {
        zg_row *row = &r->result->rows[i];
        if (!feigns_absence(r, i)) continue;
        fail_feigned(row);
        zg_announce_row(&r->event, row, zg_journal_time(r->journal));
        status = zg_journal_write(r->journal, &r->event, true, r->error);
    }
    return status;
}

/* A row that another one of its problem contradicts is said again. */
static zg_status tell_contradicted(void *context, size_t number)
{
    run *r = context;
    const zg_spectator *spectator = &r->options->spectator;
    const zg_row *row = &r->result->rows[number];
    zg_announce_row(&r->event, row, zg_journal_time(r->journal));
    zg_status status = zg_journal_write(r->journal, &r->event, true, r->error);
    if (status == ZG_OK && spectator->finished) spectator->finished(spectator->context, row);
    return status;
}

/* The row of a method in the data and model of a case: one that has ended, else one that was to. */
static const zg_row *find_rival(void *context, const zg_case *item, const char *method)
{
    const run *r = context;
    const zg_row *planned = NULL;
    for (size_t i = 0; i < r->result->count; i++) {
        const zg_case *other = r->targets[i].item;
        if (strcmp(other->data_label, item->data_label) != 0 ||
            strcmp(other->model_label, item->model_label) != 0 ||
            strcmp(other->method_label, method) != 0)
            continue;
        planned = &r->result->rows[i];
        if (planned->name[0]) return planned;
    }
    return planned;
}

/* What is left unjudged is told. */
static void judge_time(run *r, size_t index)
{
    const zg_spectator *spectator = &r->options->spectator;
    zg_row *row = &r->result->rows[index];
    zg_case_judge_time(r->targets[index].item, find_rival, r, row);
    const char *unjudged = strstr(row->message, ZG_TIME_UNJUDGED);
    if (unjudged && spectator->noted && zg_verdict_ran(row->verdict))
        spectator->noted(spectator->context, unjudged);
}

static zg_status finish_case(run *r, zg_slot *slot)
{
    const zg_spectator *spectator = &r->options->spectator;
    zg_row *row = &r->result->rows[slot->target];
    slot->busy = false;
    r->busy--;
    *row = slot->row;
    zg_row_start(&slot->row);
    note_choice(r, slot->target);
    judge_time(r, slot->target);
    if (feigns_absence(r, slot->target)) fail_feigned(row);
    zg_announce_row(&r->event, row, zg_journal_time(r->journal));
    zg_status status = zg_journal_write(r->journal, &r->event, true, r->error);
    /* What timed out can be resumed where it was. */
    if (status == ZG_OK && row->verdict != ZG_CASE_TIMEOUT) (void)unlink(slot->checkpoint);
    if (status == ZG_OK && spectator->finished) spectator->finished(spectator->context, row);
    return status;
}

/* A final case of an earlier part of the run is no longer the choice. */
static zg_status take_back(run *r, size_t index)
{
    const target *t = &r->targets[index];
    zg_row_clear(&r->result->rows[index]);
    zg_announce_superseded(&r->event, t->suite, t->item, zg_journal_time(r->journal));
    return zg_journal_write(r->journal, &r->event, true, r->error);
}

/* Goes on to the next case that is to run.  *ready: false while a choice waits for cases under
 * way. */
static zg_status find_next(run *r, bool *ready)
{
    *ready = true;
    for (; r->next < r->result->count; r->next++) {
        bool runs;
        zg_status status = decide(r, r->next, ready, &runs);
        if (status != ZG_OK || !*ready) return status;
        bool done = r->targets[r->next].done;
        if (runs && !done) return ZG_OK;
        if (runs && done) judge_time(r, r->next); /* what came before it has ended, or begun */
        bool says_none = strcmp(r->result->rows[r->next].cause, "no_score") == 0;
        if (!runs && done && !says_none) status = take_back(r, r->next);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status fill_slots(run *r)
{
    for (size_t i = 0; i < r->jobs && !is_ending(r); i++) {
        bool ready;
        if (r->slots[i].busy) continue;
        zg_status status = find_next(r, &ready);
        if (status != ZG_OK || !ready || r->next == r->result->count) return status;
        status = start_case(r, &r->slots[i], r->next++);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* A supervisor was killed: what it watched over has come to us. */
static void sweep_orphans(const run *r)
{
    pid_t living[JOBS_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < r->jobs; i++)
        if (r->slots[i].busy) living[count++] = r->slots[i].worker.supervisor.pid;
    zg_orphans_sweep(&r->orphans, living, count);
}

static zg_status serve_slot(run *r, zg_slot *slot, bool ended)
{
    const zg_spectator *spectator = &r->options->spectator;
    bool again = false;
    if (!ended) return zg_slot_read(slot, r->journal, &r->event, spectator, r->error);
    /* Settled or not, the worker is gone after this. */
    slot->busy = false;
    r->busy--;
    zg_status status = zg_slot_settle(slot, r->journal, &r->event, spectator, &again, r->error);
    if (slot->lost) sweep_orphans(r);
    again = again && !is_ending(r);
    if (status == ZG_OK && again) status = zg_slot_launch(slot, r->error);
    if (status != ZG_OK) return status;
    slot->busy = true;
    r->busy++;
    return again ? ZG_OK : finish_case(r, slot);
}

static bool expects(const zg_case *item, const zg_expectation *expected)
{
    for (size_t i = 0; i < item->expect_count; i++)
        if (item->expect[i] == expected) return true;
    return false;
}

/* Whether all cases that ended and that an expectation speaks of were skipped; first is the first
 * of them. */
static bool judged_nothing(const run *r, size_t first, const zg_expectation *expected)
{
    for (size_t i = 0; i < r->result->count; i++) {
        const zg_row *row = &r->result->rows[i];
        if (!row->name[0] || !expects(r->targets[i].item, expected)) continue;
        if (i < first || row->verdict != ZG_SKIPPED) return false;
    }
    return true;
}

/* Expectations that nothing was held against must not look as if they were met: said to the
 * spectator, and kept for the last event.  false when memory ran out. */
static bool tell_unjudged(const run *r, json_t *notes)
{
    char note[400];
    const zg_spectator *spectator = &r->options->spectator;
    for (size_t i = 0; i < r->result->count; i++)
        for (size_t k = 0; k < r->targets[i].item->expect_count; k++) {
            const zg_expectation *expected = r->targets[i].item->expect[k];
            if (!r->result->rows[i].name[0] || !judged_nothing(r, i, expected)) continue;
            snprintf(note, sizeof note,
                     "all cases that line %zu of the suite %.200s expects something of were "
                     "skipped: it is not judged",
                     expected->line, r->targets[i].suite->name);
            if (spectator->noted) spectator->noted(spectator->context, note);
            if (json_array_append_new(notes, json_string(note)) != 0) return false;
        }
    return true;
}

/* Adds those notes to an event. */
static void announce_unjudged(zg_event *event, const json_t *notes)
{
    size_t count = json_array_size(notes);
    const char **texts = calloc(count + 1, sizeof *texts);
    for (size_t i = 0; texts && i < count; i++)
        texts[i] = json_string_value(json_array_get(notes, i));
    if (!texts) event->no_memory = true;
    if (texts && count) zg_event_texts(event, "unjudged", texts, count);
    free(texts);
}

/* Rows of cases that never ran. */
static void leave_out_unchosen(zg_run_result *result)
{
    size_t left = 0;
    for (size_t i = 0; i < result->count; i++)
        if (result->rows[i].name[0]) result->rows[left++] = result->rows[i];
    result->count = left;
}

/* Rows of this run against each other, and against those of the logs that it went on from. */
static zg_status hold_together(run *r)
{
    size_t count = r->options->earlier_count;
    const char **paths = calloc(count + 1, sizeof *paths);
    if (!paths) return zg_no_memory(r->error);
    paths[0] = r->options->log;
    for (size_t i = 0; i < count; i++)
        paths[i + 1] = r->options->earlier[i];
    zg_status status = zg_rows_hold_together(paths, count + 1, r->result->rows, r->result->count,
                                             tell_contradicted, r, r->error);
    free(paths);
    return status;
}

/* The last event: of all cases, or of those that ended before a signal. */
static zg_status close_run(run *r)
{
    zg_run_result *result = r->result;
    zg_status status = review_absences(r);
    if (status == ZG_OK) status = hold_together(r);
    if (status != ZG_OK) return status;
    json_t *unjudged = json_array();
    if (!tell_unjudged(r, unjudged)) status = zg_no_memory(r->error);
    leave_out_unchosen(result);
    for (size_t i = 0; i < result->count; i++)
        if (result->rows[i].name[0]) result->counts[result->rows[i].verdict]++;
    result->exit_status = result->interrupted  ? 128 + result->interrupted
                          : r->options->strict ? zg_verdict_exit_strict(result->counts)
                                               : zg_verdict_exit(result->counts);
    if (r->empty && !result->interrupted) result->exit_status = 0;
    zg_announce_end(&r->event, result, zg_journal_time(r->journal));
    announce_unjudged(&r->event, unjudged);
    json_decref(unjudged);
    return status == ZG_OK ? zg_journal_write(r->journal, &r->event, true, r->error) : status;
}

/* The end by a signal: the log says so, and from here on another one ends the program at once. */
static zg_status interrupt(run *r, int number)
{
    r->result->interrupted = number;
    zg_status status = close_run(r);
    zg_signals_release(&r->signals);
    if (status != ZG_OK) return status;
    return zg_fail(r->error, ZG_STOPPED, "interrupted; --resume continues %.300s", r->options->log);
}

/* SIGUSR1: nothing new begins, and what is under way ends with what it has.  Any other signal, or
 * a second one, ends the run at once. */
static zg_status take_signal(run *r)
{
    int number = zg_signals_taken(&r->signals);
    if (number == 0) return ZG_OK;
    if (number != SIGUSR1 || is_ending(r)) return interrupt(r, number);
    atomic_store(r->asked, number);
    return ZG_OK;
}

static zg_status wait_and_serve(run *r)
{
    struct pollfd ready[2 * JOBS_LIMIT + 1];
    nfds_t count = 0;
    ready[count++] = (struct pollfd){r->signals.descriptor, POLLIN, 0};
    for (size_t i = 0; i < r->jobs; i++) {
        bool busy = r->slots[i].busy;
        ready[count++] =
            (struct pollfd){busy ? r->slots[i].worker.supervisor.channel : -1, POLLIN, 0};
        ready[count++] = (struct pollfd){busy ? r->slots[i].worker.events : -1, POLLIN, 0};
    }
    if (poll(ready, count, -1) < 0 && errno != EINTR)
        return zg_fail(r->error, ZG_IO, "cannot wait for processes: %s", strerror(errno));
    if (ready[0].revents) return take_signal(r);
    for (size_t i = 0; i < r->jobs; i++) {
        bool ended = ready[2 * i + 1].revents != 0;
        short events = ready[2 * i + 2].revents;
        /* A closed pipe without an ending: the supervisor will be heard of in a moment. */
        if (!ended && !(events & POLLIN) && events) (void)poll(&ready[2 * i + 1], 1, 5);
        if (!ended && !(events & POLLIN)) continue;
        zg_status status = serve_slot(r, &r->slots[i], ended);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status run_cases(run *r)
{
    zg_status status = fill_slots(r);
    while (status == ZG_OK && r->busy > 0) {
        status = wait_and_serve(r);
        if (status == ZG_OK) status = fill_slots(r);
    }
    if (status == ZG_OK && is_ending(r)) status = interrupt(r, SIGUSR1);
    return status;
}

zg_status zg_run_suites(zg_suite *const *suites, size_t count, const zg_world *world,
                        const zg_run_options *options, zg_run_result *out, zg_error *error)
{
    *out = (zg_run_result){0};
    run *r = calloc(1, sizeof *r);
    if (!r) return zg_no_memory(error);
    *r = (run){.world = world,
               .options = options,
               .result = out,
               .signals = {.descriptor = -1},
               .error = error};
    zg_orphans_adopt(&r->orphans);
    zg_status status = prepare(r, suites, count);
    if (status == ZG_OK) status = run_cases(r);
    if (status == ZG_OK) status = close_run(r);
    for (size_t i = 0; r->slots && i < r->jobs; i++)
        zg_slot_abandon(&r->slots[i]);
    zg_signals_release(&r->signals);
    if (r->asked) (void)munmap(r->asked, sizeof *r->asked);
    zg_orphans_release(&r->orphans);
    zg_journal_close(r->journal);
    zg_resumption_clear(&r->resumption);
    json_decref(r->provenance);
    zg_event_clear(&r->event);
    free(r->slots);
    free(r->targets);
    free(r->candidates);
    free(r);
    if (status != ZG_OK) {
        int interrupted = out->interrupted;
        zg_run_result_clear(out);
        out->interrupted = interrupted;
    }
    return status;
}

void zg_run_result_clear(zg_run_result *result)
{
    for (size_t i = 0; result->rows && i < result->count; i++)
        zg_row_clear(&result->rows[i]);
    free(result->rows);
    *result = (zg_run_result){0};
}
