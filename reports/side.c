/* One side of a comparison: what was measured, from run logs or Google Benchmark's JSON. */
#include "reports/side.h"

#include "log/contradiction.h"
#include "reports/parts.h"
#include "reports/study.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *zg_counter_name(zg_counter counter)
{
    static const char *const names[ZG_COUNTERS] = {"iterations", "pivots", "neurons"};
    return names[counter];
}

/* ---- run logs ------------------------------------------------------------------------------- */

static const json_t *run_provenance(const zg_log_run *run)
{
    return json_object_get(run->started, "provenance");
}

static void from_case(zg_measurement *item, const zg_log *log, const zg_log_case *row)
{
    *item = (zg_measurement){.name = row->name ? row->name : "?",
                             .key = row->key,
                             .solver_version = row->result.solver_version,
                             .solver_digest = row->result.solver_digest,
                             .verdict = row->result.verdict,
                             .message = row->message,
                             .samples = row->result.samples,
                             .sample_count = row->result.sample_count,
                             .shared = row->shared,
                             .provenance =
                                 row->run == SIZE_MAX ? NULL : run_provenance(&log->runs[row->run]),
                             .objective = row->result.objective,
                             .bound = row->result.bound,
                             .gap = row->result.gap,
                             .tolerance = zg_log_tolerance(log, row),
                             .score = row->score};
    item->counters[ZG_COUNTER_ITERATIONS] = row->result.iterations;
    item->counters[ZG_COUNTER_PIVOTS] = row->result.pivots;
    item->counters[ZG_COUNTER_NEURONS] = row->result.neurons;
    item->score_value = isnan(row->test_score) ? row->train_score : row->test_score;
}

static zg_status from_log(zg_side *side, zg_error *error)
{
    const zg_log *log = &side->log;
    char what[200];
    for (size_t i = 0; i < log->run_count; i++) {
        const json_t *provenance = run_provenance(&log->runs[i]);
        if (!side->provenance) side->provenance = provenance;
        if (zg_provenance_differs(side->provenance, provenance, what, sizeof what))
            side->mixed = true;
    }
    side->not_started = zg_parts_not_started(log);
    side->items = calloc(log->case_count + 1, sizeof *side->items);
    if (!side->items) return zg_no_memory(error);
    for (size_t i = 0; i < log->case_count; i++)
        from_case(&side->items[side->count++], log, &log->cases[i]);
    return ZG_OK;
}

/* ---- Google Benchmark ----------------------------------------------------------------------- */

static double unit_seconds(const char *unit)
{
    if (unit && strcmp(unit, "s") == 0) return 1;
    if (unit && strcmp(unit, "ms") == 0) return 1e-3;
    if (unit && strcmp(unit, "us") == 0) return 1e-6;
    return 1e-9;
}

static const char *benchmark_name(const json_t *entry)
{
    const char *name = zg_log_text(entry, "run_name");
    if (!name) name = zg_log_text(entry, "name");
    return name ? name : "";
}

static bool same_name(const zg_measurement *item, const char *name)
{
    return item->name && strcmp(item->name, name) == 0;
}

/* All repetitions in one entry, in its unit: what our own files have. */
static const json_t *samples_of(const json_t *entry)
{
    const json_t *samples = json_object_get(entry, "samples");
    return json_array_size(samples) > 0 ? samples : NULL;
}

/* Single measurements count, and entries with all of theirs; of other aggregates only the median,
 * where nothing else is given. */
static bool is_measurement(const json_t *entry, bool aggregates)
{
    if (samples_of(entry)) return true;
    const char *type = zg_log_text(entry, "run_type");
    const char *aggregate = zg_log_text(entry, "aggregate_name");
    bool single = !type || strcmp(type, "iteration") == 0;
    return aggregates ? aggregate && strcmp(aggregate, "median") == 0 : single;
}

static zg_verdict label_verdict(const json_t *entry)
{
    if (json_is_true(json_object_get(entry, "error_occurred"))) return ZG_CASE_FAILED;
    zg_verdict verdict = zg_verdict_parse(zg_log_text(entry, "label"));
    return verdict == ZG_VERDICT_COUNT ? ZG_UNCERTIFIED : verdict;
}

static zg_measurement *benchmark_item(zg_side *side, const json_t *entry)
{
    const char *name = benchmark_name(entry);
    for (size_t i = 0; i < side->count; i++)
        if (same_name(&side->items[i], name)) return &side->items[i];
    zg_measurement *item = &side->items[side->count++];
    *item = (zg_measurement){.name = name,
                             .verdict = label_verdict(entry),
                             .message = zg_log_text(entry, "error_message"),
                             .objective = zg_log_number(entry, "objective"),
                             .bound = zg_log_number(entry, "bound"),
                             .gap = zg_log_number(entry, "gap"),
                             .provenance = zg_log_member(side->document, "context.provenance"),
                             .score_value = NAN};
    item->counters[ZG_COUNTER_ITERATIONS] = zg_log_number(entry, "solver_iterations");
    item->counters[ZG_COUNTER_PIVOTS] = zg_log_number(entry, "pivots");
    item->counters[ZG_COUNTER_NEURONS] = zg_log_number(entry, "neurons");
    return item;
}

/* The entry's times in seconds, those above 0, into room. */
static size_t times_of(const json_t *entry, double *room)
{
    const json_t *samples = samples_of(entry);
    double unit = unit_seconds(zg_log_text(entry, "time_unit"));
    size_t stated = samples ? json_array_size(samples) : 1, count = 0;
    for (size_t i = 0; i < stated; i++) {
        double time = samples ? json_number_value(json_array_get(samples, i))
                              : zg_log_number(entry, "real_time");
        if (isfinite(time) && time > 0) room[count++] = time * unit;
    }
    return count;
}

/* Gathers the samples of one name, which stand one entry each, into one run of side->owned. */
static size_t gather(zg_measurement *item, const json_t *entries, bool aggregates, double *room)
{
    size_t index, count = 0;
    json_t *entry;
    json_array_foreach((json_t *)entries, index, entry)
    {
        const char *name = benchmark_name(entry);
        if (!same_name(item, name) || !is_measurement(entry, aggregates)) continue;
        if (label_verdict(entry) == ZG_CASE_FAILED) item->verdict = ZG_CASE_FAILED;
        count += times_of(entry, room + count);
    }
    item->samples = room;
    item->sample_count = count;
    return count;
}

static zg_status from_benchmarks(zg_side *side, zg_error *error)
{
    const json_t *entries = json_object_get(side->document, "benchmarks");
    size_t total = json_array_size(entries), singles = 0, times = 0, index, used = 0;
    json_t *entry;
    json_array_foreach((json_t *)entries, index, entry)
    {
        const json_t *samples = samples_of(entry);
        singles += is_measurement(entry, false);
        times += samples ? json_array_size(samples) : 1;
    }
    side->items = calloc(total + 1, sizeof *side->items);
    side->owned = calloc(times + 1, sizeof *side->owned);
    if (!side->items || !side->owned) return zg_no_memory(error);
    bool aggregates = singles == 0;
    json_array_foreach((json_t *)entries, index, entry)
    {
        if (is_measurement(entry, aggregates)) benchmark_item(side, entry);
    }
    for (size_t i = 0; i < side->count; i++)
        used += gather(&side->items[i], entries, aggregates, side->owned + used);
    side->provenance = zg_log_member(side->document, "context.provenance");
    return ZG_OK;
}

zg_status zg_side_read(zg_side *side, const char *path, zg_error *error)
{
    memset(side, 0, sizeof *side);
    json_t *document = json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
    if (json_is_array(json_object_get(document, "benchmarks"))) {
        side->document = document;
        return from_benchmarks(side, error);
    }
    json_decref(document);
    char *const paths[] = {(char *)(uintptr_t)path};
    return zg_side_read_logs(side, paths, 1, error);
}

zg_status zg_side_read_logs(zg_side *side, char *const *paths, size_t count, zg_error *error)
{
    zg_status status = ZG_OK;
    memset(side, 0, sizeof *side);
    for (size_t i = 0; i < count && status == ZG_OK; i++)
        status = zg_log_read(&side->log, paths[i], error);
    if (status == ZG_OK) status = zg_log_hold_together(&side->log, error);
    return status == ZG_OK ? from_log(side, error) : status;
}

zg_status zg_sides_hold_together(zg_side *base, zg_side *new, zg_error *error)
{
    zg_side *const sides[] = {base, new};
    zg_log *const logs[] = {&base->log, &new->log};
    const char *const names[] = {"BASE", "NEW"};
    zg_status status = zg_logs_hold_together(logs, names, 2, error);
    for (size_t k = 0; k < 2 && status == ZG_OK; k++)
        for (size_t i = 0; i < logs[k]->case_count; i++) {
            zg_measurement *item = &sides[k]->items[i];
            if (item->verdict == logs[k]->cases[i].result.verdict) continue;
            item->verdict = logs[k]->cases[i].result.verdict;
            item->message = logs[k]->cases[i].message;
            item->contradicts = true;
        }
    return status;
}

void zg_side_clear(zg_side *side)
{
    zg_log_clear(&side->log);
    json_decref(side->document);
    free(side->items);
    free(side->owned);
    memset(side, 0, sizeof *side);
}
