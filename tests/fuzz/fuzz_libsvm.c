/* LIBSVM text. */
#include "data/libsvm.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    char *text = (char *)fuzz_copy(input, size);
    for (int zero_based = 0; zero_based < 2; zero_based++) {
        const zg_data_options options = {.zero_based = zero_based == 1, .size_limit = 1U << 20};
        zg_error error = {0};
        zg_dataset *data = NULL;
        zg_status status = zg_libsvm_read(text, size, "f", &options, &data, &error);
        fuzz_read(status, data, &error);
    }
    (void)zg_libsvm_detect(text);
    free(text);
    return 0;
}
