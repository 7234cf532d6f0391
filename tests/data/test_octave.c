/* Matrices in the comments of Octave's tests: by rows, by columns, in one, and what is none. */
#include "data/catalogue_read.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static zg_status read_text(const char *text, const char *object, size_t rows, size_t inputs,
                           size_t targets, zg_dataset **out, zg_error *error)
{
    char folder[] = "/tmp/zerogap-octave-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/m.m", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
    const zg_catalogue_entry entry = {
        .rows = rows, .inputs = inputs, .targets = targets, .object = object, .files = {"m.m"}};
    *out = NULL;
    zg_status status = zg_read_octave(&entry, folder, NULL, out, error);
    unlink(path);
    rmdir(folder);
    return status;
}

static void expect(const char *text, const char *object, size_t rows, size_t inputs, size_t targets,
                   const double *x, const double *t)
{
    zg_dataset *data;
    zg_error error = {0};
    assert_ok(read_text(text, object, rows, inputs, targets, &data, &error), &error);
    assert_memory_equal(data->x, x, rows * inputs * sizeof *x);
    assert_memory_equal(data->t, t, rows * targets * sizeof *t);
    zg_dataset_free(data);
}

#define BY_ROWS                                                                                    \
    "function f\n%!test\n%! U = [ 1 2\n%!  3 -4.5e1 ];\n%! Y = [7\n%! 8 ];\n%! assert (1)\n"

static void matrices_are_read_by_rows(void **state)
{
    (void)state;
    expect(BY_ROWS, "0,1", 2, 2, 1, (const double[]){1, 2, 3, -45}, (const double[]){7, 8});
}

/* "(:)": the table is one column, read down its columns. */
static void tables_of_one_column_are_read_by_columns(void **state)
{
    (void)state;
    expect("%! U = [ 1 4\n%! 2 5\n%! 3 6 ](:);\n%! Y = [10 40\n%! 20 50\n%! 30 60](:);\n", "0,1", 6,
           1, 1, (const double[]){1, 2, 3, 4, 5, 6}, (const double[]){10, 20, 30, 40, 50, 60});
}

static void inputs_and_outputs_may_stand_in_one(void **state)
{
    (void)state;
    expect("%! UY = [ 1 2 3\n%! 4 5 6 ];\n", "0", 2, 1, 2, (const double[]){1, 4},
           (const double[]){2, 3, 5, 6});
}

/* Blocks that are damaged are not counted, so that what stands behind them cannot be taken. */
static void what_is_no_matrix_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *object;
    } bad[] = {
        {"", "0"},
        {"%! U = [ 1 2\n%! 3 ];\n", "0"},           /* a short row */
        {"%! U = [ 1 2\n%! 3 4\n", "0"},            /* no end */
        {"%! U = [ 1 2\n3 4 ];\n", "0"},            /* out of the comment */
        {"%! U = [ 1 x\n%! 3 4 ];\n", "0"},         /* a word */
        {"%! U = [ 1 Inf\n%! 3 4 ];\n", "0"},       /* no number */
        {"%! U = [ 1 1e999\n%! 3 4 ];\n", "0"},     /* too large */
        {"%! U = [ ];\n", "0"},                     /* nothing */
        {"U = [ 1 2\n%! 3 4 ];\n", "0"},            /* no test */
        {"%! V = [ 1 2\n%! 3 4 ];\n", "0"},         /* another name */
        {"%! U = [ 1 2\n%! 3 4\n%! 5 6 ];\n", "0"}, /* more rows than documented */
        {"%! U = [ 1 2\n%! 3 4 ];\n", "1"},         /* no second one */
        {"%! U = [ 1 2\n%! 3 4 ];\n%! Y = [1];\n", "0,1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        zg_dataset *data;
        zg_error error = {0};
        assert_int_equal(read_text(bad[i].text, bad[i].object, 2, 1, 1, &data, &error),
                         ZG_BAD_INPUT);
        assert_null(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_are_read_by_rows),
        cmocka_unit_test(tables_of_one_column_are_read_by_columns),
        cmocka_unit_test(inputs_and_outputs_may_stand_in_one),
        cmocka_unit_test(what_is_no_matrix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
