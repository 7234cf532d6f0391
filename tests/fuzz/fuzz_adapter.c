/* Adapters: files that say how another solver is run. */
#include "solvers/adapter.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_adapter *adapter = NULL;
    zg_error error = {0};
    zg_status status = zg_adapter_load(fuzz_file(input, size), &adapter, &error);
    if (status == ZG_OK) {
        fuzz_demand(adapter->path && adapter->name && strlen(adapter->name) > 0, "no name");
        (void)zg_adapter_saying(adapter, "/nonexistent", 1);
        zg_adapter_free(adapter);
    } else {
        fuzz_refusal(status, &error);
    }
    return 0;
}
