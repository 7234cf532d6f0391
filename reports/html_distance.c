/* HTML: how far the methods end from optima that some method proved. */
#include "reports/formats.h"
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether the problem's optimum is known to the tolerance of the run. */
static bool is_known(const zg_study *study, size_t problem)
{
    double bound = study->best_bound[problem], objective = study->best_objective[problem];
    double tolerance = isnan(study->tolerance) ? 1e-6 : study->tolerance;
    return objective - bound <= tolerance * fmax(1, fabs(objective)); /* false for NAN */
}

/* Above the certified bound, relative as certified gaps are; NAN when the case does not count. */
static double distance_of(const zg_study *study, size_t i)
{
    const zg_log_case *row = &study->log->cases[i];
    double bound = study->best_bound[study->problem_of[i]];
    if (!zg_verdict_ran(row->result.verdict) || !is_known(study, study->problem_of[i])) return NAN;
    return fmax(0, row->result.objective - bound) / fmax(1, fabs(row->result.objective));
}

/* The method's distances, sorted; *found says whether a run was left uncertified. */
static size_t distances_of(const zg_study *study, size_t method, double *distance, bool *found)
{
    size_t count = 0;
    *found = false;
    for (size_t i = 0; i < study->log->case_count; i++) {
        double value = study->method_of[i] == method ? distance_of(study, i) : NAN;
        if (isnan(value)) continue;
        distance[count++] = value;
        if (study->log->cases[i].result.verdict == ZG_UNCERTIFIED) *found = true;
    }
    zg_sort(count, distance);
    return count;
}

static void method_row(const zg_study *study, size_t method, size_t count, const double *distance,
                       zg_text *out)
{
    static const double quantiles[] = {0, 0.5, 1};
    double near = 0;
    for (size_t i = 0; i < count; i++)
        near += distance[i] <= 0.01;
    zg_text_add(out, "<tr><td>");
    zg_html_method(study, method, out);
    zg_text_add(out, "</td>");
    zg_html_number_open((double)count, out);
    zg_text_format(out, "%zu</td>", count);
    for (size_t q = 0; q < sizeof quantiles / sizeof *quantiles; q++) {
        double value = zg_quantile(count, distance, quantiles[q]);
        zg_html_number_open(value, out);
        zg_text_value(out, value, 2);
        zg_text_add(out, "</td>");
    }
    zg_html_number_open(near / (double)count, out);
    zg_text_format(out, "%.0f %%</td></tr>\n", 100 * near / (double)count);
}

/* Where the proof took longer than a run without. */
static void speed_list(const zg_study *study, zg_text *out)
{
    zg_text sentences = {0};
    zg_report_speed(study, &sentences);
    if (sentences.length) zg_text_add(out, "<ul>\n");
    for (char *rest = sentences.bytes; rest && *rest;) {
        char *end = strchr(rest, '\n');
        *end = '\0';
        zg_text_add(out, "<li>");
        zg_text_xml(out, rest);
        zg_text_add(out, "</li>\n");
        rest = end + 1;
    }
    if (sentences.length) zg_text_add(out, "</ul>\n");
    if (sentences.failed) out->failed = true;
    zg_text_clear(&sentences);
}

zg_status zg_html_distance(const zg_study *study, zg_text *out, zg_error *error)
{
    double *distance = malloc((study->log->case_count + 1) * sizeof *distance);
    if (!distance) return zg_no_memory(error);
    zg_text rows = {0};
    for (size_t j = 0; j < study->method_count; j++) {
        bool found;
        size_t count = distances_of(study, j, distance, &found);
        if (found) method_row(study, j, count, distance, &rows);
    }
    if (rows.length) {
        zg_html_heading("distance", "Distance from the optimum",
                        "Where methods end that prove nothing themselves, on all problems whose "
                        "optimum another method has proven: their objective above the best "
                        "certified bound, relative to the objective.",
                        out);
        zg_text_add(out,
                    "<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th>method</th>"
                    "<th class=\"n\">runs</th><th class=\"n\">nearest</th><th class=\"n\">"
                    "median</th><th class=\"n\">farthest</th><th class=\"n\">within 1 %</th>"
                    "</tr></thead><tbody>\n");
        zg_text_add(out, zg_text_bytes(&rows));
        zg_text_add(out, "</tbody></table></div>\n");
    }
    if (rows.length) speed_list(study, out);
    bool failed = rows.failed;
    zg_text_clear(&rows);
    free(distance);
    return failed ? zg_no_memory(error) : ZG_OK;
}
