/*
 * Data readers when memory runs out: every allocation of ours fails once, and each time the reader
 * says so.  What it had must be freed: the sanitizers' leak check sees to that.
 */
#include "base/bytes.h"
#include "data/arff.h"
#include "data/catalogue.h"
#include "data/csv.h"
#include "data/fann.h"
#include "data/image.h"
#include "data/libsvm.h"
#include "data/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);

static long countdown = -1; /* allocations until one fails; negative: none does */

static int fails(void)
{
    if (countdown < 0) return 0;
    return countdown-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

/* ---- what is read -------------------------------------------------------------------------- */

static zg_bytes bytes_of(const char *text, size_t size)
{
    return (zg_bytes){.data = (unsigned char *)(void *)text, .size = size};
}

static zg_status csv(zg_dataset **out, zg_error *error)
{
    const char *text = "a,\"b\",,c\n1,2,?,\"yes\"\n4,5,6,no\n7,8,9,maybe\n";
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    const zg_data_options options = {.missing = ZG_MISSING_MEAN, .target = "c"};
    zg_status status = zg_csv_read(stream, "f", &options, out, error);
    fclose(stream);
    return status;
}

static zg_status csv_targets(zg_dataset **out, zg_error *error)
{
    const char *text = "1,2,3,4\n4,5,6,7\n7,8,9,10\n";
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    const zg_data_options options = {.target = "1,last"};
    zg_status status = zg_csv_read(stream, "f", &options, out, error);
    fclose(stream);
    return status;
}

static zg_status libsvm(zg_dataset **out, zg_error *error)
{
    const char *text = "1 1:2 3:4\n-1 2:5\n";
    return zg_libsvm_read(text, strlen(text), "f", NULL, out, error);
}

static zg_status npy(zg_dataset **out, zg_error *error)
{
    static const char file[] = "\x93NUMPY\x01\x00\x3b\x00{'descr': '|u1', 'fortran_order': "
                               "False, 'shape': (2, 2)} \n\x01\x02\x03\x04";
    zg_bytes bytes = bytes_of(file, sizeof file - 1);
    return zg_npy_read(&bytes, "f", NULL, out, error);
}

static zg_status fann(zg_dataset **out, zg_error *error)
{
    const char *text = "2 2 1\n1 2\n3\n4 5\n6\n";
    zg_bytes bytes = bytes_of(text, strlen(text));
    return zg_fann_read(&bytes, "f", out, error);
}

static zg_status arff(zg_dataset **out, zg_error *error)
{
    const char *text = "@attribute a real\n@attribute b {x,y,'z z'}\n@data\n1,x\n2,'z z'\n?,y\n";
    zg_bytes bytes = bytes_of(text, strlen(text));
    zg_arena arena = {0};
    zg_arff parsed;
    zg_status status = zg_arff_read(&bytes, "f", 0, &arena, &parsed, error);
    zg_arff_clear(&parsed);
    zg_arena_clear(&arena);
    *out = NULL;
    return status;
}

/* Everything that makes data sets from data sets. */
static zg_status changes(zg_dataset **out, zg_error *error)
{
    const double classes[] = {0, 1};
    const zg_image_options image = {
        .classes = classes, .class_count = 2, .rows = 4, .divisor = 2, .pool = 2};
    static const double x[24] = {1, 2, 3}, t[6] = {0, 1, 2, 0, 1, 1};
    zg_dataset *data = NULL, *chosen = NULL, *train = NULL, *test = NULL;
    zg_preprocess fitted = {0}, copy = {0};
    zg_encoding encoding = {0}, again = {0};
    *out = NULL;
    zg_status status = zg_dataset_create(6, 4, x, 1, t, &data, error);
    if (status == ZG_OK) status = zg_dataset_split(data, 0.5, 1, &train, &test, error);
    if (status == ZG_OK) status = zg_preprocess_fit(data, true, &fitted, error);
    if (status == ZG_OK) status = zg_preprocess_copy(&fitted, &copy);
    if (status == ZG_OK) status = zg_encoding_fit(data, ZG_MULTICLASS, &encoding, error);
    if (status == ZG_OK) status = zg_encoding_copy(&encoding, &again);
    if (status == ZG_OK) status = zg_image_apply(&image, data, &chosen, error);
    if (status == ZG_OK) status = zg_dataset_retarget(data, "2,1", NULL, error);
    if (status != ZG_OK) error->status = status;
    zg_encoding_clear(&encoding);
    zg_encoding_clear(&again);
    zg_preprocess_clear(&fitted);
    zg_preprocess_clear(&copy);
    zg_dataset_free(data);
    zg_dataset_free(chosen);
    zg_dataset_free(train);
    zg_dataset_free(test);
    return status;
}

static zg_status unknown_name(zg_dataset **out, zg_error *error)
{
    zg_status status = zg_catalogue_load("wdbcc", NULL, out, error);
    return status == ZG_BAD_INPUT ? ZG_OK : status; /* it is not there: that is the good answer */
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void every_allocation_fails_once(void **state)
{
    (void)state;
    static zg_status (*const readers[])(zg_dataset **, zg_error *) = {
        csv, csv_targets, libsvm, npy, fann, arff, changes, unknown_name};
    for (size_t k = 0; k < sizeof readers / sizeof *readers; k++) {
        bool reached = true; /* the n-th allocation was asked for */
        for (long n = 0; reached; n++) {
            zg_dataset *data = NULL;
            zg_error error = {0};
            countdown = n;
            zg_status status = readers[k](&data, &error);
            reached = countdown < 0;
            countdown = -1;
            assert_true(n < 10000);
            if (status == ZG_OK) { /* giving memory back may fail without harm */
                zg_dataset_free(data);
                continue;
            }
            assert_true(reached);
            if (status != ZG_NO_MEMORY) print_message("reader %zu: %s\n", k, error.message);
            assert_int_equal(status, ZG_NO_MEMORY);
            assert_int_equal(error.status, ZG_NO_MEMORY);
            assert_null(data);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
