/*
 * Charts of an HTML report: a figure with the data as JSON for the chart library and the same data
 * as a table, which is what readers without scripts, or without the library, see.
 */
#ifndef ZG_REPORTS_CHART_H
#define ZG_REPORTS_CHART_H

#include "reports/text.h"

typedef enum zg_mark {
    ZG_MARK_LINE,   /* points joined */
    ZG_MARK_DASHED, /* likewise, dashed, and not in the legend */
    ZG_MARK_POINTS, /* points alone */
    ZG_MARK_STEPS,  /* constant until the next point */
    ZG_MARK_RULE    /* a thin dashed line without points: a level, a fit */
} zg_mark;

typedef struct zg_series {
    const char *label; /* series of one label share one entry of the legend */
    size_t colour;     /* index into the palette; the shape of points goes on where it repeats */
    zg_mark mark;
    size_t count;
    const double *x, *y;
    const char *const *notes; /* per point, for the tooltip; or NULL */
} zg_series;

typedef struct zg_axis {
    const char *label;
    const char *unit; /* "s", "B", "share" (0 to 1) or "": how ticks are written */
    bool log;         /* points that are not positive are left out */
} zg_axis;

typedef struct zg_chart {
    const char *title;
    const char *note; /* one sentence below, or NULL */
    zg_axis x, y;
    const char *const *ticks; /* names for x = 0, 1, 2, .. (history), or NULL */
    size_t tick_count;
    const zg_series *series;
    size_t count;
} zg_chart;

void zg_chart_write(const zg_chart *chart, zg_text *out);

typedef struct zg_bar {
    const char *label;
    size_t colour;
    double value;
} zg_bar;

/* Horizontal bars from zero, one colour each. */
void zg_chart_bars(const char *title, const char *note, const zg_axis *axis, size_t count,
                   const zg_bar *bars, zg_text *out);

/* The chart library's source, found where Debian's libjs-chart.js puts it (or at path, when that is
 * not NULL); *out stays empty when it is not installed. */
zg_status zg_chart_library(const char *path, zg_text *out, zg_error *error);

#endif
