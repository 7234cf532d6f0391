/* Products of a sparse matrix in single precision. */
#define real float
#define VALUES(from) (from)->single
#define TILE zg_sparse_tile_single
#define PROJECT zg_sparse_project_single
#define ADD_BACK zg_sparse_add_back_single
#include "base/sparse_in.h"
