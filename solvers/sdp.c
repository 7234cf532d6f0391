/*
 * Builds the semidefinite program of a training dual (see sdp.h) and checks it.
 *
 * Scaling: features span many orders of magnitude in practice, and an interior-point method for
 * general programs starts from a multiple of the identity.  The congruence makes the diagonals of
 * the lifted samples alike, the sample scale makes their norms one unless that exceeds the size
 * that the loss gives v anyway (rows that hardly matter to the cones), the objective's largest
 * coefficient becomes one, and so does the cost of every epigraph.
 */
#include "solvers/sdp.h"

#include "base/linalg.h"
#include "base/memory.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- growing -------------------------------------------------------------------------------- */

static bool reserve_entries(zg_sdp *sdp, size_t more)
{
    /* Three arrays of one capacity: each grows from it by the same rule. */
    size_t rooms[3] = {sdp->entry_room, sdp->entry_room, sdp->entry_room};
    size_t needed = sdp->entry_count + more;
    int *row = zg_grow(sdp->row, &rooms[0], needed, sizeof *row);
    if (row) sdp->row = row;
    int *column = zg_grow(sdp->column, &rooms[1], needed, sizeof *column);
    if (column) sdp->column = column;
    double *value = zg_grow(sdp->value, &rooms[2], needed, sizeof *value);
    if (value) sdp->value = value;
    if (!row || !column || !value) return false;
    sdp->entry_room = rooms[0];
    return true;
}

/* Opens a piece with room for that many entries; false: no memory. */
static bool open_piece(zg_sdp *sdp, size_t matrix, size_t block, size_t entries)
{
    zg_sdp_piece *pieces =
        zg_grow(sdp->pieces, &sdp->piece_room, sdp->piece_count + 1, sizeof *pieces);
    if (!pieces) return false;
    sdp->pieces = pieces;
    if (!reserve_entries(sdp, entries)) return false;
    sdp->pieces[sdp->piece_count++] = (zg_sdp_piece){matrix, block, sdp->entry_count, 0};
    return true;
}

static void put(zg_sdp *sdp, size_t row, size_t column, double value)
{
    if (value == 0) return;
    sdp->row[sdp->entry_count] = (int)(row + 1);
    sdp->column[sdp->entry_count] = (int)(column + 1);
    sdp->value[sdp->entry_count] = value;
    sdp->entry_count++;
    sdp->pieces[sdp->piece_count - 1].count++;
}

/* A piece that stayed empty is taken back. */
static void close_piece(zg_sdp *sdp)
{
    if (sdp->pieces[sdp->piece_count - 1].count == 0) sdp->piece_count--;
}

static bool put_single(zg_sdp *sdp, size_t matrix, size_t block, size_t row, size_t column,
                       double value)
{
    if (!open_piece(sdp, matrix, block, 1)) return false;
    put(sdp, row, column, value);
    close_piece(sdp);
    return true;
}

/* ---- shape ---------------------------------------------------------------------------------- */

/* Where the variables and blocks of the loss are. */
typedef struct shape {
    size_t samples, cones; /* 2 groups */
    size_t multipliers;    /* rho: as many as cones, or none */
    size_t curved;         /* samples with an epigraph */
    bool joined;           /* in one second-order cone */
    size_t epigraphs;      /* their blocks: one, or as many as samples */
    size_t bounds;         /* finite bounds */
} shape;

static bool is_plain(zg_sdp_scaling scaling)
{
    return scaling == ZG_SDP_PLAIN || scaling == ZG_SDP_CONIC;
}

typedef struct sample_loss {
    double p, q, low, high;
} sample_loss;

static sample_loss sample_loss_of(const zg_program *program, size_t i)
{
    sample_loss loss;
    double weight = program->weights ? program->weights[i] : 1;
    zg_loss_domain(program->loss, program->y[i], weight, &loss.low, &loss.high);
    zg_loss_quadratic_dual(program->loss, program->y[i], weight, &loss.p, &loss.q);
    return loss;
}

static shape shape_of(const zg_program *program, zg_sdp_scaling scaling)
{
    shape s = {.samples = program->lift->samples, .cones = 2 * program->lift->groups};
    s.multipliers = program->lift->bordered ? s.cones : 0;
    for (size_t i = 0; i < s.samples; i++) {
        sample_loss loss = sample_loss_of(program, i);
        s.curved += loss.q > 0;
        s.bounds += (size_t)isfinite(loss.low) + (size_t)isfinite(loss.high);
    }
    s.joined = scaling == ZG_SDP_CONIC && s.curved > 0;
    s.epigraphs = s.joined ? 1 : s.curved;
    return s;
}

static zg_status make_blocks(zg_sdp *sdp, const shape *s)
{
    sdp->block_count = s->cones + s->epigraphs + (s->bounds > 0);
    sdp->blocks = calloc(sdp->block_count, sizeof *sdp->blocks);
    if (!sdp->blocks) return ZG_NO_MEMORY;
    for (size_t b = 0; b < sdp->block_count; b++) {
        zg_sdp_block *block = &sdp->blocks[b];
        bool epigraph = b >= s->cones && b < s->cones + s->epigraphs;
        block->order = b < s->cones ? sdp->order
                       : !epigraph  ? s->bounds
                       : s->joined  ? s->curved + 2
                                    : 2;
        block->conic = epigraph && s->joined;
        block->diagonal = block->conic || b == s->cones + s->epigraphs;
        block->offset = sdp->block_values;
        sdp->block_values += block->diagonal ? block->order : block->order * block->order;
    }
    return ZG_OK;
}

/* ---- scaling -------------------------------------------------------------------------------- */

/* congruence_g = 1 / sqrt of the root mean square of the diagonals of M_ig, relative to the last
 * one; coordinates that no sample uses keep 1. */
static void equilibrate(zg_sdp *sdp, const zg_lift *lift, double *matrix)
{
    size_t order = sdp->order;
    for (size_t g = 0; g < sdp->groups; g++) {
        double *d = sdp->congruence + g * order;
        memset(d, 0, order * sizeof *d);
        for (size_t i = 0; i < sdp->samples; i++) {
            zg_lift_matrix(lift, g, i, matrix);
            for (size_t j = 0; j < order; j++)
                d[j] += matrix[j * order + j] * matrix[j * order + j];
        }
        for (size_t j = 0; j < order; j++)
            d[j] = d[j] > 0 ? 1 / sqrt(sqrt(d[j] / (double)sdp->samples)) : 0;
        double unused = 0; /* the smallest of the others, so that it dominates nothing */
        for (size_t j = 0; j < order; j++)
            if (d[j] > 0 && (unused == 0 || d[j] < unused)) unused = d[j];
        for (size_t j = 0; j < order; j++)
            if (d[j] == 0) d[j] = unused > 0 ? unused : 1;
    }
}

/* The factor that makes the penalty's matrix in a cone of order one. */
static double cone_norm(const zg_sdp *sdp, size_t group, double beta)
{
    const double *d = sdp->congruence + group * sdp->order;
    double largest = d[sdp->order - 1];
    if (!sdp->bordered)
        for (size_t j = 0; j < sdp->order; j++)
            largest = fmax(largest, d[j]);
    return beta * largest * largest;
}

static void scale_matrix(const zg_sdp *sdp, const zg_lift *lift, size_t group, size_t sample,
                         double *matrix)
{
    size_t order = sdp->order;
    const double *d = sdp->congruence + group * order;
    zg_lift_matrix(lift, group, sample, matrix);
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++)
            matrix[j * order + i] *= d[i] * d[j] * sdp->cone_scale[group];
}

/* The size that the losses alone give v: the root mean square of their maximisers p / 2q, or the
 * bounds; INFINITY when they leave v free. */
static double natural_size(const zg_program *program)
{
    double sum = 0, bound = 0;
    size_t n = program->lift->samples, curved = 0;
    for (size_t i = 0; i < n; i++) {
        sample_loss loss = sample_loss_of(program, i);
        bound = fmax(bound, fmax(fabs(loss.low), fabs(loss.high)));
        if (!(loss.q > 0)) continue;
        sum += loss.p / (2 * loss.q) * (loss.p / (2 * loss.q));
        curved++;
    }
    double root = curved > 0 && sum > 0 ? sqrt(sum / (double)curved) : INFINITY;
    return fmin(root, bound);
}

/* sample_scale_i = 1 / norm of sample i's scaled matrices over all groups, or less. */
static void normalise_samples(zg_sdp *sdp, const zg_program *program, double *matrix)
{
    size_t order = sdp->order;
    const zg_lift *lift = program->lift;
    double natural = natural_size(program);
    for (size_t i = 0; i < sdp->samples; i++) {
        double sum = 0;
        for (size_t g = 0; g < sdp->groups; g++) {
            scale_matrix(sdp, lift, g, i, matrix);
            for (size_t c = 0; c < order; c++)
                for (size_t r = 0; r <= c; r++)
                    sum += (r == c ? 1 : 2) * matrix[c * order + r] * matrix[c * order + r];
        }
        double scale = fmin(sum > 0 ? 1 / sqrt(sum) : INFINITY, natural);
        sdp->sample_scale[i] = isfinite(scale) ? scale : 1;
    }
}

static void choose_scales(zg_sdp *sdp, const zg_program *program, zg_sdp_scaling scaling,
                          double *matrix)
{
    for (size_t j = 0; j < sdp->groups * sdp->order; j++)
        sdp->congruence[j] = 1;
    for (size_t i = 0; i < sdp->samples; i++)
        sdp->sample_scale[i] = 1;
    for (size_t g = 0; g < sdp->groups; g++)
        sdp->cone_scale[g] = 1;
    sdp->objective_scale = 1;
    if (is_plain(scaling)) return;
    if (scaling != ZG_SDP_SAMPLES) equilibrate(sdp, program->lift, matrix);
    for (size_t g = 0; g < sdp->groups; g++)
        sdp->cone_scale[g] = 1 / cone_norm(sdp, g, program->beta);
    if (scaling != ZG_SDP_FEATURES) normalise_samples(sdp, program, matrix);
    double largest = 0;
    for (size_t i = 0; i < sdp->samples; i++)
        largest = fmax(largest, fabs(sample_loss_of(program, i).p * sdp->sample_scale[i]));
    if (largest > 0) sdp->objective_scale = 1 / largest;
}

/* ---- matrices ------------------------------------------------------------------------------- */

/* C of the epigraphs: -1 in every corner, or (-1/2, 1/2, 0, ..) of the cone. */
static bool add_epigraph_constants(zg_sdp *sdp, const shape *s)
{
    for (size_t c = 0; c < s->epigraphs; c++) {
        if (!open_piece(sdp, 0, s->cones + c, 2)) return false;
        put(sdp, 0, 0, s->joined ? -0.5 : -1);
        put(sdp, 1, 1, s->joined ? 0.5 : 0);
        close_piece(sdp);
    }
    return true;
}

/* C = -(penalty's matrices), the epigraphs', the bounds. */
static bool add_constant(zg_sdp *sdp, const zg_program *program, const shape *s)
{
    size_t order = sdp->order;
    for (size_t b = 0; b < s->cones; b++) {
        const double *d = sdp->congruence + b / 2 * order;
        if (!open_piece(sdp, 0, b, order)) return false;
        for (size_t j = sdp->bordered ? order - 1 : 0; j < order; j++)
            put(sdp, j, j, -program->beta * d[j] * d[j] * sdp->cone_scale[b / 2]);
        close_piece(sdp);
    }
    if (!add_epigraph_constants(sdp, s)) return false;
    if (s->bounds == 0) return true;
    if (!open_piece(sdp, 0, s->cones + s->epigraphs, s->bounds)) return false;
    size_t line = 0;
    for (size_t i = 0; i < s->samples; i++) {
        sample_loss loss = sample_loss_of(program, i);
        if (isfinite(loss.low)) {
            put(sdp, line, line, loss.low / sdp->sample_scale[i]);
            line++;
        }
        if (isfinite(loss.high)) {
            put(sdp, line, line, -loss.high / sdp->sample_scale[i]);
            line++;
        }
    }
    close_piece(sdp);
    return true;
}

/* -M_i in S+, +M_i in S-. */
static bool add_cone_entries(zg_sdp *sdp, const zg_lift *lift, size_t sample, double *matrix)
{
    size_t order = sdp->order;
    for (size_t g = 0; g < sdp->groups; g++) {
        scale_matrix(sdp, lift, g, sample, matrix);
        for (size_t sign = 0; sign < 2; sign++) {
            if (!open_piece(sdp, sample + 1, 2 * g + sign, zg_svec_size(order))) return false;
            double factor = (sign ? 1 : -1) * sdp->sample_scale[sample];
            for (size_t r = 0; r < order; r++)
                for (size_t c = r; c < order; c++)
                    put(sdp, r, c, factor * matrix[c * order + r]);
            close_piece(sdp);
        }
    }
    return true;
}

/* The cost of t_i in [1, w_i; w_i, t_i]; scaling the block makes it one. */
static double epigraph_cost(const zg_sdp *sdp, size_t sample, double q)
{
    return q * sdp->sample_scale[sample] * sdp->sample_scale[sample] * sdp->objective_scale;
}

/* Curved sample c of variable i in its epigraph. */
static bool add_curve(zg_sdp *sdp, const shape *s, size_t i, size_t c, double unit)
{
    if (s->joined) return put_single(sdp, i + 1, s->cones, c + 2, c + 2, unit);
    return put_single(sdp, i + 1, s->cones + c, 0, 1, unit);
}

static bool add_samples(zg_sdp *sdp, const zg_program *program, const shape *s,
                        zg_sdp_scaling scaling, double *matrix)
{
    size_t curved = 0, bounds = s->cones + s->epigraphs, line = 0;
    for (size_t i = 0; i < s->samples; i++) {
        sample_loss loss = sample_loss_of(program, i);
        sdp->cost[i] = -loss.p * sdp->sample_scale[i] * sdp->objective_scale;
        if (!add_cone_entries(sdp, program->lift, i, matrix)) return false;
        double unit = scaling == ZG_SDP_PLAIN ? 1 : sqrt(epigraph_cost(sdp, i, loss.q));
        if (s->joined) unit = sqrt(2 * loss.q);
        if (loss.q > 0 && !add_curve(sdp, s, i, curved++, unit)) return false;
        if (!isfinite(loss.low) && !isfinite(loss.high)) continue;
        if (!open_piece(sdp, i + 1, bounds, 2)) return false;
        if (isfinite(loss.low)) {
            put(sdp, line, line, 1);
            line++;
        }
        if (isfinite(loss.high)) {
            put(sdp, line, line, -1);
            line++;
        }
    }
    return true;
}

/* rho R in its cone; R is scaled to unit norm, which rescales rho, a free variable. */
static bool add_multipliers(zg_sdp *sdp, const shape *s, zg_sdp_scaling scaling)
{
    size_t order = sdp->order;
    for (size_t b = 0; b < s->multipliers; b++) {
        const double *d = sdp->congruence + b / 2 * order;
        double sum = 0;
        for (size_t j = 0; j < order; j++)
            sum += d[j] * d[j] * d[j] * d[j];
        double factor = is_plain(scaling) ? 1 : 1 / sqrt(sum);
        if (!open_piece(sdp, s->samples + b + 1, b, order)) return false;
        for (size_t j = 0; j < order; j++)
            put(sdp, j, j, (j + 1 < order ? factor : -factor) * d[j] * d[j]);
        close_piece(sdp);
    }
    return true;
}

/* t_i >= w_i^2 at cost c_i, or with unit sqrt(c_i) at cost one; or the t of all. */
static bool add_epigraphs(zg_sdp *sdp, const zg_program *program, const shape *s,
                          zg_sdp_scaling scaling)
{
    size_t variable = s->samples + s->multipliers, block = s->cones;
    if (s->joined) {
        sdp->cost[variable] = 1;
        if (!open_piece(sdp, variable + 1, block, 2)) return false;
        put(sdp, 0, 0, 1);
        put(sdp, 1, 1, 1);
        return true;
    }
    for (size_t i = 0; i < s->samples; i++) {
        double q = sample_loss_of(program, i).q;
        if (!(q > 0)) continue;
        sdp->cost[variable++] = scaling == ZG_SDP_PLAIN ? epigraph_cost(sdp, i, q) : 1;
        if (!put_single(sdp, variable, block++, 1, 1, 1)) return false;
    }
    return true;
}

/* ---- creation ------------------------------------------------------------------------------- */

static zg_status check_program(const zg_program *program, zg_error *error)
{
    if (zg_loss_has(program->loss.kind, ZG_LOSS_ENTROPY))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the logistic loss is no semidefinite program; train it with the method "
                       "\"ipm\"");
    return ZG_OK;
}

static zg_status allocate(zg_sdp *sdp, const shape *s)
{
    sdp->cost = zg_doubles(sdp->variables);
    sdp->sample_scale = zg_doubles(sdp->samples);
    sdp->congruence = zg_doubles(sdp->groups * sdp->order);
    sdp->cone_scale = zg_doubles(sdp->groups);
    if (!sdp->cost || !sdp->sample_scale || !sdp->congruence || !sdp->cone_scale)
        return ZG_NO_MEMORY;
    return make_blocks(sdp, s);
}

static zg_status build(zg_sdp *sdp, const zg_program *program, const shape *s,
                       zg_sdp_scaling scaling)
{
    zg_status status = allocate(sdp, s);
    if (status != ZG_OK) return status;
    double *matrix = zg_doubles(sdp->order * sdp->order);
    if (!matrix) return ZG_NO_MEMORY;
    choose_scales(sdp, program, scaling, matrix);
    bool good = add_constant(sdp, program, s) && add_samples(sdp, program, s, scaling, matrix) &&
                add_multipliers(sdp, s, scaling) && add_epigraphs(sdp, program, s, scaling);
    free(matrix);
    if (!good) return ZG_NO_MEMORY;
    for (size_t g = 0; g < sdp->groups; g++)
        sdp->cone_scale[g] /= sdp->objective_scale; /* from here on: how X becomes Z */
    return ZG_OK;
}

zg_status zg_sdp_create(const zg_program *program, zg_sdp_scaling scaling, zg_sdp **out,
                        zg_error *error)
{
    zg_status status = check_program(program, error);
    if (status != ZG_OK) return status;
    zg_sdp *sdp = calloc(1, sizeof *sdp);
    if (!sdp) return zg_no_memory(error);
    shape s = shape_of(program, scaling);
    sdp->samples = s.samples;
    sdp->groups = program->lift->groups;
    sdp->order = program->lift->order;
    sdp->bordered = program->lift->bordered;
    sdp->constant = program->constant;
    sdp->variables = s.samples + s.multipliers + s.epigraphs;
    status = build(sdp, program, &s, scaling);
    if (status != ZG_OK) {
        zg_sdp_free(sdp);
        return zg_no_memory(error);
    }
    *out = sdp;
    return ZG_OK;
}

void zg_sdp_free(zg_sdp *sdp)
{
    if (!sdp) return;
    free(sdp->cost);
    free(sdp->blocks);
    free(sdp->pieces);
    free(sdp->row);
    free(sdp->column);
    free(sdp->value);
    free(sdp->sample_scale);
    free(sdp->congruence);
    free(sdp->cone_scale);
    free(sdp);
}

/* ---- validation ----------------------------------------------------------------------------- */

static zg_status validate_piece(const zg_sdp *sdp, const zg_sdp_piece *piece, zg_error *error)
{
    const zg_sdp_block *block = &sdp->blocks[piece->block];
    for (size_t e = piece->first; e < piece->first + piece->count; e++) {
        int r = sdp->row[e], c = sdp->column[e];
        bool inside = r >= 1 && r <= c && (size_t)c <= block->order;
        bool follows = e == piece->first || r > sdp->row[e - 1] ||
                       (r == sdp->row[e - 1] && c > sdp->column[e - 1]);
        if (!isfinite(sdp->value[e]) || sdp->value[e] == 0)
            return zg_fail(error, ZG_BAD_INPUT,
                           "entry (%d, %d) of matrix %zu, block %zu of the semidefinite program is "
                           "%g; the data are out of the range of double precision",
                           r, c, piece->matrix, piece->block + 1, sdp->value[e]);
        if (!inside || !follows || (block->diagonal && r != c))
            return zg_fail(error, ZG_BAD_INPUT,
                           "entry (%d, %d) of matrix %zu, block %zu of the semidefinite program is "
                           "misplaced or listed twice",
                           r, c, piece->matrix, piece->block + 1);
    }
    return ZG_OK;
}

static zg_status validate_sizes(const zg_sdp *sdp, zg_error *error)
{
    size_t total = 0;
    for (size_t b = 0; b < sdp->block_count; b++)
        total += sdp->blocks[b].order;
    /* Solvers index a dense matrix of the order of the variables by int. */
    size_t limit = 46340;
    if (sdp->variables > limit || total > INT_MAX / 2 || sdp->order > limit)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a semidefinite program with %zu variables is too large for general "
                       "solvers (at most %zu); use the method \"ipm\"",
                       sdp->variables, limit);
    return ZG_OK;
}

zg_status zg_sdp_validate(const zg_sdp *sdp, zg_error *error)
{
    zg_status status = validate_sizes(sdp, error);
    size_t seen = 0; /* the last matrix with an entry */
    for (size_t p = 0; p < sdp->piece_count && status == ZG_OK; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        if (piece->matrix > seen + 1) break;
        seen = piece->matrix;
        status = validate_piece(sdp, piece, error);
    }
    if (status == ZG_OK && seen != sdp->variables)
        return zg_fail(error, ZG_BAD_INPUT,
                       "constraint %zu of the semidefinite program is empty: no network responds "
                       "to that sample",
                       seen + 1);
    for (size_t k = 0; k < sdp->variables && status == ZG_OK; k++)
        if (!isfinite(sdp->cost[k]))
            return zg_fail(error, ZG_BAD_INPUT,
                           "cost %zu of the semidefinite program is %g; the data are out of the "
                           "range of double precision",
                           k + 1, sdp->cost[k]);
    return status;
}
