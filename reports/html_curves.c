/* HTML: convergence of every method per problem, and scores on test rows against time. */
#include "base/gap.h"
#include "base/number.h"
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CURVE_POINTS 90  /* per series: more than a chart has room for helps nobody */
#define OPEN_PROBLEMS 4  /* shown at once; the others unfold */
#define MOST_PROBLEMS 60 /* with curves */
#define OPEN_CHARTS 12   /* of a score; a browser takes long over hundreds */

/* Series under construction, with the numbers they point to. */
typedef struct curves {
    zg_series *series;
    size_t count, room;
    double *numbers;
    size_t used, capacity; /* of numbers */
} curves;

static bool curves_alloc(curves *out, size_t series, size_t numbers)
{
    *out = (curves){.room = series, .capacity = numbers};
    out->series = calloc(series + 1, sizeof *out->series);
    out->numbers = malloc((numbers + 1) * sizeof *out->numbers);
    return out->series && out->numbers;
}

static void curves_clear(curves *in)
{
    free(in->series);
    free(in->numbers);
}

/* Which of the points to keep: the last of each of CURVE_POINTS slots of equal width in log time,
 * and the first of all. */
static size_t thin_out(const zg_log_points *points, size_t *kept)
{
    size_t count = 0;
    double first = NAN, last = NAN;
    for (size_t i = 0; i < points->count; i++) {
        if (!(points->at[i].seconds > 0)) continue;
        if (isnan(first)) first = points->at[i].seconds;
        last = points->at[i].seconds;
    }
    double width = log(last / first) / (CURVE_POINTS - 1);
    long slot = -1;
    for (size_t i = 0; i < points->count; i++) {
        double seconds = points->at[i].seconds;
        if (!(seconds > 0)) continue;
        long at = width > 0 ? (long)(log(seconds / first) / width) : 0;
        if (at < 0) at = 0;
        if (at >= CURVE_POINTS) at = CURVE_POINTS - 1;
        if (count > 1 && at <= slot) count--; /* a later point takes its slot's place */
        if (count <= CURVE_POINTS) kept[count++] = i;
        if (at > slot) slot = at;
    }
    return count;
}

typedef enum curve_kind { CURVE_OBJECTIVE, CURVE_BOUND, CURVE_DISTANCE } curve_kind;

/* The running best of one quantity at the kept points; distance is from the best bound,
 * relative. */
static void add_curve(curves *out, const zg_study *study, size_t i, curve_kind kind)
{
    const zg_log_case *row = &study->log->cases[i];
    size_t kept[CURVE_POINTS + 2], count = thin_out(&row->progress, kept), next = 0;
    size_t method = study->method_of[i];
    double floor = study->best_bound[study->problem_of[i]], objective = INFINITY, bound = -INFINITY;
    if (count == 0 || out->count == out->room || out->used + 2 * count > out->capacity) return;
    double *x = out->numbers + out->used, *y = x + count;
    out->used += 2 * count;
    for (size_t k = 0; k < row->progress.count && next < count; k++) {
        const zg_log_progress *point = &row->progress.at[k];
        if (point->objective < objective) objective = point->objective;
        if (point->bound > bound) bound = point->bound;
        if (kept[next] != k) continue;
        x[next] = point->seconds;
        y[next] = kind == CURVE_OBJECTIVE ? objective
                  : kind == CURVE_BOUND   ? bound
                                          : zg_gap(objective, floor);
        next++;
    }
    out->series[out->count++] =
        (zg_series){.label = study->methods[method].label,
                    .colour = method,
                    .mark = kind == CURVE_BOUND ? ZG_MARK_DASHED : ZG_MARK_LINE,
                    .count = next,
                    .x = x,
                    .y = y};
}

static bool has_course(const zg_study *study, size_t problem)
{
    for (size_t i = 0; i < study->log->case_count; i++)
        if (study->problem_of[i] == problem && study->log->cases[i].progress.count > 1) return true;
    return false;
}

static const zg_axis time_axis = {"time of the method", "s", true};

static bool convergence_charts(const zg_study *study, size_t problem, zg_text *out)
{
    curves both = {0}, distance = {0};
    size_t cases = study->problems[problem].cases, room = 2 * (CURVE_POINTS + 2);
    bool done = curves_alloc(&both, 2 * cases, 2 * cases * room) &&
                curves_alloc(&distance, cases, cases * room);
    for (size_t i = 0; done && i < study->log->case_count; i++) {
        if (study->problem_of[i] != problem) continue;
        add_curve(&both, study, i, CURVE_OBJECTIVE);
        add_curve(&both, study, i, CURVE_BOUND);
        add_curve(&distance, study, i, CURVE_DISTANCE);
    }
    if (done) {
        zg_chart charts[] = {{"Objective and certified bound",
                              "Solid: best objective so far. Dashed: best certified lower bound so "
                              "far; no network lies below it.",
                              time_axis,
                              {"objective", "", true},
                              NULL,
                              0,
                              both.series,
                              both.count},
                             {"Certified distance to the optimum",
                              "(objective \xe2\x88\x92 best bound of any method) / max(1, "
                              "|objective|).",
                              time_axis,
                              {"relative distance", "", true},
                              NULL,
                              0,
                              distance.series,
                              distance.count}};
        zg_text_add(out, "<div class=\"charts\">\n");
        zg_chart_write(&charts[0], out);
        if (!isnan(study->best_bound[problem])) zg_chart_write(&charts[1], out);
        zg_text_add(out, "</div>\n");
    }
    curves_clear(&both);
    curves_clear(&distance);
    return done;
}

/* Between which numbers the optimum lies, both rounded outwards. */
static void show_interval(double bound, double objective, zg_text *out)
{
    char low[ZG_NUMBER_SIZE], high[ZG_NUMBER_SIZE];
    if (isnan(bound)) return;
    zg_number_bound(bound, 10, -1, low);
    zg_number_bound(objective, 10, 1, high);
    if (isnan(objective))
        zg_text_format(out, " <small>optimum at least %s</small>", low);
    else
        zg_text_format(out, " <small>optimum in [%s, %s]</small>", low, high);
}

zg_status zg_html_convergence(const zg_study *study, zg_text *out, zg_error *error)
{
    size_t shown = 0, left_out = 0;
    for (size_t i = 0; i < study->problem_count; i++) {
        if (!has_course(study, i)) continue;
        if (shown == MOST_PROBLEMS) {
            left_out++;
            continue;
        }
        if (shown == 0)
            zg_html_heading("convergence", "Convergence",
                            "Time is the method\xe2\x80\x99s own; certifying is not charged to it.",
                            out);
        zg_text_format(out, "<details%s><summary>", shown < OPEN_PROBLEMS ? " open" : "");
        zg_text_xml(out, study->problems[i].label);
        show_interval(study->best_bound[i], study->best_objective[i], out);
        zg_text_add(out, "</summary>\n");
        if (!convergence_charts(study, i, out)) return zg_no_memory(error);
        zg_text_add(out, "</details>\n");
        shown++;
    }
    if (left_out)
        zg_text_format(out,
                       "<p class=\"note\">%zu more problems are left out here, to keep the page "
                       "small; report a log of its own for them.</p>\n",
                       left_out);
    return ZG_OK;
}

/* ---- scores against time -------------------------------------------------------------------- */

/* One point per case of the problem that has a test score, a series per method. */
static bool score_chart(const zg_study *study, size_t problem, const char *score, zg_text *out,
                        size_t *written)
{
    curves points = {0};
    size_t cases = study->problems[problem].cases;
    bool done = curves_alloc(&points, study->method_count, 2 * cases * study->method_count);
    for (size_t m = 0; done && m < study->method_count; m++) {
        size_t count = 0;
        double *x = points.numbers + points.used, *y = x + cases;
        for (size_t i = 0; i < study->log->case_count; i++) {
            const zg_log_case *row = &study->log->cases[i];
            if (study->problem_of[i] != problem || study->method_of[i] != m) continue;
            if (!row->score || strcmp(row->score, score) != 0 || isnan(row->test_score)) continue;
            x[count] = row->result.seconds;
            y[count++] = row->test_score;
        }
        if (count == 0) continue;
        points.used += 2 * cases;
        points.series[points.count++] =
            (zg_series){study->methods[m].label, m, ZG_MARK_POINTS, count, x, y, NULL};
    }
    if (done && points.count) {
        zg_chart chart = {study->problems[problem].label,
                          NULL,
                          {"time of the method", "s", true},
                          {strcmp(score, "rmse") == 0 ? "test RMSE (lower is better)"
                                                      : "test accuracy (higher is better)",
                           "", false},
                          NULL,
                          0,
                          points.series,
                          points.count};
        if ((*written)++ == OPEN_CHARTS) /* the others are drawn when they are unfolded */
            zg_text_add(out, "</div>\n<details><summary>All other problems</summary>\n<div "
                             "class=\"charts\">\n");
        zg_chart_write(&chart, out);
    }
    curves_clear(&points);
    return done;
}

/* A section per score: errors are no accuracy. */
static bool score_section(const zg_study *study, const char *score, const char *title, zg_text *out)
{
    zg_text charts = {0};
    size_t written = 0;
    bool done = true;
    for (size_t i = 0; done && i < study->problem_count; i++)
        done = score_chart(study, i, score, &charts, &written);
    if (charts.length) {
        zg_html_heading(score, title,
                        "On rows that no method saw. A lower training objective need not mean a "
                        "better network.",
                        out);
        zg_text_add(out, "<div class=\"charts\">\n");
        zg_text_add(out, charts.bytes);
        zg_text_add(out, written > OPEN_CHARTS ? "</div>\n</details>\n" : "</div>\n");
    }
    if (charts.failed) out->failed = true;
    zg_text_clear(&charts);
    return done;
}

zg_status zg_html_scores(const zg_study *study, zg_text *out, zg_error *error)
{
    bool done = score_section(study, "accuracy", "Test accuracy against time", out) &&
                score_section(study, "rmse", "Test RMSE against time", out);
    return done ? ZG_OK : zg_no_memory(error);
}
