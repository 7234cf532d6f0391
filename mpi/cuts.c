/* Files cut into the team's blocks (see cuts.h). */
#include "mpi/cuts.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>

size_t zg_cuts_bound(const zg_cuts *l, size_t n, size_t i)
{
    return n / l->cuts * i + n % l->cuts * i / l->cuts; /* no overflow for any file */
}

void zg_cuts_own(const zg_cuts *l, const zg_team *team, size_t k, size_t *from, size_t *to)
{
    size_t first = team->first_block, end = first + team->blocks;
    size_t begin = k * l->cuts, last = begin + l->cuts;
    *from = (first > begin ? first : begin) - begin;
    *to = end < last ? (end > begin ? end - begin : 0) : l->cuts;
    if (*to < *from) *to = *from;
}

static size_t nominal(const zg_cuts *l, const zg_part_file *file, size_t i)
{
    return file->begin + zg_cuts_bound(l, file->end - file->begin, i);
}

/* Counts the line ends and quotation marks of this rank's blocks of lines. */
static zg_status count_lines(zg_cuts *l, size_t k, size_t from, size_t to, zg_error *error)
{
    const zg_part_file *file = &l->file[k];
    for (size_t i = from; i < to; i++) {
        size_t lines, quotes;
        zg_status status = zg_part_scan(file, nominal(l, file, i), nominal(l, file, i + 1), &lines,
                                        &quotes, error);
        if (status != ZG_OK) return status;
        l->lines[k * l->cuts + i] = (double)lines;
        l->quotes[k * l->cuts + i] = (double)quotes;
    }
    return ZG_OK;
}

zg_status zg_cuts_line(const zg_cuts *l, size_t k, size_t i, size_t *at, size_t *line,
                       zg_error *error)
{
    const zg_part_file *file = &l->file[k];
    double lines = (double)file->head_lines + 1.0, quotes = 0.0;
    for (size_t j = 0; j < i; j++) {
        lines += l->lines[k * l->cuts + j];
        quotes += l->quotes[k * l->cuts + j];
    }
    size_t from = nominal(l, file, i), between = 0, ignored;
    *at = i == 0 ? file->begin : file->end;
    *line = (size_t)lines;
    if (i == 0 || i == l->cuts) return ZG_OK;
    zg_status status = zg_part_line(file, from, fmod(quotes, 2.0) != 0.0, at, error);
    if (status == ZG_OK && *at > from)
        status = zg_part_scan(file, from, *at, &between, &ignored, error);
    *line += between;
    return status;
}

static zg_status open_files(zg_cuts *l, const zg_team *team, const char *const *paths,
                            zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; k < l->files && status == ZG_OK; k++) {
        size_t from, to;
        zg_cuts_own(l, team, k, &from, &to);
        status = zg_part_open(paths[k], l->options, &l->file[k], error);
        if (status == ZG_OK && l->file[k].kind == ZG_PART_LINES)
            status = count_lines(l, k, from, to, error);
    }
    return status;
}

void zg_cuts_open(zg_ranks *ranks, size_t files, const char *const *paths,
                  const zg_data_options *options, zg_cuts *out)
{
    zg_team *team = &ranks->team;
    zg_error error = {0};
    *out = (zg_cuts){.options = options, .files = files};
    out->cuts = (team->all_blocks + files - 1) / files;
    team->all_blocks = files * out->cuts;
    /* Rank r holds the blocks from all r / ranks on. */
    team->first_block = team->all_blocks * team->rank / team->ranks;
    team->blocks = team->all_blocks * (team->rank + 1) / team->ranks - team->first_block;
    out->file = calloc(files, sizeof *out->file);
    out->lines = zg_doubles(team->all_blocks);
    out->quotes = zg_doubles(team->all_blocks);
    zg_status status = out->file && out->lines && out->quotes ? ZG_OK : zg_no_memory(&error);
    if (status == ZG_OK) status = open_files(out, team, paths, &error);
    zg_ranks_settle(ranks, status, &error);
    zg_team_max(team, team->all_blocks, out->lines);
    zg_team_max(team, team->all_blocks, out->quotes);
}

void zg_cuts_close(zg_cuts *l)
{
    for (size_t k = 0; k < l->files; k++)
        zg_part_close(&l->file[k]);
    free(l->file);
    free(l->lines);
    free(l->quotes);
    *l = (zg_cuts){0};
}

const char *zg_cuts_how(const zg_part_file *file)
{
    return file->kind == ZG_PART_LINES   ? "by bytes"
           : file->kind == ZG_PART_ARRAY ? "by offsets"
                                         : "whole";
}
