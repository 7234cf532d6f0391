/* The page of `zerogap analyse --html`: robust accuracy over radii. */
#ifndef ZG_REPORTS_MARGINS_PAGE_H
#define ZG_REPORTS_MARGINS_PAGE_H

#include "reports/chart.h"

typedef struct zg_margins_page {
    const char *model, *data, *units; /* units: of radii, "standardised" or "raw" */
    size_t rows, robust, accurate;    /* robust: proven within the radius */
    size_t limited;                   /* of which rounding alone decides */
    bool labelled;                    /* else rows count as right where they are */
    double radius;
    size_t points;                       /* of the curve */
    const double *radii, *proven, *open; /* shares of rows; open: not known to be attackable */
} zg_margins_page;

/* library: the source of the chart library (zg_chart_library), or "" for tables in its place. */
void zg_margins_page_write(const zg_margins_page *page, const char *library, zg_text *out);

#endif
