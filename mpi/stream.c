/* zerogap-mpi train --stream (see stream.h). */
#include "mpi/stream.h"

#include "base/linalg.h"
#include "data/csv.h"
#include "mpi/cuts.h"

#include <stdlib.h>
#include <string.h>

/* Rows of an array that are read at once. */
#define CHUNK_ROWS ((size_t)16 * ZG_SUMS_BLOCK)

typedef struct intake {
    const zg_stream_job *job;
    zg_cuts cuts;
    zg_problem *shape; /* of a first row */
    zg_basis *basis;   /* of the first rows */
    zg_sums *sums;
    zg_error *error;
} intake;

/* ---- rows -------------------------------------------------------------------------------------- */

/* Adds rows x inputs and rows x targets, both row-major; y is scratch of as many targets. */
static void add_rows(intake *in, size_t rows, const double *x, const double *t, double *y)
{
    size_t outputs = in->shape->outputs;
    for (size_t c = 0; c < outputs; c++)
        for (size_t i = 0; i < rows; i++)
            y[c * rows + i] = t[i * outputs + c];
    zg_sums_add(in->sums, rows, x, y, rows, NULL);
}

static bool fits(const intake *in, size_t inputs, size_t targets)
{
    return inputs == in->shape->inputs && targets == in->shape->outputs;
}

static zg_status other_columns(const intake *in, const char *path)
{
    return zg_fail(in->error, ZG_BAD_INPUT,
                   "%.300s: expected %zu inputs and %zu targets as in the first file, found others",
                   path, in->shape->inputs, in->shape->outputs);
}

static zg_status add_array(intake *in, const zg_part_file *file, size_t first, size_t end)
{
    zg_status status = ZG_OK;
    for (size_t at = first; at < end && status == ZG_OK; at += CHUNK_ROWS) {
        zg_dataset *part = NULL;
        size_t count = end - at < CHUNK_ROWS ? end - at : CHUNK_ROWS;
        status = zg_part_rows(file, at, count, in->job->options, &part, in->error);
        if (status != ZG_OK) break;
        double *y = zg_doubles(count * part->targets);
        if (!y)
            status = zg_no_memory(in->error);
        else if (!fits(in, part->inputs, part->targets))
            status = other_columns(in, file->path);
        else
            add_rows(in, count, part->x, part->t, y);
        free(y);
        zg_dataset_free(part);
    }
    return status;
}

static zg_status add_csv(intake *in, zg_csv_reader *reader, const char *path)
{
    size_t d = in->shape->inputs, k = in->shape->outputs, rows = 1;
    if (!fits(in, zg_csv_inputs(reader), zg_csv_targets(reader))) return other_columns(in, path);
    double *x = zg_doubles(ZG_SUMS_BLOCK * d), *t = zg_doubles(2 * ZG_SUMS_BLOCK * k);
    zg_status status = x && t ? ZG_OK : zg_no_memory(in->error);
    while (status == ZG_OK && rows > 0) {
        status = zg_csv_next(reader, ZG_SUMS_BLOCK, x, t, &rows, in->error);
        if (status == ZG_OK && zg_csv_label_count(reader) > 0)
            status =
                zg_fail(in->error, ZG_BAD_INPUT, "%.300s: the target column holds texts", path);
        if (status == ZG_OK) add_rows(in, rows, x, t, t + ZG_SUMS_BLOCK * k);
    }
    free(x);
    free(t);
    return status;
}

/* A reader of the lines from byte `at`, which is line number `line`, to byte `end`; both are the
 * caller's to close, *stream last. */
static zg_status open_lines(const zg_part_file *file, size_t at, size_t end, size_t line,
                            FILE **stream, zg_csv_reader **reader, zg_error *error)
{
    char name[512];
    zg_status status = zg_part_stream(file, at, end, stream, error);
    if (status != ZG_OK) return status;
    snprintf(name, sizeof name, "%.400s (line %zu stands for line %zu)", file->path,
             file->head_lines + 1, line);
    return zg_csv_open(*stream, name, &file->options, reader, error);
}

static void close_lines(FILE *stream, zg_csv_reader *reader)
{
    zg_csv_close(reader);
    if (stream) fclose(stream);
}

static zg_status add_lines(intake *in, size_t k, size_t i)
{
    const zg_part_file *file = &in->cuts.file[k];
    size_t at, end, line, ignored;
    FILE *stream = NULL;
    zg_csv_reader *reader = NULL;
    zg_status status = zg_cuts_line(&in->cuts, k, i, &at, &line, in->error);
    if (status == ZG_OK) status = zg_cuts_line(&in->cuts, k, i + 1, &end, &ignored, in->error);
    if (status != ZG_OK || !zg_part_has_rows(file, at, end)) return status;
    status = open_lines(file, at, end, line, &stream, &reader, in->error);
    if (status == ZG_OK) status = add_csv(in, reader, file->path);
    close_lines(stream, reader);
    return status;
}

/* The block number g of all files. */
static zg_status add_block(intake *in, size_t g)
{
    size_t k = g / in->cuts.cuts, i = g % in->cuts.cuts;
    const zg_part_file *file = &in->cuts.file[k];
    if (file->kind == ZG_PART_LINES) return add_lines(in, k, i);
    return add_array(in, file, zg_cuts_bound(&in->cuts, file->rows, i),
                     zg_cuts_bound(&in->cuts, file->rows, i + 1));
}

/* ---- the sums ---------------------------------------------------------------------------------- */

/* The inputs of the first rows of the first file, x being room for a block; on every rank. */
static zg_status first_rows(intake *in, double *x, size_t *rows)
{
    const zg_part_file *file = &in->cuts.file[0];
    if (file->kind != ZG_PART_LINES) {
        zg_dataset *part = NULL;
        *rows = file->rows < ZG_SUMS_BLOCK ? file->rows : ZG_SUMS_BLOCK;
        zg_status status = zg_part_rows(file, 0, *rows, in->job->options, &part, in->error);
        if (status == ZG_OK) memcpy(x, part->x, *rows * part->inputs * sizeof *x);
        zg_dataset_free(part);
        return status;
    }
    FILE *stream = NULL;
    zg_csv_reader *reader = NULL;
    double *targets = zg_doubles(ZG_SUMS_BLOCK * in->shape->outputs);
    zg_status status = targets ? ZG_OK : zg_no_memory(in->error);
    if (status == ZG_OK)
        status = open_lines(file, file->begin, file->end, file->head_lines + 1, &stream, &reader,
                            in->error);
    if (status == ZG_OK) status = zg_csv_next(reader, ZG_SUMS_BLOCK, x, targets, rows, in->error);
    close_lines(stream, reader);
    free(targets);
    return status;
}

/* Sums in the basis that the first rows show, the same on every rank. */
static zg_status make_sums(intake *in)
{
    size_t rows = 0;
    double *x = zg_doubles(ZG_SUMS_BLOCK * in->shape->inputs);
    zg_status status = x ? first_rows(in, x, &rows) : zg_no_memory(in->error);
    if (status == ZG_OK &&
        zg_basis_create(in->shape->activation, &in->shape->patches, rows, x, &in->basis) != ZG_OK)
        status = zg_no_memory(in->error);
    if (status == ZG_OK)
        status = zg_sums_create_in(in->basis, in->shape->activation, &in->shape->patches,
                                   in->shape->outputs, &in->sums, in->error);
    free(x);
    return status;
}

/* The shape of the problem, by the first row of the first file; on every rank. */
static zg_status make_shape(intake *in)
{
    zg_dataset *row = NULL;
    zg_preprocess preprocess = {0};
    zg_encoding encoding = {0};
    size_t second = 0;
    for (size_t k = 0; k < in->cuts.files; k++)
        if (in->cuts.file[k].kind == ZG_PART_WHOLE)
            return zg_fail(in->error, ZG_UNSUPPORTED,
                           "%.300s: --stream cuts CSV, NPY and IDX files of numbers; this one has "
                           "to be read whole, without --stream",
                           in->cuts.file[k].path);
    const zg_part_file *file = &in->cuts.file[0];
    zg_status status = ZG_OK;
    if (file->kind == ZG_PART_LINES) {
        status = zg_part_line(file, file->begin + 1, false, &second, in->error);
        if (status == ZG_OK)
            status =
                zg_part_lines(file, file->begin, second, file->head_lines + 1, &row, in->error);
        if (status == ZG_OK && !row)
            status =
                zg_fail(in->error, ZG_BAD_INPUT, "%.300s: the first line has no row", file->path);
    } else {
        status = zg_part_rows(file, 0, 1, in->job->options, &row, in->error);
    }
    if (status == ZG_OK) status = zg_encoding_fit(row, ZG_REGRESSION, &encoding, in->error);
    if (status == ZG_OK) status = zg_preprocess_fit(row, false, &preprocess, in->error);
    if (status == ZG_OK)
        status = zg_problem_from_dataset(row, &preprocess, &encoding, NULL, in->job->model,
                                         (zg_penalty){ZG_PENALTY_L1, 0.0}, &in->shape, in->error);
    if (status == ZG_OK) status = make_sums(in);
    zg_preprocess_clear(&preprocess);
    zg_encoding_clear(&encoding);
    zg_dataset_free(row);
    return status;
}

/* An error in the middle of a sum is one rank's alone: it ends the job at once. */
static void sum_blocks(intake *in, zg_ranks *ranks)
{
    zg_team *team = &ranks->team;
    size_t first, rows, size = zg_sums_size(in->sums);
    size_t *none = calloc(team->blocks + 1, sizeof *none); /* no samples are held */
    double *all = zg_doubles(size);
    if (!none || !all) zg_ranks_abort(ranks, 5, "there is no memory for the sums");
    team->start = none;
    zg_sum sum = zg_sum_begin(team, 0, size, all);
    for (size_t g = team->first_block; zg_sum_next(&sum, &first, &rows); g++) {
        zg_status status = add_block(in, g);
        if (status != ZG_OK)
            zg_ranks_abort(ranks, status == ZG_BAD_INPUT || status == ZG_IO ? 4 : 5,
                           in->error->message);
        zg_sums_take(in->sums, sum.part);
    }
    zg_sum_end(&sum);
    zg_sums_put(in->sums, all);
    zg_sums_finish(in->sums);
    free(all);
    free(none);
    team->start = NULL;
    team->blocks = 0; /* nothing else is summed over samples */
}

void zg_mpi_stream(zg_ranks *ranks, const zg_stream_job *job, zg_sums_result *out, const char **how)
{
    zg_error error = {0};
    zg_team *team = &ranks->team;
    intake in = {.job = job, .error = &error};
    double before = zg_ranks_clock();
    *out = (zg_sums_result){0};
    zg_cuts_open(ranks, job->files, job->paths, job->options, &in.cuts);
    *how = zg_cuts_how(&in.cuts.file[0]);
    zg_ranks_settle(ranks, make_shape(&in), &error);
    sum_blocks(&in, ranks);
    team->total = in.sums->rows;
    out->read_seconds = zg_ranks_clock() - before;
    zg_status status = ZG_OK;
    if (team->rank == 0) status = zg_sums_train(in.sums, in.shape, job->control, out, &error);
    zg_ranks_settle(ranks, status, &error);
    zg_network *network = out->network;
    zg_team_broadcast(team, out, sizeof *out);
    out->network = network;
    zg_sums_free(in.sums);
    zg_basis_free(in.basis);
    zg_problem_free(in.shape);
    zg_cuts_close(&in.cuts);
}
