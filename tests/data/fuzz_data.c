/* Fuzz target of the data readers.  The first byte of an input chooses options, the rest is a file.
 * With libFuzzer (meson -Dfuzz=true, clang) LLVMFuzzerTestOneInput is driven by it; otherwise main
 * runs random changes of small files through it, and ZEROGAP_TEST_MULTIPLIER times as many. */
#include "base/bytes.h"
#include "data/csv.h"
#include "data/idx.h"
#include "data/libsvm.h"
#include "data/npy.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void demand(bool condition, const char *what)
{
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* What every data set must be, however it came about. */
static void check_dataset(const zg_dataset *data)
{
    demand(data->rows > 0 && data->inputs > 0, "an empty data set");
    for (size_t i = 0; i < data->rows * data->inputs; i++)
        demand(isfinite(data->x[i]), "an input that is not finite");
    for (size_t i = 0; i < data->rows * data->targets; i++) {
        demand(isfinite(data->t[i]), "a target that is not finite");
        demand(!data->labels || data->t[i] < (double)data->label_count, "a label that is none");
    }
}

static void check_message(zg_status status, const zg_error *error)
{
    demand(status == error->status, "a status without its message");
    demand(status == ZG_BAD_INPUT || status == ZG_NO_MEMORY, "a strange status");
    demand(strlen(error->message) > 3 || status == ZG_NO_MEMORY, "no message");
}

static bool same(const zg_dataset *a, const zg_dataset *b)
{
    return a->rows == b->rows && a->inputs == b->inputs && a->targets == b->targets &&
           memcmp(a->x, b->x, a->rows * a->inputs * sizeof(double)) == 0 &&
           memcmp(a->t, b->t, a->rows * a->targets * sizeof(double)) == 0;
}

static zg_status read_csv(const void *text, size_t size, const zg_data_options *options,
                          zg_dataset **out, zg_error *error)
{
    FILE *stream = fmemopen((void *)text, size, "r");
    demand(stream != NULL, "no stream");
    zg_status status = zg_csv_read(stream, "f", options, out, error);
    fclose(stream);
    return status;
}

/* What was read, written, and read again is the same. */
static void check_round_trip(const zg_dataset *data, const zg_data_options *options)
{
    /* Chosen targets change the order of columns; labels whose only text was in a dropped row are
     * numbers when read again. */
    if (options->target || data->labels) return;
    char *text = NULL;
    size_t size = 0;
    zg_error error;
    zg_dataset *again;
    FILE *stream = open_memstream(&text, &size);
    demand(zg_csv_write(stream, data, &error) == ZG_OK, "cannot write");
    fclose(stream);
    const zg_data_options header = {.header = ZG_HEADER_YES};
    if (read_csv(text, size, &header, &again, &error) == ZG_OK) {
        demand(same(data, again), "another data set after writing and reading");
        zg_dataset_free(again);
    }
    free(text);
}

static void try_csv(uint8_t choice, const uint8_t *file, size_t size)
{
    static const char *const targets[] = {NULL, "1", "a", "last,1"};
    const zg_data_options options = {.target = targets[choice & 3],
                                     .header = (zg_header)((choice >> 2 & 3) % 3),
                                     .missing = (zg_missing)((choice >> 4 & 3) % 3)};
    zg_error error = {0};
    zg_dataset *data;
    zg_status status = read_csv(file, size, &options, &data, &error);
    if (status != ZG_OK) {
        check_message(status, &error);
        return;
    }
    check_dataset(data);
    check_round_trip(data, &options);
    zg_dataset_free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    if (size < 2) return 0;
    try_csv(input[0], input + 1, size - 1);
    zg_bytes bytes = {.data = malloc(size),
                      .size = size - 1}; /* with the NUL that readers expect */
    if (!bytes.data) return 0;
    memcpy(bytes.data, input + 1, size - 1);
    bytes.data[size - 1] = '\0';
    zg_error error = {0};
    zg_dataset *data;
    zg_idx idx;
    zg_status status = zg_npy_read(&bytes, "f", NULL, &data, &error);
    if (status == ZG_OK) {
        check_dataset(data);
        zg_dataset_free(data);
    } else {
        check_message(status, &error);
    }
    if (zg_idx_open(&bytes, "f", &idx, &error) == ZG_OK)
        (void)zg_idx_element(&idx, idx.extent[0] * idx.width - 1);
    /* A large index asks for a wide matrix, which is right but slow. */
    if (!strstr((char *)bytes.data, "00:")) {
        status = zg_libsvm_read((char *)bytes.data, bytes.size, "f", NULL, &data, &error);
        if (status == ZG_OK) {
            check_dataset(data);
            zg_dataset_free(data);
        } else {
            check_message(status, &error);
        }
    }
    zg_bytes_clear(&bytes);
    return 0;
}

#ifndef ZG_FUZZ
static void random_changes(void **state)
{
    (void)state;
#define SEED(text)                                                                                 \
    {                                                                                              \
        text, sizeof text - 1                                                                      \
    }
    static const struct {
        const char *text;
        size_t size;
    } seeds[] = {
        SEED("\1a,b,c\n1,2,3\n4,5,6\n"),
        SEED("\040"
             "1,2,yes\r\n3,?,no\r\n\"5\",6,\"ma\"\"y,be\"\r\n"),
        SEED("\024\357\273\277a,\"b\n\",c\n1e5,-2.5,NA\n.5,+6,7\n\n8,9,10"),
        SEED("\0"
             "1 1:2 3:4.5\n-1 2:7 # c\n"),
        SEED("\3\"a\",b\r1,2\r3,4\r"),
        SEED("\0\223NUMPY\1\0;\0{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)} \n1234"),
        SEED("\0\0\0\10\2\0\0\0\2\0\0\0\2"
             "1234"),
    };
    static const char bytes[] = ",\n\r\"0123456789.eE+-?NAaxb: \t\0\xff\x80";
    zg_random random;
    zg_random_seed(&random, 99);
    for (int round = 0; round < test_rounds(20000); round++) {
        uint8_t input[256];
        size_t which = (size_t)round % (sizeof seeds / sizeof *seeds), size = seeds[which].size;
        memcpy(input, seeds[which].text, size);
        size_t changes = 1 + zg_random_below_or_equal(&random, 5);
        for (size_t k = 0; k < changes; k++) {
            size_t at = zg_random_below_or_equal(&random, size - 1);
            uint8_t byte = (uint8_t)bytes[zg_random_below_or_equal(&random, sizeof bytes - 2)];
            size_t kind = zg_random_below_or_equal(&random, 3);
            if (kind == 0 && size > 2) { /* take a byte out */
                memmove(input + at, input + at + 1, size - at - 1);
                size--;
            } else if (kind == 1 && size < sizeof input) { /* put one in */
                memmove(input + at + 1, input + at, size - at);
                input[at] = byte;
                size++;
            } else {
                input[at] = byte;
            }
        }
        LLVMFuzzerTestOneInput(input, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
