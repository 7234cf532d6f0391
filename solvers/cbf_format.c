/* The Conic Benchmark Format (see cbf_format.h). */
#include "solvers/cbf_format.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "solvers/scan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 46340
#define BLANKS " \t\r\n"

/* ---- writing -------------------------------------------------------------------------------- */

/* Where a block's entries are: the index among the matrices, or the first row among vectors. */
static size_t *number_blocks(const zg_sdp *sdp)
{
    size_t *first = calloc(sdp->block_count, sizeof *first), matrices = 0, rows = 0;
    for (size_t b = 0; first && b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        first[b] = block->diagonal ? rows : matrices;
        if (block->diagonal)
            rows += block->order;
        else
            matrices++;
    }
    return first;
}

static void write_comments(const char *title, FILE *stream)
{
    while (*title) {
        size_t length = strcspn(title, "\n");
        fprintf(stream, "# %.*s\n", (int)length, title);
        title += length + (title[length] == '\n');
    }
}

static void write_shape(const zg_sdp *sdp, FILE *stream)
{
    size_t matrices = 0, rows = 0, cones = 0;
    for (size_t b = 0; b < sdp->block_count; b++) {
        matrices += !sdp->blocks[b].diagonal;
        cones += sdp->blocks[b].diagonal;
        rows += sdp->blocks[b].diagonal ? sdp->blocks[b].order : 0;
    }
    fprintf(stream, "VER\n3\n\nOBJSENSE\nMIN\n\nVAR\n%zu 1\nF %zu\n", sdp->variables,
            sdp->variables);
    if (matrices) fprintf(stream, "\nPSDCON\n%zu\n", matrices);
    for (size_t b = 0; b < sdp->block_count; b++)
        if (!sdp->blocks[b].diagonal) fprintf(stream, "%zu\n", sdp->blocks[b].order);
    if (cones) fprintf(stream, "\nCON\n%zu %zu\n", rows, cones);
    for (size_t b = 0; b < sdp->block_count; b++)
        if (sdp->blocks[b].diagonal)
            fprintf(stream, "%s %zu\n", sdp->blocks[b].conic ? "Q" : "L+", sdp->blocks[b].order);
}

static void write_objective(const zg_sdp *sdp, FILE *stream)
{
    size_t count = 0;
    for (size_t k = 0; k < sdp->variables; k++)
        count += sdp->cost[k] != 0;
    if (count) fprintf(stream, "\nOBJACOORD\n%zu\n", count);
    for (size_t k = 0; k < sdp->variables; k++)
        if (sdp->cost[k] != 0) fprintf(stream, "%zu %.17g\n", k, sdp->cost[k]);
}

/* The lists: entries of matrices or of vectors, of C (with its sign changed) or of the A_k. */
static void write_list(const zg_sdp *sdp, const size_t *first, bool vectors, bool constants,
                       FILE *stream)
{
    const char *keyword =
        vectors ? (constants ? "BCOORD" : "ACOORD") : (constants ? "DCOORD" : "HCOORD");
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1 && count == 0) return;
        if (pass == 1) fprintf(stream, "\n%s\n%zu\n", keyword, count);
        for (size_t p = 0; p < sdp->piece_count; p++) {
            const zg_sdp_piece *piece = &sdp->pieces[p];
            if ((piece->matrix == 0) != constants || sdp->blocks[piece->block].diagonal != vectors)
                continue;
            if (pass == 0) count += piece->count;
            for (size_t e = piece->first; pass == 1 && e < piece->first + piece->count; e++) {
                size_t row = (size_t)sdp->column[e] - 1, column = (size_t)sdp->row[e] - 1;
                fprintf(stream, "%zu", first[piece->block] + (vectors ? row : 0));
                if (!constants) fprintf(stream, " %zu", piece->matrix - 1);
                if (!vectors) fprintf(stream, " %zu %zu", row, column);
                fprintf(stream, " %.17g\n", constants ? -sdp->value[e] : sdp->value[e]);
            }
        }
    }
}

zg_status zg_cbf_write(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error)
{
    size_t *first = number_blocks(sdp);
    if (!first) return zg_no_memory(error);
    write_comments(title, stream);
    write_shape(sdp, stream);
    write_objective(sdp, stream);
    for (int list = 0; list < 4; list++)
        write_list(sdp, first, list == 1 || list == 2, list >= 2, stream);
    free(first);
    if (fflush(stream) != 0 || ferror(stream))
        return zg_fail(error, ZG_IO, "the conic program could not be written: %s", strerror(errno));
    return ZG_OK;
}

/* ---- reading programs ----------------------------------------------------------------------- */

typedef struct program {
    size_t version, variables, rows, matrices, block_count, block_room, count, room;
    double *cost;
    zg_sdp_block *blocks; /* matrices first */
    size_t *row_block;    /* rows: of each row of CON, its block */
    size_t *row_first;    /* rows: and that block's first row */
    zg_sdp_entry *entries;
    bool sense;
} program;

static void clear_program(program *p)
{
    free(p->cost);
    free(p->blocks);
    free(p->row_block);
    free(p->row_first);
    free(p->entries);
}

/* To the next thing that is no blank and no comment. */
static void next_item(zg_scan *r)
{
    for (zg_scan_skip(r, BLANKS); r->text[r->at] == '#'; zg_scan_skip(r, BLANKS))
        zg_scan_skip_line(r);
}

static bool read_size(zg_scan *r, size_t highest, size_t *out)
{
    next_item(r);
    return zg_scan_index(r, 0, highest, out);
}

/* Reads a word; the position moves behind it. */
static void read_word(zg_scan *r, char *word, size_t size)
{
    next_item(r);
    size_t length = strcspn(r->text + r->at, BLANKS);
    snprintf(word, size, "%.*s", (int)(length < size ? length : size - 1), r->text + r->at);
    r->at += length;
}

static zg_status unsupported(zg_scan *r, size_t at, const char *what)
{
    r->at = at;
    (void)zg_scan_expected(r, what);
    if (r->error) r->error->status = ZG_UNSUPPORTED;
    return ZG_UNSUPPORTED;
}

static zg_status read_version(zg_scan *r, program *p)
{
    if (!read_size(r, 4, &p->version) || p->version == 0)
        return zg_scan_expected(r, "a version of the format from 1 to 4");
    return ZG_OK;
}

static zg_status read_sense(zg_scan *r, program *p)
{
    char word[8];
    next_item(r);
    size_t at = r->at;
    read_word(r, word, sizeof word);
    p->sense = true;
    return strcmp(word, "MIN") == 0 ? ZG_OK : unsupported(r, at, "MIN (maximisation is not read)");
}

static zg_status read_variables(zg_scan *r, program *p)
{
    size_t cones, sum = 0;
    if (p->cost) return zg_scan_expected(r, "VAR once only");
    if (!read_size(r, SIZE_LIMIT, &p->variables) || p->variables == 0)
        return zg_scan_expected(r, "the number of variables");
    if (!read_size(r, SIZE_LIMIT, &cones)) return zg_scan_expected(r, "the number of cones");
    for (size_t c = 0; c < cones; c++) {
        char word[8];
        size_t size;
        next_item(r);
        size_t at = r->at;
        read_word(r, word, sizeof word);
        if (strcmp(word, "F") != 0) return unsupported(r, at, "F (only free variables are read)");
        if (!read_size(r, p->variables - sum, &size))
            return zg_scan_expected(r, "the size of a cone");
        sum += size;
    }
    if (sum != p->variables) return zg_scan_expected(r, "cones of all variables");
    p->cost = zg_doubles(p->variables);
    return p->cost ? ZG_OK : zg_no_memory(r->error);
}

static zg_status add_block(zg_scan *r, program *p, zg_sdp_block block)
{
    zg_sdp_block *more = zg_grow(p->blocks, &p->block_room, p->block_count + 1, sizeof *more);
    if (!more) return zg_no_memory(r->error);
    p->blocks = more;
    p->blocks[p->block_count++] = block;
    return ZG_OK;
}

static zg_status read_matrices(zg_scan *r, program *p)
{
    zg_status status = ZG_OK;
    if (p->block_count) return zg_scan_expected(r, "PSDCON once, and before CON");
    if (!read_size(r, SIZE_LIMIT, &p->matrices))
        return zg_scan_expected(r, "the number of matrix constraints");
    for (size_t m = 0; m < p->matrices && status == ZG_OK; m++) {
        size_t order;
        if (!read_size(r, SIZE_LIMIT, &order) || order == 0)
            return zg_scan_expected(r, "the order of a matrix");
        status = add_block(r, p, (zg_sdp_block){.order = order});
    }
    return status;
}

static zg_status read_cone(zg_scan *r, program *p, size_t *row)
{
    char word[8];
    size_t size;
    next_item(r);
    size_t at = r->at;
    read_word(r, word, sizeof word);
    bool conic = strcmp(word, "Q") == 0;
    if (!conic && strcmp(word, "L+") != 0)
        return unsupported(r, at, "L+ or Q (other cones of constraints are not read)");
    if (!read_size(r, p->rows - *row, &size) || size == 0)
        return zg_scan_expected(r, "the size of a cone");
    for (size_t k = 0; k < size; k++) {
        p->row_block[*row + k] = p->block_count;
        p->row_first[*row + k] = *row;
    }
    *row += size;
    return add_block(r, p, (zg_sdp_block){.order = size, .diagonal = true, .conic = conic});
}

static zg_status read_rows(zg_scan *r, program *p)
{
    size_t cones, row = 0;
    if (p->row_block) return zg_scan_expected(r, "CON once only");
    if (!read_size(r, SIZE_LIMIT, &p->rows)) return zg_scan_expected(r, "the number of rows");
    if (!read_size(r, SIZE_LIMIT, &cones)) return zg_scan_expected(r, "the number of cones");
    p->row_block = calloc(p->rows + 1, sizeof *p->row_block);
    p->row_first = calloc(p->rows + 1, sizeof *p->row_first);
    if (!p->row_block || !p->row_first) return zg_no_memory(r->error);
    zg_status status = ZG_OK;
    for (size_t c = 0; c < cones && status == ZG_OK; c++)
        status = read_cone(r, p, &row);
    if (status == ZG_OK && row != p->rows) return zg_scan_expected(r, "cones of all rows");
    return status;
}

static zg_status read_costs(zg_scan *r, program *p)
{
    size_t count, variable;
    if (!read_size(r, SIZE_LIMIT, &count)) return zg_scan_expected(r, "the number of costs");
    for (size_t k = 0; k < count; k++) {
        if (p->variables == 0 || !read_size(r, p->variables - 1, &variable))
            return zg_scan_expected(r, "a variable");
        zg_scan_skip(r, BLANKS);
        if (p->cost[variable] != 0) return zg_scan_expected(r, "each cost once only");
        if (!zg_scan_number(r, &p->cost[variable], NULL))
            return zg_scan_expected(r, "a finite number");
    }
    return ZG_OK;
}

/* An entry of a list: [matrix or row] [variable] [row, column] value. */
static zg_status read_item(zg_scan *r, program *p, bool vectors, bool constants)
{
    size_t place, variable = 0, row = 0, column = 0, highest = vectors ? p->rows : p->matrices;
    double value;
    zg_sdp_entry *entries = zg_grow(p->entries, &p->room, p->count + 1, sizeof *entries);
    if (!entries) return zg_no_memory(r->error);
    p->entries = entries;
    if (highest == 0 || !read_size(r, highest - 1, &place))
        return zg_scan_expected(r, vectors ? "a row of CON" : "a matrix of PSDCON");
    if (!constants && (p->variables == 0 || !read_size(r, p->variables - 1, &variable)))
        return zg_scan_expected(r, "a variable");
    size_t block = vectors ? p->row_block[place] : place;
    if (!vectors && !read_size(r, p->blocks[block].order - 1, &row))
        return zg_scan_expected(r, "a row of the matrix");
    if (!vectors && !read_size(r, row, &column))
        return zg_scan_expected(r, "a column of the lower triangle");
    if (vectors) row = column = place - p->row_first[place];
    zg_scan_skip(r, BLANKS);
    if (!zg_scan_number(r, &value, NULL)) return zg_scan_expected(r, "a finite number");
    p->entries[p->count++] = (zg_sdp_entry){.matrix = constants ? 0 : variable + 1,
                                            .block = block,
                                            .row = (int)column + 1,
                                            .column = (int)row + 1,
                                            .value = constants ? -value : value};
    return ZG_OK;
}

static zg_status read_list(zg_scan *r, program *p, bool vectors, bool constants)
{
    size_t count;
    zg_status status = ZG_OK;
    if (!read_size(r, INT_MAX, &count)) return zg_scan_expected(r, "the number of entries");
    for (size_t k = 0; k < count && status == ZG_OK; k++)
        status = read_item(r, p, vectors, constants);
    return status;
}

static zg_status read_block(zg_scan *r, program *p)
{
    char word[16];
    next_item(r);
    size_t at = r->at;
    read_word(r, word, sizeof word);
    if (strcmp(word, "VER") == 0) return read_version(r, p);
    if (p->version == 0) {
        r->at = at;
        return zg_scan_expected(r, "VER, the first keyword");
    }
    if (strcmp(word, "OBJSENSE") == 0) return read_sense(r, p);
    if (strcmp(word, "VAR") == 0) return read_variables(r, p);
    if (strcmp(word, "PSDCON") == 0) return read_matrices(r, p);
    if (strcmp(word, "CON") == 0) return read_rows(r, p);
    if (strcmp(word, "OBJACOORD") == 0) return read_costs(r, p);
    if (strcmp(word, "HCOORD") == 0) return read_list(r, p, false, false);
    if (strcmp(word, "ACOORD") == 0) return read_list(r, p, true, false);
    if (strcmp(word, "BCOORD") == 0) return read_list(r, p, true, true);
    if (strcmp(word, "DCOORD") == 0) return read_list(r, p, false, true);
    return unsupported(r, at,
                       "one of VER, OBJSENSE, VAR, PSDCON, CON, OBJACOORD, HCOORD, ACOORD, BCOORD "
                       "and DCOORD");
}

zg_status zg_cbf_read(const char *path, zg_sdp **out, zg_error *error)
{
    zg_scan r = {.path = path, .bad = ZG_BAD_INPUT, .error = error};
    program p = {0};
    zg_status status = zg_scan_load(&r, "cannot open");
    if (status == ZG_OK) next_item(&r);
    while (status == ZG_OK && r.text[r.at] != '\0') {
        status = read_block(&r, &p);
        if (status == ZG_OK) next_item(&r);
    }
    if (status == ZG_OK && (!p.sense || !p.cost || !p.block_count))
        status = zg_scan_expected(&r, "OBJSENSE, VAR and PSDCON or CON");
    if (status == ZG_OK)
        status = zg_sdp_from_entries(p.variables, p.cost, p.block_count, p.blocks, p.count,
                                     p.entries, out, error);
    clear_program(&p);
    zg_scan_clear(&r);
    return status;
}

/* ---- reading solutions ---------------------------------------------------------------------- */

static zg_status read_value(zg_scan *r, double *value, size_t *digits)
{
    next_item(r);
    return zg_scan_number(r, value, digits) ? ZG_OK : zg_scan_expected(r, "a finite number");
}

/* X of all vectors, or of all matrices: lower triangles, column after column. */
static zg_status read_x(zg_scan *r, const zg_sdp *sdp, bool vectors, zg_sdp_point *point)
{
    zg_status status = ZG_OK;
    for (size_t b = 0; b < sdp->block_count && status == ZG_OK; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t order = block->order;
        double *x = point->x + block->offset;
        if (block->diagonal != vectors) continue;
        for (size_t j = 0; j < (vectors ? 1 : order) && status == ZG_OK; j++)
            for (size_t i = vectors ? 0 : j; i < order && status == ZG_OK; i++) {
                status = read_value(r, &x[j * order + i], NULL);
                if (!vectors) x[i * order + j] = x[j * order + i];
            }
    }
    return status;
}

static bool has_blocks(const zg_sdp *sdp, bool vectors)
{
    for (size_t b = 0; b < sdp->block_count; b++)
        if (sdp->blocks[b].diagonal == vectors) return true;
    return false;
}

static zg_status read_part(zg_scan *r, const zg_sdp *sdp, zg_sdp_point *point, bool seen[3],
                           char *claim, size_t *digits)
{
    static const char *const parts[] = {"PRIMVAR", "DUALVAR", "DUALPSDVAR"};
    char word[16];
    zg_status status = ZG_OK;
    size_t at = r->at, part = 0;
    read_word(r, word, sizeof word);
    if (strcmp(word, "CLAIM") == 0) {
        read_word(r, claim, ZG_CBF_CLAIM_SIZE);
        return ZG_OK;
    }
    while (part < 3 && strcmp(word, parts[part]) != 0)
        part++;
    if (part == 3 || seen[part]) {
        r->at = at;
        return zg_scan_expected(r, "one of CLAIM, PRIMVAR, DUALVAR and DUALPSDVAR, each once");
    }
    seen[part] = true;
    for (size_t k = 0; part == 0 && k < sdp->variables && status == ZG_OK; k++)
        status = read_value(r, &point->y[k], digits);
    return part > 0 ? read_x(r, sdp, part == 1, point) : status;
}

zg_status zg_cbf_read_solution(const char *path, const zg_sdp *sdp, zg_sdp_point *point,
                               bool *has_y, bool *has_x, char claim[ZG_CBF_CLAIM_SIZE],
                               size_t *digits, zg_error *error)
{
    zg_scan r = {.path = path, .bad = ZG_FAILED, .error = error};
    bool seen[3] = {false};
    *has_y = *has_x = false;
    *digits = 0;
    claim[0] = '\0';
    zg_status status = zg_scan_load(&r, "the solver left no solution file");
    if (status == ZG_OK) next_item(&r);
    while (status == ZG_OK && r.text[r.at] != '\0') {
        status = read_part(&r, sdp, point, seen, claim, digits);
        if (status == ZG_OK) next_item(&r);
    }
    if (status == ZG_OK) {
        bool vectors = has_blocks(sdp, true), matrices = has_blocks(sdp, false);
        *has_y = seen[0];
        *has_x = (seen[1] || !vectors) && (seen[2] || !matrices);
    }
    zg_scan_clear(&r);
    return status;
}
