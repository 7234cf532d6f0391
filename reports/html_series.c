/* HTML: models of time series, one step ahead and in a free run. */
#include "reports/html_parts.h"
#include "reports/simulation_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PICTURES 24
#define OPEN_PICTURES 4
#define PICTURE_WIDTH 520.0 /* scaled to a phone it can still be read */

typedef struct series_row {
    const zg_study *study;
    const char *problem;
    size_t method;
    double one_step, free_run, fit, diverged, outside;
} series_row;

static void write_method(const void *row, zg_text *out)
{
    const series_row *at = row;
    zg_html_method(at->study, at->method, out);
}

/* "diverged in row 9" where there is no error. */
static void write_free_run(const void *row, zg_text *out)
{
    const series_row *at = row;
    if (at->diverged > 0)
        zg_text_format(out, "diverged in row %.0f", at->diverged);
    else if (isfinite(at->free_run))
        zg_text_format(out, "%.4g", at->free_run);
}

static const zg_html_column columns[] = {
    {"data and model", ZG_CELL_NAME, .text = offsetof(series_row, problem)},
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"one step", ZG_CELL_NUMBER, .number = offsetof(series_row, one_step), .digits = 4,
     .title = "root mean squared error of the next output, from the measured past"},
    {"free run", ZG_CELL_NUMBER, .number = offsetof(series_row, free_run), .write = write_free_run,
     .title = "the same when the model runs on its own outputs"},
    {"fit, %", ZG_CELL_NUMBER, .number = offsetof(series_row, fit), .decimals = 1,
     .title = "100 (1 - |y - f| / |y - mean|) of the free run"},
    {"outside", ZG_CELL_NUMBER, .number = offsetof(series_row, outside), .digits = 2,
     .title = "share of the test rows outside the box of the training rows"},
};

static const zg_html_table table = {.frame = "scroll tall",
                                    .sortable = true,
                                    .class = "cases stack",
                                    .count = sizeof columns / sizeof *columns,
                                    .columns = columns};

static bool is_series(const zg_log_case *of)
{
    const zg_score *test = &of->result.test;
    return isfinite(test->free_run_rmse) || test->diverged > 0;
}

/* Of a choice among settings the final cases count, else all. */
static bool is_final(const zg_study *study, size_t i, bool chosen)
{
    bool final = isfinite(study->log->cases[i].result.selection_score);
    return is_series(&study->log->cases[i]) && (final || !chosen);
}

static series_row row_of(const zg_study *study, size_t i)
{
    const zg_score *test = &study->log->cases[i].result.test;
    return (series_row){.study = study,
                        .problem = study->problems[study->problem_of[i]].label,
                        .method = study->method_of[i],
                        .one_step = test->rmse,
                        .free_run = test->free_run_rmse,
                        .fit = test->free_run_fit,
                        .diverged = test->diverged,
                        .outside = test->outside};
}

static zg_status draw(const zg_study *study, size_t i, zg_text *out)
{
    const zg_row *row = &study->log->cases[i].result;
    char *picture = NULL, name[] = "first output";
    char *const names[] = {name};
    size_t size = 0, n = row->trace_count;
    FILE *stream = open_memstream(&picture, &size);
    if (!stream) return ZG_NO_MEMORY;
    zg_simulation_plot(1, n, row->trace, row->trace + n, names, PICTURE_WIDTH, stream);
    if (fclose(stream) == 0) {
        zg_text_add(out, "<figure class=\"drawing\"><figcaption>");
        zg_text_xml(out, study->problems[study->problem_of[i]].label);
        zg_text_add(out, ", ");
        zg_html_method(study, study->method_of[i], out);
        zg_text_format(out, ": free run over the first %zu test rows</figcaption>\n", n);
        zg_text_add(out, picture);
        zg_text_add(out, "</figure>\n");
    }
    free(picture);
    return ZG_OK;
}

/* The first pictures, the others folded. */
static zg_status draw_all(const zg_study *study, bool chosen, zg_text *out)
{
    size_t drawn = 0;
    zg_status status = ZG_OK;
    for (size_t i = 0; i < study->log->case_count && drawn < MOST_PICTURES && status == ZG_OK;
         i++) {
        if (!is_final(study, i, chosen) || study->log->cases[i].result.trace_count < 2) continue;
        if (drawn == OPEN_PICTURES)
            zg_text_add(out, "</div>\n<details><summary>More free runs</summary>\n");
        if (drawn == 0 || drawn == OPEN_PICTURES) zg_text_add(out, "<div class=\"charts\">\n");
        status = draw(study, i, out);
        drawn++;
    }
    if (drawn) zg_text_add(out, drawn > OPEN_PICTURES ? "</div>\n</details>\n" : "</div>\n");
    return status;
}

zg_status zg_html_series(const zg_study *study, zg_text *out, zg_error *error)
{
    bool any = false, chosen = false;
    for (size_t i = 0; i < study->log->case_count; i++) {
        any = any || is_series(&study->log->cases[i]);
        chosen = chosen || (is_series(&study->log->cases[i]) &&
                            isfinite(study->log->cases[i].result.selection_score));
    }
    if (!any) return ZG_OK;
    zg_html_heading(
        "series", "Models of time series",
        "On test rows: one step ahead, and when the model runs on its own outputs. What "
        "diverges has no error.",
        out);
    zg_html_table_open(&table, out);
    for (size_t i = 0; i < study->log->case_count; i++) {
        if (!is_final(study, i, chosen)) continue;
        const series_row row = row_of(study, i);
        zg_html_table_row(&table, &row, out);
    }
    zg_html_table_close(&table, out);
    return draw_all(study, chosen, out) ? zg_no_memory(error) : ZG_OK;
}
