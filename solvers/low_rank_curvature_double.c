/* The inverted curvature in double precision. */
#define CREATE zg_curvature_create_double
#define real double
#define reals zg_doubles
#define gemm zg_gemm
#define tile zg_sparse_tile_double
#define project zg_sparse_project_double
#define add_back zg_sparse_add_back_double
#define cholesky zg_cholesky
#define cholesky_solve zg_cholesky_solve
#include "solvers/low_rank_curvature_in.h"
