/* Data sets in memory: selection, splits, standardisation, encodings, scores, missing values. */
#include "data/dataset.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static zg_dataset *make(size_t n, size_t d, const double *x, size_t k, const double *t)
{
    zg_error error = {0};
    zg_dataset *dataset;
    assert_ok(zg_dataset_create(n, d, x, k, t, &dataset, &error), &error);
    return dataset;
}

static zg_dataset *make_random(zg_random *random, size_t n, size_t d)
{
    double *x = malloc(n * d * sizeof *x), *t = malloc(n * sizeof *t);
    test_normals(random, n * d, x);
    for (size_t i = 0; i < n; i++)
        t[i] = (double)i;
    zg_dataset *dataset = make(n, d, x, 1, t);
    free(x);
    free(t);
    return dataset;
}

static void creation_refuses(void **state)
{
    (void)state;
    zg_error error;
    zg_dataset *dataset;
    const double x[] = {1, 2, NAN, 4}, good[] = {1, 2, 3, 4}, t[] = {1, INFINITY};
    assert_int_equal(zg_dataset_create(2, 2, x, 1, good, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "input 1 of sample 2 is not a finite number");
    assert_int_equal(zg_dataset_create(2, 2, good, 1, t, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "target 1 of sample 2 is not a finite number");
    assert_int_equal(zg_dataset_create(0, 2, good, 1, good, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "a data set needs at least one row and one input");
    assert_int_equal(zg_dataset_alloc((size_t)1 << 40, (size_t)1 << 40, 1, &dataset, &error),
                     ZG_NO_MEMORY);
    assert_null(dataset);
    zg_dataset_free(NULL);
}

static void split_is_a_partition(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    zg_error error = {0};
    for (int round = 0; round < test_rounds(50); round++) {
        size_t n = 2 + zg_random_below_or_equal(&random, 200);
        zg_dataset *all = make_random(&random, n, 3), *train, *test;
        double share = 0.5;
        if (n > 20) share = 0.1 + 0.8 * zg_random_uniform(&random);
        assert_ok(zg_dataset_split(all, share, 17, &train, &test, &error), &error);
        assert_int_equal(train->rows, llround(share * (double)n));
        assert_int_equal(train->rows + test->rows, n);
        unsigned char *seen = calloc(n, 1);
        for (size_t i = 0; i < n; i++) {
            const zg_dataset *part = i < train->rows ? train : test;
            size_t row = i < train->rows ? i : i - train->rows, from = (size_t)part->t[row];
            assert_int_equal(seen[from]++, 0);
            assert_memory_equal(part->x + row * 3, all->x + from * 3, 3 * sizeof(double));
        }
        free(seen);
        zg_dataset_free(all);
        zg_dataset_free(train);
        zg_dataset_free(test);
    }
}

/* numpy.random.RandomState(0).permutation(10) */
static void split_follows_numpy(void **state)
{
    (void)state;
    static const double permutation[] = {2, 8, 4, 9, 1, 6, 7, 3, 0, 5};
    zg_random random;
    zg_random_seed(&random, 3);
    zg_error error = {0};
    zg_dataset *all = make_random(&random, 10, 1), *train, *test;
    assert_ok(zg_dataset_split(all, 0.8, 0, &train, &test, &error), &error);
    for (size_t i = 0; i < 10; i++)
        assert_true((i < 8 ? train->t[i] : test->t[i - 8]) == permutation[i]);
    zg_dataset_free(train);
    zg_dataset_free(test);
    assert_int_equal(zg_dataset_split(all, 0.99, 0, &train, &test, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "a training share of 0.99 leaves one part of 10 rows without any");
    assert_int_equal(zg_dataset_split(all, 1, 0, &train, &test, &error), ZG_BAD_INPUT);
    assert_int_equal(zg_dataset_split(all, NAN, 0, &train, &test, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "the training share of a split must lie between 0 and 1, not be nan");
    zg_dataset_free(all);
}

/* Every row is held back once; of every class the folds have equally many, give or take one. */
static void folds_share_rows_and_classes(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 11);
    zg_error error = {0};
    for (int round = 0; round < test_rounds(50); round++) {
        size_t n = 4 + zg_random_below_or_equal(&random, 100);
        size_t folds = 2 + zg_random_below_or_equal(&random, 2), classes = 1 + (size_t)round % 4;
        zg_dataset *all = make_random(&random, n, 1);
        size_t order[105], held[4][4] = {{0}}, sizes[4] = {0}, times[105] = {0};
        bool by_class = round % 3 > 0;
        for (size_t i = 0; i < n; i++)
            all->t[i] = (double)zg_random_below_or_equal(&random, classes - 1);
        for (size_t k = 0; k < folds; k++) {
            const zg_fold fold = {folds, k, (uint32_t)round, by_class};
            assert_ok(zg_fold_rows(all, fold, order, &sizes[k], &error), &error);
            for (size_t i = n - sizes[k]; i < n; i++) {
                times[order[i]]++;
                held[k][(size_t)all->t[order[i]]]++;
            }
        }
        for (size_t i = 0; i < n; i++)
            assert_int_equal(times[i], 1);
        for (size_t k = 1; k < folds; k++) {
            assert_true(llabs((long long)sizes[k] - (long long)sizes[0]) <= 1);
            for (size_t c = 0; by_class && c < classes; c++)
                assert_true(llabs((long long)held[k][c] - (long long)held[0][c]) <= 1);
        }
        zg_dataset_free(all);
    }
}

static void selection_checks_rows(void **state)
{
    (void)state;
    zg_dataset *all = make(2, 1, (const double[]){5, 6}, 1, (const double[]){7, 8}), *part;
    zg_error error = {0};
    const size_t order[] = {1, 1, 0}, bad[] = {0, 2};
    assert_ok(zg_dataset_select(all, 3, order, &part, &error), &error);
    assert_true(part->x[0] == 6 && part->x[1] == 6 && part->x[2] == 5 && part->t[2] == 7);
    zg_dataset_free(part);
    assert_int_equal(zg_dataset_select(all, 2, bad, &part, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "there is no row 3 in a data set of 2 rows");
    zg_dataset_free(all);
}

/* ---- standardisation ------------------------------------------------------------------------- */

static void standardised_columns(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    zg_error error = {0};
    for (int round = 0; round < test_rounds(20); round++) {
        size_t n = 2 + zg_random_below_or_equal(&random, 300), d = 4;
        zg_dataset *data = make_random(&random, n, d);
        double shift = pow(10, round % 8), size = pow(10, -(double)(round % 5));
        for (size_t i = 0; i < n * d; i++)
            data->x[i] = shift + size * data->x[i];
        for (size_t i = 0; i < n; i++)
            data->x[i * d + 2] = 0.1; /* never changes */
        zg_preprocess p;
        assert_ok(zg_preprocess_fit(data, true, &p, &error), &error);
        assert_true(p.mean[2] == 0.1 && p.scale[2] == 1);
        double *x = malloc(n * d * sizeof *x);
        zg_preprocess_apply(&p, n, data->x, x);
        for (size_t j = 0; j < d; j++) {
            double mean = 0, square = 0;
            for (size_t i = 0; i < n; i++)
                mean += x[i * d + j] / (double)n;
            for (size_t i = 0; i < n; i++)
                square += x[i * d + j] * x[i * d + j] / (double)n;
            /* the mean itself is a double: that is a relative error of shift / size */
            double tolerance = 1e-14 + 1e-15 * shift / size;
            assert_true(fabs(mean) <= tolerance * 10);
            assert_true(j == 2 ? square == 0 : fabs(square - 1) <= 1e-12 + tolerance * 10);
        }
        zg_preprocess copy;
        assert_int_equal(zg_preprocess_copy(&p, &copy), ZG_OK);
        zg_preprocess_apply(&copy, n, data->x, data->x);
        assert_memory_equal(data->x, x, n * d * sizeof *x);
        zg_preprocess_clear(&copy);
        zg_preprocess_clear(&p);
        free(x);
        zg_dataset_free(data);
    }
}

static void standardising_extremes(void **state)
{
    (void)state;
    if (getenv("ZEROGAP_VALGRIND")) skip(); /* 80-bit numbers are cut there */
    zg_error error = {0};
    zg_preprocess p;
    zg_dataset *data = make(2, 1, (const double[]){1.5e308, -1.5e308}, 0, NULL);
    assert_ok(zg_preprocess_fit(data, true, &p, &error), &error);
    assert_true(p.mean[0] == 0 && p.scale[0] == 1.5e308);
    zg_preprocess_clear(&p);
    zg_dataset_free(data);
    data = make(2, 1, (const double[]){5e-324, 0}, 0, NULL);
    assert_ok(zg_preprocess_fit(data, true, &p, &error), &error);
    assert_true(p.scale[0] > 0);
    zg_preprocess_clear(&p);
    zg_dataset_free(data);
    zg_preprocess identity = {.inputs = 1}, copy;
    assert_int_equal(zg_preprocess_copy(&identity, &copy), ZG_OK);
    assert_null(copy.mean);
    double x[] = {3, 4}, out[2];
    zg_preprocess_apply(&copy, 2, x, out);
    assert_true(out[0] == 3 && out[1] == 4);
}

/* ---- encodings ------------------------------------------------------------------------------- */

static void binary_labels(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_encoding encoding;
    const double x[] = {1, 2, 3, 4};
    zg_dataset *data = make(4, 1, x, 1, (const double[]){7, 3, 3, 7});
    assert_ok(zg_encoding_fit(data, ZG_BINARY, &encoding, &error), &error);
    assert_int_equal(encoding.outputs, 1);
    assert_int_equal(encoding.label_count, 2);
    assert_true(encoding.values[0] == 3 && encoding.values[1] == 7);
    double y[4];
    assert_ok(zg_encoding_apply(&encoding, data, y, &error), &error);
    assert_true(y[0] == 1 && y[1] == -1 && y[2] == -1 && y[3] == 1);
    data->t[2] = 5;
    assert_int_equal(zg_encoding_apply(&encoding, data, y, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the label 5 of row 3 is not one of the labels trained on");
    zg_encoding three;
    assert_int_equal(zg_encoding_fit(data, ZG_BINARY, &three, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "a binary task needs exactly two different labels in the "
                                       "target column, found 3");
    zg_encoding_clear(&encoding);
    zg_dataset_free(data);
}

static void multiclass_labels(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_encoding encoding, copy;
    zg_dataset *data = make(4, 1, (const double[]){1, 2, 3, 4}, 1, (const double[]){2, -1, 0.5, 2});
    assert_ok(zg_encoding_fit(data, ZG_MULTICLASS, &encoding, &error), &error);
    assert_int_equal(zg_encoding_copy(&encoding, &copy), ZG_OK);
    zg_encoding_clear(&encoding);
    static const double expected[] = {0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1};
    double y[12];
    assert_ok(zg_encoding_apply(&copy, data, y, &error), &error);
    assert_memory_equal(y, expected, sizeof y);
    assert_true(zg_accuracy(&copy, 4, y, y) == 1);
    double f[12];
    for (size_t i = 0; i < 12; i++)
        f[i] = -y[i];
    assert_true(zg_accuracy(&copy, 4, f, y) == 0);
    zg_encoding_clear(&copy);
    for (size_t i = 0; i < 4; i++)
        data->t[i] = 1;
    assert_int_equal(zg_encoding_fit(data, ZG_MULTICLASS, &copy, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "a multiclass task needs at least two different labels in "
                                       "the target column, found 1");
    zg_dataset_free(data);
}

static void give_labels(zg_dataset *data, const char *const *labels, size_t count)
{
    data->label_count = count;
    data->labels = calloc(count, sizeof *data->labels);
    for (size_t k = 0; k < count; k++)
        data->labels[k] = strdup(labels[k]);
}

/* Texts and numbers meet when they read as the same number. */
static void text_labels(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_encoding texts, numbers;
    const double x[] = {1, 2, 3};
    double y[3];
    zg_dataset *text = make(3, 1, x, 1, (const double[]){1, 0, 1});
    give_labels(text, (const char *const[]){"0", "1.0"}, 2);
    zg_dataset *number = make(3, 1, x, 1, (const double[]){1, 0, 1});
    assert_ok(zg_encoding_fit(text, ZG_BINARY, &texts, &error), &error);
    assert_ok(zg_encoding_fit(number, ZG_BINARY, &numbers, &error), &error);
    assert_string_equal(texts.texts[1], "1.0");
    const zg_encoding *encodings[] = {&texts, &numbers};
    const zg_dataset *sets[] = {text, number};
    for (size_t k = 0; k < 4; k++) {
        assert_ok(zg_encoding_apply(encodings[k / 2], sets[k % 2], y, &error), &error);
        assert_true(y[0] == 1 && y[1] == -1 && y[2] == 1);
    }
    zg_dataset *other = make(3, 1, x, 1, (const double[]){0, 0, 0});
    give_labels(other, (const char *const[]){"maybe"}, 1);
    assert_int_equal(zg_encoding_apply(&texts, other, y, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "the label \"maybe\" of row 1 is not one of the labels trained on");
    zg_encoding regression;
    assert_int_equal(zg_encoding_fit(other, ZG_REGRESSION, &regression, &error), ZG_BAD_INPUT);
    zg_encoding_clear(&texts);
    zg_encoding_clear(&numbers);
    zg_dataset_free(text);
    zg_dataset_free(number);
    zg_dataset_free(other);
}

static void regression_targets(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_encoding encoding;
    zg_dataset *data = make(2, 1, (const double[]){1, 2}, 2, (const double[]){1, 2, 3, 4});
    assert_ok(zg_encoding_fit(data, ZG_REGRESSION, &encoding, &error), &error);
    double y[4];
    assert_ok(zg_encoding_apply(&encoding, data, y, &error), &error);
    assert_true(y[0] == 1 && y[1] == 3 && y[2] == 2 && y[3] == 4);
    assert_true(isnan(zg_accuracy(&encoding, 2, y, y)));
    zg_dataset_free(data);
    data = make(1, 1, (const double[]){1}, 1, (const double[]){1});
    assert_int_equal(zg_encoding_apply(&encoding, data, y, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "expected 2 target columns, found 1");
    zg_dataset_free(data);
    zg_encoding_clear(&encoding);
}

static void scores(void **state)
{
    (void)state;
    const zg_encoding binary = {.task = ZG_BINARY, .outputs = 1};
    const double f[] = {0.1, -2, 0, 0}, y[] = {1, 1, 1, -1};
    assert_true(zg_accuracy(&binary, 4, f, y) == 0.5);
    assert_true(isnan(zg_accuracy(&binary, 0, f, y)));
    assert_close(zg_rmse(2, (const double[]){1, 2}, (const double[]){4, 6}), sqrt(12.5), 1e-15);
    assert_true(isnan(zg_rmse(0, f, y)));
    /* No error is 0, or none, for its square. */
    const double tiny[] = {3e-200, 4e-200}, huge[] = {3e200, -4e200}, none[] = {0, 0};
    assert_close(zg_rmse(2, tiny, none) * 1e200, sqrt(12.5), 1e-15);
    assert_close(zg_rmse(2, none, huge) / 1e200, sqrt(12.5), 1e-15);
    assert_true(zg_rmse(2, none, none) == 0 && isnan(zg_rmse(1, (const double[]){NAN}, none)));
    /* Whatever the size, and no number from outputs that are none. */
    for (double unit = 1e-300; unit < 1e300; unit *= 1e5)
        assert_close(
            zg_rmse(2, (const double[]){unit, 2 * unit}, (const double[]){4 * unit, 6 * unit}),
            sqrt(12.5) * unit, 1e-14 * unit);
    assert_close(zg_rmse(1, (const double[]){-1e308}, (const double[]){7e307}), 1.7e308, 1e294);
    for (int k = 0; k < 2; k++) {
        const double lost[] = {1, k ? (double)INFINITY : (double)NAN, 1, 1};
        assert_true(isnan(zg_rmse(2, lost, y)) && isnan(zg_accuracy(&binary, 4, lost, y)));
    }
}

/* ---- missing values and targets -------------------------------------------------------------- */

static zg_dataset *with_gaps(void)
{
    zg_dataset *data = make(3, 2, (const double[]){1, 2, 3, 4, 5, 9}, 1, (const double[]){1, 2, 3});
    data->x[1] = NAN;
    data->x[4] = NAN;
    data->name = strdup("gaps");
    return data;
}

static void missing_values(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = with_gaps();
    assert_int_equal(zg_dataset_resolve_missing(data, ZG_MISSING_ERROR, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "gaps: 2 of 3 rows have missing values (--missing mean or "
                                       "drop accepts them)");
    assert_ok(zg_dataset_resolve_missing(data, ZG_MISSING_MEAN, &error), &error);
    static const double filled[] = {1, 6.5, 3, 4, 2, 9};
    assert_memory_equal(data->x, filled, sizeof filled);
    assert_ok(zg_dataset_resolve_missing(data, ZG_MISSING_ERROR, &error), &error);
    zg_dataset_free(data);
    data = with_gaps();
    assert_ok(zg_dataset_resolve_missing(data, ZG_MISSING_DROP, &error), &error);
    assert_int_equal(data->rows, 1);
    assert_true(data->x[0] == 3 && data->x[1] == 4 && data->t[0] == 2);
    data->t[0] = NAN;
    assert_int_equal(zg_dataset_resolve_missing(data, ZG_MISSING_MEAN, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "gaps: the target of row 1 is missing; the mean stands in "
                                       "for inputs only");
    assert_int_equal(zg_dataset_resolve_missing(data, ZG_MISSING_DROP, &error), ZG_BAD_INPUT);
    zg_dataset_free(data);
}

static void other_targets(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = make(2, 2, (const double[]){1, 2, 3, 4}, 2, (const double[]){5, 6, 7, 8});
    assert_ok(zg_dataset_retarget(data, NULL, NULL, &error), &error);
    assert_int_equal(data->targets, 2);
    assert_ok(zg_dataset_retarget(data, "3", NULL, &error), &error);
    static const double x[] = {1, 2, 6, 3, 4, 8}, t[] = {5, 7};
    assert_int_equal(data->inputs, 3);
    assert_memory_equal(data->x, x, sizeof x);
    assert_memory_equal(data->t, t, sizeof t);
    assert_int_equal(zg_dataset_retarget(data, "name", NULL, &error), ZG_BAD_INPUT);
    zg_dataset_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creation_refuses),       cmocka_unit_test(split_is_a_partition),
        cmocka_unit_test(split_follows_numpy),    cmocka_unit_test(folds_share_rows_and_classes),
        cmocka_unit_test(selection_checks_rows),  cmocka_unit_test(standardised_columns),
        cmocka_unit_test(standardising_extremes), cmocka_unit_test(binary_labels),
        cmocka_unit_test(multiclass_labels),      cmocka_unit_test(text_labels),
        cmocka_unit_test(regression_targets),     cmocka_unit_test(scores),
        cmocka_unit_test(missing_values),         cmocka_unit_test(other_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
