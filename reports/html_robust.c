/* HTML: robust accuracy over radii, of networks for two classes. */
#include "reports/html_parts.h"

#include <stdlib.h>

#define MOST_SERIES 12 /* in a chart */
#define LABEL_SIZE 160

static json_t *part_of(const zg_study *study, size_t i, const char *part)
{
    return json_object_get(study->log->cases[i].started, part);
}

/* Whether two cases have the same data, and the same model but for the radius. */
static bool are_comparable(const zg_study *study, size_t i, size_t j)
{
    json_t *a = json_copy(part_of(study, i, "model")), *b = json_copy(part_of(study, j, "model"));
    static const char *const own[] = {"name", "robust.radius"};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        json_object_del(a, own[k]);
        json_object_del(b, own[k]);
    }
    bool same =
        json_equal(a, b) && json_equal(part_of(study, i, "data"), part_of(study, j, "data"));
    json_decref(a);
    json_decref(b);
    return same;
}

static void write_title(const zg_study *study, size_t i, zg_text *out)
{
    const char *data = zg_log_text(part_of(study, i, "data"), "name");
    const char *model = zg_log_text(part_of(study, i, "model"), "name");
    zg_text_format(out, "%s: %s", data ? data : "data", model ? model : "model");
}

/* Draws the curves of the cases from this one on that are comparable with it. */
static bool draw(const zg_study *study, size_t first, bool *drawn, zg_text *out)
{
    zg_series series[MOST_SERIES];
    char(*labels)[LABEL_SIZE] = calloc(MOST_SERIES, sizeof *labels);
    size_t count = 0;
    for (size_t i = first; labels && i < study->log->case_count; i++) {
        const zg_row *row = &study->log->cases[i].result;
        if (drawn[i] || row->robust_count == 0) continue;
        if (i != first && !are_comparable(study, i, first)) continue;
        drawn[i] = true;
        if (count == MOST_SERIES) continue;
        const json_t *radius = json_object_get(part_of(study, i, "model"), "robust.radius");
        snprintf(labels[count], LABEL_SIZE, "R = %.4g, %.100s", json_number_value(radius),
                 study->methods[study->method_of[i]].label);
        series[count] = (zg_series){.label = labels[count],
                                    .colour = count,
                                    .mark = ZG_MARK_LINE,
                                    .count = row->robust_count,
                                    .x = row->robust_radius,
                                    .y = row->robust_share};
        count++;
    }
    zg_text title = {0};
    write_title(study, first, &title);
    const zg_chart chart = {.title = zg_text_bytes(&title),
                            .note = study->log->cases[first].result.robust_on_test
                                        ? "Of the test rows."
                                        : "Of the training rows.",
                            .x = {"radius of the ball", "", false},
                            .y = {"rows that keep their label", "share", false},
                            .series = series,
                            .count = count};
    bool done = labels && !title.failed;
    if (done) zg_chart_write(&chart, out);
    zg_text_clear(&title);
    free(labels);
    return done;
}

zg_status zg_html_robust(const zg_study *study, zg_text *out, zg_error *error)
{
    size_t count = study->log->case_count, any = 0;
    bool *drawn = calloc(count + 1, sizeof *drawn), done = drawn != NULL;
    for (size_t i = 0; i < count; i++)
        any += study->log->cases[i].result.robust_count > 0;
    if (done && any) {
        zg_html_heading("robust", "Robust accuracy over radii",
                        "The share of rows that are classified right wherever they move within the "
                        "radius, proven for every point of the ball. R is the radius that was "
                        "trained for.",
                        out);
        zg_text_add(out, "<div class=\"charts\">\n");
        for (size_t i = 0; done && i < count; i++)
            if (!drawn[i] && study->log->cases[i].result.robust_count > 0)
                done = draw(study, i, drawn, out);
        zg_text_add(out, "</div>\n");
    }
    free(drawn);
    return done ? ZG_OK : zg_no_memory(error);
}
