/* SDPA sparse programs out; CSDP's and SDPA's solutions in (see sdpa_format.h). */
#include "solvers/sdpa_format.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)64 * 1024) /* of a file, read at once */

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

/* ---- reading: a file in memory and a position ----------------------------------------------- */

typedef struct reader {
    const char *path;
    char *text; /* ends with NUL */
    size_t at;
    zg_error *error;
} reader;

static zg_status load(reader *r, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return zg_fail(r->error, ZG_FAILED, "the solver left no solution file \"%s\": %s", path,
                       strerror(errno));
    size_t used = 0, room = 0, got = 0;
    zg_status status = ZG_OK;
    do {
        char *larger = zg_grow(r->text, &room, used + PIECE + 1, 1);
        if (!larger) {
            status = zg_no_memory(r->error);
            break;
        }
        r->text = larger;
        got = fread(r->text + used, 1, PIECE, file);
        used += got;
    } while (got > 0);
    if (status == ZG_OK && ferror(file))
        status = zg_fail(r->error, ZG_IO, "cannot read \"%s\": %s", path, strerror(errno));
    else if (status == ZG_OK)
        r->text[used] = '\0';
    fclose(file);
    return status;
}

/* The complaint at the current position. */
static zg_status expected(const reader *r, const char *what)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < r->at; i++) {
        column = r->text[i] == '\n' ? 1 : column + 1;
        line += r->text[i] == '\n';
    }
    const char *found = r->text + r->at;
    size_t length = strcspn(found, " \t\r\n");
    if (length == 0 || !isprint((unsigned char)*found))
        return zg_fail(r->error, ZG_FAILED, "%s:%zu:%zu: expected %s, found %s", r->path, line,
                       column, what, *found == '\0' ? "the end of the file" : "something else");
    return zg_fail(r->error, ZG_FAILED, "%s:%zu:%zu: expected %s, found \"%.*s\"", r->path, line,
                   column, what, (int)(length > 40 ? 40 : length), found);
}

static void skip(reader *r, const char *characters)
{
    r->at += strspn(r->text + r->at, characters);
}

static size_t digits_of(const char *number, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length && number[i] != 'e' && number[i] != 'E'; i++)
        digits += isdigit((unsigned char)number[i]) != 0;
    return digits;
}

/* A finite number at the position, which moves behind it. */
static bool read_number(reader *r, double *value, size_t *digits)
{
    const char *start = r->text + r->at;
    char *end;
    if (isspace((unsigned char)*start)) return false;
    *value = strtod(start, &end);
    if (end == start || !isfinite(*value)) return false;
    size_t length = (size_t)(end - start), found = digits_of(start, length);
    if (digits && found > *digits) *digits = found;
    r->at += length;
    return true;
}

/* ---- CSDP's format: y on the first line, then "matrix block row column value" ---------------- */

typedef struct place {
    size_t matrix, block, row, column;
} place;

static bool read_index(reader *r, size_t highest, size_t *index)
{
    char *end;
    skip(r, " \t");
    const char *start = r->text + r->at;
    if (!isdigit((unsigned char)*start)) return false;
    unsigned long value = strtoul(start, &end, 10);
    if (value < 1 || value > highest || !isspace((unsigned char)*end)) return false;
    *index = value;
    r->at += (size_t)(end - start);
    return true;
}

static zg_status read_entry(reader *r, const zg_sdp *sdp, zg_sdp_point *point, place *at)
{
    double value;
    if (!read_index(r, 2, &at->matrix)) return expected(r, "1 (for Z) or 2 (for X)");
    if (!read_index(r, sdp->block_count, &at->block)) return expected(r, "a block of the program");
    const zg_sdp_block *block = &sdp->blocks[at->block - 1];
    if (!read_index(r, block->order, &at->row)) return expected(r, "a row of the block");
    if (!read_index(r, block->order, &at->column)) return expected(r, "a column of the block");
    if (block->diagonal && at->row != at->column)
        return expected(r, "a diagonal entry of a diagonal block");
    skip(r, " \t");
    if (!read_number(r, &value, NULL)) return expected(r, "a finite number");
    double *values = (at->matrix == 1 ? point->z : point->x) + block->offset;
    size_t i = at->row - 1, j = at->column - 1;
    if (block->diagonal) {
        values[i] = value;
    } else {
        values[j * block->order + i] = value;
        values[i * block->order + j] = value;
    }
    skip(r, " \t\r");
    if (r->text[r->at] != '\n') return expected(r, "the end of the line");
    return ZG_OK;
}

static zg_status read_csdp(reader *r, const zg_sdp *sdp, zg_sdp_point *point, size_t *digits)
{
    for (size_t k = 0; k < sdp->variables; k++) {
        skip(r, " \t");
        if (!read_number(r, &point->y[k], digits)) return expected(r, "a value of y");
    }
    skip(r, " \t\r");
    if (r->text[r->at] != '\n') return expected(r, "the end of the line of y");
    place last = {0};
    for (skip(r, " \t\r\n"); r->text[r->at] != '\0'; skip(r, " \t\r\n")) {
        zg_status status = read_entry(r, sdp, point, &last);
        if (status != ZG_OK) return status;
    }
    /* Only nonzeros are listed; the last block of X cannot be zero. */
    if (last.matrix != 2 || last.block != sdp->block_count)
        return expected(r, "entries of the last block of X");
    return ZG_OK;
}

/* ---- SDPA's format: "xVec =", "xMat =", "yMat =", numbers between braces --------------------- */

/* Moves to the next number of a list, counting braces; stays at the one that ends the list. */
static void next_number(reader *r, size_t *depth)
{
    for (;; r->at++) {
        char c = r->text[r->at];
        if (c == '}' && *depth <= 1) return;
        if (c == '{') ++*depth;
        if (c == '}') --*depth;
        if (c == '\0' || !strchr(" \t\r\n{},", c)) return;
    }
}

static zg_status find_heading(reader *r, const char *heading)
{
    const char *found = strstr(r->text + r->at, heading);
    if (!found) {
        char what[64];
        snprintf(what, sizeof what, "\"%s =\" further down", heading);
        r->at += strlen(r->text + r->at);
        return expected(r, what);
    }
    r->at = (size_t)(found - r->text) + strlen(heading);
    skip(r, " \t=");
    return ZG_OK;
}

static zg_status read_list(reader *r, double *values, size_t count, size_t *digits)
{
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        next_number(r, &depth);
        if (!read_number(r, &values[i], digits)) return expected(r, "a finite number");
    }
    next_number(r, &depth);
    if (r->text[r->at] != '}') return expected(r, "\"}\" after the last number");
    return ZG_OK;
}

/* SDPA prints symmetric blocks in full, diagonal ones as vectors: the order of a point. */
static zg_status read_sdpa(reader *r, const zg_sdp *sdp, zg_sdp_point *point, size_t *digits)
{
    zg_status status = find_heading(r, "xVec");
    if (status == ZG_OK) status = read_list(r, point->y, sdp->variables, digits);
    if (status == ZG_OK) status = find_heading(r, "xMat");
    if (status == ZG_OK) status = read_list(r, point->z, sdp->block_values, NULL);
    if (status == ZG_OK) status = find_heading(r, "yMat");
    if (status == ZG_OK) status = read_list(r, point->x, sdp->block_values, NULL);
    return status;
}

zg_status zg_solution_read(zg_solution_format format, const char *path, const zg_sdp *sdp,
                           zg_sdp_point *point, size_t *digits, zg_error *error)
{
    reader r = {.path = path, .error = error};
    *digits = 0;
    memset(point->y, 0, zg_sdp_point_size(sdp) * sizeof(double));
    zg_status status = load(&r, path);
    if (status == ZG_OK)
        status = (format == ZG_FORMAT_CSDP ? read_csdp : read_sdpa)(&r, sdp, point, digits);
    free(r.text);
    return status;
}

static double stated(const char *text, const char *name)
{
    const char *found = name ? strstr(text, name) : NULL;
    if (!found) return NAN;
    found += strlen(name);
    found += strspn(found, " \t=:");
    char *end;
    double value = strtod(found, &end);
    return end == found ? NAN : value;
}

void zg_solution_stated(const char *path, const char *matrix_text, const char *vector_text,
                        double *matrix, double *vector)
{
    reader r = {.path = path};
    *matrix = *vector = NAN;
    if (load(&r, path) == ZG_OK) {
        *matrix = stated(r.text, matrix_text);
        *vector = stated(r.text, vector_text);
    }
    free(r.text);
}
