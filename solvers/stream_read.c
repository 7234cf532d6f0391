/* Training on the rows of a stream (see stream_train.h). */
#include "base/linalg.h"
#include "core/neuron_set.h"
#include "solvers/stream_train.h"

#include <stdlib.h>

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
    zg_csv_reader *reader;
    size_t inputs, outputs;
    double *x, *rows, *y; /* a block: x, targets as read, targets by output */
    zg_basis *basis;      /* what the first block shows */
    zg_sums *sums;
    zg_problem *shape; /* of the first row */
} intake;

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
        size_t rows;
        zg_status status = zg_csv_next(in->reader, ZG_SUMS_BLOCK, in->x, in->rows, &rows, error);
        if (status != ZG_OK) return status;
        if (rows == 0) break;
        if (zg_csv_label_count(in->reader) > 0)
            return zg_fail(error, ZG_UNSUPPORTED,
                           "the target column holds texts; one pass over the data needs numbers");
        if (!in->sums && (status = first_block(in, rows, model, error)) != ZG_OK) return status;
        for (size_t c = 0; c < in->outputs; c++)
            for (size_t i = 0; i < rows; i++)
                in->y[c * ZG_SUMS_BLOCK + i] = in->rows[i * in->outputs + c];
        zg_sums_add(in->sums, rows, in->x, in->y, ZG_SUMS_BLOCK, NULL);
    }
    if (!in->sums) return zg_fail(error, ZG_BAD_INPUT, "there are no rows to train on");
    zg_sums_finish(in->sums);
    return ZG_OK;
}

static zg_status open_intake(intake *in, FILE *stream, const char *name,
                             const zg_data_options *data, zg_error *error)
{
    if (data && (data->missing == ZG_MISSING_MEAN || data->missing == ZG_MISSING_TRAINING_MEAN))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "means of columns need all the data first; drop the rows or read a file");
    zg_status status = zg_csv_open(stream, name, data, &in->reader, error);
    if (status != ZG_OK) return status;
    in->inputs = zg_csv_inputs(in->reader);
    in->outputs = zg_csv_targets(in->reader);
    in->x = zg_doubles(ZG_SUMS_BLOCK * in->inputs);
    in->rows = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    in->y = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    return in->x && in->rows && in->y ? ZG_OK : zg_no_memory(error);
}

zg_status zg_stream_train(FILE *stream, const char *name, const zg_data_options *data,
                          const zg_model_options *model, const zg_control *control,
                          zg_sums_result *out, zg_error *error)
{
    intake in = {0};
    double before = zg_monotonic();
    *out = (zg_sums_result){0};
    zg_status status = check_model(model, error);
    if (status == ZG_OK) status = open_intake(&in, stream, name, data, error);
    if (status == ZG_OK) status = take_rows(&in, model, error);
    out->read_seconds = zg_monotonic() - before;
    if (status == ZG_OK) status = zg_sums_train(in.sums, in.shape, control, out, error);
    zg_sums_free(in.sums);
    zg_basis_free(in.basis);
    zg_problem_free(in.shape);
    if (in.reader) zg_csv_close(in.reader);
    free(in.x);
    free(in.rows);
    free(in.y);
    return status;
}
