/* The engine of backpropagation in single precision. */
#define REAL float
#define REALS_PER_DOUBLE 2
#define REAL_GEMM cblas_sgemm
#define REAL_SQRT sqrtf
#define REAL_POW powf
#define REAL_EXP expf
#define REAL_ENGINE zg_backprop_single
#include "baselines/backprop_kernel.h"
