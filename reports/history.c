/* Many runs over time: reading a folder of logs, series per case, steps. */
#include "reports/history_runs.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_NOISE 0.01 /* standard deviation of a series, as a share */
#define SHORTEST_LEVEL 2

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
    series->moved = calloc(out->run_count, sizeof *series->moved);
    series->steps = calloc(out->run_count, sizeof *series->steps);
    out->series_count++; /* counted at once, so that it is freed in any case */
    json_int_t number = (json_int_t)(out->series_count - 1);
    if (!series->run || !series->seconds || !series->level || !series->moved || !series->steps ||
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
        if (!series || !series->run || !series->seconds || !series->moved) return false;
        if (series->count && series->run[series->count - 1] == run) continue;
        char what[200];
        series->moved[series->count] =
            series->count &&
            zg_provenance_differs(series->provenance, item->provenance, what, sizeof what);
        series->provenance = item->provenance;
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
        (zg_history_step){from, series->moved[from], series->level[from - 1], series->level[from]};
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
    memset(out, 0, sizeof *out);
    zg_status status = zg_history_read_runs(folder, out, error);
    return status == ZG_OK ? make_series(out, error) : status;
}

void zg_history_clear(zg_history *history)
{
    for (size_t i = 0; i < history->run_count; i++) {
        zg_history_run_clear(&history->runs[i]);
    }
    for (size_t i = 0; i < history->series_count; i++) {
        free(history->series[i].run);
        free(history->series[i].seconds);
        free(history->series[i].level);
        free(history->series[i].moved);
        free(history->series[i].steps);
    }
    free(history->runs);
    free(history->series);
    memset(history, 0, sizeof *history);
}
