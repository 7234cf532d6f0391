/* A run log for benchmark trackers: Google Benchmark's JSON and Bencher's metric format. */
#include "reports/formats.h"
#include "reports/record.h"

#include <math.h>
#include <stdlib.h>

static void add_member(zg_text *out, const char *name, double value)
{
    if (!isfinite(value)) return;
    zg_text_format(out, ",\n      \"%s\": ", name);
    zg_text_number(out, value);
}

static void add_text_member(zg_text *out, const char *name, const char *value)
{
    zg_text_format(out, ",\n      \"%s\": ", name);
    zg_text_json(out, value);
}

/* ---- Google Benchmark ----------------------------------------------------------------------- */

static void benchmark_context(const zg_log *log, zg_text *out)
{
    const json_t *run = log->run_count ? log->runs[0].started : NULL;
    const json_t *provenance = zg_log_member(run, "provenance");
    const char *date = zg_log_text(run, "started"), *host = zg_log_text(provenance, "host");
    double cores = zg_log_number(provenance, "cores");
    zg_text_add(out, "{\n  \"context\": {\n    \"date\": ");
    zg_text_json(out, date ? date : "1970-01-01T00:00:00Z");
    zg_text_add(out, ",\n    \"host_name\": ");
    zg_text_json(out, host ? host : "localhost");
    zg_text_format(out, ",\n    \"executable\": \"zerogap\",\n    \"num_cpus\": %.0f",
                   isnan(cores) ? 1 : cores);
    zg_text_add(out, ",\n    \"mhz_per_cpu\": 0,\n    \"cpu_scaling_enabled\": false,\n"
                     "    \"caches\": [],\n    \"load_avg\": [],\n"
                     "    \"library_build_type\": \"release\",\n"
                     "    \"json_schema_version\": 1");
    char *dump = provenance ? json_dumps(provenance, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (dump) zg_text_format(out, ",\n    \"provenance\": %s", dump);
    free(dump);
    zg_text_add(out, "\n  },\n  \"benchmarks\": [");
}

static void benchmark_counters(const zg_log_case *row, zg_text *out)
{
    add_member(out, "objective", row->result.objective);
    add_member(out, "bound", row->result.bound);
    add_member(out, "gap", row->result.gap);
    add_member(out, "neurons", row->result.neurons);
    add_member(out, "solver_iterations", row->result.iterations);
    add_member(out, "pivots", row->result.pivots);
    add_member(out, "peak_rss_bytes", row->result.peak_rss_bytes);
    if (row->score) add_member(out, row->score, row->test_score);
}

/* One repetition is an iteration; several are one aggregate, their median, beside all of them. */
static void benchmark_repetitions(const char *name, const zg_row *row, zg_text *out)
{
    bool several = row->sample_count > 1;
    add_text_member(out, "run_name", name);
    add_text_member(out, "run_type", several ? "aggregate" : "iteration");
    zg_text_format(out, ",\n      \"repetitions\": %zu", row->sample_count);
    if (several) {
        add_text_member(out, "aggregate_name", "median");
        add_text_member(out, "aggregate_unit", "time");
    } else {
        zg_text_add(out, ",\n      \"repetition_index\": 0");
    }
    zg_text_format(out, ",\n      \"threads\": 1,\n      \"iterations\": %zu", row->sample_count);
}

static void benchmark_times(const zg_row *row, const zg_spread *time, zg_text *out)
{
    double share = row->cpu_seconds / row->seconds * time->median;
    add_member(out, "real_time", time->median * 1e3);
    add_member(out, "cpu_time", isfinite(share * 1e3) ? share * 1e3 : time->median * 1e3);
    add_text_member(out, "time_unit", "ms");
    add_member(out, "shortest", time->lowest * 1e3);
    add_member(out, "longest", time->highest * 1e3);
    zg_text_add(out, ",\n      \"samples\": [");
    for (size_t k = 0; k < row->sample_count; k++) {
        zg_text_add(out, k ? ", " : "");
        zg_text_number(out, row->samples[k] * 1e3);
    }
    zg_text_add(out, "]");
}

static void benchmark_entry(const char *name, const zg_log_case *row, const zg_spread *time,
                            size_t index, zg_text *out)
{
    zg_text whole = {0};
    zg_text_format(&whole, "%s%s", name, row->result.sample_count > 1 ? "_median" : "");
    zg_text_add(out, "\n    {\n      \"name\": ");
    zg_text_json(out, zg_text_bytes(&whole));
    zg_text_format(out, ",\n      \"family_index\": %zu,\n      \"per_family_instance_index\": 0",
                   index);
    benchmark_repetitions(name, &row->result, out);
    benchmark_times(&row->result, time, out);
    add_text_member(out, "label", zg_verdict_name(row->result.verdict));
    benchmark_counters(row, out);
    zg_text_add(out, "\n    }");
    out->failed = out->failed || whole.failed;
    zg_text_clear(&whole);
}

void zg_report_benchmark(const zg_study *study, zg_text *out)
{
    zg_records records;
    const char *join = "";
    benchmark_context(study->log, out);
    zg_records_begin(study->log, &records, out);
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        zg_spread time;
        if (!zg_record_time(row, &time, out)) continue;
        zg_text_add(out, join);
        benchmark_entry(zg_record_name(&records, row), row, &time, i, out);
        join = ",";
    }
    zg_records_end(&records);
    zg_text_add(out, "\n  ]\n}\n");
}

/* ---- Bencher -------------------------------------------------------------------------------- */

static void metric(zg_text *out, const char **join, const char *name, double value)
{
    if (!isfinite(value)) return;
    zg_text_format(out, "%s\n    \"%s\": {\"value\": ", *join, name);
    zg_text_number(out, value);
    zg_text_add(out, "}");
    *join = ",";
}

static void latency(zg_text *out, const zg_log_case *row, const char **join)
{
    zg_spread time;
    if (!zg_record_time(row, &time, out) || !isfinite(time.highest * 1e9)) return;
    zg_text_format(out, "%s\n    \"latency\": {\"value\": ", *join);
    zg_text_number(out, time.median * 1e9);
    zg_text_add(out, ", \"lower_value\": ");
    zg_text_number(out, time.lowest * 1e9);
    zg_text_add(out, ", \"upper_value\": ");
    zg_text_number(out, time.highest * 1e9);
    zg_text_add(out, "}");
    *join = ",";
}

void zg_report_bencher(const zg_study *study, zg_text *out)
{
    bool first = true;
    zg_records records;
    zg_records_begin(study->log, &records, out);
    zg_text_add(out, "{");
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (!zg_verdict_ran(row->result.verdict))
            continue; /* no metric is better than a false one */
        zg_text_add(out, first ? "\n  " : ",\n  ");
        first = false;
        zg_text_json(out, zg_record_name(&records, row));
        zg_text_add(out, ": {");
        const char *join = "";
        latency(out, row, &join);
        metric(out, &join, "objective", row->result.objective);
        metric(out, &join, "certified-bound", row->result.bound);
        metric(out, &join, "certified-gap", row->result.gap);
        if (row->score) metric(out, &join, row->score, row->test_score);
        metric(out, &join, "peak-memory", row->result.peak_rss_bytes);
        metric(out, &join, "neurons", row->result.neurons);
        zg_text_add(out, "\n  }");
    }
    zg_records_end(&records);
    zg_text_add(out, "\n}\n");
}
