/*
 * The catalogue: its table, names, and the numbers of real packages.
 *
 * The default tier fetches the two small packages (2.1 MB and 23 kB) and skips where they cannot be
 * had; with ZEROGAP_TEST_ALL_DATA set, every entry is fetched (63 MB) and checked.
 */
#include "base/scratch.h"
#include "data/cache.h"
#include "data/catalogue.h"
#include "data/csv.h"
#include "tests/support/support.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the table ------------------------------------------------------------------------------- */

static void entries_are_consistent(void **state)
{
    (void)state;
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    assert_true(count >= 35);
    for (size_t i = 0; i < count; i++) {
        const zg_catalogue_entry *e = &entries[i];
        assert_ptr_equal(zg_catalogue_find(e->name), e);
        assert_true(strchr(e->name, '/') == NULL && strchr(e->name, '.') == NULL);
        assert_true(e->rows > 0 && e->inputs > 0 && e->targets > 0);
        assert_non_null(e->about);
        assert_non_null(e->licence);
        assert_non_null(e->read);
        assert_non_null(e->files[0]);
        assert_true((e->package != NULL) == (e->sha256 != NULL));
        assert_true((e->package == NULL) == (e->source != NULL));
        assert_true((e->class_count > 0) == (e->task != ZG_REGRESSION));
        if (e->task == ZG_BINARY) assert_int_equal(e->class_count, 2);
        size_t rows = 0;
        for (size_t k = 0; k < e->class_count; k++) {
            assert_non_null(e->class_names[k]);
            rows += e->class_rows[k];
        }
        if (e->class_count > 0) assert_int_equal(rows, e->rows);
    }
    assert_null(zg_catalogue_find("nothing"));
}

/* Every file that an entry reads is one of those kept from its package. */
static void packages_have_the_files(void **state)
{
    (void)state;
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    for (size_t i = 0; i < count; i++) {
        const zg_package *package = entries[i].package;
        for (size_t f = 0; package && f < ZG_CATALOGUE_FILES && entries[i].files[f]; f++) {
            bool found = false;
            for (size_t k = 0; k < ZG_PACKAGE_FILES && package->files[k]; k++) {
                const char *slash = strrchr(package->files[k], '/');
                found = found ||
                        strcmp(slash ? slash + 1 : package->files[k], entries[i].files[f]) == 0;
            }
            assert_true(found);
        }
        if (!package) continue;
        assert_int_equal(strlen(package->sha256), 64);
        assert_non_null(strstr(package->file, package->name));
    }
}

/* The digests of the shared reference, where it is at hand.  abalone is the one that no reading of
 * the package's files reproduces: its digest here is that of the numbers as the files have them. */
static void digests_are_the_reference(void **state)
{
    (void)state;
    const char *path = test_shared("reference/SHA256SUMS");
    if (!path) skip();
    FILE *stream = fopen(path, "r");
    char digest[100], name[100];
    size_t compared = 0;
    while (fscanf(stream, "%99s %99s", digest, name) == 2) {
        name[strcspn(name, ".")] = '\0';
        const zg_catalogue_entry *e = zg_catalogue_find(name);
        if (!e || strcmp(name, "abalone") == 0) continue;
        assert_string_equal(e->sha256, digest);
        compared++;
    }
    fclose(stream);
    assert_true(compared >= 32);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names_that_are_none(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data;
    assert_int_equal(zg_catalogue_load("wbdc", NULL, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "\"wbdc\" is neither a file nor a data set of the "
                                       "catalogue; did you mean \"wdbc\"?");
    assert_int_equal(zg_catalogue_load("my-own-numbers", NULL, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "\"my-own-numbers\" is neither a file nor a data set of the catalogue "
                        "(`zerogap list data` shows them)");
    assert_int_equal(zg_catalogue_load("./wdbc.csv", NULL, &data, &error), ZG_IO);
    assert_string_equal(error.message, "cannot open ./wdbc.csv: No such file or directory");
    assert_null(data);
}

static void files_are_loaded_too(void **state)
{
    (void)state;
    char path[] = "/tmp/zerogap-file-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, "1,2\n3,4\n5,6\n", 12), 12);
    close(file);
    zg_error error = {0};
    zg_dataset *data;
    const zg_data_options options = {.target = "1"};
    assert_ok(zg_catalogue_load(path, &options, &data, &error), &error);
    assert_true(data->rows == 3 && data->t[2] == 5);
    zg_dataset_free(data);
    const zg_image_options image = {.rows = 2, .divisor = 2};
    assert_ok(zg_catalogue_load_images(path, NULL, &image, &data, &error), &error);
    assert_int_equal(data->rows, 2);
    zg_dataset_free(data);
    unlink(path);
}

/* ---- a user's own files ---------------------------------------------------------------------- */

/* Another cache for the time of a test. */
static char *old_cache, other_cache[64];

static int other_cache_begin(void **state)
{
    (void)state;
    const char *text = getenv("ZEROGAP_DATA");
    old_cache = text ? strdup(text) : NULL;
    strcpy(other_cache, "/tmp/zerogap-own-XXXXXX");
    if (!mkdtemp(other_cache)) return -1;
    return setenv("ZEROGAP_DATA", other_cache, 1);
}

static int other_cache_end(void **state)
{
    (void)state;
    zg_tree_remove(other_cache);
    if (old_cache)
        setenv("ZEROGAP_DATA", old_cache, 1);
    else
        unsetenv("ZEROGAP_DATA");
    free(old_cache);
    return 0;
}

/* 690 x 15 numbers with 307 and 383 labels, minus a few. */
static void write_credit(const char *path, size_t zeros, size_t ones)
{
    FILE *stream = fopen(path, "w");
    for (int j = 1; j <= 15; j++)
        fprintf(stream, "f%d,", j);
    fputs("class\n", stream);
    for (size_t i = 0; i < zeros + ones; i++) {
        for (size_t j = 0; j < 15; j++)
            fprintf(stream, "%zu,", i * j % 7);
        fprintf(stream, "%d\n", i >= zeros);
    }
    fclose(stream);
}

static void own_files(void **state)
{
    (void)state;
    const zg_catalogue_entry *entry = zg_catalogue_find("credit_approval");
    zg_error error = {0};
    zg_dataset *data;
    char path[128];
    snprintf(path, sizeof path, "%s/given.csv", other_cache);
    assert_int_equal(zg_catalogue_load("credit_approval", NULL, &data, &error), ZG_MISSING);
    assert_string_equal(error.message,
                        "the data set credit_approval is in no package: get credit-approval of "
                        "the 121-set UCI bundle of Fernandez-Delgado et al. as CSV with a header, "
                        "15 features first and the class last, then run `zerogap data add "
                        "credit_approval FILE`");
    assert_false(zg_catalogue_present(entry, other_cache));
    write_credit(path, 307, 382);
    assert_int_equal(zg_catalogue_add(entry, path, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the data set credit_approval should be 690 x 15 with 1 "
                                       "targets, found 689 x 15 with 1");
    write_credit(path, 306, 384);
    assert_int_equal(zg_catalogue_add(entry, path, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "the data set credit_approval should have 307 rows of class 0, found 306");
    assert_false(zg_catalogue_present(entry, other_cache));
    write_credit(path, 307, 383);
    assert_ok(zg_catalogue_add(entry, path, &error), &error);
    assert_true(zg_catalogue_present(entry, other_cache));
    assert_ok(zg_catalogue_load("credit_approval", NULL, &data, &error), &error);
    assert_int_equal(data->rows, 690);
    zg_dataset_free(data);
    assert_int_equal(zg_catalogue_add(entry, "/no/such/file", &error), ZG_IO);
    assert_int_equal(zg_catalogue_add(zg_catalogue_find("wdbc"), path, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the data set wdbc comes from a package: `zerogap data "
                                       "fetch wdbc` gets it");
}

/* CIFAR-10's format, with too few images: told, and not kept. */
static void own_batches(void **state)
{
    (void)state;
    const zg_catalogue_entry *entry = zg_catalogue_find("cifar10_test");
    zg_error error = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/batch.bin", other_cache);
    FILE *stream = fopen(path, "w");
    for (size_t i = 0; i < 10 * 3073; i++)
        fputc((int)(i % 251), stream);
    fclose(stream);
    assert_int_equal(zg_catalogue_add(entry, path, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the data set cifar10_test should be 10000 x 3072 with 1 "
                                       "targets, found 10 x 3072 with 1");
    assert_int_equal(truncate(path, 3072), 0);
    assert_int_equal(zg_catalogue_add(entry, path, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "expected records of 3073 bytes"));
}

/* The files of the shared reference are what `data add` takes. */
static void own_files_of_the_literature(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"annealing", "data/annealing_train.csv"},
        {"annealing_test", "data/annealing_test.csv"},
        {"credit_approval", "data/credit_approval.csv"},
        {"oocytes_merluccius_nucleus_4d", "data/oocytes_merluccius_nucleus_4d.csv"}};
    for (size_t k = 0; k < 4; k++) {
        const char *path = test_shared(files[k][1]);
        if (!path) skip();
        const zg_catalogue_entry *entry = zg_catalogue_find(files[k][0]);
        zg_error error = {0};
        zg_dataset *data;
        assert_ok(zg_catalogue_add(entry, path, &error), &error);
        assert_ok(zg_catalogue_load(entry->name, NULL, &data, &error), &error);
        assert_true(data->rows == entry->rows && data->inputs == entry->inputs);
        zg_dataset_free(data);
    }
}

/* CIFAR-10's test part with 1000 made-up images of each class: kept, and read by name.  30 MB. */
static void own_whole_batch(void **state)
{
    (void)state;
    if (!getenv("ZEROGAP_TEST_ALL_DATA")) skip();
    const zg_catalogue_entry *entry = zg_catalogue_find("cifar10_test");
    zg_error error = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/batch.bin", other_cache);
    FILE *stream = fopen(path, "w");
    for (size_t i = 0; i < 10000; i++) {
        fputc((int)(i % 10), stream);
        for (size_t j = 0; j < 3072; j++)
            fputc((int)((i + j) % 256), stream);
    }
    fclose(stream);
    assert_ok(zg_catalogue_add(entry, path, &error), &error);
    zg_dataset *data;
    const double classes[] = {3, 5};
    const zg_image_options image = {
        .classes = classes, .class_count = 2, .rows = 100, .divisor = 255};
    /* Later readings, of numbers that are known to be right, choose rows by themselves. */
    for (int reading = 0; reading < 3; reading++) {
        assert_ok(zg_catalogue_load_images("cifar10_test", NULL, &image, &data, &error), &error);
        assert_int_equal(data->rows, 100);
        assert_int_equal(data->inputs, 3072);
        for (size_t i = 0; i < 100; i++) {
            assert_true(data->t[i] == 3 || data->t[i] == 5);
            double step = (data->x[i * 3072 + 1] - data->x[i * 3072]) * 255;
            assert_true(fabs(step - 1) < 1e-9 || fabs(step + 255) < 1e-9);
        }
        zg_dataset_free(data);
    }
}

/* ---- real packages --------------------------------------------------------------------------- */

/* Fetches an entry, or tells why not and skips the test. */
static void need(const char *name)
{
    zg_error error = {0};
    zg_status status = zg_catalogue_fetch(zg_catalogue_find(name), NULL, &error);
    if (status == ZG_MISSING) {
        print_message("skipped: %s\n", error.message);
        skip();
    }
    assert_ok(status, &error);
}

/* Written as CSV, digested with another program than the one that checks the catalogue. */
static void check_digest(const zg_catalogue_entry *entry, const zg_dataset *data)
{
    char path[] = "/tmp/zerogap-csv-XXXXXX", command[128], digest[100] = "";
    zg_error error = {0};
    FILE *stream = fdopen(mkstemp(path), "w");
    assert_ok(zg_csv_write(stream, data, &error), &error);
    fclose(stream);
    snprintf(command, sizeof command, "sha256sum %s", path);
    stream = popen(command, "r");
    assert_int_equal(fscanf(stream, "%99s", digest), 1);
    pclose(stream);
    unlink(path);
    assert_string_equal(digest, entry->sha256);
}

static void check_entry(const char *name)
{
    const zg_catalogue_entry *entry = zg_catalogue_find(name);
    zg_error error = {0};
    zg_dataset *data;
    const zg_data_options options = {.missing = ZG_MISSING_MEAN};
    assert_ok(zg_catalogue_load(name, entry->missing ? &options : NULL, &data, &error), &error);
    assert_int_equal(data->rows, entry->rows);
    assert_int_equal(data->inputs, entry->inputs);
    assert_int_equal(data->targets, entry->targets);
    assert_string_equal(data->name, name);
    for (size_t k = 0; k < entry->class_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < data->rows; i++)
            count += data->t[i] == (double)k;
        assert_int_equal(count, entry->class_rows[k]);
    }
    if (entry->missing == 0) check_digest(entry, data);
    zg_dataset_free(data);
}

static void small_packages(void **state)
{
    (void)state;
    static const char *const names[] = {"wdbc",   "boston", "diabetes442", "wine",
                                        "digits", "krvskp", "heart"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        need(names[k]);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        check_entry(names[k]);
}

static void targets_can_be_chosen(void **state)
{
    (void)state;
    need("boston");
    zg_error error = {0};
    zg_dataset *data;
    const zg_data_options rooms = {.target = "rm"}, wrong = {.target = "rooms"};
    assert_ok(zg_catalogue_load("boston", &rooms, &data, &error), &error);
    assert_int_equal(data->inputs, 13);
    assert_true(data->t[0] == 6.575 && data->x[12] == 24);
    assert_string_equal(data->target_names[0], "rm");
    assert_string_equal(data->input_names[12], "medv");
    zg_dataset_free(data);
    assert_int_equal(zg_catalogue_load("boston", &wrong, &data, &error), ZG_BAD_INPUT);
    assert_memory_equal(error.message, "boston: unknown target column \"rooms\"", 37);
}

static void digits_as_images(void **state)
{
    (void)state;
    need("digits");
    zg_error error = {0};
    zg_dataset *data;
    const double classes[] = {0, 1};
    const zg_image_options image = {
        .classes = classes, .class_count = 2, .rows = 100, .divisor = 16, .pool = 2};
    assert_ok(zg_catalogue_load_images("digits", NULL, &image, &data, &error), &error);
    assert_int_equal(data->rows, 100);
    assert_int_equal(data->inputs, 16);
    for (size_t i = 0; i < 1600; i++)
        assert_true(data->x[i] >= 0 && data->x[i] <= 1);
    zg_dataset_free(data);
}

/* A data set whose file was damaged after unpacking: told by name; the others of the package work.
 */
static void one_damaged_file(void **state)
{
    (void)state;
    need("wine");
    need("heart");
    char *cache;
    zg_error error = {0};
    assert_ok(zg_cache_directory(&cache, &error), &error);
    char command[1024];
    snprintf(command, sizeof command,
             "mkdir %s/packages && cp -r '%s'/packages/python3-sklearn-* "
             "'%s'/packages/liblinear-tools-* %s/packages/ && for f in "
             "%s/packages/python3-*/wine_data.csv; do echo 1 >> $f; done",
             other_cache, cache, cache, other_cache, other_cache);
    assert_int_equal(system(command), 0);
    setenv("ZEROGAP_DATA", other_cache, 1);
    zg_dataset *data = NULL;
    zg_status wine = zg_catalogue_load("wine", NULL, &data, &error);
    zg_status wdbc = zg_catalogue_fetch(zg_catalogue_find("wdbc"), NULL, NULL);
    zg_status heart = zg_catalogue_fetch(zg_catalogue_find("heart"), NULL, NULL);
    setenv("ZEROGAP_DATA", cache, 1);
    free(cache);
    assert_int_equal(wine, ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "wine_data.csv has changed since it was unpacked"));
    assert_null(data);
    assert_int_equal(wdbc, ZG_OK);
    assert_int_equal(heart, ZG_OK);
}

static int damaged_begin(void **state)
{
    (void)state;
    strcpy(other_cache, "/tmp/zerogap-own-XXXXXX");
    return mkdtemp(other_cache) ? 0 : -1;
}

static int damaged_end(void **state)
{
    (void)state;
    zg_tree_remove(other_cache);
    return 0;
}

static void every_package(void **state)
{
    (void)state;
    if (!getenv("ZEROGAP_TEST_ALL_DATA")) skip();
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    for (size_t i = 0; i < count; i++) {
        if (!entries[i].package) continue;
        need(entries[i].name);
        check_entry(entries[i].name);
    }
}

/* abalone has no digest of another source to be compared with, but UCI's counts and means. */
static void abalone_is_abalone(void **state)
{
    (void)state;
    if (!getenv("ZEROGAP_TEST_ALL_DATA")) skip();
    need("abalone");
    zg_error error = {0};
    zg_dataset *data;
    assert_ok(zg_catalogue_load("abalone", NULL, &data, &error), &error);
    static const double means[] = {0.524, 0.408, 0.1395, 0.829, 0.359, 0.181, 0.239};
    size_t sexes[3] = {0, 0, 0};
    double sums[7] = {0}, rings = 0, worst = 0, worst_rings = 0;
    for (size_t i = 0; i < data->rows; i++) {
        const double *x = data->x + i * data->inputs;
        for (size_t k = 0; k < 3; k++)
            sexes[k] += x[k] > 0;
        for (size_t k = 0; k < 7; k++) {
            double measure = x[3 + k] * 2.8255;
            sums[k] += measure;
            worst = fmax(worst, fabs(measure - round(measure * 2000) / 2000));
        }
        rings += 28 * data->t[i] + 1;
        worst_rings = fmax(worst_rings, fabs(28 * data->t[i] - round(28 * data->t[i])));
    }
    assert_true(sexes[0] == 1528 && sexes[1] == 1307 && sexes[2] == 1342);
    for (size_t k = 0; k < 7; k++)
        assert_true(fabs(sums[k] / 4177 - means[k]) < 6e-4);
    assert_true(fabs(rings / 4177 - 9.934) < 5e-4 && worst < 2e-6 && worst_rings < 2e-5);
    zg_dataset_free(data);
}

static void missing_values_follow_the_option(void **state)
{
    (void)state;
    if (!getenv("ZEROGAP_TEST_ALL_DATA")) skip();
    need("bcw");
    zg_error error = {0};
    zg_dataset *data;
    assert_int_equal(zg_catalogue_load("bcw", NULL, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "bcw: 16 of 699 rows have missing values (--missing mean or "
                                       "drop accepts them)");
    const zg_data_options drop = {.missing = ZG_MISSING_DROP};
    assert_ok(zg_catalogue_load("bcw", &drop, &data, &error), &error);
    assert_int_equal(data->rows, 683);
    zg_dataset_free(data);
}

/* Two classes of MNIST as a tiny problem: rows chosen while reading equal rows chosen afterwards.
 */
static void images_chosen_while_reading(void **state)
{
    (void)state;
    if (!getenv("ZEROGAP_TEST_ALL_DATA")) skip();
    need("mnist_test");
    const double classes[] = {3, 8};
    const zg_image_options image = {
        .classes = classes, .class_count = 2, .rows = 50, .seed = 4, .divisor = 255, .pool = 4};
    zg_error error = {0};
    zg_dataset *all, *direct, *later;
    assert_ok(zg_catalogue_load("mnist_test", NULL, &all, &error), &error);
    assert_ok(zg_catalogue_load_images("mnist_test", NULL, &image, &direct, &error), &error);
    assert_ok(zg_image_apply(&image, all, &later, &error), &error);
    assert_int_equal(direct->inputs, 49);
    assert_memory_equal(direct->x, later->x, 50 * 49 * sizeof(double));
    assert_memory_equal(direct->t, later->t, 50 * sizeof(double));
    zg_dataset_free(all);
    zg_dataset_free(direct);
    zg_dataset_free(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_consistent),
        cmocka_unit_test(packages_have_the_files),
        cmocka_unit_test(digests_are_the_reference),
        cmocka_unit_test(names_that_are_none),
        cmocka_unit_test(files_are_loaded_too),
        cmocka_unit_test_setup_teardown(own_files, other_cache_begin, other_cache_end),
        cmocka_unit_test_setup_teardown(own_batches, other_cache_begin, other_cache_end),
        cmocka_unit_test_setup_teardown(own_files_of_the_literature, other_cache_begin,
                                        other_cache_end),
        cmocka_unit_test_setup_teardown(own_whole_batch, other_cache_begin, other_cache_end),
        cmocka_unit_test(small_packages),
        cmocka_unit_test(targets_can_be_chosen),
        cmocka_unit_test(digits_as_images),
        cmocka_unit_test_setup_teardown(one_damaged_file, damaged_begin, damaged_end),
        cmocka_unit_test(every_package),
        cmocka_unit_test(abalone_is_abalone),
        cmocka_unit_test(missing_values_follow_the_option),
        cmocka_unit_test(images_chosen_while_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
