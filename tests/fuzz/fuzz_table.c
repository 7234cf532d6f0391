/* Any data file: its format is told by its content, packed or not. */
#include "data/load.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const zg_data_options options = {.size_limit = 1U << 22, .one_hot = "words"};
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_status status = zg_dataset_load(fuzz_file(input, size), &options, &data, &error);
    fuzz_read(status, data, &error);
    return 0;
}
