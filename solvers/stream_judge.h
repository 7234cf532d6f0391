/*
 * What sums over samples say of a network and of a dual vector, in double precision and safely.
 *
 * Every sum is off by at most gamma times what the absolute values of its terms add up to, and the
 * Cauchy-Schwarz inequality bounds those by sqrt(G_kk) and lengths over the samples (docs/ipm.md).
 * With an origin fits are those from there on, and y - Phi f0 stands for y in all sums but v'y.
 */
#ifndef ZG_SOLVERS_STREAM_JUDGE_H
#define ZG_SOLVERS_STREAM_JUDGE_H

#include "core/network.h"
#include "solvers/stream_origin.h"

/* One output of finished sums. */
typedef struct zg_sums_judge {
    const zg_sums *sums; /* borrowed */
    size_t output;
    double beta;
    const zg_sums_origin *origin; /* borrowed, or NULL: 0 */
    double gamma;                 /* relative rounding of the sums */
    double length, reach;  /* |y - Phi f0|; sum_l sqrt(G_ll) |fit_l| of the fit multiplied last */
    double *fit, *product; /* features each */
    double *norms;         /* features: sqrt(G_kk) */
    long double *exact, *terms; /* features each: a network's coefficients, their terms' sizes */
    double *errors;             /* a group's features */
    double *t, *q, *g;          /* order x order, order x order, order */
    double *factor;             /* features x features: of G, made when first needed */
    double *storage;
} zg_sums_judge;

zg_status zg_sums_judge_create(const zg_sums *sums, size_t output, double beta, zg_sums_judge *out);
void zg_sums_judge_clear(zg_sums_judge *judge);

/* Fits are from this origin on (NULL: from 0); it must outlive the judge. */
void zg_sums_judge_move(zg_sums_judge *judge, const zg_sums_origin *origin);

/* The lower bound on p* that v = y - Phi (f0 + fit) gives; ZG_FAILED where there is none. */
zg_status zg_sums_bound(zg_sums_judge *judge, const double *fit, double *bound);

/* columns (features x neurons) = each neuron's coefficients over the features, its weight 1. */
void zg_sums_columns(zg_sums_judge *judge, const zg_network *network, double *columns);

/* The objective of the network's part for this output, rounded up, or NaN.  *doubt: at most so far
 * from the exact value. */
double zg_sums_objective(zg_sums_judge *judge, const zg_network *network, double *doubt);

#endif
