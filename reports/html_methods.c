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

static void ranking_table(const zg_study *study, const zg_ranking *ranking, zg_text *out)
{
    zg_text_add(out,
                "<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th>method</th><th "
                "class=\"n\">solved</th><th class=\"n\">failed</th><th class=\"n\">profile "
                "score</th><th class=\"n\">mean time</th></tr></thead><tbody>\n");
    double best = INFINITY;
    for (size_t j = 0; j < ranking->methods; j++)
        best = fmin(best, ranking->mean[j]);
    for (size_t j = 0; j < ranking->methods; j++) {
        zg_text_format(out, "<tr%s><td>", ranking->mean[j] == best ? " class=\"best\"" : "");
        zg_html_method(study, ranking->method[j], out);
        zg_text_add(out, "</td>");
        zg_html_number_open((double)ranking->solved[j], out);
        zg_text_format(out, "%zu of %zu</td>", ranking->solved[j], ranking->problems);
        zg_html_number_open((double)(ranking->problems - ranking->solved[j]), out);
        zg_text_format(out, "%zu</td>", ranking->problems - ranking->solved[j]);
        zg_html_number_open(ranking->score[j], out);
        zg_text_format(out, "%.3f</td>", ranking->score[j]);
        zg_html_number_open(ranking->mean[j], out);
        zg_text_seconds(out, ranking->mean[j]);
        zg_text_add(out, "</td></tr>\n");
    }
    zg_text_add(out, "</tbody></table></div>\n<p class=\"note\">Shifted geometric mean over ");
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
        ranking_table(study, &ranking, out);
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

static void resource_row(const zg_study *study, size_t method, double *room, zg_text *out)
{
    zg_text_add(out, "<tr><td>");
    zg_html_method(study, method, out);
    zg_text_add(out, "</td>");
    zg_html_number_open((double)study->methods[method].cases, out);
    zg_text_format(out, "%zu</td>", study->methods[method].cases);
    size_t count = values_of(study, method, memory_of, room);
    const double at[] = {0.5, 1};
    for (size_t k = 0; k < 2; k++) {
        double value = zg_quantile(count, room, at[k]);
        zg_html_number_open(value, out);
        zg_text_memory(out, value);
        zg_text_add(out, "</td>");
    }
    count = values_of(study, method, neurons_of, room);
    for (size_t k = 0; k < 2; k++) {
        double value = zg_quantile(count, room, at[k]);
        zg_html_number_open(value, out);
        zg_text_value(out, value, 5);
        zg_text_add(out, "</td>");
    }
    zg_text_add(out, "</tr>\n");
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
        zg_text_add(out, "</div>\n<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th>"
                         "method</th><th class=\"n\">cases</th><th class=\"n\">memory, "
                         "median</th><th class=\"n\">memory, largest</th><th class=\"n\">neurons, "
                         "median</th><th class=\"n\">neurons, largest</th></tr></thead><tbody>\n");
        for (size_t j = 0; j < study->method_count; j++)
            resource_row(study, j, room, out);
        zg_text_add(out, "</tbody></table></div>\n");
    }
    free(room);
    free(bars);
    return status;
}
