/* NumPy's arrays: a single one with a target among its columns, and as inputs alone. */
#include "data/npy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_bytes bytes = {.data = fuzz_copy(input, size), .size = size};
    const zg_data_options options = {.target = size % 2 ? "1" : NULL, .size_limit = 1U << 22};
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_status status = zg_npy_read(&bytes, "f", &options, &data, &error);
    fuzz_read(status, data, &error);
    error = (zg_error){0};
    status = zg_npy_read_inputs(&bytes, "f", 1U << 22, &data, &error);
    fuzz_read(status, data, &error);
    zg_bytes_clear(&bytes);
    return 0;
}
