/* Products of sparse matrices against their definition, in both precisions. */
#include "base/linalg.h"
#include "base/random.h"
#include "base/sparse.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Tiles are 8 and 16 columns wide: fewer, as many, one more, and several tiles. */
static const size_t columns_of_w[] = {1, 2, 7, 8, 9, 16, 17, 40};
enum { WIDTHS = 8 };

typedef struct setting {
    size_t columns, blocks, m;
    const size_t *start; /* blocks + 1 */
    double *x, *w, *p;   /* rows x columns, columns x m, m x rows */
    zg_sparse *sparse;
} setting;

static size_t rows_of(const setting *s)
{
    return s->start[s->blocks];
}

/* Of magnitude size, so many of a thousand numbers of x not 0. */
static void set_up(setting *s, zg_random *random, double size, uint32_t filled)
{
    size_t rows = rows_of(s);
    s->x = zg_doubles(rows * s->columns);
    s->w = zg_doubles(s->columns * s->m);
    s->p = zg_doubles(rows * s->m);
    for (size_t k = 0; k < rows * s->columns; k++)
        if (zg_random_uniform(random) < filled / 1000.0) s->x[k] = size * zg_random_normal(random);
    for (size_t k = 0; k < s->columns * s->m; k++)
        s->w[k] = zg_random_normal(random);
    for (size_t k = 0; k < rows * s->m; k++)
        s->p[k] = zg_random_normal(random);
    assert_int_equal(zg_sparse_create(s->columns, s->blocks, s->start, s->x, &s->sparse), ZG_OK);
}

static void clear(setting *s)
{
    zg_sparse_free(s->sparse);
    free(s->x);
    free(s->w);
    free(s->p);
}

/* W' x of row i for column j of W, and the sum of its terms' sizes. */
static double projection(const setting *s, size_t i, size_t j, double *sizes)
{
    double sum = 0.0;
    *sizes = 0.0;
    for (size_t k = 0; k < s->columns; k++) {
        double term = s->x[i * s->columns + k] * s->w[j * s->columns + k];
        sum += term;
        *sizes += fabs(term);
    }
    return sum;
}

/* The number of X' P' over a block, for column k of X and j of P'. */
static double back(const setting *s, size_t block, size_t k, size_t j, double *sizes)
{
    double sum = 0.0;
    *sizes = 0.0;
    for (size_t i = s->start[block]; i < s->start[block + 1]; i++) {
        double term = s->x[i * s->columns + k] * s->p[i * s->m + j];
        sum += term;
        *sizes += fabs(term);
    }
    return sum;
}

/* In units of the terms' sizes, what sums of so few terms may be off. */
static double allowed(bool single)
{
    return (single ? (double)FLT_EPSILON : DBL_EPSILON) * 100.0;
}

static void check_projections(const setting *s, bool single, size_t first, size_t count)
{
    size_t size = zg_sparse_tiles(s->sparse, s->m);
    double *tiles = zg_doubles(size), *p = zg_doubles(count * s->m), sizes;
    float *tiles_single = zg_floats(size);
    if (single) {
        zg_sparse_tile_single(s->sparse, s->m, s->w, tiles_single);
        zg_sparse_project_single(s->sparse, first, count, s->m, tiles_single, p);
    } else {
        zg_sparse_tile_double(s->sparse, s->m, s->w, tiles);
        zg_sparse_project_double(s->sparse, first, count, s->m, tiles, p);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < s->m; j++) {
            double exact = projection(s, first + i, j, &sizes);
            assert_true(fabs(p[i * s->m + j] - exact) <= allowed(single) * sizes);
        }
    free(tiles);
    free(tiles_single);
    free(p);
}

static void check_back(const setting *s, bool single, size_t block)
{
    size_t size = zg_sparse_tiles(s->sparse, s->m), all = s->columns * s->m;
    double *tiles = zg_doubles(size), *sum = zg_doubles(all), sizes;
    float *tiles_single = zg_floats(size);
    const double *p = s->p + s->start[block] * s->m;
    for (size_t k = 0; k < all; k++)
        sum[k] = s->w[k]; /* it is added to */
    if (single)
        zg_sparse_add_back_single(s->sparse, block, s->m, p, tiles_single, sum);
    else
        zg_sparse_add_back_double(s->sparse, block, s->m, p, tiles, sum);
    for (size_t k = 0; k < s->columns; k++)
        for (size_t j = 0; j < s->m; j++) {
            double exact = back(s, block, k, j, &sizes), before = s->w[j * s->columns + k];
            double off = sum[j * s->columns + k] - before - exact;
            assert_true(fabs(off) <= allowed(single) * sizes + DBL_EPSILON * fabs(before));
        }
    free(tiles);
    free(tiles_single);
    free(sum);
}

static void check(setting *s, zg_random *random, double size, uint32_t filled)
{
    set_up(s, random, size, filled);
    for (int single = 0; single < 2; single++) {
        check_projections(s, single, 0, rows_of(s));
        check_projections(s, single, 1, rows_of(s) - 2);
        for (size_t b = 0; b < s->blocks; b++)
            check_back(s, single, b);
    }
    for (size_t b = 0; b < s->blocks; b++)
        if (s->start[b + 1] > s->start[b])
            assert_int_equal(zg_sparse_block(s->sparse, s->start[b]), b);
    clear(s);
}

static void products_are_what_their_definition_says(void **state)
{
    (void)state;
    static const size_t start[] = {0, 5, 6, 40, 83};
    zg_random random;
    zg_random_seed(&random, 310);
    for (size_t k = 0; k < WIDTHS; k++)
        for (uint32_t filled = 0; filled <= 1000; filled += 250) {
            setting s = {.columns = 23, .blocks = 4, .m = columns_of_w[k], .start = start};
            check(&s, &random, 1.0, filled);
        }
}

static void numbers_of_any_size_are_as_good(void **state)
{
    (void)state;
    static const size_t start[] = {0, 19};
    zg_random random;
    zg_random_seed(&random, 311);
    for (double size = 1e-30; size < 1e31; size *= 1e10) {
        setting s = {.columns = 9, .blocks = 1, .m = 9, .start = start};
        check(&s, &random, size, 400);
    }
}

/* p (m x rows) = the projections of all of the setting's rows, sum (columns x m) += what its blocks
 * add back, by the numbers of x. */
static void multiply(const zg_sparse *x, const setting *s, bool single, double *p, double *sum)
{
    size_t rows = rows_of(s), size = zg_sparse_tiles(x, s->m);
    double *tiles = zg_doubles(size);
    float *rough = zg_floats(size);
    if (single) {
        zg_sparse_tile_single(x, s->m, s->w, rough);
        zg_sparse_project_single(x, 0, rows, s->m, rough, p);
    } else {
        zg_sparse_tile_double(x, s->m, s->w, tiles);
        zg_sparse_project_double(x, 0, rows, s->m, tiles, p);
    }
    for (size_t b = 0; b < s->blocks; b++) {
        const double *own = s->p + s->start[b] * s->m;
        if (single)
            zg_sparse_add_back_single(x, b, s->m, own, rough, sum);
        else
            zg_sparse_add_back_double(x, b, s->m, own, tiles, sum);
    }
    free(tiles);
    free(rough);
}

/* The same bits from both, for the rows and blocks that the first one has. */
static void check_same(const setting *one, const zg_sparse *other)
{
    size_t rows = rows_of(one) * one->m, all = one->columns * one->m;
    for (int single = 0; single < 2; single++) {
        double *p = zg_doubles(2 * rows), *sum = zg_doubles(2 * all);
        multiply(one->sparse, one, single, p, sum);
        multiply(other, one, single, p + rows, sum + all);
        assert_memory_equal(p, p + rows, rows * sizeof *p);
        assert_memory_equal(sum, sum + all, all * sizeof *sum);
        free(p);
        free(sum);
    }
}

/* Few different numbers are kept once, 256 of them at most, without a difference to products: one
 * block more, of other numbers, has them all written out. */
static void few_different_numbers_are_as_good(void **state)
{
    (void)state;
    static const size_t start[] = {0, 5, 6, 40, 83, 123}, counts[] = {1, 2, 3, 255, 256, 257, 300};
    zg_random random;
    zg_random_seed(&random, 313);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        double *number = zg_doubles(counts[c]);
        for (size_t k = 0; k < counts[c]; k++)
            number[k] =
                pow(10.0, 60.0 * zg_random_uniform(&random) - 30.0) * zg_random_normal(&random);
        setting s = {.columns = 23, .blocks = 5, .m = 17, .start = start};
        set_up(&s, &random, 1.0, 700);
        zg_sparse *written_out = s.sparse;
        size_t own = start[4] * s.columns, next = 0;
        for (size_t k = 0; k < own; k++)
            if (s.x[k] != 0.0) s.x[k] = number[next++ % counts[c]];
        assert_true(next > counts[c]);
        zg_sparse_free(written_out);
        assert_int_equal(zg_sparse_create(s.columns, 5, start, s.x, &written_out), ZG_OK);
        s.blocks = 4;
        assert_int_equal(zg_sparse_create(s.columns, 4, start, s.x, &s.sparse), ZG_OK);
        check_same(&s, written_out);
        for (size_t b = 0; b < s.blocks; b++)
            check_back(&s, false, b);
        check_projections(&s, false, 0, rows_of(&s));
        zg_sparse_free(written_out);
        clear(&s);
        free(number);
    }
}

/* A column, a row and a block of zeros alone, and one row of numbers alone. */
static void empty_rows_columns_and_blocks_count(void **state)
{
    (void)state;
    static const size_t start[] = {0, 3, 6, 7};
    zg_random random;
    zg_random_seed(&random, 312);
    setting s = {.columns = 4, .blocks = 3, .m = 3, .start = start};
    set_up(&s, &random, 1.0, 1000);
    zg_sparse_free(s.sparse);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 4; j++)
            if (j == 2 || i == 1 || (i >= 3 && i < 6)) s.x[i * 4 + j] = 0.0;
    assert_int_equal(zg_sparse_create(4, 3, start, s.x, &s.sparse), ZG_OK);
    check_projections(&s, false, 0, 7);
    for (size_t b = 0; b < 3; b++)
        check_back(&s, false, b);
    clear(&s);
}

/* A number that is not one is no 0. */
static void what_is_not_a_number_stays(void **state)
{
    (void)state;
    static const size_t start[] = {0, 2};
    const double x[] = {0.0, NAN, 1.0, -0.0}, w[] = {1.0, 2.0};
    double p[2];
    zg_sparse *sparse;
    assert_int_equal(zg_sparse_create(2, 1, start, x, &sparse), ZG_OK);
    double *tiles = zg_doubles(zg_sparse_tiles(sparse, 1));
    zg_sparse_tile_double(sparse, 1, w, tiles);
    zg_sparse_project_double(sparse, 0, 2, 1, tiles, p);
    assert_true(isnan(p[0]));
    assert_true(p[1] == 1.0);
    free(tiles);
    zg_sparse_free(sparse);
}

static void what_16_bits_cannot_number_is_refused(void **state)
{
    (void)state;
    static const size_t one[] = {0, 1}, tall[] = {0, ZG_SPARSE_MOST + 1},
                        cut[] = {0, ZG_SPARSE_MOST, ZG_SPARSE_MOST + 1};
    double *x = zg_doubles(ZG_SPARSE_MOST + 1);
    x[ZG_SPARSE_MOST] = 3.0;
    zg_sparse *sparse = NULL;
    assert_int_equal(zg_sparse_create(ZG_SPARSE_MOST + 1, 1, one, x, &sparse), ZG_UNSUPPORTED);
    assert_int_equal(zg_sparse_create(1, 1, tall, x, &sparse), ZG_UNSUPPORTED);
    assert_int_equal(zg_sparse_create(1, 2, cut, x, &sparse), ZG_OK);
    zg_sparse_free(sparse);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_what_their_definition_says),
        cmocka_unit_test(numbers_of_any_size_are_as_good),
        cmocka_unit_test(few_different_numbers_are_as_good),
        cmocka_unit_test(empty_rows_columns_and_blocks_count),
        cmocka_unit_test(what_is_not_a_number_stays),
        cmocka_unit_test(what_16_bits_cannot_number_is_refused),
    };
    return cmocka_run_group_tests_name("sparse", tests, NULL, NULL);
}
