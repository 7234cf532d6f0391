/* NumPy's archives.  Compressed bytes hide from a fuzzer what is in them: so the archive is made
 * here, of arrays that the input holds one after the other, each behind a byte for its name and two
 * for its size. */
#include "data/npy.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const char *const names[] = {"X.npy", "y.npy", "labels", "z.npy", NULL};
    zg_member items[4];
    zg_members members = {.items = items};
    while (size >= 3 && members.count < 4) {
        size_t length = (size_t)input[1] << 8 | input[2];
        if (length > size - 3) length = size - 3;
        items[members.count++] =
            (zg_member){.name = (char *)names[input[0] % 5],
                        .bytes = {.data = fuzz_copy(input + 3, length), .size = length}};
        input += 3 + length;
        size -= 3 + length;
    }
    if (zg_npz_detect(&members)) {
        const zg_data_options options = {.size_limit = 1U << 22};
        zg_error error = {0};
        zg_dataset *data = NULL;
        zg_status status = zg_npz_read(&members, "f", &options, &data, &error);
        fuzz_read(status, data, &error);
    }
    for (size_t i = 0; i < members.count; i++)
        free(items[i].bytes.data);
    return 0;
}
