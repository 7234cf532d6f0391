/* Many runs over time: reading a folder of logs, series per case, steps. */
#include "reports/history.h"
#include "reports/statistics.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_NOISE 0.01 /* standard deviation of a series, as a share */
#define SHORTEST_LEVEL 2

/* ---- runs ----------------------------------------------------------------------------------- */

static bool is_log(const char *name)
{
    size_t length = strlen(name);
    return name[0] != '.' && ((length > 7 && strcmp(name + length - 7, ".ndjson") == 0) ||
                              (length > 5 && strcmp(name + length - 5, ".json") == 0));
}

static int log_filter(const struct dirent *entry)
{
    return is_log(entry->d_name);
}

static void describe_run(zg_history_run *run)
{
    const zg_side *side = &run->side;
    const json_t *started = side->log.run_count ? side->log.runs[0].started : NULL;
    zg_text label = {0};
    run->started =
        started ? zg_log_text(started, "started") : zg_log_text(side->document, "context.date");
    run->commit = zg_log_text(side->provenance, "commit");
    if (run->started)
        zg_text_format(&label, "%.10s", run->started);
    else
        zg_text_add(&label, strrchr(run->path, '/') ? strrchr(run->path, '/') + 1 : run->path);
    if (run->commit) zg_text_format(&label, " %.9s", run->commit);
    run->label = label.bytes;
}

static int by_start(const void *a, const void *b)
{
    const zg_history_run *x = a, *y = b;
    int order = strcmp(x->started ? x->started : "", y->started ? y->started : "");
    return order ? order : strcmp(x->path, y->path);
}

static zg_status read_runs(const char *folder, struct dirent **entries, size_t count,
                           zg_history *out, zg_error *error)
{
    out->runs = calloc(count + 1, sizeof *out->runs);
    if (!out->runs) return zg_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        zg_history_run *run = &out->runs[out->run_count++];
        zg_text path = {0};
        zg_text_format(&path, "%s/%s", folder, entries[i]->d_name);
        run->path = path.bytes;
        if (path.failed) return zg_no_memory(error);
        zg_status status = zg_side_read(&run->side, run->path, error);
        if (status != ZG_OK) return status;
        describe_run(run);
        if (!run->label) return zg_no_memory(error);
    }
    qsort(out->runs, out->run_count, sizeof *out->runs, by_start);
    char what[200];
    for (size_t i = 1; i < out->run_count; i++)
        out->runs[i].other_machine = zg_provenance_differs(
            out->runs[i - 1].side.provenance, out->runs[i].side.provenance, what, sizeof what);
    return ZG_OK;
}

/* ---- series --------------------------------------------------------------------------------- */

static zg_history_series *series_of(zg_history *out, json_t *index, const zg_measurement *item)
{
    const char *identity = item->key ? item->key : item->name;
    const json_t *found = json_object_get(index, identity);
    if (found) return &out->series[json_integer_value(found)];
    zg_history_series *series = &out->series[out->series_count];
    series->name = item->name;
    series->key = item->key;
    series->run = calloc(out->run_count, sizeof *series->run);
    series->seconds = calloc(out->run_count, sizeof *series->seconds);
    series->level = calloc(out->run_count, sizeof *series->level);
    series->steps = calloc(out->run_count, sizeof *series->steps);
    out->series_count++; /* counted at once, so that it is freed in any case */
    json_int_t number = (json_int_t)(out->series_count - 1);
    if (!series->run || !series->seconds || !series->level || !series->steps ||
        json_object_set_new(index, identity, json_integer(number)) != 0)
        return NULL;
    return series;
}

static bool add_points(zg_history *out, json_t *index, size_t run)
{
    const zg_side *side = &out->runs[run].side;
    for (size_t i = 0; i < side->count; i++) {
        const zg_measurement *item = &side->items[i];
        double seconds;
        if (!zg_median(item->sample_count, item->samples, &seconds)) return false;
        if (!zg_verdict_ran(item->verdict) || !(seconds > 0)) continue;
        zg_history_series *series = series_of(out, index, item);
        if (!series || !series->run || !series->seconds) return false;
        if (series->count && series->run[series->count - 1] == run) continue;
        series->run[series->count] = run;
        series->seconds[series->count++] = seconds;
    }
    return true;
}

/* The level of the points from .. to, by the logarithms that the fit saw. */
static void add_level(zg_history_series *series, const double *logs, size_t from, size_t to)
{
    double mean = 0;
    for (size_t i = from; i < to; i++)
        mean += logs[i] / (double)(to - from);
    for (size_t i = from; i < to; i++)
        series->level[i] = exp(mean);
    if (from == 0) return;
    series->steps[series->step_count++] =
        (zg_history_step){from, series->level[from - 1], series->level[from]};
}

/* Values that stick out of both neighbours by more than four standard deviations are taken for the
 * neighbour's: in squared error, one wild run would otherwise pull a level to itself. */
static void clip_spikes(size_t count, const double *values, double noise, double *out)
{
    double far = 4 * sqrt(noise);
    for (size_t i = 0; i < count; i++) {
        double left = values[i > 0 ? i - 1 : 1], right = values[i + 1 < count ? i + 1 : count - 2];
        double up = fmin(values[i] - left, values[i] - right);
        double down = fmin(left - values[i], right - values[i]);
        out[i] = values[i];
        if (up > far) out[i] = fmax(left, right);
        if (down > far) out[i] = fmin(left, right);
    }
}

static bool find_levels(zg_history_series *series)
{
    size_t segments = 0, count = series->count;
    double *logs = malloc((2 * count + 1) * sizeof *logs), *clipped = logs ? logs + count : NULL;
    size_t *starts = malloc((count + 1) * sizeof *starts);
    bool done = logs && starts && series->level && series->steps;
    for (size_t i = 0; done && i < count; i++)
        logs[i] = log(series->seconds[i]);
    double noise = 0;
    done = done && zg_difference_variance(count, logs, &noise);
    if (done) {
        noise = fmax(noise, SMALLEST_NOISE * SMALLEST_NOISE);
        memcpy(clipped, logs, count * sizeof *logs);
        if (count > 2) clip_spikes(count, logs, noise, clipped);
        done = zg_find_steps(count, clipped, 3 * log((double)count) * noise, SHORTEST_LEVEL, starts,
                             &segments);
    }
    for (size_t k = 0; done && k < segments; k++)
        add_level(series, clipped, starts[k], k + 1 < segments ? starts[k + 1] : count);
    free(logs);
    free(starts);
    return done;
}

static zg_status make_series(zg_history *out, zg_error *error)
{
    size_t room = 1;
    for (size_t i = 0; i < out->run_count; i++)
        room += out->runs[i].side.count;
    json_t *index = json_object();
    out->series = calloc(room, sizeof *out->series);
    bool done = index && out->series;
    for (size_t i = 0; done && i < out->run_count; i++)
        done = add_points(out, index, i);
    for (size_t i = 0; done && i < out->series_count; i++)
        done = find_levels(&out->series[i]);
    json_decref(index);
    return done ? ZG_OK : zg_no_memory(error);
}

zg_status zg_history_read(const char *folder, zg_history *out, zg_error *error)
{
    struct dirent **entries = NULL;
    memset(out, 0, sizeof *out);
    int count = scandir(folder, &entries, log_filter, alphasort);
    if (count < 0)
        return zg_fail(error, ZG_IO, "cannot read the folder \"%s\": %s", folder, strerror(errno));
    zg_status status = read_runs(folder, entries, (size_t)count, out, error);
    if (status == ZG_OK) status = make_series(out, error);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return status;
}

void zg_history_clear(zg_history *history)
{
    for (size_t i = 0; i < history->run_count; i++) {
        free(history->runs[i].path);
        free(history->runs[i].label);
        zg_side_clear(&history->runs[i].side);
    }
    for (size_t i = 0; i < history->series_count; i++) {
        free(history->series[i].run);
        free(history->series[i].seconds);
        free(history->series[i].level);
        free(history->series[i].steps);
    }
    free(history->runs);
    free(history->series);
    memset(history, 0, sizeof *history);
}
