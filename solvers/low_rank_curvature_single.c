/* The inverted curvature in single precision. */
#define CREATE zg_curvature_create_single
#define real float
#define reals zg_floats
#define gemm zg_gemm_single
#define tile zg_sparse_tile_single
#define project zg_sparse_project_single
#define add_back zg_sparse_add_back_single
#define cholesky zg_cholesky_single
#define cholesky_solve zg_cholesky_solve_single
#include "solvers/low_rank_curvature_in.h"
