/* Rows are matched to the columns that a model was trained on: by name, by position, or refused. */
#include "data/csv.h"
#include "data/load.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char a[] = "a", b[] = "b", y[] = "y", q[] = "q";
static char *const inputs[] = {a, b};
static char *const target[] = {y};
static const zg_schema strict = {2, 1, inputs, target, false, NULL, NULL, NULL};
static const zg_schema lenient = {2, 1, inputs, target, true, NULL, NULL, NULL};
static const zg_schema nameless = {2, 1, NULL, NULL, false, NULL, NULL, NULL};

static zg_status read_text(const char *text, const char *list, const zg_schema *schema,
                           zg_dataset **out, zg_error *error)
{
    zg_data_options options = {.target = list, .schema = schema};
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(stream);
    zg_status status = zg_csv_read(stream, "f", &options, out, error);
    fclose(stream);
    return status;
}

static void expect_rows(const char *text, const char *list, const zg_schema *schema, size_t targets,
                        const double *x, const double *t)
{
    zg_error error = {0};
    zg_dataset *data = NULL;
    assert_ok(read_text(text, list, schema, &data, &error), &error);
    assert_int_equal(data->inputs, 2);
    assert_int_equal(data->targets, targets);
    assert_memory_equal(data->x, x, data->rows * 2 * sizeof *x);
    if (targets) assert_memory_equal(data->t, t, data->rows * sizeof *t);
    zg_dataset_free(data);
}

static void expect_refusal(const char *text, const char *list, const zg_schema *schema,
                           const char *message)
{
    zg_error error = {0};
    zg_dataset *data = NULL;
    assert_int_equal(read_text(text, list, schema, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, message);
    assert_null(data);
}

static void columns_in_any_order_are_matched_by_name(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4}, t[] = {7, 8};
    expect_rows("a,b,y\n1,2,7\n3,4,8\n", NULL, &strict, 1, x, t);
    expect_rows("b,a,y\n2,1,7\n4,3,8\n", NULL, &strict, 1, x, t);
    expect_rows("y,b,a\n7,2,1\n8,4,3\n", NULL, &strict, 1, x, t);
    expect_rows("\"y\" , b,a\n7,2,1\n8,4,3\n", NULL, &lenient, 1, x, t);
    /* A target that is named on the command line may be called otherwise. */
    expect_rows("b,a,z\n2,1,7\n4,3,8\n", "z", &strict, 1, x, t);
}

static void other_names_and_widths_are_refused_with_both_counts(void **state)
{
    (void)state;
    expect_refusal("a,y\n1,2\n3,4\n", NULL, &strict,
                   "f: there is no input column \"b\"; expected 2 inputs and 1 target as trained "
                   "on, found 2 columns");
    expect_refusal(
        "a,bb,y\n1,2,3\n", NULL, &strict,
        "f: there is no input column \"b\" (did you mean \"bb\"?); expected 2 inputs and "
        "1 target as trained on, found 3 columns");
    expect_refusal(
        "a,b,z\n1,2,3\n", NULL, &strict,
        "f: there is no target column \"y\" (did you mean \"z\"?); expected 2 inputs and "
        "1 target as trained on, found 3 columns");
    expect_refusal("a,b,c,y\n1,2,3,4\n", NULL, &strict,
                   "f: nothing was trained on the column \"c\" (--drop \"c\" leaves it out); "
                   "expected 2 inputs and 1 target as trained on, found 4 columns");
    expect_refusal("a,b,y\n1,2,3\n", "b", &strict,
                   "f: there is no input column \"b\" (did you mean \"y\"?); expected 2 inputs and "
                   "1 target as trained on, found 3 columns");
    expect_refusal("1,2\n3,4\n", NULL, &strict,
                   "f: expected 2 inputs and 1 target as trained on, found 1 and 1");
    expect_refusal("a,y\n1,2\n", NULL, &nameless,
                   "f: expected 2 inputs and 1 target as trained on, found 1 and 1");
}

static void rows_without_names_are_taken_by_position(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4}, t[] = {7, 8};
    expect_rows("1,2,7\n3,4,8\n", NULL, &strict, 1, x, t);
    expect_rows("7,1,2\n8,3,4\n", "1", &strict, 1, x, t);
    expect_rows("p,q,r\n1,2,7\n3,4,8\n", NULL, &nameless, 1, x, t);
}

static void rows_to_predict_may_lack_targets_and_have_further_columns(void **state)
{
    (void)state;
    static const double x[] = {1, 2, 3, 4}, t[] = {7, 8};
    expect_rows("a,b\n1,2\n3,4\n", NULL, &lenient, 0, x, NULL);
    expect_rows("b,a\n2,1\n4,3\n", NULL, &lenient, 0, x, NULL);
    expect_rows("1,2\n3,4\n", NULL, &lenient, 0, x, NULL);
    expect_rows("id,b,who,a\n1,2,Ann,1\n2,4,,3\n", NULL, &lenient, 0, x, NULL);
    expect_rows("id,y,b,who,a\n1,7,2,Ann,1\n2,8,4,Bo,3\n", NULL, &lenient, 1, x, t);
    expect_refusal("id,b,who\n1,2,Ann\n2,4,Bo\n", NULL, &lenient,
                   "f: there is no input column \"a\"; expected 2 inputs and 1 target as trained "
                   "on, found 3 columns");
    /* One input alone is a table, too. */
    static const zg_schema one = {1, 1, inputs, target, true, NULL, NULL, NULL};
    zg_error error = {0};
    zg_dataset *data = NULL;
    assert_ok(read_text("a\n5\n6\n", NULL, &one, &data, &error), &error);
    assert_true(data->rows == 2 && data->inputs == 1 && data->targets == 0 && data->x[1] == 6);
    zg_dataset_free(data);
}

static void class_labels_stay_with_their_column(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = NULL;
    assert_ok(read_text("b,y,a\n2,no,1\n4,yes,3\n", NULL, &strict, &data, &error), &error);
    assert_int_equal(data->label_count, 2);
    assert_string_equal(data->labels[(size_t)data->t[0]], "no");
    /* The same of a data set that is in memory already. */
    assert_ok(zg_dataset_retarget(data, NULL, &strict, &error), &error);
    assert_true(data->x[0] == 1 && data->x[1] == 2);
    assert_string_equal(data->labels[(size_t)data->t[1]], "yes");
    static char *const others[] = {b, a};
    const zg_schema swapped = {2, 1, others, target, false, NULL, NULL, NULL};
    assert_ok(zg_dataset_retarget(data, NULL, &swapped, &error), &error);
    assert_true(data->x[0] == 2 && data->x[1] == 1 && data->x[2] == 4);
    assert_string_equal(data->input_names[0], "b");
    assert_string_equal(data->labels[(size_t)data->t[1]], "yes");
    static char *const wrong[] = {a, y};
    const zg_schema label_as_input = {2, 1, wrong, &inputs[1], false, NULL, NULL, NULL};
    assert_int_equal(zg_dataset_retarget(data, NULL, &label_as_input, &error), ZG_BAD_INPUT);
    static char *const unknown[] = {q};
    const zg_schema unlabelled = {2, 1, inputs, unknown, true, NULL, NULL, NULL};
    assert_ok(zg_dataset_retarget(data, NULL, &unlabelled, &error), &error);
    assert_true(data->targets == 0 && data->labels == NULL && data->x[0] == 1);
    zg_dataset_free(data);
}

static zg_status load_text(const char *text, const zg_schema *schema, zg_dataset **out,
                           zg_error *error)
{
    char path[] = "/tmp/zerogap-schema-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    zg_data_options options = {.schema = schema};
    zg_status status = zg_dataset_load(path, &options, out, error);
    unlink(path);
    return status;
}

static void narrower_libsvm_rows_are_filled_up_and_wider_ones_refused(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data = NULL;
    static const double x[] = {5, 0, 6, 0};
    assert_ok(load_text("1 1:5\n2 1:6\n", &strict, &data, &error), &error);
    assert_int_equal(data->inputs, 2);
    assert_memory_equal(data->x, x, sizeof x);
    zg_dataset_free(data);
    assert_int_equal(load_text("1 3:5\n2 1:6\n", &strict, &data, &error), ZG_BAD_INPUT);
    assert_non_null(
        strstr(error.message, ": expected 2 inputs and 1 target as trained on, found 3 and 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_in_any_order_are_matched_by_name),
        cmocka_unit_test(other_names_and_widths_are_refused_with_both_counts),
        cmocka_unit_test(rows_without_names_are_taken_by_position),
        cmocka_unit_test(rows_to_predict_may_lack_targets_and_have_further_columns),
        cmocka_unit_test(class_labels_stay_with_their_column),
        cmocka_unit_test(narrower_libsvm_rows_are_filled_up_and_wider_ones_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
