/*
 * Training from sums alone: the data are gone after one pass.
 *
 * Objective and certificate both come from G, q and the sum of squares (docs/ipm.md).  With
 * v = y - Phi s every term of the bound is a function of them; what rounding can have done to the
 * sums is bounded by the Cauchy-Schwarz inequality and taken off, so the bound is safe.  Sums of
 * squares cancel when the fit is very good: attainable says how small a gap can be certified at
 * all.
 */
#ifndef ZG_SOLVERS_STREAM_TRAIN_H
#define ZG_SOLVERS_STREAM_TRAIN_H

#include "core/method.h"
#include "data/csv.h"
#include "solvers/stream.h"

typedef struct zg_sums_result {
    zg_network *network; /* the caller's; zg_network_free */
    double objective;    /* over all outputs, from the sums */
    double bound;        /* safe lower bound on p* */
    double gap;          /* zg_gap of the two */
    double attainable;   /* relative error that the objective's own rounding allows for */
    size_t rows;
    long iterations;
    double read_seconds, seconds; /* of the pass over the data, and of the solves */
} zg_sums_result;

/* Solves all outputs of finished sums.  shape is any problem of the same activation, architecture
 * and outputs, with squared loss: its beta counts, its samples do not. */
zg_status zg_sums_train(const zg_sums *sums, const zg_problem *shape, const zg_control *control,
                        zg_sums_result *out, zg_error *error);

/* Reads CSV rows to the end in bounded memory and trains on them.  Squared loss, regression,
 * without standardisation (it would need the data first); anything else is ZG_UNSUPPORTED, and the
 * message names the way around it.  Observers of control are not called. */
zg_status zg_stream_train(FILE *stream, const char *name, const zg_data_options *data,
                          const zg_model_options *model, const zg_control *control,
                          zg_sums_result *out, zg_error *error);

#endif
