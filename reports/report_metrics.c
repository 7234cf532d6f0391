/* A run log as OpenMetrics text, for Prometheus and its kind. */
#include "base/plain.h"
#include "reports/formats.h"
#include "reports/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A label's value: backslash, quote and line feed escaped, nothing in it that a terminal obeys. */
static void label(zg_text *out, const char *name, const char *value)
{
    zg_text_format(out, "%s=\"", name);
    char *plain = strdup(value);
    if (!plain) {
        out->failed = true;
        return;
    }
    zg_make_plain(plain);
    for (const char *c = plain; *c; c++) {
        if (*c == '\\' || *c == '"') zg_text_add(out, "\\");
        zg_text_bytes_add(out, c, 1);
    }
    free(plain);
    zg_text_add(out, "\"");
}

/* One family: its figure of a case, NAN where there is none. */
typedef struct family {
    const char *name, *unit, *help;
    double (*figure)(const zg_log_case *row, const zg_spread *time);
} family;

static double median_of(const zg_log_case *row, const zg_spread *time)
{
    (void)row;
    return time->median;
}

static double shortest_of(const zg_log_case *row, const zg_spread *time)
{
    (void)row;
    return time->lowest;
}

static double longest_of(const zg_log_case *row, const zg_spread *time)
{
    (void)row;
    return time->highest;
}

static double objective_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->result.objective;
}

static double bound_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->result.bound;
}

static double gap_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->result.gap;
}

static double memory_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->result.peak_rss_bytes;
}

static double accuracy_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->score && strcmp(row->score, "accuracy") == 0 ? row->test_score : NAN;
}

static double rmse_of(const zg_log_case *row, const zg_spread *time)
{
    (void)time;
    return row->score && strcmp(row->score, "rmse") == 0 ? row->test_score : NAN;
}

static void write_family(const zg_log *log, const family *f, zg_text *out)
{
    zg_text_format(out, "# TYPE zerogap_case_%s gauge\n", f->name);
    if (f->unit) zg_text_format(out, "# UNIT zerogap_case_%s %s\n", f->name, f->unit);
    zg_text_format(out, "# HELP zerogap_case_%s %s\n", f->name, f->help);
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        zg_spread time;
        if (!zg_verdict_ran(row->result.verdict)) continue;
        if (!zg_record_time(row, &time, out)) time = (zg_spread){NAN, NAN, NAN};
        double value = f->figure(row, &time);
        if (!isfinite(value)) continue;
        zg_text_format(out, "zerogap_case_%s{", f->name);
        label(out, "suite", row->suite ? row->suite : "");
        zg_text_add(out, ",");
        label(out, "case", row->name ? row->name : "?");
        zg_text_add(out, "} ");
        zg_text_number(out, value);
        zg_text_add(out, "\n");
    }
}

void zg_report_openmetrics(const zg_study *study, zg_text *out)
{
    static const family families[] = {
        {"seconds", "seconds", "Time of the method, median of its repetitions.", median_of},
        {"shortest_seconds", "seconds", "Time of the fastest repetition.", shortest_of},
        {"longest_seconds", "seconds", "Time of the slowest repetition.", longest_of},
        {"objective", NULL, "Objective of the network, evaluated anew.", objective_of},
        {"bound", NULL, "Certified lower bound on every network.", bound_of},
        {"gap", NULL, "Certified relative gap.", gap_of},
        {"test_accuracy_ratio", "ratio", "Share of the test rows that are right.", accuracy_of},
        {"test_rmse", NULL, "Root of the mean squared error on the test rows.", rmse_of},
        {"peak_memory_bytes", "bytes", "Largest resident set of the case.", memory_of},
    };
    size_t counts[ZG_VERDICT_COUNT];
    zg_log_count(study->log, counts);
    zg_text_add(out, "# TYPE zerogap_cases gauge\n# HELP zerogap_cases Cases by verdict.\n");
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++)
        zg_text_format(out, "zerogap_cases{verdict=\"%s\"} %zu\n", zg_verdict_name((zg_verdict)i),
                       counts[i]);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        write_family(study->log, &families[i], out);
    zg_text_add(out, "# EOF\n");
}
