/*
 * Training from sums alone: the data are gone after one pass, but where they are a file.
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
#include "solvers/stream_origin.h"

typedef struct zg_sums_result {
    zg_network *network; /* the caller's; zg_network_free */
    double objective;    /* over all outputs, from the sums */
    double bound;        /* safe lower bound on p* */
    double gap;          /* zg_gap of the two */
    double attainable;   /* relative error that the objective's own rounding allows for */
    size_t rows;
    long passes; /* over the rows, by zg_stream_train */
    long iterations;
    double read_seconds, seconds; /* of the pass over the data, and of the solves */
} zg_sums_result;

/* Solves all outputs of finished sums.  shape is any problem of the same activation, architecture
 * and outputs, with squared loss: its beta counts, its samples do not. */
zg_status zg_sums_train(const zg_sums *sums, const zg_problem *shape, const zg_control *control,
                        zg_sums_result *out, zg_error *error);

/* The same in steps, for rows that can be read again: solve about nothing, then about the fit of
 * what was found, from a pass of its own (stream_origin.h), as often as it pays. */
typedef struct zg_sums_trainer zg_sums_trainer;

/* All are borrowed. */
zg_status zg_sums_trainer_create(const zg_sums *sums, const zg_problem *shape,
                                 const zg_control *control, zg_sums_trainer **out, zg_error *error);
void zg_sums_trainer_free(zg_sums_trainer *trainer);
/* origin (or NULL) is borrowed until the next solve. */
zg_status zg_sums_trainer_solve(zg_sums_trainer *trainer, const zg_sums_origin *origin,
                                zg_error *error);
/* The best dual fit so far (outputs x features), the next origin; and the gap. */
void zg_sums_trainer_fit(const zg_sums_trainer *trainer, double *fit);
double zg_sums_trainer_gap(const zg_sums_trainer *trainer);
zg_status zg_sums_trainer_take(const zg_sums_trainer *trainer, zg_sums_result *out,
                               zg_error *error);

/* Reads CSV rows to the end in bounded memory and trains on them.  Where the gap stays wider than
 * the tolerance and the stream can be set back to where it stood (a file, no pipe), the rows are
 * read again, up to ZG_STREAM_PASSES times in all, each a solve about the last one's fit; rows that
 * changed meanwhile are ZG_BAD_INPUT, and those that were added are left out.  Squared loss,
 * regression, without standardisation (it would need the data first); anything else is
 * ZG_UNSUPPORTED, and the message names the way around it. Observers of control are not called. */
#define ZG_STREAM_PASSES 4
zg_status zg_stream_train(FILE *stream, const char *name, const zg_data_options *data,
                          const zg_model_options *model, const zg_control *control,
                          zg_sums_result *out, zg_error *error);

#endif
