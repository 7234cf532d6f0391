/*
 * A model of a time series run freely: it uses its own outputs where a one-step prediction uses
 * measured ones.  What training minimises is the one-step error; how a model simulates is only
 * measured.
 */
#ifndef ZG_CORE_FREE_RUN_H
#define ZG_CORE_FREE_RUN_H

#include "core/network.h"

#define ZG_DIVERGED 1e8 /* an output this large, or none at all, ends a free run */

/* f (outputs x rows, output-major, in the targets' own units) over the rows of a series, which have
 * their measured past; it starts anew where a row does not follow the one before it.  *diverged is
 * 0, or the number, from 1, of the row whose output is beyond ZG_DIVERGED; the outputs from there
 * on are NAN. */
zg_status zg_free_run(const zg_network *network, const zg_dataset *rows, double *f,
                      size_t *diverged, zg_error *error);

/* 100 (1 - |y - f| / |y - mean y|) over all outputs (Ljung's fit in per cent); y and f outputs x n;
 * NAN where y does not vary, or by more than double precision has. */
double zg_fit_percent(size_t outputs, size_t n, const double *y, const double *f);

/* Which share of rows x (n x inputs) lies outside the smallest box around others (m x inputs). */
double zg_share_outside(size_t inputs, size_t n, const double *x, size_t m, const double *others);

#endif
