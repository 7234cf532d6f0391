/* The child's side of CSDP where its code is a module: loaded in the child, so that the host's
 * process never holds the library. */
#include "solvers/csdp.h"

int zg_csdp_child(void *context, int channel)
{
    const zg_csdp_job *job = context;
    zg_error error = {0};
    const zg_csdp_module *module = zg_module_open(job->module, "zg_module_csdp", &error);
    return module ? module->child(context, channel) : ZG_CSDP_UNLOADED;
}
