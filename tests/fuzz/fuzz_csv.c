/* CSV and its relatives.  The first byte of an input chooses options, the rest is a file. */
#include "data/csv.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static bool same(const zg_dataset *a, const zg_dataset *b)
{
    return a->rows == b->rows && a->inputs == b->inputs && a->targets == b->targets &&
           memcmp(a->x, b->x, a->rows * a->inputs * sizeof(double)) == 0 &&
           memcmp(a->t, b->t, a->rows * a->targets * sizeof(double)) == 0;
}

static zg_status read_text(const void *text, size_t size, const zg_data_options *options,
                           zg_dataset **out, zg_error *error)
{
    FILE *stream = fmemopen((void *)text, size, "r");
    fuzz_demand(stream != NULL, "no stream");
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
    fuzz_demand(stream && zg_csv_write(stream, data, &error) == ZG_OK, "data that are not written");
    fclose(stream);
    const zg_data_options plain = {
        .header = ZG_HEADER_YES, .separator = ',', .decimal = '.', .missing_values = "never"};
    if (read_text(text, size, &plain, &again, &error) == ZG_OK) {
        fuzz_demand(same(data, again), "another data set after writing and reading");
        zg_dataset_free(again);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const char *const targets[] = {NULL, "1", "a", "last,1"};
    if (size < 3) return 0;
    const uint8_t first = input[0], second = input[1];
    const zg_data_options options = {.target = targets[first & 3],
                                     .header = (zg_header)((first >> 2 & 3) % 3),
                                     .missing = (zg_missing)((first >> 4 & 3) % 3),
                                     .one_hot = first & 64 ? "words" : NULL,
                                     .drop = first & 128 ? "2" : NULL,
                                     .separator = "\0,;\t| \0\0"[second & 7],
                                     .decimal = "\0.,\0"[second >> 3 & 3],
                                     .thousands = "\0,.'"[second >> 5 & 3],
                                     .size_limit = 1U << 24};
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_status status = read_text(input + 2, size - 2, &options, &data, &error);
    if (status == ZG_OK) check_round_trip(data, &options);
    fuzz_read(status, data, &error);
    return 0;
}
