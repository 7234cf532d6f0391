/* What fuzz targets share. */
#include "tests/fuzz/fuzz.h"

#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_demand(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "the target found %s\n", what);
    abort();
}

void fuzz_refusal(zg_status status, const zg_error *error)
{
    fuzz_demand(status == error->status, "a status without its message");
    fuzz_demand(status == ZG_BAD_INPUT || status == ZG_NO_MEMORY || status == ZG_FAILED ||
                    status == ZG_UNSUPPORTED || status == ZG_IO || status == ZG_MISSING,
                "a status that no reader gives");
    fuzz_demand(strlen(error->message) > 3, "a refusal without a sentence");
}

const char *fuzz_file(const void *content, size_t size)
{
    static int descriptor = -1;
    static char path[64];
    if (descriptor < 0) {
        descriptor = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    bool written = descriptor >= 0 && ftruncate(descriptor, 0) == 0 &&
                   pwrite(descriptor, content, size, 0) == (ssize_t)size;
    fuzz_demand(written, "no room for a file in memory");
    return path;
}

unsigned char *fuzz_copy(const void *content, size_t size)
{
    unsigned char *copy = malloc(size + 1);
    fuzz_demand(copy != NULL, "no memory for a copy of the input");
    memcpy(copy, content, size);
    copy[size] = '\0';
    return copy;
}

void fuzz_dataset(zg_dataset *data)
{
    fuzz_demand(data->rows > 0 && data->inputs > 0, "an empty data set");
    for (size_t i = 0; i < data->rows * data->inputs; i++)
        fuzz_demand(isfinite(data->x[i]), "an input that is not finite");
    for (size_t i = 0; i < data->rows * data->targets; i++) {
        fuzz_demand(isfinite(data->t[i]), "a target that is not finite");
        fuzz_demand(!data->labels || data->t[i] < (double)data->label_count,
                    "a label that does not exist");
    }
    zg_dataset_free(data);
}

void fuzz_read(zg_status status, zg_dataset *data, const zg_error *error)
{
    if (status == ZG_OK)
        fuzz_dataset(data);
    else
        fuzz_refusal(status, error);
}
