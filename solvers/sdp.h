/*
 * The training dual as a semidefinite program in SDPA standard form.
 *
 *   (D)  min  sum_k cost_k y_k   subject to   sum_k y_k A_k - C >= 0        (slack Z)
 *   (P)  max  <C, X>             subject to   <A_k, X> = cost_k,  X >= 0
 *
 * which is CSDP's pair and, with SDPA's names, SDPA's.  Variables: one w_i per sample, the
 * multipliers rho of every cone (bordered lifts), one epigraph variable t_i per sample whose dual
 * loss is curved.  Blocks: S+_g and S-_g of every group g, in that order (X holds Z_g and Z'_g
 * there); [1, c w_i; c w_i, t_i] per curved sample, for t_i >= (c w_i)^2; one diagonal block for
 * the finite bounds on v.
 *
 * Everything is rescaled, exactly undone by the functions below: v_i = sample_scale_i w_i, cones by
 * the congruence diag(congruence_g) and a positive factor, the objective by objective_scale.
 */
#ifndef ZG_SOLVERS_SDP_H
#define ZG_SOLVERS_SDP_H

#include "core/problem.h"
#include "core/verdict.h"

typedef struct zg_sdp_block {
    size_t order;
    bool diagonal; /* a vector: entries (i, i) only, nonnegative ones */
    bool conic;    /* a vector, too, but in the second-order cone: x_1 >= |(x_2, ..)| */
    size_t offset; /* of its values in a point's X or Z: order x order, or order if diagonal */
} zg_sdp_block;

/* The entries of one matrix (0: C, k: A_k) in one block (0-based). */
typedef struct zg_sdp_piece {
    size_t matrix, block;
    size_t first, count; /* entries first .. first + count - 1 of row, column, value */
} zg_sdp_piece;

typedef struct zg_sdp {
    size_t variables;
    double *cost; /* variables */
    size_t block_count;
    zg_sdp_block *blocks;
    size_t block_values; /* doubles in X, and in Z */
    size_t piece_count;
    zg_sdp_piece *pieces; /* ascending in (matrix, block) */
    size_t entry_count;
    int *row, *column; /* 1-based, row <= column, ascending by row then column in a piece */
    double *value;     /* nonzero */
    /* How to read a solution. */
    size_t samples, groups, order;
    bool bordered;
    double *sample_scale;             /* samples: v_i = sample_scale_i y_i */
    double *congruence;               /* groups x order: d_g */
    double *cone_scale;               /* groups: Z_g = cone_scale_g diag(d_g) X diag(d_g) */
    double objective_scale, constant; /* p* = constant - optimum / objective_scale */
    size_t piece_room, entry_room;    /* capacities while building */
} zg_sdp;

/* How to scale and pose; all of them give the same optimum. */
typedef enum zg_sdp_scaling {
    ZG_SDP_EQUILIBRATED, /* features, then samples, then the objective */
    ZG_SDP_FEATURES,     /* features and the objective */
    ZG_SDP_SAMPLES,      /* samples and the objective */
    ZG_SDP_PLAIN,        /* the numbers of the program as they are */
    /* The same with one variable t and one second-order cone (t + 1/2, t - 1/2, (2 q_i)^(1/2) v_i,
     * ..) for all curved samples, so that t >= sum_i q_i v_i^2; not for SDPA's format. */
    ZG_SDP_CONIC
} zg_sdp_scaling;

/* Poses the dual of the program.  ZG_UNSUPPORTED for logistic loss, which is not semidefinite
 * representable without an exponential cone. */
zg_status zg_sdp_create(const zg_program *program, zg_sdp_scaling scaling, zg_sdp **out,
                        zg_error *error);
void zg_sdp_free(zg_sdp *sdp);

typedef struct zg_sdp_entry {
    size_t matrix, block; /* as in a piece: matrix 0 is C; block 0-based */
    int row, column;      /* 1-based, row <= column */
    double value;
} zg_sdp_entry;

/* A program from a file's entries, finite ones in any order, inside their blocks; zeros are left
 * out.  Sorts entries, copies all.  It knows no samples, groups and scales (constant 0, objective
 * scale 1).  ZG_BAD_INPUT for an entry that is listed twice, ZG_UNSUPPORTED for sizes beyond 46340.
 */
zg_status zg_sdp_from_entries(size_t variables, const double *cost, size_t block_count,
                              const zg_sdp_block *blocks, size_t count, zg_sdp_entry *entries,
                              zg_sdp **out, zg_error *error);

/* Whether the data are what solvers rely on: sizes within int, every entry finite, nonzero, in the
 * upper triangle of its block and listed once, no constraint empty. */
zg_status zg_sdp_validate(const zg_sdp *sdp, zg_error *error);

/* ---- points --------------------------------------------------------------------------------- */

/* One allocation: y, X, Z one after the other. */
typedef struct zg_sdp_point {
    double *y; /* variables; owns the storage */
    double *x; /* block_values: blocks at their offsets, symmetric ones in full */
    double *z; /* block_values */
} zg_sdp_point;

size_t zg_sdp_point_size(const zg_sdp *sdp); /* doubles in all */
zg_status zg_sdp_point_create(const zg_sdp *sdp, zg_sdp_point *out);
void zg_sdp_point_clear(zg_sdp_point *point);
bool zg_sdp_point_finite(const zg_sdp *sdp, const zg_sdp_point *point);

/* Makes the matrices among the blocks of X or Z exactly symmetric; false where their triangles
 * differ by more than 1e-9 of their entries, and are not one matrix.  What is computed from a point
 * reads one triangle or the other. */
bool zg_sdp_symmetrise(const zg_sdp *sdp, double *values);

/* v (samples) of a point. */
void zg_sdp_dual(const zg_sdp *sdp, const zg_sdp_point *point, double *v);
/* z (order x order) = Z_g (sign 0) or Z'_g (sign 1) of a point. */
void zg_sdp_cone(const zg_sdp *sdp, const zg_sdp_point *point, size_t group, int sign, double *z);

/* The six DIMACS error measures of the posed program, from X, y, Z and the data alone:
 * |A(X) - a| / (1 + |a|_max), -min eig X / (1 + |a|_max), |A'y - C - Z| / (1 + |C|_max),
 * -min eig Z / (1 + |C|_max), and (dual - primal), <X, Z> over 1 + |primal| + |dual|.
 * H. Mittelmann, "An independent benchmarking of SDP and SOCP solvers", Math. Program. 95
 * (2003). */
zg_status zg_sdp_dimacs(const zg_sdp *sdp, const zg_sdp_point *point, double dimacs[6]);

/* What a point that a solver hands over as optimal says about p*, before we process it: both
 * objectives in the scale of the training problem, the error measures, and how far numbers written
 * with so many digits (0: all) can be off.  What cannot be computed is NAN. */
void zg_sdp_claim(const zg_sdp *sdp, const zg_sdp_point *point, size_t digits, double limit,
                  zg_claim *out);

#endif
