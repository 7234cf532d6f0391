/* Image options: classes, subsampling, scaling, pooling. */
#include "data/image.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 12 images of height x width, labels i mod 4, values all different. */
static zg_dataset *images(size_t pixels)
{
    zg_error error = {0};
    zg_dataset *data;
    assert_ok(zg_dataset_alloc(12, pixels, 1, &data, &error), &error);
    for (size_t i = 0; i < 12; i++) {
        data->t[i] = (double)(i % 4);
        for (size_t j = 0; j < pixels; j++)
            data->x[i * pixels + j] = (double)(i * 100 + j * j);
    }
    return data;
}

static void classes_keep_their_order(void **state)
{
    (void)state;
    const double classes[] = {3, 1};
    const zg_image_options options = {.classes = classes, .class_count = 2};
    zg_error error = {0};
    zg_dataset *data = images(4), *out;
    assert_ok(zg_image_apply(&options, data, &out, &error), &error);
    static const double from[] = {1, 3, 5, 7, 9, 11};
    assert_int_equal(out->rows, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_true(out->x[i * 4] == from[i] * 100);
        assert_true(out->t[i] == fmod(from[i], 4));
    }
    zg_dataset_free(out);
    const double absent[] = {1, 9};
    const zg_image_options bad = {.classes = absent, .class_count = 2};
    assert_int_equal(zg_image_apply(&bad, data, &out, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "there is no sample of class 9");
    assert_null(out);
    zg_dataset_free(data);
}

/* Rows are the first of the generator's permutation of those that the classes left. */
static void subsampling_by_seed(void **state)
{
    (void)state;
    const double classes[] = {0, 1};
    zg_error error = {0};
    zg_dataset *data = images(4), *out;
    for (uint32_t seed = 0; seed < 5; seed++) {
        const zg_image_options options = {
            .classes = classes, .class_count = 2, .rows = 4, .seed = seed};
        static const size_t left[] = {0, 1, 4, 5, 8, 9};
        size_t permutation[6];
        zg_random random;
        zg_random_seed(&random, seed);
        zg_random_permutation(&random, 6, permutation);
        assert_ok(zg_image_apply(&options, data, &out, &error), &error);
        assert_int_equal(out->rows, 4);
        for (size_t i = 0; i < 4; i++)
            assert_true(out->x[i * 4] == (double)(left[permutation[i]] * 100));
        zg_dataset_free(out);
    }
    const zg_image_options bad = {.classes = classes, .class_count = 2, .rows = 7};
    assert_int_equal(zg_image_apply(&bad, data, &out, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "there are 6 samples to choose from, not 7");
    zg_dataset_free(data);
}

static void scaling(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = images(4), *out;
    const zg_image_options bytes = {.divisor = 255};
    assert_ok(zg_image_apply(&bytes, data, &out, &error), &error);
    for (size_t i = 0; i < 48; i++)
        assert_true(out->x[i] == data->x[i] / 255);
    zg_dataset_free(out);
    memset(data->x, 0, 4 * sizeof(double)); /* a black image */
    const zg_image_options unit = {.unit = true, .divisor = 3};
    assert_ok(zg_image_apply(&unit, data, &out, &error), &error);
    for (size_t i = 0; i < 12; i++) {
        double square = 0;
        for (size_t j = 0; j < 4; j++)
            square += out->x[i * 4 + j] * out->x[i * 4 + j];
        assert_close(square, i == 0 ? 0 : 1, 1e-14);
    }
    zg_dataset_free(out);
    zg_dataset_free(data);
}

/* Against the definition, for several channels and an oblong image. */
static void pooling_is_the_mean_of_squares(void **state)
{
    (void)state;
    const size_t height = 4, width = 6, channels = 3, pool = 2;
    zg_error error = {0};
    zg_dataset *data = images(height * width * channels), *out;
    const zg_image_options options = {.height = height, .width = width, .pool = pool};
    assert_ok(zg_image_apply(&options, data, &out, &error), &error);
    assert_int_equal(out->inputs, channels * 6);
    for (size_t i = 0; i < 12; i++) {
        for (size_t k = 0; k < channels; k++) {
            for (size_t r = 0; r < 2; r++) {
                for (size_t c = 0; c < 3; c++) {
                    const double *p = data->x + i * data->inputs + k * 24 + 2 * r * width + 2 * c;
                    double mean = (p[0] + p[1] + p[width] + p[width + 1]) / 4;
                    assert_close(out->x[i * 18 + k * 6 + r * 3 + c], mean, 1e-15);
                }
            }
        }
    }
    zg_dataset_free(out);
    zg_dataset_free(data);
}

static void pooling_refuses(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = images(12), *out;
    const zg_image_options square = {.pool = 2};
    assert_int_equal(zg_image_apply(&square, data, &out, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "pooling needs the height and width of the images: 12 "
                                       "inputs are not a square");
    const zg_image_options shape = {.height = 5, .width = 2, .pool = 2};
    assert_int_equal(zg_image_apply(&shape, data, &out, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "12 inputs are not whole images of 5 x 2");
    const zg_image_options odd = {.height = 3, .width = 4, .pool = 2};
    assert_int_equal(zg_image_apply(&odd, data, &out, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "images of 3 x 4 cannot be pooled in 2 x 2");
    zg_dataset_free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_keep_their_order),
        cmocka_unit_test(subsampling_by_seed),
        cmocka_unit_test(scaling),
        cmocka_unit_test(pooling_is_the_mean_of_squares),
        cmocka_unit_test(pooling_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
