/* One record a case (see record.h). */
#include "reports/record.h"

#include "reports/statistics.h"

#include <math.h>
#include <string.h>

bool zg_record_time(const zg_log_case *row, zg_spread *out, zg_text *text)
{
    const double *samples = row->result.samples;
    size_t count = row->result.sample_count;
    *out = (zg_spread){NAN, NAN, NAN};
    if (!zg_verdict_ran(row->result.verdict) || count == 0) return false;
    if (!zg_median(count, samples, &out->median)) text->failed = true;
    out->lowest = out->highest = samples[0];
    for (size_t i = 1; i < count; i++) {
        out->lowest = fmin(out->lowest, samples[i]);
        out->highest = fmax(out->highest, samples[i]);
    }
    /* 0 seconds are no time: something was not measured. */
    return out->lowest > 0 && isfinite(out->median * 1e3) && isfinite(out->highest * 1e3);
}

static const char *or_text(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

void zg_records_begin(const zg_log *log, zg_records *out, zg_text *text)
{
    *out = (zg_records){.suites = json_object()};
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        const char *name = or_text(row->name, "?"), *suite = or_text(row->suite, "");
        const json_t *known = json_object_get(out->suites, name);
        if (!known) {
            if (json_object_set_new(out->suites, name, json_string(suite)) != 0)
                text->failed = true;
        } else if (json_is_string(known) && strcmp(json_string_value(known), suite) != 0) {
            if (json_object_set_new(out->suites, name, json_null()) != 0) text->failed = true;
        }
    }
}

const char *zg_record_name(zg_records *records, const zg_log_case *row)
{
    const char *name = or_text(row->name, "?");
    if (!json_is_null(json_object_get(records->suites, name))) return name;
    zg_text_clear(&records->name);
    zg_text_format(&records->name, "%s: %s", or_text(row->suite, ""), name);
    return zg_text_bytes(&records->name);
}

void zg_records_end(zg_records *records)
{
    json_decref(records->suites);
    zg_text_clear(&records->name);
}
