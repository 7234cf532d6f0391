/* IDX arrays, in memory and as a file. */
#include "data/idx.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_bytes bytes = {.data = fuzz_copy(input, size), .size = size};
    zg_error error = {0};
    zg_idx idx;
    zg_status status = zg_idx_open(&bytes, "f", &idx, &error);
    if (status == ZG_OK) {
        fuzz_demand(idx.extent[0] > 0 && idx.width > 0, "an empty array");
        (void)zg_idx_element(&idx, 0);
        (void)zg_idx_element(&idx, idx.extent[0] * idx.width - 1);
    } else {
        fuzz_refusal(status, &error);
    }
    zg_bytes_clear(&bytes);
    const zg_data_options options = {.size_limit = 1U << 20};
    zg_dataset *data = NULL;
    error = (zg_error){0};
    status = zg_idx_load(fuzz_file(input, size), &options, &data, &error);
    fuzz_read(status, data, &error);
    return 0;
}
