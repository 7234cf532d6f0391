/* HTML: methods against each other (profiles, means) and what they need (memory, neurons). */
#include "reports/html_parts.h"
#include "reports/ranking.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- performance profiles ------------------------------------------------------------------- */

/* The profile of one method as the corners of its steps, up to the limit. */
static size_t profile_corners(const zg_ranking *ranking, size_t method, double *x, double *y)
{
    size_t count = 0, solved = 0;
    for (size_t i = 0; i < ranking->problems; i++) {
        double ratio = ranking->ratios[i * ranking->methods + method];
        if (ratio <= ZG_PROFILE_LIMIT) x[solved++] = ratio;
    }
    zg_sort(solved, x);
    /* In place: corner k + 1 is written where ratios up to k were read. */
    double *sorted = x + ranking->problems + 2;
    memcpy(sorted, x, solved * sizeof *x);
    x[count] = 1;
    y[count++] = 0;
    for (size_t k = 0; k < solved; k++) {
        double share = (double)(k + 1) / (double)ranking->problems;
        if (sorted[k] == x[count - 1])
            y[count - 1] = share;
        else {
            x[count] = sorted[k];
            y[count++] = share;
        }
    }
    x[count] = ZG_PROFILE_LIMIT;
    y[count] = y[count - 1];
    return count + 1;
}

static bool profile_chart(const zg_study *study, const zg_ranking *ranking, const char *title,
                          const char *note, zg_text *out)
{
    size_t span = 3 * (ranking->problems + 3);
    zg_series *series = calloc(ranking->methods + 1, sizeof *series);
    double *numbers = malloc((ranking->methods * span + 1) * sizeof *numbers);
    bool done = series && numbers;
    for (size_t j = 0; done && j < ranking->methods; j++) {
        double *x = numbers + j * span, *y = x + 2 * (ranking->problems + 3);
        size_t count = profile_corners(ranking, j, x, y);
        size_t method = ranking->method[j];
        series[j] =
            (zg_series){study->methods[method].label, method, ZG_MARK_STEPS, count, x, y, NULL};
    }
    if (done) {
        zg_chart chart = {title,
                          note,
                          {"time relative to the fastest method", "", true},
                          {"share of problems solved", "share", false},
                          NULL,
                          0,
                          series,
                          ranking->methods};
        zg_chart_write(&chart, out);
    }
    free(series);
    free(numbers);
    return done;
}

/* ---- the order of methods ------------------------------------------------------------------- */

typedef struct rank_row {
    const zg_study *study;
    size_t method, problems;
    double solved, failed, score, mean;
    bool best; /* no other method has a shorter mean */
} rank_row;

static void mark_best(const void *row, zg_text *out)
{
    if (((const rank_row *)row)->best) zg_text_add(out, " class=\"best\"");
}

static void write_ranked(const void *row, zg_text *out)
{
    const rank_row *at = row;
    zg_html_method(at->study, at->method, out);
}

static void write_solved(const void *row, zg_text *out)
{
    const rank_row *at = row;
    zg_text_format(out, "%.0f of %zu", at->solved, at->problems);
}

static const zg_html_column ranking_columns[] = {
    {"method", ZG_CELL_TEXT, .write = write_ranked},
    {"solved", ZG_CELL_NUMBER, .number = offsetof(rank_row, solved), .write = write_solved},
    {"failed", ZG_CELL_NUMBER, .number = offsetof(rank_row, failed), .digits = 15},
    {"profile score", ZG_CELL_NUMBER, .number = offsetof(rank_row, score), .decimals = 3},
    {"mean time", ZG_CELL_NUMBER, .number = offsetof(rank_row, mean), .show = zg_text_seconds},
};
static const zg_html_table ranking_table = {
    "scroll", .sortable = true, .count = sizeof ranking_columns / sizeof *ranking_columns,
    .columns = ranking_columns, .mark = mark_best};

static void order_methods(const zg_study *study, const zg_ranking *ranking, zg_text *out)
{
    double best = INFINITY;
    for (size_t j = 0; j < ranking->methods; j++)
        best = fmin(best, ranking->mean[j]);
    zg_html_table_open(&ranking_table, out);
    for (size_t j = 0; j < ranking->methods; j++) {
        const rank_row row = {.study = study,
                              .method = ranking->method[j],
                              .problems = ranking->problems,
                              .solved = (double)ranking->solved[j],
                              .failed = (double)(ranking->problems - ranking->solved[j]),
                              .score = ranking->score[j],
                              .mean = ranking->mean[j],
                              .best = ranking->mean[j] == best};
        zg_html_table_row(&ranking_table, &row, out);
    }
    zg_html_table_close(&ranking_table, out);
    zg_text_add(out, "<p class=\"note\">Shifted geometric mean over ");
    zg_text_format(out, "%zu problems, shift %g s; a failure is charged ", ranking->problems,
                   ZG_MEAN_SHIFT);
    zg_text_seconds(out, ranking->charge);
    zg_text_format(
        out, ", %s. The profile score is the area under the profile up to a ratio of %g.</p>\n",
        ranking->limit_known ? "the time limit of the run" : "the longest time of any method",
        ZG_PROFILE_LIMIT);
}

static void reversals(const zg_study *study, const zg_ranking *ranking, zg_text *out)
{
    if (ranking->methods < 3) return;
    if (ranking->reversal_count == 0) {
        zg_text_add(out, "<p class=\"note\">Leave-one-out check passed: the order of any two "
                         "methods stays the same whichever other method is left out.</p>\n");
        return;
    }
    zg_text_format(out,
                   "<p class=\"alarm\">Leave-one-out check: %zu order%s of two methods depend%s on "
                   "a third one. Profiles rank each method against the best only; compare these "
                   "pairs directly.</p>\n<ul>\n",
                   ranking->reversal_count, ranking->reversal_count == 1 ? "" : "s",
                   ranking->reversal_count == 1 ? "s" : "");
    for (size_t i = 0; i < ranking->reversal_count && i < 12; i++) {
        const zg_reversal *at = &ranking->reversals[i];
        zg_text_add(out, "<li>");
        zg_text_xml(out, study->methods[ranking->method[at->better]].label);
        zg_text_add(out, " is ahead of ");
        zg_text_xml(out, study->methods[ranking->method[at->worse]].label);
        zg_text_add(out, ", but behind it without ");
        zg_text_xml(out, study->methods[ranking->method[at->without]].label);
        zg_text_add(out, "</li>\n");
    }
    zg_text_add(out, "</ul>\n");
}

static bool anything_solved(const zg_ranking *ranking)
{
    for (size_t j = 0; j < ranking->methods; j++)
        if (ranking->solved[j]) return ranking->methods > 1;
    return false;
}

static zg_status one_goal(const zg_study *study, zg_goal goal, zg_text *out, zg_error *error)
{
    zg_ranking ranking;
    zg_status status = zg_ranking_create(study, goal, &ranking, error);
    if (status != ZG_OK) return status;
    if (anything_solved(&ranking)) {
        bool own = goal == ZG_GOAL_CERTIFICATE;
        zg_text note = {0}, title = {0};
        if (own)
            zg_text_format(&title, "Time to a certified gap of %.0e", study->tolerance);
        else
            zg_text_add(&title, "Time to within 1 % of the certified optimum");
        zg_text_format(&note, "%zu problems that all %zu methods shown tried. %s", ranking.problems,
                       ranking.methods,
                       own ? "Each method by its own certificate."
                           : "Measured against the best certified bound of any method.");
        zg_text_add(out, "<div>\n");
        if (!profile_chart(study, &ranking, zg_text_bytes(&title), zg_text_bytes(&note), out))
            status = zg_no_memory(error);
        order_methods(study, &ranking, out);
        reversals(study, &ranking, out);
        zg_text_add(out, "</div>\n");
        if (note.failed || title.failed) out->failed = true;
        zg_text_clear(&note);
        zg_text_clear(&title);
    }
    zg_ranking_clear(&ranking);
    return status;
}

zg_status zg_html_profiles(const zg_study *study, zg_text *out, zg_error *error)
{
    zg_text body = {0};
    zg_status status = one_goal(study, ZG_GOAL_CERTIFICATE, &body, error);
    if (status == ZG_OK) status = one_goal(study, ZG_GOAL_PERCENT, &body, error);
    if (body.length) {
        zg_html_heading("profiles", "Methods compared",
                        "Performance profiles: the share of problems that a method solves within a "
                        "factor of the fastest one. Higher and further left is better; seeds of "
                        "one method count as their median.",
                        out);
        zg_text_add(out, "<div class=\"charts\">\n");
        zg_text_add(out, body.bytes);
        zg_text_add(out, "</div>\n");
    }
    if (body.failed) out->failed = true;
    zg_text_clear(&body);
    return status;
}

/* ---- memory and neurons --------------------------------------------------------------------- */

typedef double (*zg_quantity)(const zg_log_case *row);

static double memory_of(const zg_log_case *row)
{
    return row->result.peak_rss_bytes;
}

static double neurons_of(const zg_log_case *row)
{
    return zg_verdict_ran(row->result.verdict) ? row->result.neurons : NAN;
}

/* The values of a method's cases, sorted into room; returns how many are known. */
static size_t values_of(const zg_study *study, size_t method, zg_quantity quantity, double *room)
{
    size_t count = 0;
    for (size_t i = 0; i < study->log->case_count; i++) {
        double value = quantity(&study->log->cases[i]);
        if (study->method_of[i] == method && isfinite(value)) room[count++] = value;
    }
    zg_sort(count, room);
    return count;
}

typedef struct resource_row {
    const zg_study *study;
    size_t method;
    double cases, median_memory, most_memory, median_neurons, most_neurons;
} resource_row;

static void write_method(const void *row, zg_text *out)
{
    const resource_row *at = row;
    zg_html_method(at->study, at->method, out);
}

static const zg_html_column resource_columns[] = {
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"cases", ZG_CELL_NUMBER, .number = offsetof(resource_row, cases), .digits = 15},
    {"memory, median", ZG_CELL_NUMBER, .number = offsetof(resource_row, median_memory),
     .show = zg_text_memory},
    {"memory, largest", ZG_CELL_NUMBER, .number = offsetof(resource_row, most_memory),
     .show = zg_text_memory},
    {"neurons, median", ZG_CELL_NUMBER, .number = offsetof(resource_row, median_neurons),
     .digits = 5},
    {"neurons, largest", ZG_CELL_NUMBER, .number = offsetof(resource_row, most_neurons),
     .digits = 5},
};
static const zg_html_table resource_table = {
    "scroll", .sortable = true, .count = sizeof resource_columns / sizeof *resource_columns,
    .columns = resource_columns};

/* room: for a number per case. */
static void write_resources(const zg_study *study, size_t method, double *room, zg_text *out)
{
    resource_row row = {
        .study = study, .method = method, .cases = (double)study->methods[method].cases};
    size_t count = values_of(study, method, memory_of, room);
    row.median_memory = zg_quantile(count, room, 0.5);
    row.most_memory = zg_quantile(count, room, 1);
    count = values_of(study, method, neurons_of, room);
    row.median_neurons = zg_quantile(count, room, 0.5);
    row.most_neurons = zg_quantile(count, room, 1);
    zg_html_table_row(&resource_table, &row, out);
}

static void resource_bars(const zg_study *study, const char *title, const zg_axis *axis,
                          zg_quantity quantity, double q, zg_bar *bars, double *room, zg_text *out)
{
    size_t count = 0;
    for (size_t j = 0; j < study->method_count; j++) {
        size_t known = values_of(study, j, quantity, room);
        if (known)
            bars[count++] = (zg_bar){study->methods[j].label, j, zg_quantile(known, room, q)};
    }
    if (count) zg_chart_bars(title, NULL, axis, count, bars, out);
}

zg_status zg_html_resources(const zg_study *study, zg_text *out, zg_error *error)
{
    static const zg_axis memory = {"peak memory", "B", false}, neurons = {"neurons", "", false};
    if (study->log->case_count == 0) return ZG_OK;
    double *room = malloc((study->log->case_count + 1) * sizeof *room);
    zg_bar *bars = calloc(study->method_count + 1, sizeof *bars);
    zg_status status = room && bars ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        zg_html_heading("resources", "Memory and neurons",
                        "Neurons are those of the network written out: for convex methods what the "
                        "optimum needs, for local ones what they were given.",
                        out);
        zg_text_add(out, "<div class=\"charts bars\">\n");
        resource_bars(study, "Peak memory, largest case", &memory, memory_of, 1, bars, room, out);
        resource_bars(study, "Neurons, median", &neurons, neurons_of, 0.5, bars, room, out);
        zg_text_add(out, "</div>\n");
        zg_html_table_open(&resource_table, out);
        for (size_t j = 0; j < study->method_count; j++)
            write_resources(study, j, room, out);
        zg_html_table_close(&resource_table, out);
    }
    free(room);
    free(bars);
    return status;
}
