/* A run log as github-action-benchmark's own JSON: an array of name, unit, value, range and extra.
 */
#include "reports/formats.h"
#include "reports/record.h"

#include <math.h>

static void fact(zg_text *extra, const char *name, double value)
{
    if (!isfinite(value)) return;
    zg_text_format(extra, "\n%s ", name);
    zg_text_number(extra, value);
}

/* What a reader sees beside the figure. */
static void extra_member(const zg_log_case *row, zg_text *out)
{
    zg_text extra = {0};
    zg_text_add(&extra, zg_verdict_name(row->result.verdict));
    fact(&extra, "objective", row->result.objective);
    fact(&extra, "bound", row->result.bound);
    fact(&extra, "gap", row->result.gap);
    if (row->score) fact(&extra, row->score, row->test_score);
    zg_text_add(out, ",\n    \"extra\": ");
    zg_text_json(out, zg_text_bytes(&extra));
    out->failed = out->failed || extra.failed;
    zg_text_clear(&extra);
}

/* name and what, as the record's name; value is finite. */
static void open_record(const char *name, const char *what, const char *unit, double value,
                        const char **join, zg_text *out)
{
    zg_text whole = {0};
    zg_text_format(&whole, "%s%s", name, what);
    zg_text_format(out, "%s\n  {\n    \"name\": ", *join);
    zg_text_json(out, zg_text_bytes(&whole));
    zg_text_add(out, ",\n    \"unit\": ");
    zg_text_json(out, unit);
    zg_text_add(out, ",\n    \"value\": ");
    zg_text_number(out, value);
    *join = ",";
    out->failed = out->failed || whole.failed;
    zg_text_clear(&whole);
}

void zg_report_custom_smaller(const zg_study *study, zg_text *out)
{
    zg_records records;
    const char *join = "";
    zg_records_begin(study->log, &records, out);
    zg_text_add(out, "[");
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        zg_spread time;
        if (!zg_record_time(row, &time, out)) continue;
        open_record(zg_record_name(&records, row), "", "ms", time.median * 1e3, &join, out);
        if (row->result.sample_count > 1) {
            double side = fmax(time.highest - time.median, time.median - time.lowest) * 1e3;
            zg_text_add(out, ",\n    \"range\": \"\u00b1 ");
            zg_text_value(out, side, 3);
            zg_text_add(out, "\"");
        }
        extra_member(row, out);
        zg_text_add(out, "\n  }");
    }
    zg_records_end(&records);
    zg_text_add(out, "\n]\n");
}

/* Certified digits of the objective to a thousandth, at most those of a double; NAN where nothing
 * is certified. */
static double certified_digits(const zg_row *row)
{
    if (!isfinite(row->gap) || !isfinite(row->bound)) return NAN;
    return round(-log10(fmax(row->gap, 1e-16)) * 1000) / 1000;
}

void zg_report_custom_bigger(const zg_study *study, zg_text *out)
{
    zg_records records;
    const char *join = "";
    zg_records_begin(study->log, &records, out);
    zg_text_add(out, "[");
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (!zg_verdict_ran(row->result.verdict)) continue;
        const char *name = zg_record_name(&records, row);
        bool accuracy = row->score && row->score[0] == 'a' && isfinite(row->test_score * 100);
        double digits = certified_digits(&row->result);
        if (accuracy) {
            open_record(name, ": test accuracy", "%", row->test_score * 100, &join, out);
            extra_member(row, out);
            zg_text_add(out, "\n  }");
        }
        if (isfinite(digits)) {
            open_record(name, ": certified digits", "digits", digits, &join, out);
            extra_member(row, out);
            zg_text_add(out, "\n  }");
        }
    }
    zg_records_end(&records);
    zg_text_add(out, "\n]\n");
}
