/* The engine of backpropagation in double precision. */
#define REAL double
#define REALS_PER_DOUBLE 1
#define REAL_GEMM cblas_dgemm
#define REAL_SQRT sqrt
#define REAL_POW pow
#define REAL_EXP exp
#define REAL_ENGINE zg_backprop_double
#include "baselines/backprop_kernel.h"
