/* Products of a sparse matrix in double precision. */
#define real double
#define VALUES(from) (from)->value
#define TILE zg_sparse_tile_double
#define PROJECT zg_sparse_project_double
#define ADD_BACK zg_sparse_add_back_double
#include "base/sparse_in.h"
