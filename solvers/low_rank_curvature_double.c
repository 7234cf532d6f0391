/* The inverted curvature in double precision. */
#define CREATE zg_curvature_create_double
#define real double
#define reals zg_doubles
#define gemm zg_gemm
#define cholesky zg_cholesky
#define cholesky_solve zg_cholesky_solve
#include "solvers/low_rank_curvature_in.h"
