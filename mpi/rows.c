/* Each rank's block of rows (see rows.h). */
#include "mpi/rows.h"

#include "base/linalg.h"
#include "core/proof.h"
#include "data/catalogue.h"
#include "mpi/cuts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Some of the rows, and where their blocks begin among them. */
typedef struct piece {
    zg_dataset *dataset; /* NULL: no rows */
    size_t blocks;
    size_t *start; /* blocks + 1 */
} piece;

typedef struct loading {
    zg_ranks *ranks;
    zg_cuts cuts;
    piece *pieces;
    size_t count;
    zg_error *error;
} loading;

static piece *add_piece(loading *l, size_t blocks)
{
    piece *p = &l->pieces[l->count];
    p->blocks = blocks;
    p->start = calloc(blocks + 1, sizeof *p->start);
    if (!p->start) return NULL;
    l->count++;
    return p;
}

/* ---- rows by number ---------------------------------------------------------------------------- */

static zg_status load_array(loading *l, const zg_part_file *file, size_t from, size_t to)
{
    piece *p = add_piece(l, to - from);
    if (!p) return zg_no_memory(l->error);
    size_t first = zg_cuts_bound(&l->cuts, file->rows, from),
           end = zg_cuts_bound(&l->cuts, file->rows, to);
    for (size_t i = from; i <= to; i++)
        p->start[i - from] = zg_cuts_bound(&l->cuts, file->rows, i) - first;
    if (end == first) return ZG_OK;
    return zg_part_rows(file, first, end - first, l->cuts.options, &p->dataset, l->error);
}

static zg_status load_whole(loading *l, const zg_part_file *file, size_t from, size_t to)
{
    zg_dataset *all = NULL;
    piece *p = add_piece(l, to - from);
    if (!p) return zg_no_memory(l->error);
    zg_status status = zg_catalogue_load(file->path, l->cuts.options, &all, l->error);
    if (status != ZG_OK) return status;
    size_t first = zg_cuts_bound(&l->cuts, all->rows, from),
           count = zg_cuts_bound(&l->cuts, all->rows, to) - first;
    for (size_t i = from; i <= to; i++)
        p->start[i - from] = zg_cuts_bound(&l->cuts, all->rows, i) - first;
    size_t *order = malloc((count + 1) * sizeof *order);
    for (size_t i = 0; order && i < count; i++)
        order[i] = first + i;
    if (!order)
        status = zg_no_memory(l->error);
    else if (count > 0)
        status = zg_dataset_select(all, count, order, &p->dataset, l->error);
    free(order);
    zg_dataset_free(all);
    return status;
}

/* ---- lines by bytes ---------------------------------------------------------------------------- */

static zg_status load_lines(loading *l, size_t k, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        size_t at, end, line, ignored;
        piece *p = add_piece(l, 1);
        if (!p) return zg_no_memory(l->error);
        zg_status status = zg_cuts_line(&l->cuts, k, i, &at, &line, l->error);
        if (status == ZG_OK) status = zg_cuts_line(&l->cuts, k, i + 1, &end, &ignored, l->error);
        if (status == ZG_OK)
            status = zg_part_lines(&l->cuts.file[k], at, end, line, &p->dataset, l->error);
        if (status != ZG_OK) return status;
        p->start[1] = p->dataset ? p->dataset->rows : 0;
    }
    return ZG_OK;
}

/* ---- all files --------------------------------------------------------------------------------- */

static zg_status load_files(loading *l)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; k < l->cuts.files && status == ZG_OK; k++) {
        size_t from, to;
        zg_cuts_own(&l->cuts, &l->ranks->team, k, &from, &to);
        if (from == to) continue;
        const zg_part_file *file = &l->cuts.file[k];
        status = file->kind == ZG_PART_LINES   ? load_lines(l, k, from, to)
                 : file->kind == ZG_PART_ARRAY ? load_array(l, file, from, to)
                                               : load_whole(l, file, from, to);
    }
    return status;
}

static zg_status same_columns(const piece *first, const piece *p, const char *path, zg_error *error)
{
    const zg_dataset *a = first->dataset, *b = p->dataset;
    bool same = a->inputs == b->inputs && a->targets == b->targets &&
                a->label_count == b->label_count && !a->input_names == !b->input_names;
    for (size_t j = 0; same && a->input_names && j < a->inputs; j++)
        same = strcmp(a->input_names[j], b->input_names[j]) == 0;
    for (size_t j = 0; same && a->labels && j < a->label_count; j++)
        same = strcmp(a->labels[j], b->labels[j]) == 0;
    if (same) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.300s: expected the same columns in all files and rows, found %zu inputs and "
                   "%zu targets where others have %zu and %zu, or other names",
                   path, b->inputs, b->targets, a->inputs, a->targets);
}

/* The pieces one after the other, in the first one's data set; the others are freed. */
static zg_status join(loading *l, zg_share *out)
{
    size_t rows = 0, blocks = 0, at = 0, block = 0;
    piece *first = NULL;
    for (size_t i = 0; i < l->count; i++) {
        piece *p = &l->pieces[i];
        if (p->dataset && !first) first = p;
        if (p->dataset) rows += p->dataset->rows;
        blocks += p->blocks;
        if (!p->dataset) continue;
        zg_status status = same_columns(first, p, l->cuts.file[0].path, l->error);
        if (status != ZG_OK) return status;
    }
    if (!first)
        return zg_fail(l->error, ZG_BAD_INPUT,
                       "%.300s: this rank has no rows; use fewer ranks than rows",
                       l->cuts.file[0].path);
    zg_dataset *whole = first->dataset;
    size_t d = whole->inputs, t = whole->targets;
    double *x = l->count > 1 ? malloc(rows * d * sizeof *x) : NULL;
    double *targets = l->count > 1 ? malloc((rows * t + 1) * sizeof *targets) : NULL;
    out->start = calloc(blocks + 1, sizeof *out->start);
    if (!out->start || (l->count > 1 && (!x || !targets))) {
        free(x);
        free(targets);
        return zg_no_memory(l->error);
    }
    for (size_t i = 0; i < l->count; i++) {
        const piece *p = &l->pieces[i];
        for (size_t b = 0; b <= p->blocks; b++)
            out->start[block + b] = at + p->start[b];
        block += p->blocks;
        if (!p->dataset) continue;
        if (x) memcpy(x + at * d, p->dataset->x, p->dataset->rows * d * sizeof *x);
        if (x) memcpy(targets + at * t, p->dataset->t, p->dataset->rows * t * sizeof *targets);
        at += p->dataset->rows;
    }
    if (x) {
        free(whole->x);
        free(whole->t);
        whole->x = x;
        whole->t = targets;
        whole->rows = rows;
    }
    out->dataset = whole;
    first->dataset = NULL;
    return ZG_OK;
}

/* The team's samples: how many stand in front of this rank's, and how many there are. */
static void number_samples(zg_team *team, const zg_share *rows)
{
    double *counts = zg_doubles(team->ranks);
    if (!counts) team->transport.fail(team->transport.context, "out of memory");
    counts[team->rank] = (double)rows->dataset->rows;
    zg_team_max(team, team->ranks, counts);
    team->first = team->total = 0;
    for (size_t r = 0; r < team->ranks; r++) {
        if (r < team->rank) team->first += (size_t)counts[r];
        team->total += (size_t)counts[r];
    }
    team->start = rows->start;
    free(counts);
}

static void check_columns(zg_team *team, const zg_dataset *d)
{
    char *text = NULL;
    size_t size = 0;
    FILE *names = open_memstream(&text, &size);
    if (!names) team->transport.fail(team->transport.context, "out of memory");
    fprintf(names, "%zu %zu %zu", d->inputs, d->targets, d->label_count);
    for (size_t j = 0; d->input_names && j < d->inputs; j++)
        fprintf(names, " %s", d->input_names[j]);
    for (size_t j = 0; d->labels && j < d->label_count; j++)
        fprintf(names, " %s", d->labels[j]);
    fclose(names);
    zg_team_agree(team, "the data's columns", text, size);
    free(text);
}

void zg_share_load(zg_ranks *ranks, size_t files, const char *const *paths,
                   const zg_data_options *options, zg_share *out)
{
    zg_error error = {0};
    loading l = {.ranks = ranks, .error = &error};
    *out = (zg_share){0};
    zg_cuts_open(ranks, files, paths, options, &l.cuts);
    l.pieces = calloc(ranks->team.blocks + 1, sizeof *l.pieces);
    zg_status status = l.pieces ? load_files(&l) : zg_no_memory(&error);
    if (status == ZG_OK) status = join(&l, out);
    zg_ranks_settle(ranks, status, &error);
    out->how = zg_cuts_how(&l.cuts.file[0]);
    for (size_t i = 0; i < l.count; i++) {
        zg_dataset_free(l.pieces[i].dataset);
        free(l.pieces[i].start);
    }
    free(l.pieces);
    zg_cuts_close(&l.cuts);
    number_samples(&ranks->team, out);
    check_columns(&ranks->team, out->dataset);
}

void zg_share_clear(zg_share *rows)
{
    zg_dataset_free(rows->dataset);
    free(rows->start);
    *rows = (zg_share){0};
}

/* ---- the digest -------------------------------------------------------------------------------- */

/* Each rank adds its numbers to what the ranks before it left, and the last one hands it on to the
 * first. */
static void add_in_turn(zg_team *team, SHA2_CTX *context, size_t count, const double *numbers)
{
    const zg_transport *t = &team->transport;
    if (team->rank > 0) (void)t->receive(t->context, team->rank - 1, context, sizeof *context);
    zg_proof_digest_add(context, count, numbers);
    if (team->ranks < 2) return;
    t->send(t->context, (team->rank + 1) % team->ranks, context, sizeof *context);
    if (team->rank == 0) (void)t->receive(t->context, team->ranks - 1, context, sizeof *context);
}

void zg_share_digest(zg_ranks *ranks, const zg_dataset *dataset, size_t outputs, const double *y,
                     char *hex)
{
    SHA2_CTX context;
    SHA256Init(&context);
    add_in_turn(&ranks->team, &context, dataset->rows * dataset->inputs, dataset->x);
    for (size_t c = 0; c < outputs; c++)
        add_in_turn(&ranks->team, &context, dataset->rows, y + c * dataset->rows);
    SHA256End(&context, hex);
    zg_team_broadcast(&ranks->team, hex, ZG_PROOF_DIGEST_SIZE);
}
