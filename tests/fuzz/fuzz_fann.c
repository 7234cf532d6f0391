/* FANN's training files. */
#include "data/fann.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_bytes bytes = {.data = fuzz_copy(input, size), .size = size};
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_status status = zg_fann_read(&bytes, "f", &data, &error);
    fuzz_read(status, data, &error);
    zg_bytes_clear(&bytes);
    return 0;
}
