/*
 * The program restricted to a subspace: Z_g = blkdiag(U_g, 1) V blkdiag(U_g, 1)', U_g with
 * orthonormal columns.
 *
 * R and E keep their form, so it is the same kind of program on the data X U: solved exactly by
 * the interior-point method.  Its optimum is an upper bound, its network one of the full program,
 * and its dual vector may be tried in the full program, where the certificate decides.
 */
#ifndef ZG_SOLVERS_LOW_RANK_SUBSPACE_H
#define ZG_SOLVERS_LOW_RANK_SUBSPACE_H

#include "core/method.h"

typedef struct zg_subspace {
    size_t width; /* of the full program's patches */
    size_t groups;
    size_t dimension; /* k: columns of U, the same in every group */
    double **basis;   /* groups: width x k, column-major */
    size_t *inputs;   /* k, or NULL: the columns are the unit vectors of these (one group) */
} zg_subspace;

/* Room for k = min(width, most) columns a group, none of them set. */
zg_status zg_subspace_create(const zg_lift *lift, size_t most, zg_subspace **out);
void zg_subspace_free(zg_subspace *subspace);

/* Orthonormalises candidates (width x count, column-major, destroyed) into the group's basis in
 * their order; dependent ones are left out, and columns that are still missing are filled with
 * unit vectors.  The earlier a candidate stands, the surer is its place. */
zg_status zg_subspace_span(zg_subspace *subspace, size_t group, double *candidates, size_t count);

/* One output of the problem, restricted: dense, or patches side by side.  Free with
 * zg_problem_free.  Of a team's samples the squared loss needs sums only, and the restricted
 * problem is the team's, too; for other losses every member gets all samples. */
zg_status zg_subspace_problem(const zg_subspace *subspace, const zg_problem *problem, size_t output,
                              zg_problem **out, zg_error *error);

/* Adds the neurons of the restricted problem's network to one output of the full network. */
zg_status zg_subspace_lift(const zg_subspace *subspace, const zg_network *small, size_t output,
                           zg_network *network);

#endif
