/* Charts of an HTML report: JSON for the chart library, a table in its place. */
#include "reports/chart.h"

#include "reports/html_table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MOST_TOLD 4    /* series in the description of a picture; the table has all */
#define TABLE_POINTS 8 /* per series in the table: its shape, not its every point */

static bool is_shown(const zg_chart *chart, const zg_series *series, size_t i)
{
    double x = series->x[i], y = series->y[i];
    return isfinite(x) && isfinite(y) && (!chart->x.log || x > 0) && (!chart->y.log || y > 0);
}

static void json_axis(const char *name, const zg_axis *axis, zg_text *out)
{
    zg_text_format(out, "\"%s\":{\"label\":", name);
    zg_text_json(out, axis->label);
    zg_text_add(out, ",\"unit\":");
    zg_text_json(out, axis->unit ? axis->unit : "");
    zg_text_format(out, ",\"log\":%s}", axis->log ? "true" : "false");
}

static void json_series(const zg_chart *chart, const zg_series *series, zg_text *out)
{
    static const char *const marks[] = {"line", "dashed", "points", "steps", "rule"};
    const char *join = "";
    zg_text_add(out, "{\"label\":");
    zg_text_json(out, series->label);
    zg_text_format(out, ",\"colour\":%zu,\"mark\":\"%s\",\"points\":[", series->colour,
                   marks[series->mark]);
    for (size_t i = 0; i < series->count; i++) {
        if (!is_shown(chart, series, i)) continue;
        zg_text_format(out, "%s[", join);
        zg_text_json_rounded(out, series->x[i], 6);
        zg_text_add(out, ",");
        zg_text_json_rounded(out, series->y[i], 8);
        if (series->notes) zg_text_add(out, ",");
        if (series->notes) zg_text_json(out, series->notes[i]);
        zg_text_add(out, "]");
        join = ",";
    }
    zg_text_add(out, "]}");
}

static void add_quantity(const zg_axis *axis, double value, zg_text *out)
{
    const char *unit = axis->unit ? axis->unit : "";
    if (strcmp(unit, "s") == 0)
        zg_text_seconds(out, value);
    else if (strcmp(unit, "B") == 0)
        zg_text_memory(out, value);
    else
        zg_text_value(out, value, 6);
}

/* ---- tables --------------------------------------------------------------------------------- */

/* A browser that runs scripts takes what stands between for one text, which costs a page of
 * hundreds of charts nothing; the script makes the table of it when it is asked for. */
static void open_numbers(const zg_html_table *table, zg_text *out)
{
    zg_text_add(out, "<noscript>");
    zg_html_table_open(table, out);
}

static void close_numbers(const zg_html_table *table, zg_text *out)
{
    zg_html_table_close(table, out);
    zg_text_add(out, "</noscript>\n");
}

typedef struct point {
    const zg_chart *chart;
    const zg_series *series;
    size_t i;
} point;

static void write_series(const void *row, zg_text *out)
{
    const zg_series *series = ((const point *)row)->series;
    size_t i = ((const point *)row)->i;
    zg_text_xml(out, series->label);
    if (series->notes && series->notes[i]) {
        zg_text_add(out, " <small>");
        zg_text_xml(out, series->notes[i]);
        zg_text_add(out, "</small>");
    }
}

static void write_x(const void *row, zg_text *out)
{
    const point *at = row;
    double x = at->series->x[at->i];
    size_t tick = (size_t)fmin(fmax(0, x), 1e9); /* a log may say anything */
    if (at->chart->ticks && tick < at->chart->tick_count)
        zg_text_xml(out, at->chart->ticks[tick]);
    else
        add_quantity(&at->chart->x, x, out);
}

static void write_y(const void *row, zg_text *out)
{
    const point *at = row;
    add_quantity(&at->chart->y, at->series->y[at->i], out);
}

static void write_table(const zg_chart *chart, zg_text *out)
{
    const zg_html_column columns[] = {
        {"series", ZG_CELL_NAME, .write = write_series},
        {chart->x.label, ZG_CELL_TEXT, .write = write_x},
        {chart->y.label, ZG_CELL_TEXT, .write = write_y},
    };
    const zg_html_table table = {"scroll numbers", .count = sizeof columns / sizeof *columns,
                                 .columns = columns};
    open_numbers(&table, out);
    for (size_t k = 0; k < chart->count; k++) {
        const zg_series *series = &chart->series[k];
        size_t step = series->count > TABLE_POINTS ? series->count / TABLE_POINTS : 1;
        for (size_t i = 0; i < series->count; i++) {
            bool last = i + 1 == series->count;
            if ((i % step == 0 || last) && is_shown(chart, series, i))
                zg_html_table_row(&table, &(point){chart, series, i}, out);
        }
    }
    close_numbers(&table, out);
}

typedef struct bar_row {
    const zg_axis *axis;
    const char *label;
    double value;
} bar_row;

static void write_length(const void *row, zg_text *out)
{
    const bar_row *at = row;
    add_quantity(at->axis, at->value, out);
}

static void write_bar_table(const zg_axis *axis, size_t count, const zg_bar *bars, zg_text *out)
{
    const zg_html_column columns[] = {{"", ZG_CELL_NAME, .text = offsetof(bar_row, label)},
                                      {axis->label, ZG_CELL_TEXT, .write = write_length}};
    const zg_html_table table = {"scroll numbers", .count = sizeof columns / sizeof *columns,
                                 .columns = columns};
    open_numbers(&table, out);
    for (size_t i = 0; i < count; i++)
        zg_html_table_row(&table, &(bar_row){axis, bars[i].label, bars[i].value}, out);
    close_numbers(&table, out);
}

/* ---- figures -------------------------------------------------------------------------------- */

/* What a reader hears who cannot see the picture: title, axes, and where each series ends. */
static void describe(const zg_chart *chart, zg_text *out)
{
    zg_text_format(out, "%s: %s against %s", chart->title, chart->y.label, chart->x.label);
    size_t told = 0;
    for (size_t k = 0; k < chart->count && told < MOST_TOLD; k++) {
        const zg_series *series = &chart->series[k];
        if (series->count == 0 || series->mark == ZG_MARK_DASHED || series->mark == ZG_MARK_RULE)
            continue;
        told++;
        zg_text_format(out, "; %s ends at ", series->label);
        add_quantity(&chart->y, series->y[series->count - 1], out);
    }
}

/* Takes the description over. */
static void open_figure(const char *title, zg_text *description, zg_text *out)
{
    zg_text_add(out, "<figure class=\"chart\"><figcaption>");
    zg_text_xml(out, title);
    zg_text_add(out, "</figcaption>\n<div class=\"plot\" hidden><canvas role=\"img\" "
                     "aria-label=\"");
    zg_text_xml(out, zg_text_bytes(description));
    if (description->failed) out->failed = true;
    zg_text_clear(description);
    zg_text_add(out, "\"></canvas></div>\n<script type=\"application/json\">");
}

static void close_figure(const char *note, zg_text *out)
{
    if (note) {
        zg_text_add(out, "<p class=\"note\">");
        zg_text_xml(out, note);
        zg_text_add(out, "</p>");
    }
    zg_text_add(out, "</figure>\n");
}

void zg_chart_write(const zg_chart *chart, zg_text *out)
{
    zg_text description = {0};
    describe(chart, &description);
    open_figure(chart->title, &description, out);
    zg_text_add(out, "{\"kind\":\"xy\",");
    json_axis("x", &chart->x, out);
    zg_text_add(out, ",");
    json_axis("y", &chart->y, out);
    if (chart->ticks) {
        zg_text_add(out, ",\"ticks\":[");
        for (size_t i = 0; i < chart->tick_count; i++) {
            if (i) zg_text_add(out, ",");
            zg_text_json(out, chart->ticks[i]);
        }
        zg_text_add(out, "]");
    }
    zg_text_add(out, ",\"series\":[");
    for (size_t k = 0; k < chart->count; k++) {
        if (k) zg_text_add(out, ",");
        json_series(chart, &chart->series[k], out);
    }
    zg_text_add(out, "]}</script>\n");
    write_table(chart, out);
    close_figure(chart->note, out);
}

void zg_chart_bars(const char *title, const char *note, const zg_axis *axis, size_t count,
                   const zg_bar *bars, zg_text *out)
{
    zg_text description = {0};
    zg_text_format(&description, "%s: %s", title, axis->label);
    for (size_t i = 0; i < count; i++) {
        zg_text_format(&description, "; %s ", bars[i].label);
        add_quantity(axis, bars[i].value, &description);
    }
    open_figure(title, &description, out);
    zg_text_add(out, "{\"kind\":\"bars\",");
    json_axis("x", axis, out);
    zg_text_add(out, ",\"bars\":[");
    for (size_t i = 0; i < count; i++) {
        zg_text_add(out, i ? ",{\"label\":" : "{\"label\":");
        zg_text_json(out, bars[i].label);
        zg_text_format(out, ",\"colour\":%zu,\"value\":", bars[i].colour);
        zg_text_json_rounded(out, bars[i].value, 6);
        zg_text_add(out, "}");
    }
    zg_text_add(out, "]}</script>\n");
    write_bar_table(axis, count, bars, out);
    close_figure(note, out);
}

/* ---- the library ---------------------------------------------------------------------------- */

/* The UMD builds, smallest first: the others are modules, which a file opened from disk may not
 * load. */
static const char *const library_paths[] = {
    "/usr/share/javascript/chart.js/chart.min.js", "/usr/share/javascript/chart.js/Chart.min.js",
    "/usr/share/javascript/chart.js/chart.umd.js", "/usr/share/javascript/chart.js/chart.js"};

static zg_status read_library(FILE *file, const char *path, zg_text *out, zg_error *error)
{
    char block[65536];
    size_t length;
    while ((length = fread(block, 1, sizeof block, file)) > 0)
        zg_text_bytes_add(out, block, length);
    if (ferror(file)) return zg_fail(error, ZG_IO, "cannot read \"%s\": %s", path, strerror(errno));
    /* It will stand inside a script element. */
    if (strstr(zg_text_bytes(out), "</script"))
        return zg_fail(error, ZG_BAD_INPUT, "%s:1:1: this script cannot stand in a page", path);
    return zg_text_status(out, error);
}

zg_status zg_chart_library(const char *path, zg_text *out, zg_error *error)
{
    size_t count = path ? 1 : sizeof library_paths / sizeof *library_paths;
    for (size_t i = 0; i < count; i++) {
        const char *at = path ? path : library_paths[i];
        FILE *file = fopen(at, "rb");
        if (!file && path)
            return zg_fail(error, ZG_IO, "cannot open \"%s\": %s", path, strerror(errno));
        if (!file) continue;
        zg_status status = read_library(file, at, out, error);
        fclose(file);
        return status;
    }
    return ZG_OK;
}
