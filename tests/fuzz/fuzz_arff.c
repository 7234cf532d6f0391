/* ARFF files. */
#include "data/arff.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_bytes bytes = {.data = fuzz_copy(input, size), .size = size};
    for (int variant = 0; variant < 2; variant++) {
        const zg_data_options options = {.one_hot = variant ? "words" : NULL,
                                         .missing = variant ? ZG_MISSING_MEAN : ZG_MISSING_ERROR,
                                         .target = variant ? "1" : NULL,
                                         .size_limit = 1U << 22};
        zg_error error = {0};
        zg_dataset *data = NULL;
        zg_status status = zg_arff_load(&bytes, "f", &options, &data, &error);
        fuzz_read(status, data, &error);
    }
    (void)zg_arff_detect((const char *)bytes.data);
    zg_bytes_clear(&bytes);
    return 0;
}
