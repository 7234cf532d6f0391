/* The quadratic part of a network as a picture (SVG): a second-order kernel, if inputs are lags. */
#ifndef ZG_REPORTS_KERNEL_PLOT_H
#define ZG_REPORTS_KERNEL_PLOT_H

#include <stddef.h>
#include <stdio.h>

#define ZG_KERNEL_INPUTS 200 /* that a picture has cells for */

/* A panel for each of the outputs: p (outputs x d x d, symmetric, finite), a cell for each entry,
 * blue above 0 and red below, the darker the larger against the panel's largest.  names may be
 * NULL. */
void zg_kernel_plot(size_t outputs, size_t d, const double *p, const char *const *names, FILE *out);

#endif
