/* SDPA sparse programs out and in; CSDP's and SDPA's solutions in (see sdpa_format.h). */
#include "solvers/sdpa_format.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "solvers/scan.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 46340
#define NO_SOLUTION "the solver left no solution file"

/* ---- writing -------------------------------------------------------------------------------- */

static void write_comments(const zg_sdp *sdp, const char *title, FILE *stream)
{
    while (*title) {
        size_t length = strcspn(title, "\n");
        fprintf(stream, "* %.*s\n", (int)length, title);
        title += length + (title[length] == '\n');
    }
    fprintf(stream,
            "* global optimum of the training objective = %.17g - (optimal value) / %.17g\n",
            sdp->constant, sdp->objective_scale);
}

zg_status zg_sdpa_write(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error)
{
    for (size_t b = 0; b < sdp->block_count; b++)
        if (sdp->blocks[b].conic)
            return zg_fail(error, ZG_UNSUPPORTED, "the SDPA format has no second-order cones");
    write_comments(sdp, title, stream);
    fprintf(stream, "%zu\n%zu\n", sdp->variables, sdp->block_count);
    for (size_t b = 0; b < sdp->block_count; b++)
        fprintf(stream, "%s%s%zu", b ? " " : "", sdp->blocks[b].diagonal ? "-" : "",
                sdp->blocks[b].order);
    for (size_t k = 0; k < sdp->variables; k++)
        fprintf(stream, "%s%.17g", k ? " " : "\n", sdp->cost[k]);
    fputc('\n', stream);
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        for (size_t e = piece->first; e < piece->first + piece->count; e++)
            fprintf(stream, "%zu %zu %d %d %.17g\n", piece->matrix, piece->block + 1, sdp->row[e],
                    sdp->column[e], sdp->value[e]);
    }
    if (fflush(stream) != 0 || ferror(stream))
        return zg_fail(error, ZG_IO, "the semidefinite program could not be written: %s",
                       strerror(errno));
    return ZG_OK;
}

/* ---- reading programs ----------------------------------------------------------------------- */

#define PUNCTUATION " \t\r\n{}(),"

typedef struct listing {
    size_t variables, block_count, count, room;
    double *cost;
    zg_sdp_block *blocks;
    zg_sdp_entry *entries;
} listing;

static void clear_listing(listing *l)
{
    free(l->cost);
    free(l->blocks);
    free(l->entries);
}

static zg_status read_sizes(zg_scan *r, listing *l)
{
    while (r->text[r->at] == '"' || r->text[r->at] == '*')
        zg_scan_skip_line(r);
    zg_scan_skip(r, PUNCTUATION);
    if (!zg_scan_index(r, 1, SIZE_LIMIT, &l->variables))
        return zg_scan_expected(r, "the number of variables");
    zg_scan_skip_line(r);
    zg_scan_skip(r, PUNCTUATION);
    if (!zg_scan_index(r, 1, SIZE_LIMIT, &l->block_count))
        return zg_scan_expected(r, "the number of blocks");
    zg_scan_skip_line(r);
    l->cost = zg_doubles(l->variables);
    l->blocks = calloc(l->block_count, sizeof *l->blocks);
    return l->cost && l->blocks ? ZG_OK : zg_no_memory(r->error);
}

static zg_status read_blocks(zg_scan *r, listing *l)
{
    for (size_t b = 0; b < l->block_count; b++) {
        double order;
        zg_scan_skip(r, PUNCTUATION);
        size_t start = r->at;
        bool whole = zg_scan_number(r, &order, NULL) && order == floor(order);
        if (!whole || order == 0 || fabs(order) > SIZE_LIMIT) {
            r->at = start;
            return zg_scan_expected(r, "the order of a block, negative for a diagonal one");
        }
        l->blocks[b] = (zg_sdp_block){.order = (size_t)fabs(order), .diagonal = order < 0};
    }
    for (size_t k = 0; k < l->variables; k++) {
        zg_scan_skip(r, PUNCTUATION);
        if (!zg_scan_number(r, &l->cost[k], NULL))
            return zg_scan_expected(r, "a finite number, the cost of a variable");
    }
    return ZG_OK;
}

static zg_status read_program_entry(zg_scan *r, listing *l)
{
    size_t block, row, column;
    zg_sdp_entry *e = zg_grow(l->entries, &l->room, l->count + 1, sizeof *e);
    if (!e) return zg_no_memory(r->error);
    l->entries = e;
    e += l->count++;
    if (!zg_scan_index(r, 0, l->variables, &e->matrix))
        return zg_scan_expected(r, "a matrix, from 0 to the number of variables");
    if (!zg_scan_index(r, 1, l->block_count, &block)) return zg_scan_expected(r, "a block");
    e->block = block - 1;
    size_t order = l->blocks[e->block].order;
    if (!zg_scan_index(r, 1, order, &row)) return zg_scan_expected(r, "a row of the block");
    if (!zg_scan_index(r, 1, order, &column)) return zg_scan_expected(r, "a column of the block");
    if (l->blocks[e->block].diagonal && row != column)
        return zg_scan_expected(r, "a diagonal entry of a diagonal block");
    e->row = (int)(row < column ? row : column);
    e->column = (int)(row < column ? column : row);
    zg_scan_skip(r, " \t");
    if (!zg_scan_number(r, &e->value, NULL)) return zg_scan_expected(r, "a finite number");
    zg_scan_skip(r, PUNCTUATION);
    return ZG_OK;
}

zg_status zg_sdpa_read(const char *path, zg_sdp **out, zg_error *error)
{
    zg_scan r = {.path = path, .bad = ZG_BAD_INPUT, .error = error};
    listing l = {0};
    zg_status status = zg_scan_load(&r, "cannot open");
    if (status == ZG_OK) status = read_sizes(&r, &l);
    if (status == ZG_OK) status = read_blocks(&r, &l);
    if (status == ZG_OK) zg_scan_skip(&r, PUNCTUATION);
    while (status == ZG_OK && r.text[r.at] != '\0')
        status = read_program_entry(&r, &l);
    if (status == ZG_OK)
        status = zg_sdp_from_entries(l.variables, l.cost, l.block_count, l.blocks, l.count,
                                     l.entries, out, error);
    clear_listing(&l);
    zg_scan_clear(&r);
    return status;
}

/* ---- CSDP's format: y on the first line, then "matrix block row column value" ---------------- */

typedef struct place {
    size_t matrix, block, row, column;
} place;

static zg_status read_entry(zg_scan *r, const zg_sdp *sdp, zg_sdp_point *point, place *at)
{
    double value;
    if (!zg_scan_index(r, 1, 2, &at->matrix)) return zg_scan_expected(r, "1 (for Z) or 2 (for X)");
    if (!zg_scan_index(r, 1, sdp->block_count, &at->block))
        return zg_scan_expected(r, "a block of the program");
    const zg_sdp_block *block = &sdp->blocks[at->block - 1];
    if (!zg_scan_index(r, 1, block->order, &at->row))
        return zg_scan_expected(r, "a row of the block");
    if (!zg_scan_index(r, 1, block->order, &at->column))
        return zg_scan_expected(r, "a column of the block");
    if (block->diagonal && at->row != at->column)
        return zg_scan_expected(r, "a diagonal entry of a diagonal block");
    zg_scan_skip(r, " \t");
    if (!zg_scan_number(r, &value, NULL)) return zg_scan_expected(r, "a finite number");
    double *values = (at->matrix == 1 ? point->z : point->x) + block->offset;
    size_t i = at->row - 1, j = at->column - 1;
    if (block->diagonal) {
        values[i] = value;
    } else {
        values[j * block->order + i] = value;
        values[i * block->order + j] = value;
    }
    zg_scan_skip(r, " \t\r");
    if (r->text[r->at] != '\n') return zg_scan_expected(r, "the end of the line");
    return ZG_OK;
}

static zg_status read_csdp(zg_scan *r, const zg_sdp *sdp, zg_sdp_point *point, size_t *digits)
{
    for (size_t k = 0; k < sdp->variables; k++) {
        zg_scan_skip(r, " \t");
        if (!zg_scan_number(r, &point->y[k], digits)) return zg_scan_expected(r, "a value of y");
    }
    zg_scan_skip(r, " \t\r");
    if (r->text[r->at] != '\n') return zg_scan_expected(r, "the end of the line of y");
    place last = {0};
    for (zg_scan_skip(r, " \t\r\n"); r->text[r->at] != '\0'; zg_scan_skip(r, " \t\r\n")) {
        zg_status status = read_entry(r, sdp, point, &last);
        if (status != ZG_OK) return status;
    }
    /* Only nonzeros are listed; the last block of X cannot be zero. */
    if (last.matrix != 2 || last.block != sdp->block_count)
        return zg_scan_expected(r, "entries of the last block of X");
    return ZG_OK;
}

/* ---- SDPA's format: "xVec =", "xMat =", "yMat =", numbers between braces --------------------- */

/* Moves to the next number of a list, counting braces; stays at the one that ends the list. */
static void next_number(zg_scan *r, size_t *depth)
{
    for (;; r->at++) {
        char c = r->text[r->at];
        if (c == '}' && *depth <= 1) return;
        if (c == '{') ++*depth;
        if (c == '}') --*depth;
        if (c == '\0' || !strchr(" \t\r\n{},", c)) return;
    }
}

static zg_status find_heading(zg_scan *r, const char *heading)
{
    const char *found = strstr(r->text + r->at, heading);
    if (!found) {
        char what[64];
        snprintf(what, sizeof what, "\"%s =\" further down", heading);
        r->at += strlen(r->text + r->at);
        return zg_scan_expected(r, what);
    }
    r->at = (size_t)(found - r->text) + strlen(heading);
    zg_scan_skip(r, " \t=");
    return ZG_OK;
}

static zg_status read_list(zg_scan *r, double *values, size_t count, size_t *digits)
{
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        next_number(r, &depth);
        if (!zg_scan_number(r, &values[i], digits)) return zg_scan_expected(r, "a finite number");
    }
    next_number(r, &depth);
    if (r->text[r->at] != '}') return zg_scan_expected(r, "\"}\" after the last number");
    return ZG_OK;
}

/* SDPA prints symmetric blocks in full, diagonal ones as vectors: the order of a point. */
static zg_status read_sdpa(zg_scan *r, const zg_sdp *sdp, zg_sdp_point *point, size_t *digits)
{
    zg_status status = find_heading(r, "xVec");
    if (status == ZG_OK) status = read_list(r, point->y, sdp->variables, digits);
    if (status == ZG_OK) status = find_heading(r, "xMat");
    if (status == ZG_OK) status = read_list(r, point->z, sdp->block_values, NULL);
    if (status == ZG_OK) status = find_heading(r, "yMat");
    if (status == ZG_OK) status = read_list(r, point->x, sdp->block_values, NULL);
    if (status == ZG_OK && !(zg_sdp_symmetrise(sdp, point->z) && zg_sdp_symmetrise(sdp, point->x)))
        return zg_fail(r->error, r->bad, "%s: a matrix of xMat or yMat is not symmetric", r->path);
    return status;
}

zg_status zg_solution_read(zg_solution_format format, const char *path, const zg_sdp *sdp,
                           zg_sdp_point *point, size_t *digits, zg_error *error)
{
    zg_scan r = {.path = path, .bad = ZG_FAILED, .error = error};
    *digits = 0;
    memset(point->y, 0, zg_sdp_point_size(sdp) * sizeof(double));
    zg_status status = zg_scan_load(&r, NO_SOLUTION);
    if (status == ZG_OK && strlen(r.text) < r.length)
        status = zg_fail(error, r.bad, "%s: there is a NUL byte in it", path);
    if (status == ZG_OK)
        status = (format == ZG_FORMAT_CSDP ? read_csdp : read_sdpa)(&r, sdp, point, digits);
    zg_scan_clear(&r);
    return status;
}

/* Behind the last occurrence: solvers may print a line in every iteration.  A NUL byte hides
 * nothing. */
static zg_stated stated(const zg_scan *scan, const char *name)
{
    zg_stated out = {.value = NAN};
    const char *found = NULL, *end = scan->text + scan->length, *at = scan->text;
    size_t length = name ? strlen(name) : 0;
    while (length > 0 && (at = memmem(at, (size_t)(end - at), name, length))) {
        at += length;
        found = at;
    }
    if (!found) return out;
    out.printed = true;
    found += strspn(found, " \t=:");
    char *rest;
    double value = strtod(found, &rest);
    bool whole = rest != found && !isalnum((unsigned char)*rest); /* not 1.5 of 1.5D+03 */
    if (whole && isfinite(value)) out.value = value;
    return out;
}

void zg_solution_stated(const char *path, const char *matrix_text, const char *vector_text,
                        zg_stated *matrix, zg_stated *vector)
{
    zg_scan r = {.path = path, .bad = ZG_FAILED};
    *matrix = *vector = (zg_stated){.value = NAN};
    if (zg_scan_load(&r, NO_SOLUTION) == ZG_OK) {
        *matrix = stated(&r, matrix_text);
        *vector = stated(&r, vector_text);
    }
    zg_scan_clear(&r);
}
