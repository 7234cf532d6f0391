/* Rows: what is known of a case when it has ended, to the journal and back. */
#include "log/row.h"

#include "base/memory.h"
#include "log/member.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void zg_row_start(zg_row *row)
{
    *row = (zg_row){.verdict = ZG_CASE_FAILED,
                    .objective = NAN,
                    .bound = NAN,
                    .gap = NAN,
                    .rounding = NAN,
                    .residual = NAN,
                    .claimed_primal = NAN,
                    .claimed_dual = NAN,
                    .blas_threads = NAN,
                    .seconds = NAN,
                    .processor_seconds = NAN,
                    .load = NAN,
                    .certification_seconds = NAN,
                    .verification_seconds = NAN,
                    .total_seconds = NAN,
                    .cpu_seconds = NAN,
                    .peak_rss_bytes = NAN,
                    .neurons = NAN,
                    .iterations = NAN,
                    .pivots = NAN,
                    .power_sum = NAN,
                    .power_sum_bound = NAN,
                    .train = ZG_NO_SCORE,
                    .validation = ZG_NO_SCORE,
                    .test = ZG_NO_SCORE,
                    .closed_form = NAN,
                    .gain_error = NAN,
                    .riccati_error = NAN,
                    .selection_score = NAN,
                    .selection_error = NAN,
                    .selection_settings = NAN};
}

void zg_row_clear(zg_row *row)
{
    free(row->samples);
    free(row->trace);
    zg_row_start(row);
}

zg_status zg_row_add_sample(zg_row *row, double seconds)
{
    double *longer =
        zg_grow(row->samples, &row->sample_capacity, row->sample_count + 1, sizeof *longer);
    if (!longer) return ZG_NO_MEMORY;
    row->samples = longer;
    row->samples[row->sample_count++] = seconds;
    return ZG_OK;
}

zg_status zg_row_merge(zg_row *row, zg_row *fresh, size_t repetition, zg_error *error)
{
    /* What ran once is not missing. */
    if (repetition > 0 && fresh->verdict == ZG_SKIPPED) fresh->verdict = ZG_CASE_FAILED;
    if (repetition > 0 && zg_verdict_ran(fresh->verdict)) {
        if (row->sample_count == 0 && zg_row_add_sample(row, row->seconds) != ZG_OK)
            return zg_no_memory(error);
        if (fresh->peak_rss_bytes > row->peak_rss_bytes)
            row->peak_rss_bytes = fresh->peak_rss_bytes;
        if (fresh->load > row->load) row->load = fresh->load;
        if (zg_row_add_sample(row, fresh->seconds) != ZG_OK) return zg_no_memory(error);
    } else {
        char message[sizeof fresh->message];
        snprintf(message, sizeof message, "repetition %zu: %.900s", repetition + 1, fresh->message);
        if (repetition > 0) memcpy(fresh->message, message, sizeof message);
        zg_row_clear(row);
        *row = *fresh;
        zg_row_start(fresh);
    }
    return ZG_OK;
}

static void write_score(const zg_score *score, const char *key, zg_event *event)
{
    if (isnan(score->loss) && isnan(score->accuracy) && isnan(score->rmse)) return;
    zg_event_open(event, key);
    zg_event_number(event, "loss", score->loss);
    zg_event_number(event, "accuracy", score->accuracy);
    zg_event_number(event, "rmse", score->rmse);
    zg_event_number(event, "free_run_rmse", score->free_run_rmse);
    zg_event_number(event, "free_run_fit", score->free_run_fit);
    zg_event_number(event, "diverged", score->diverged);
    zg_event_number(event, "outside", score->outside);
    zg_event_number(event, "robust_accuracy", score->robust_accuracy);
    zg_event_close(event);
}

static void write_selection(const zg_row *row, zg_event *event)
{
    if (isnan(row->selection_score)) return;
    zg_event_open(event, "selection");
    zg_event_number(event, "score", row->selection_score);
    zg_event_number(event, "standard_error", row->selection_error);
    zg_event_number(event, "settings", row->selection_settings);
    zg_event_close(event);
}

static void write_plane(const zg_row *row, zg_event *event)
{
    if (row->plane_count == 0) return;
    zg_event_open(event, "network");
    zg_event_numbers(event, "u", row->plane_u, 2 * row->plane_count);
    zg_event_numbers(event, "alpha", row->plane_alpha, row->plane_count);
    zg_event_close(event);
}

static void write_trace(const zg_row *row, zg_event *event)
{
    if (row->trace_count == 0) return;
    zg_event_open(event, "trace");
    zg_event_numbers(event, "measured", row->trace, row->trace_count);
    zg_event_numbers(event, "simulated", row->trace + row->trace_count, row->trace_count);
    zg_event_close(event);
}

static void write_robust_curve(const zg_row *row, zg_event *event)
{
    if (row->robust_count == 0) return;
    zg_event_open(event, "robust_curve");
    zg_event_text(event, "rows", row->robust_on_test ? "test" : "train");
    zg_event_numbers(event, "radius", row->robust_radius, row->robust_count);
    zg_event_numbers(event, "share", row->robust_share, row->robust_count);
    zg_event_close(event);
}

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static void write_claimed(const zg_row *row, zg_event *event)
{
    if (isnan(row->claimed_primal) && isnan(row->claimed_dual) && !row->claimed_says[0]) return;
    zg_event_open(event, "claimed");
    zg_event_number(event, "primal", row->claimed_primal);
    zg_event_number(event, "dual", row->claimed_dual);
    zg_event_text(event, "says", text_or_null(row->claimed_says));
    zg_event_close(event);
}

void zg_row_write(const zg_row *row, zg_event *event)
{
    zg_event_text(event, "suite", text_or_null(row->suite));
    zg_event_text(event, "case", text_or_null(row->name));
    zg_event_text(event, "key", text_or_null(row->key));
    zg_event_text(event, "verdict", zg_verdict_name(row->verdict));
    zg_event_text(event, "cause", text_or_null(row->cause));
    zg_event_number(event, "objective", row->objective);
    zg_event_number(event, "bound", row->bound);
    zg_event_number(event, "gap", row->gap);
    zg_event_number(event, "rounding", row->rounding);
    zg_event_number(event, "residual", row->residual);
    write_claimed(row, event);
    zg_event_text(event, "solver_program", text_or_null(row->solver_program));
    zg_event_text(event, "solver_version", text_or_null(row->solver_version));
    zg_event_text(event, "solver_digest", text_or_null(row->solver_digest));
    zg_event_text(event, "adapter_digest", text_or_null(row->adapter_digest));
    zg_event_number(event, "blas_threads", row->blas_threads);
    zg_event_number(event, "seconds", row->seconds);
    zg_event_number(event, "processor_seconds", row->processor_seconds);
    zg_event_number(event, "certification_seconds", row->certification_seconds);
    zg_event_number(event, "verification_seconds", row->verification_seconds);
    zg_event_number(event, "total_seconds", row->total_seconds);
    zg_event_number(event, "cpu_seconds", row->cpu_seconds);
    zg_event_number(event, "peak_rss_bytes", row->peak_rss_bytes);
    zg_event_number(event, "load", row->load);
    zg_event_text(event, "limits_by", text_or_null(row->limits_by));
    zg_event_text(event, "timing", text_or_null(row->timing));
    zg_event_number(event, "neurons", row->neurons);
    zg_event_number(event, "iterations", row->iterations);
    zg_event_text(event, "unit", text_or_null(row->unit));
    zg_event_number(event, "pivots", row->pivots);
    zg_event_number(event, "power_sum", row->power_sum);
    zg_event_number(event, "power_sum_bound", row->power_sum_bound);
    write_score(&row->train, "train", event);
    write_score(&row->validation, "validation", event);
    write_score(&row->test, "test", event);
    zg_event_number(event, "closed_form", row->closed_form);
    zg_event_number(event, "gain_error", row->gain_error);
    zg_event_number(event, "riccati_error", row->riccati_error);
    write_selection(row, event);
    write_plane(row, event);
    write_trace(row, event);
    write_robust_curve(row, event);
    if (row->has_dimacs) zg_event_numbers(event, "dimacs", row->dimacs, 6);
    if (row->sample_count) zg_event_numbers(event, "samples", row->samples, row->sample_count);
    zg_event_text(event, "message", text_or_null(row->message));
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_text(const json_t *event, const char *key, char *text, size_t size)
{
    const char *value = zg_log_text(event, key);
    if (value) snprintf(text, size, "%s", value);
}

static void read_score(const json_t *event, const char *key, zg_score *score)
{
    const json_t *object = json_object_get(event, key);
    score->loss = zg_log_number(object, "loss");
    score->accuracy = zg_log_number(object, "accuracy");
    score->rmse = zg_log_number(object, "rmse");
    score->free_run_rmse = zg_log_number(object, "free_run_rmse");
    score->free_run_fit = zg_log_number(object, "free_run_fit");
    score->diverged = zg_log_number(object, "diverged");
    score->outside = zg_log_number(object, "outside");
    score->robust_accuracy = zg_log_number(object, "robust_accuracy");
}

static void read_plane(zg_row *row, const json_t *event)
{
    const json_t *network = json_object_get(event, "network");
    const json_t *u = json_object_get(network, "u"), *alpha = json_object_get(network, "alpha");
    size_t count = json_array_size(alpha);
    if (count > ZG_PLANE_NEURONS || json_array_size(u) != 2 * count) return;
    row->plane_count = count;
    for (size_t i = 0; i < 2 * count; i++)
        row->plane_u[i] = json_number_value(json_array_get(u, i));
    for (size_t i = 0; i < count; i++)
        row->plane_alpha[i] = json_number_value(json_array_get(alpha, i));
}

/* A curve falls, from 0 on; what does not is none. */
static void read_robust_curve(zg_row *row, const json_t *event)
{
    const json_t *radius = zg_log_member(event, "robust_curve.radius");
    const json_t *share = zg_log_member(event, "robust_curve.share");
    const char *rows = zg_log_text(event, "robust_curve.rows");
    size_t count = json_array_size(radius);
    if (count > ZG_ROBUST_RADII || json_array_size(share) != count || !rows) return;
    for (size_t i = 0; i < count; i++) {
        double at = json_number_value(json_array_get(radius, i));
        double value = json_number_value(json_array_get(share, i));
        bool falls =
            i == 0 || (at > row->robust_radius[i - 1] && value <= row->robust_share[i - 1]);
        if (!falls || !(at >= 0.0 && isfinite(at) && value >= 0.0 && value <= 1.0)) return;
        row->robust_radius[i] = at;
        row->robust_share[i] = value;
    }
    row->robust_count = count;
    row->robust_on_test = strcmp(rows, "test") == 0;
}

static zg_status read_trace(zg_row *row, const json_t *event)
{
    const json_t *y = zg_log_member(event, "trace.measured");
    const json_t *f = zg_log_member(event, "trace.simulated");
    size_t count = json_array_size(y);
    if (count == 0 || count > ZG_TRACE_ROWS || json_array_size(f) != count) return ZG_OK;
    row->trace = calloc(2 * count, sizeof *row->trace);
    if (!row->trace) return ZG_NO_MEMORY;
    row->trace_count = count;
    for (size_t i = 0; i < count; i++) {
        row->trace[i] = json_number_value(json_array_get(y, i));
        row->trace[count + i] = json_number_value(json_array_get(f, i));
    }
    return ZG_OK;
}

static zg_status read_arrays(zg_row *row, const json_t *event)
{
    const json_t *dimacs = json_object_get(event, "dimacs");
    row->has_dimacs = json_array_size(dimacs) == 6;
    for (size_t i = 0; row->has_dimacs && i < 6; i++)
        row->dimacs[i] = json_number_value(json_array_get(dimacs, i));
    const json_t *samples = json_object_get(event, "samples");
    for (size_t i = 0; i < json_array_size(samples); i++) {
        const json_t *sample = json_array_get(samples, i);
        if (json_is_number(sample) && zg_row_add_sample(row, json_number_value(sample)) != ZG_OK)
            return ZG_NO_MEMORY;
    }
    return ZG_OK;
}

static void read_texts(zg_row *row, const json_t *event)
{
    read_text(event, "suite", row->suite, sizeof row->suite);
    read_text(event, "case", row->name, sizeof row->name);
    read_text(event, "key", row->key, sizeof row->key);
    read_text(event, "cause", row->cause, sizeof row->cause);
    read_text(event, "message", row->message, sizeof row->message);
    read_text(event, "unit", row->unit, sizeof row->unit);
    read_text(event, "limits_by", row->limits_by, sizeof row->limits_by);
    read_text(event, "timing", row->timing, sizeof row->timing);
    read_text(event, "solver_program", row->solver_program, sizeof row->solver_program);
    read_text(event, "solver_version", row->solver_version, sizeof row->solver_version);
    read_text(event, "solver_digest", row->solver_digest, sizeof row->solver_digest);
    read_text(event, "adapter_digest", row->adapter_digest, sizeof row->adapter_digest);
}

/* No word that is not known, or not of a case that ended, is a success. */
static zg_status read_verdict(zg_row *row, const json_t *event, zg_error *error)
{
    const char *name = zg_log_text(event, "verdict");
    zg_verdict verdict = zg_verdict_parse(name);
    bool known = (int)verdict < ZG_END_VERDICTS;
    row->verdict = known ? verdict : ZG_CASE_FAILED;
    return known ? ZG_OK
                 : zg_fail(error, ZG_BAD_INPUT, "expected a verdict, found \"%.80s\"",
                           name ? name : "none");
}

zg_status zg_row_read(zg_row *row, const json_t *event, zg_error *error)
{
    zg_row_start(row);
    read_texts(row, event);
    row->objective = zg_log_number(event, "objective");
    row->bound = zg_log_number(event, "bound");
    row->gap = zg_log_number(event, "gap");
    row->rounding = zg_log_number(event, "rounding");
    row->residual = zg_log_number(event, "residual");
    const json_t *claimed = json_object_get(event, "claimed");
    row->claimed_primal = zg_log_number(claimed, "primal");
    row->claimed_dual = zg_log_number(claimed, "dual");
    read_text(claimed, "says", row->claimed_says, sizeof row->claimed_says);
    row->blas_threads = zg_log_number(event, "blas_threads");
    row->seconds = zg_log_number(event, "seconds");
    row->processor_seconds = zg_log_number(event, "processor_seconds");
    row->certification_seconds = zg_log_number(event, "certification_seconds");
    row->verification_seconds = zg_log_number(event, "verification_seconds");
    row->total_seconds = zg_log_number(event, "total_seconds");
    row->cpu_seconds = zg_log_number(event, "cpu_seconds");
    row->peak_rss_bytes = zg_log_number(event, "peak_rss_bytes");
    row->load = zg_log_number(event, "load");
    row->neurons = zg_log_number(event, "neurons");
    row->iterations = zg_log_number(event, "iterations");
    row->pivots = zg_log_number(event, "pivots");
    row->power_sum = zg_log_number(event, "power_sum");
    row->power_sum_bound = zg_log_number(event, "power_sum_bound");
    read_score(event, "train", &row->train);
    read_score(event, "validation", &row->validation);
    read_score(event, "test", &row->test);
    row->closed_form = zg_log_number(event, "closed_form");
    row->gain_error = zg_log_number(event, "gain_error");
    row->riccati_error = zg_log_number(event, "riccati_error");
    row->selection_score = zg_log_number(event, "selection.score");
    row->selection_error = zg_log_number(event, "selection.standard_error");
    row->selection_settings = zg_log_number(event, "selection.settings");
    read_plane(row, event);
    read_robust_curve(row, event);
    if (read_arrays(row, event) != ZG_OK || read_trace(row, event) != ZG_OK)
        return zg_no_memory(error);
    return read_verdict(row, event, error);
}
