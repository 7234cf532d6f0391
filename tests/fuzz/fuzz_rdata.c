/* R's serialised data: the first item that is a data frame, as a data set. */
#include "data/rdata.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void try_frame(const zg_r_value *frame)
{
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_status status = zg_r_dataset(frame, "y", "unused", "f", &data, &error);
    if (status == ZG_OK)
        zg_dataset_free(data); /* a missing value is NAN here */
    else
        fuzz_refusal(status, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    unsigned char *bytes = fuzz_copy(input, size);
    zg_arena arena = {0};
    zg_r_value *value = NULL;
    zg_error error = {0};
    zg_status status = zg_r_parse(bytes, size, "f", &arena, &value, &error);
    if (status != ZG_OK) {
        fuzz_refusal(status, &error);
    } else {
        try_frame(value);
        for (size_t i = 0; value->type == ZG_R_LIST && i < value->length && i < 4; i++)
            if (value->items[i]) try_frame(value->items[i]);
    }
    zg_arena_clear(&arena);
    free(bytes);
    error = (zg_error){0};
    status = zg_rda_read(fuzz_file(input, size), &arena, &value, &error);
    if (status != ZG_OK) fuzz_refusal(status, &error);
    zg_arena_clear(&arena);
    return 0;
}
