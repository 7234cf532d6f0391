/* A run log for benchmark trackers: Google Benchmark's JSON and Bencher's metric format. */
#include "reports/formats.h"
#include "reports/statistics.h"

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

static void benchmark_entry(const zg_log_case *row, size_t repetition, double seconds, size_t index,
                            zg_text *out)
{
    const char *name = row->name ? row->name : "?";
    zg_text_add(out, "\n    {\n      \"name\": ");
    zg_text_json(out, name);
    zg_text_format(out, ",\n      \"family_index\": %zu,\n      \"per_family_instance_index\": 0",
                   index);
    add_text_member(out, "run_name", name);
    add_text_member(out, "run_type", "iteration");
    zg_text_format(out,
                   ",\n      \"repetitions\": %zu,\n      \"repetition_index\": %zu,\n      "
                   "\"threads\": 1,\n      \"iterations\": 1",
                   row->result.sample_count ? row->result.sample_count : 1, repetition);
    if (!zg_verdict_ran(row->result.verdict)) {
        zg_text_add(out, ",\n      \"error_occurred\": true");
        add_text_member(out, "error_message",
                        row->message ? row->message : zg_verdict_words(row->result.verdict));
    }
    double share = row->result.cpu_seconds / row->result.seconds;
    add_member(out, "real_time", isnan(seconds) ? 0 : seconds * 1e3);
    add_member(out, "cpu_time", isfinite(share * seconds) ? share * seconds * 1e3 : 0);
    add_text_member(out, "time_unit", "ms");
    add_text_member(out, "label", zg_verdict_name(row->result.verdict));
    benchmark_counters(row, out);
    zg_text_add(out, "\n    }");
}

void zg_report_benchmark(const zg_study *study, zg_text *out)
{
    const char *join = "";
    benchmark_context(study->log, out);
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        size_t samples = zg_verdict_ran(row->result.verdict) ? row->result.sample_count : 0;
        for (size_t k = 0; k < (samples ? samples : 1); k++) {
            zg_text_add(out, join);
            benchmark_entry(row, k, samples ? row->result.samples[k] : row->result.seconds, i, out);
            join = ",";
        }
    }
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
    double middle = NAN;
    if (!zg_median(row->result.sample_count, row->result.samples, &middle)) out->failed = true;
    if (isnan(middle)) return;
    double low = row->result.samples[0], high = low;
    for (size_t i = 1; i < row->result.sample_count; i++) {
        low = fmin(low, row->result.samples[i]);
        high = fmax(high, row->result.samples[i]);
    }
    if (!isfinite(low * 1e9) || !isfinite(high * 1e9)) return;
    zg_text_format(out, "%s\n    \"latency\": {\"value\": ", *join);
    zg_text_number(out, middle * 1e9);
    zg_text_add(out, ", \"lower_value\": ");
    zg_text_number(out, low * 1e9);
    zg_text_add(out, ", \"upper_value\": ");
    zg_text_number(out, high * 1e9);
    zg_text_add(out, "}");
    *join = ",";
}

void zg_report_bencher(const zg_study *study, zg_text *out)
{
    bool first = true;
    zg_text_add(out, "{");
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (!zg_verdict_ran(row->result.verdict))
            continue; /* no metric is better than a false one */
        zg_text_add(out, first ? "\n  " : ",\n  ");
        first = false;
        zg_text_json(out, row->name ? row->name : "?");
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
    zg_text_add(out, "\n}\n");
}
