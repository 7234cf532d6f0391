/* Measured and simulated outputs as a picture (SVG). */
#ifndef ZG_REPORTS_SIMULATION_PLOT_H
#define ZG_REPORTS_SIMULATION_PLOT_H

#include <stddef.h>
#include <stdio.h>

/* y and f outputs x n, output-major; f ends at its first number that is none.  names may be NULL.
 * width in pixels, with letters of 12. */
void zg_simulation_plot(size_t outputs, size_t n, const double *y, const double *f,
                        char *const *names, double width, FILE *out);

#endif
