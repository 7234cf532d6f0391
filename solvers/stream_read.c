/* Training on the rows of a stream (see stream_train.h). */
#include "base/linalg.h"
#include "core/neuron_set.h"
#include "solvers/stream_train.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- the model ------------------------------------------------------------------------------- */

static zg_status check_model(const zg_model_options *model, zg_error *error)
{
    if (!zg_loss_has(model->loss.kind, ZG_LOSS_QUADRATIC))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "only the squared loss can be trained in one pass; read the data from a "
                       "file for the others");
    if (zg_neuron_set_finite(model->neuron_set))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a finite neuron set needs all the data; read them from a file");
    if (model->standardize || model->task != ZG_REGRESSION)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "standardising and class labels need all the data first; read them from a "
                       "file");
    return ZG_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

typedef struct intake {
    FILE *stream;
    const char *name;
    const zg_data_options *data;
    off_t start; /* where the rows begin; -1: they cannot be read again */
    zg_csv_reader *reader;
    size_t inputs, outputs;
    double *x, *rows, *y; /* a block: x, targets as read, targets by output */
    zg_basis *basis;      /* what the first block shows */
    zg_sums *sums;
    zg_sums_origin *origin; /* of the pass under way, from the second one on */
    zg_problem *shape;      /* of the first row */
    uint64_t seen;          /* a digest of this pass's numbers */
} intake;

/* Against rows that change by accident while they are read. */
static void see(intake *in, size_t count, const double *numbers)
{
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, numbers + k, sizeof bits);
        in->seen = (in->seen ^ bits) * UINT64_C(0x9E3779B97F4A7C15);
        in->seen ^= in->seen >> 32;
    }
}

static zg_status first_block(intake *in, size_t rows, const zg_model_options *model,
                             zg_error *error)
{
    zg_status status = zg_problem_from_arrays(1, in->inputs, in->x, in->outputs, in->rows, NULL,
                                              model->activation, &model->architecture, model->loss,
                                              (zg_penalty){0}, model->beta, &in->shape, error);
    if (status != ZG_OK) return status;
    if (zg_texts_copy(zg_csv_input_names(in->reader), in->inputs, &in->shape->preprocess.names) !=
            ZG_OK ||
        zg_texts_copy(zg_csv_target_names(in->reader), in->outputs, &in->shape->encoding.names) !=
            ZG_OK ||
        zg_csv_target_columns(in->reader, &in->shape->encoding.columns) != ZG_OK)
        return zg_no_memory(error);
    if (zg_basis_create(model->activation, &in->shape->patches, rows, in->x, &in->basis) != ZG_OK)
        return zg_no_memory(error);
    return zg_sums_create_in(in->basis, model->activation, &in->shape->patches, in->outputs,
                             &in->sums, error);
}

static zg_status take_rows(intake *in, const zg_model_options *model, zg_error *error)
{
    for (;;) {
        size_t rows, room = ZG_SUMS_BLOCK;
        if (in->origin && in->sums->rows - in->origin->rows < room)
            room = in->sums->rows - in->origin->rows; /* what was added meanwhile is left out */
        zg_status status = zg_csv_next(in->reader, room, in->x, in->rows, &rows, error);
        if (status != ZG_OK) return status;
        if (rows == 0) break;
        if (zg_csv_label_count(in->reader) > 0)
            return zg_fail(error, ZG_UNSUPPORTED,
                           "the target column holds texts; one pass over the data needs numbers");
        if (!in->sums && (status = first_block(in, rows, model, error)) != ZG_OK) return status;
        for (size_t c = 0; c < in->outputs; c++)
            for (size_t i = 0; i < rows; i++)
                in->y[c * ZG_SUMS_BLOCK + i] = in->rows[i * in->outputs + c];
        see(in, rows * in->inputs, in->x);
        see(in, rows * in->outputs, in->rows);
        if (in->origin)
            zg_sums_origin_add(in->origin, rows, in->x, in->y, ZG_SUMS_BLOCK);
        else
            zg_sums_add(in->sums, rows, in->x, in->y, ZG_SUMS_BLOCK, NULL);
    }
    if (!in->sums) return zg_fail(error, ZG_BAD_INPUT, "there are no rows to train on");
    if (in->origin)
        zg_sums_origin_finish(in->origin);
    else
        zg_sums_finish(in->sums);
    return ZG_OK;
}

static zg_status open_intake(intake *in, zg_error *error)
{
    const zg_data_options *data = in->data;
    if (data && (data->missing == ZG_MISSING_MEAN || data->missing == ZG_MISSING_TRAINING_MEAN))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "means of columns need all the data first; drop the rows or read a file");
    in->start = ftello(in->stream);
    zg_status status = zg_csv_open(in->stream, in->name, data, &in->reader, error);
    if (status != ZG_OK) return status;
    in->inputs = zg_csv_inputs(in->reader);
    in->outputs = zg_csv_targets(in->reader);
    in->x = zg_doubles(ZG_SUMS_BLOCK * in->inputs);
    in->rows = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    in->y = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    return in->x && in->rows && in->y ? ZG_OK : zg_no_memory(error);
}

static void close_intake(intake *in)
{
    zg_sums_free(in->sums);
    zg_basis_free(in->basis);
    zg_problem_free(in->shape);
    if (in->reader) zg_csv_close(in->reader);
    free(in->x);
    free(in->rows);
    free(in->y);
}

/* ---- passes ---------------------------------------------------------------------------------- */

/* Reads the rows once more, for the sums about in->origin. */
static zg_status read_again(intake *in, const zg_model_options *model, zg_error *error)
{
    uint64_t before = in->seen;
    zg_csv_close(in->reader);
    in->reader = NULL;
    in->seen = 0;
    if (fseeko(in->stream, in->start, SEEK_SET) != 0)
        return zg_fail(error, ZG_IO, "%s: cannot read it again: %s", in->name, strerror(errno));
    zg_status status = zg_csv_open(in->stream, in->name, in->data, &in->reader, error);
    bool alike = status == ZG_OK && zg_csv_inputs(in->reader) == in->inputs &&
                 zg_csv_targets(in->reader) == in->outputs;
    if (alike) status = take_rows(in, model, error);
    if (status != ZG_OK || (alike && in->seen == before)) return status;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%s: the rows changed while they were read again for a smaller gap: train on a "
                   "copy, or send them through a pipe, which is read once",
                   in->name);
}

/* A pass and a solve about what the trainer found; last is the origin of the solve before. */
static zg_status refine(intake *in, const zg_model_options *model, zg_sums_trainer *trainer,
                        zg_sums_origin **last, zg_sums_result *out, zg_error *error)
{
    double before = zg_monotonic(), *fit = zg_doubles(in->outputs * in->sums->features);
    if (fit) zg_sums_trainer_fit(trainer, fit);
    bool created = fit && zg_sums_origin_create(in->sums, fit, &in->origin) == ZG_OK;
    free(fit);
    if (!created) return zg_no_memory(error);
    zg_status status = read_again(in, model, error);
    out->read_seconds += zg_monotonic() - before;
    out->passes++;
    if (status == ZG_OK) status = zg_sums_trainer_solve(trainer, in->origin, error);
    zg_sums_origin_free(*last);
    *last = in->origin;
    return status;
}

static zg_status train(intake *in, const zg_model_options *model, const zg_control *control,
                       zg_sums_result *out, zg_error *error)
{
    zg_sums_trainer *trainer = NULL;
    zg_sums_origin *origin = NULL;
    zg_status status = zg_sums_trainer_create(in->sums, in->shape, control, &trainer, error);
    if (status == ZG_OK) status = zg_sums_trainer_solve(trainer, NULL, error);
    double last = INFINITY;
    while (status == ZG_OK && in->start >= 0 && out->passes < ZG_STREAM_PASSES) {
        double gap = zg_sums_trainer_gap(trainer);
        if (gap <= control->tolerance || !(gap < 0.5 * last)) break;
        last = gap;
        status = refine(in, model, trainer, &origin, out, error);
    }
    if (status == ZG_OK) status = zg_sums_trainer_take(trainer, out, error);
    zg_sums_trainer_free(trainer);
    zg_sums_origin_free(origin);
    return status;
}

zg_status zg_stream_train(FILE *stream, const char *name, const zg_data_options *data,
                          const zg_model_options *model, const zg_control *control,
                          zg_sums_result *out, zg_error *error)
{
    intake in = {.stream = stream, .name = name, .data = data};
    double before = zg_monotonic();
    *out = (zg_sums_result){.passes = 1};
    zg_status status = check_model(model, error);
    if (status == ZG_OK) status = open_intake(&in, error);
    if (status == ZG_OK) status = take_rows(&in, model, error);
    out->read_seconds = zg_monotonic() - before;
    if (status == ZG_OK) status = train(&in, model, control, out, error);
    close_intake(&in);
    return status;
}
