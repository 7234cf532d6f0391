/* Small plots for terminals: points on a grid of Braille dots, or of plain characters. */
#ifndef ZG_REPORTS_PLOT_H
#define ZG_REPORTS_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct zg_point {
    double x, y;
} zg_point;

/* Draws y over x in rows lines of columns characters (at most 200), with labels on the left and
 * below; y is a power of ten.  Points are joined; those that are not finite are left out. */
void zg_plot(FILE *out, const zg_point *points, size_t count, size_t columns, size_t rows,
             bool ascii);

#endif
