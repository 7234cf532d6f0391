/* HTML: how far the methods end from optima that some method proved. */
#include "reports/formats.h"
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The method's distances, sorted; *found says whether a run was left uncertified. */
static size_t distances_of(const zg_study *study, size_t method, double *distance, bool *found)
{
    size_t count = 0;
    *found = false;
    for (size_t i = 0; i < study->log->case_count; i++) {
        bool counts = study->method_of[i] == method && zg_study_known(study, study->problem_of[i]);
        double value = counts ? zg_study_distance(study, i) : NAN;
        if (isnan(value)) continue;
        distance[count++] = value;
        if (study->log->cases[i].result.verdict == ZG_UNCERTIFIED) *found = true;
    }
    zg_sort(count, distance);
    return count;
}

/* ---- the table ------------------------------------------------------------------------------ */

typedef struct distance_row {
    const zg_study *study;
    size_t method;
    double runs, nearest, median, farthest;
    double near; /* share of the runs */
} distance_row;

static void write_method(const void *row, zg_text *out)
{
    const distance_row *at = row;
    zg_html_method(at->study, at->method, out);
}

static void show_share(zg_text *out, double share)
{
    zg_text_format(out, "%.0f %%", 100 * share);
}

static const zg_html_column columns[] = {
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"runs", ZG_CELL_NUMBER, .number = offsetof(distance_row, runs), .digits = 15},
    {"nearest", ZG_CELL_NUMBER, .number = offsetof(distance_row, nearest), .digits = 2},
    {"median", ZG_CELL_NUMBER, .number = offsetof(distance_row, median), .digits = 2},
    {"farthest", ZG_CELL_NUMBER, .number = offsetof(distance_row, farthest), .digits = 2},
    {"within 1 %", ZG_CELL_NUMBER, .number = offsetof(distance_row, near), .show = show_share},
};
static const zg_html_table table = {"scroll", .sortable = true,
                                    .count = sizeof columns / sizeof *columns, .columns = columns};

static void method_row(const zg_study *study, size_t method, size_t count, const double *distance,
                       zg_text *out)
{
    double near = 0;
    for (size_t i = 0; i < count; i++)
        near += distance[i] <= 0.01;
    const distance_row row = {.study = study,
                              .method = method,
                              .runs = (double)count,
                              .nearest = zg_quantile(count, distance, 0),
                              .median = zg_quantile(count, distance, 0.5),
                              .farthest = zg_quantile(count, distance, 1),
                              .near = near / (double)count};
    zg_html_table_row(&table, &row, out);
}

/* ---- the section ---------------------------------------------------------------------------- */

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
        zg_html_table_open(&table, out);
        zg_text_add(out, zg_text_bytes(&rows));
        zg_html_table_close(&table, out);
    }
    if (rows.length) {
        zg_text sentences = {0};
        zg_report_speed(study, &sentences);
        zg_html_sentences("speed", &sentences, out);
        zg_text_clear(&sentences);
    }
    bool failed = rows.failed;
    zg_text_clear(&rows);
    free(distance);
    return failed ? zg_no_memory(error) : ZG_OK;
}
