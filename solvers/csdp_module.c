/* What the module of CSDP shows (see csdp.h). */
#include "solvers/csdp.h"

const zg_csdp_module zg_module_csdp = {{ZG_VERSION}, zg_csdp_child};
