/* A run as its journal tells it: state from events, and its drawing. */
#include "reports/watch.h"

#include "base/memory.h"
#include "core/certificate.h"
#include "log/doubt.h"
#include "log/member.h"
#include "reports/table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_LIMIT ((size_t)4096)
#define PLOT_LINES 12

/* ---- state --------------------------------------------------------------------------------- */

static const char *text_of(const json_t *event, const char *key)
{
    const char *text = zg_log_text(event, key);
    return text ? text : "";
}

/* The case of an event, made when it is new; progress events do not name their suite. */
static zg_watched *find_case(zg_watch *watch, const json_t *event)
{
    const char *name = text_of(event, "case"), *suite = text_of(event, "suite");
    for (size_t i = watch->count; i-- > 0;) {
        zg_watched *item = &watch->cases[i];
        if (strcmp(item->name, name) == 0 && (!*suite || strcmp(item->suite, suite) == 0))
            return item;
    }
    zg_watched *larger = zg_grow(watch->cases, &watch->room, watch->count + 1, sizeof *larger);
    if (!larger) {
        watch->no_memory = true;
        return NULL;
    }
    watch->cases = larger;
    zg_watched *item = &watch->cases[watch->count++];
    *item =
        (zg_watched){.objective = NAN, .bound = NAN, .number = NAN, .tolerance = NAN, .ended = NAN};
    snprintf(item->name, sizeof item->name, "%s", name);
    snprintf(item->suite, sizeof item->suite, "%s", suite);
    zg_row_start(&item->row);
    return item;
}

/* Keeps every point until there are too many, then every other one. */
static void add_point(zg_watch *watch, zg_watched *item, double seconds, double gap)
{
    if (item->point_count == POINTS_LIMIT) {
        for (size_t i = 0; i < POINTS_LIMIT / 2; i++)
            item->points[i] = item->points[2 * i];
        item->point_count = POINTS_LIMIT / 2;
    }
    zg_point *larger =
        zg_grow(item->points, &item->point_room, item->point_count + 1, sizeof *larger);
    if (!larger) {
        watch->no_memory = true;
        return;
    }
    item->points = larger;
    item->points[item->point_count++] = (zg_point){seconds, log10(fmax(gap, 1e-16))};
}

static void start_case(zg_watch *watch, const json_t *event)
{
    zg_watched *item = find_case(watch, event);
    if (!item) return;
    item->running = true;
    item->seconds = 0;
    item->objective = item->bound = item->number = NAN;
    item->tolerance = zg_log_number(event, "tolerance");
    item->point_count = 0;
    watch->newest = (size_t)(item - watch->cases);
}

static void advance_case(zg_watch *watch, const json_t *event)
{
    static const char *const units[] = {"iteration", "epoch", "node"};
    zg_watched *item = find_case(watch, event);
    if (!item) return;
    item->seconds = zg_log_number(event, "seconds");
    item->objective = zg_log_number(event, "objective");
    item->bound = zg_log_number(event, "bound");
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(event, units[i])) item->number = zg_log_number(event, units[i]);
    if (!isnan(item->objective) && !isnan(item->bound))
        add_point(watch, item, item->seconds, zg_gap(item->objective, item->bound));
    watch->newest = (size_t)(item - watch->cases);
}

/* That of the case, else that of its run, else the usual one. */
static double tolerance_of(const zg_watch *watch, const zg_watched *item)
{
    if (!isnan(item->tolerance)) return item->tolerance;
    return watch->tolerance > 0 ? watch->tolerance : ZG_USUAL_TOLERANCE;
}

static void finish_case(zg_watch *watch, const json_t *event)
{
    zg_watched *item = find_case(watch, event);
    if (!item) return;
    item->running = false;
    item->ended = zg_log_clock(watch->run, event, NULL);
    zg_row_clear(&item->row);
    (void)zg_row_read(&item->row, event, NULL);
    zg_row_settle_gap(&item->row);
    const char *reason = zg_row_doubt(&item->row, event, tolerance_of(watch, item));
    if (reason) snprintf(item->row.message, sizeof item->row.message, "%s", reason);
}

/* Whether the row went wrong or failed: it counts until there is another. */
static bool is_bad(const zg_row *row)
{
    return !zg_verdict_ran(row->verdict) && row->verdict != ZG_SKIPPED;
}

/* Rows that a resumed run found to be about other data or settings. */
static void forget_superseded(zg_watch *watch, const json_t *keys)
{
    size_t k;
    const json_t *key;
    json_array_foreach(keys, k, key) for (size_t i = 0; i < watch->count; i++)
    {
        const char *text = json_string_value(key);
        zg_row *row = &watch->cases[i].row;
        if (text && strcmp(row->key, text) == 0 && !is_bad(row)) zg_row_clear(row);
    }
}

static void start_run(zg_watch *watch, const json_t *event)
{
    double index = zg_log_number(event, "shard.index"), count = zg_log_number(event, "shard.count");
    json_decref(watch->run);
    watch->run = json_incref((json_t *)(uintptr_t)event);
    watch->parts[0] = '\0';
    if (!isnan(index) && !isnan(count))
        snprintf(watch->parts, sizeof watch->parts, "part %.0f of %.0f", index, count);
    snprintf(watch->suite, sizeof watch->suite, "%s", text_of(event, "suite"));
    watch->planned = zg_log_number(event, "cases");
    watch->tolerance = zg_log_number(event, "tolerance");
    watch->finished = false;
    /* Whatever was running when the previous part of the run was killed is not running any more. */
    for (size_t i = 0; i < watch->count; i++)
        watch->cases[i].running = false;
    forget_superseded(watch, json_object_get(event, "superseded"));
}

void zg_watch_visit(void *context, const json_t *event)
{
    zg_watch *watch = context;
    const char *kind = text_of(event, "event");
    double t = zg_log_number(event, "t");
    if (!isnan(t)) watch->t = t;
    if (strcmp(kind, "run_started") == 0) start_run(watch, event);
    if (strcmp(kind, "case_started") == 0) start_case(watch, event);
    if (strcmp(kind, "progress") == 0) advance_case(watch, event);
    if (strcmp(kind, "case_finished") == 0) finish_case(watch, event);
    if (strcmp(kind, "run_finished") == 0) {
        watch->finished = true;
        watch->exit_status = (int)zg_log_number(event, "exit_status");
    }
}

void zg_watch_clear(zg_watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        zg_row_clear(&watch->cases[i].row);
        free(watch->cases[i].points);
    }
    free(watch->cases);
    json_decref(watch->run);
    *watch = (zg_watch){0};
}

/* ---- drawing --------------------------------------------------------------------------------- */

static bool has_ended(const zg_watched *item)
{
    return item->row.name[0] != '\0' && !item->running;
}

static void draw_running(FILE *out, const zg_watched *item)
{
    char objective[ZG_CELL_SIZE], gap[ZG_CELL_SIZE], time[ZG_CELL_SIZE];
    zg_format_objective(item->objective, objective);
    zg_format_gap(zg_gap(item->objective, item->bound), gap);
    zg_format_seconds(item->seconds, time);
    fprintf(out, "%-13s %14s %9s %10s %13s  %s\n", "running", objective, gap, time, "", item->name);
}

static void draw_head(FILE *out, const zg_watch *watch)
{
    size_t ended = 0;
    for (size_t i = 0; i < watch->count; i++)
        ended += has_ended(&watch->cases[i]);
    fprintf(out, "%s%s%s: %zu", watch->suite[0] ? watch->suite : "no run yet",
            watch->parts[0] ? ", " : "", watch->parts, ended);
    if (!isnan(watch->planned)) fprintf(out, " of %.0f", watch->planned);
    fprintf(out, " cases, %.1f s", watch->t);
    if (watch->finished) fprintf(out, ", finished with exit status %d", watch->exit_status);
    fputc('\n', out);
}

/* The newest case, or the newest with a curve once nothing runs any more. */
static const zg_watched *choose(const zg_watch *watch, const char *name)
{
    for (size_t i = 0; name && i < watch->count; i++)
        if (strcmp(watch->cases[i].name, name) == 0) return &watch->cases[i];
    if (name || watch->count == 0) return NULL;
    const zg_watched *item = &watch->cases[watch->newest];
    for (size_t i = watch->count; item->point_count == 0 && i-- > 0;)
        item = &watch->cases[i];
    return item;
}

void zg_watch_draw(FILE *out, const zg_watch *watch, const char *name, size_t columns, size_t lines,
                   bool ascii)
{
    const zg_watched *shown = choose(watch, name);
    bool plot = shown && shown->point_count > 1 && lines > PLOT_LINES + 6;
    size_t ended = 0, running = 0, used = 2 + (plot ? PLOT_LINES + 4 : 0);
    for (size_t i = 0; i < watch->count; i++) {
        ended += has_ended(&watch->cases[i]);
        running += watch->cases[i].running;
    }
    draw_head(out, watch);
    zg_table_head(out);
    size_t room = lines > used + running ? lines - used - running : 1, skip = 0;
    if (ended > room) skip = ended - room;
    for (size_t i = 0; i < watch->count; i++) {
        if (!has_ended(&watch->cases[i])) continue;
        if (skip > 0)
            skip--;
        else
            zg_table_row(out, &watch->cases[i].row);
    }
    for (size_t i = 0; i < watch->count; i++)
        if (watch->cases[i].running) draw_running(out, &watch->cases[i]);
    if (!plot) return;
    fprintf(out, "\ncertified gap of %s\n", shown->name);
    zg_plot(out, shown->points, shown->point_count, columns > 30 ? columns - 10 : 20,
            PLOT_LINES - 2, ascii);
}
