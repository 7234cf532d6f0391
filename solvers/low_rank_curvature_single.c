/* The inverted curvature in single precision. */
#define CREATE zg_curvature_create_single
#define real float
#define reals zg_floats
#define gemm zg_gemm_single
#define cholesky zg_cholesky_single
#define cholesky_solve zg_cholesky_solve_single
#include "solvers/low_rank_curvature_in.h"
