/* Tables as people's programs write them: separators, notations, headers, words, left-out columns.
 */
#include "data/csv.h"
#include "data/notation.h"
#include "data/one_hot.h"
#include "data/utf8.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static zg_status read_text(const char *text, const zg_data_options *options, zg_dataset **out,
                           zg_error *error)
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    assert_non_null(stream);
    zg_status status = zg_csv_read(stream, "f", options, out, error);
    fclose(stream);
    return status;
}

static zg_dataset *read_good(const char *text, const zg_data_options *options)
{
    zg_error error = {0};
    zg_dataset *data;
    if (read_text(text, options, &data, &error) != ZG_OK) print_error("in %s\n", text);
    assert_ok(error.status, &error);
    return data;
}

static void expect_refusal(const char *text, const zg_data_options *options, const char *message)
{
    zg_error error = {0};
    zg_dataset *data;
    assert_int_equal(read_text(text, options, &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, message);
}

/* Every text is the table 1.5, 2000, 3 / -4, 0.25, 6. */
static void one_table_in_many_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        zg_data_options options;
        size_t notes;
    } forms[] = {
        {"1.5,2000,3\n-4,0.25,6\n", {0}, 0},
        {"a,b,y\n1.5,2000,3\n-4,0.25,6\n", {0}, 0},
        {"1.5;2000;3\r\n-4;0.25;6\r\n", {0}, 1},
        {"a;b;y\n1,5;2000;3\n-4;0,25;6\n", {0}, 2},
        {"a;b;y\n1,5;2.000,0;3\n-4;0,25;6\n", {0}, 3},
        {"1,5;2000;3\n-4;0,25;6", {.separator = ';', .decimal = ','}, 0},
        {"a\tb\ty\n1.5\t2000\t3\n-4\t0.25\t6\n", {0}, 1},
        {"\"a\"\t\"b\"\t\"y\"\n1,5\t2000\t3\n-4\t0,25\t6\n", {0}, 2},
        {"1.5|2000|3\n-4|0.25|6\n", {0}, 1},
        {"1.5 2000 3\n-4 0.25 6\n", {0}, 1},
        {"  1.5   2000\t3 \n\n -4\t\t0.25 6\n", {0}, 1},
        {"\"a b\" \"c \"\"d\" y\n1.5 2000 3 \n-4 0.25 \"6\"\n", {0}, 1},
        {"a,b,y\n1.5,\"2,000.0\",3\n-4,0.25,6\n", {0}, 1},
        {"a,b,y\n1.5,\"2,000\",3\n-4,0.25,6\n", {.thousands = ','}, 0},
        {"a;b;y\n1.5;2'000;3\n-4;0.25;6\n", {.thousands = '\''}, 1},
        {"a;b;y\n1,5;2\xc2\xa0"
         "000;3\n-4;0,25;6\n",
         {.thousands = ' '},
         2},
        {"sep=;\na;b;y\n1,5;2000;3\n-4;0,25;6\n", {0}, 2},
        {"# made by hand\n# twice\na,b,y\n1.5,2000,3\n-4,0.25,6\n", {0}, 0},
        {"a,b,y,\n1.5,2000,3,\n-4,0.25,6,\n", {0}, 0},
        {"a,b,y\n1.5,2000,3,\n-4,0.25,6,\n", {0}, 0},
        {"a,b,y\n1.5,2000,3\n,,\n-4,0.25,6\n,,\n", {0}, 1},
        {"id,a,b,y\nx1,1.5,2000,3\nx2,-4,0.25,6\n", {.drop = "id"}, 0},
        {"a,y,z,b\n1.5,3,9,2000\n-4,6,9,0.25\n", {.columns = "?", .drop = "z", .target = "y"}, 0},
        {"temp_a,temp_b,wind,y\n1.5,2000,9,3\n-4,0.25,9,6\n",
         {.columns = "temp_*", .target = "y"},
         0},
        {"7,1.5,2000,3\n8,-4,0.25,6\n", {.drop = "1"}, 0},
        {"\"a\" \"b\" \"y\"\n\"1\" 1.5 2000 3\n\"2\" -4 0.25 6\n", {0}, 2},
        {"a,b,y\nMazda RX4,1.5,2000,3\nDatsun 710,-4,0.25,6\n", {0}, 1},
        {"a\tb\ty\nc\tc\tc\n\t\tclass\n1.5\t2000\t3\n-4\t0.25\t6\n", {0}, 3},
        {"C#a,cC#y,mS#who,C#b\n1.5,3,Ann,2000\n-4,6,Bo,0.25\n", {0}, 2},
    };
    static const double x[] = {1.5, 2000, -4, 0.25}, t[] = {3, 6};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        zg_dataset *data = read_good(forms[i].text, &forms[i].options);
        if (data->note_count != forms[i].notes || data->inputs != 2 || data->x[0] != 1.5)
            print_error("form %zu: %zu notes, first: %s\n%s", i + 1, data->note_count,
                        data->note_count ? data->notes[0] : "", forms[i].text);
        assert_int_equal(data->rows, 2);
        assert_int_equal(data->inputs, 2);
        assert_int_equal(data->targets, 1);
        assert_memory_equal(data->x, x, sizeof x);
        assert_memory_equal(data->t, t, sizeof t);
        assert_int_equal(data->note_count, forms[i].notes);
        zg_dataset_free(data);
    }
}

/* What may mean two things is refused, with the options that say which. */
static void what_is_ambiguous_is_refused_with_the_option(void **state)
{
    (void)state;
    expect_refusal("a;y\n1,234;1\n5,678;2\n", NULL,
                   "f:2:1: expected a number (--decimal , makes its comma the decimal sign, "
                   "--thousands , the separator of thousands), found \"1,234\"");
    expect_refusal("a;y\n1,5;1\n1.234;2\n", NULL,
                   "f:3:1: expected a number (--thousands \".\" reads it as one number), found "
                   "\"1.234\"");
    expect_refusal("a,y\n\"1,5\",1\n2,2\n", NULL,
                   "f:2:1: expected a number (--decimal , makes its comma the decimal sign), found "
                   "\"1,5\"");
    expect_refusal("a,y\n1.234.5,1\n2,2\n", &(zg_data_options){.thousands = ','},
                   "f:2:1: expected a number, found \"1.234.5\"");
    expect_refusal("a,y\n\"1,23\",1\n2,2\n", &(zg_data_options){.thousands = ','},
                   "f:2:1: expected a number (--decimal , makes its comma the decimal sign), found "
                   "\"1,23\"");
}

static void words_become_sorted_inputs(void **state)
{
    (void)state;
    const zg_data_options options = {.one_hot = "words"};
    zg_dataset *data = read_good("x,colour,y\n1,red,1\n2,green,3\n3,red,2\n4,blue,5\n", &options);
    static const double x[] = {1, 0, 0, 1, 2, 0, 1, 0, 3, 0, 0, 1, 4, 1, 0, 0};
    assert_int_equal(data->inputs, 4);
    assert_memory_equal(data->x, x, sizeof x);
    assert_string_equal(data->input_names[1], "colour=blue");
    assert_string_equal(data->input_names[3], "colour=red");
    assert_int_equal(data->one_hot->count, 1);
    assert_int_equal(data->one_hot->column[0].first, 1);
    /* Other rows are encoded alike, in whatever order their columns come. */
    zg_schema schema = zg_dataset_schema(data);
    zg_data_options like = {.schema = &schema};
    zg_dataset *other = read_good("y,colour,x\n9,green,7\n", &like);
    assert_memory_equal(other->x, ((const double[]){7, 0, 1, 0}), 4 * sizeof(double));
    zg_dataset_free(other);
    expect_refusal("x,colour,y\n1,pink,2\n", &like,
                   "f:2:3: expected one of the 3 words that the model knows of \"colour\" "
                   "(--one-hot-unknown zero takes others for none of them), found \"pink\"");
    like.unknown_zero = true;
    other = read_good("x,colour,y\n1,pink,2\n", &like);
    assert_memory_equal(other->x, ((const double[]){1, 0, 0, 0}), 4 * sizeof(double));
    zg_dataset_free(other);
    zg_dataset_free(data);
    /* A missing word has the share of each. */
    const zg_data_options mean = {.one_hot = "c", .missing = ZG_MISSING_MEAN};
    data = read_good("c,x,y\nu,1,1\nv,2,2\n,3,3\nu,4,4\n", &mean);
    assert_true(data->x[2 * 3] == 2.0 / 3.0 && data->x[2 * 3 + 1] == 1.0 / 3.0);
    zg_dataset_free(data);
    /* Tables without a header, too; columns keep their numbers. */
    data = read_good("5,u,1\n6,v,2\n", &(zg_data_options){.one_hot = "2"});
    assert_string_equal(data->input_names[0], "column1");
    assert_string_equal(data->input_names[2], "column2=v");
    zg_dataset_free(data);
}

static void the_words_for_a_missing_value(void **state)
{
    (void)state;
    const char *text = "a,b,y\n1,-999,1\n-999.0,2,2\nnone,3,3\n4,4,4\n";
    const zg_data_options codes = {.missing_values = "none, -999", .missing = ZG_MISSING_DROP};
    zg_dataset *data = read_good(text, &codes);
    assert_int_equal(data->rows, 1);
    assert_true(data->x[0] == 4);
    zg_dataset_free(data);
    const zg_data_options drop = {.missing = ZG_MISSING_DROP};
    data =
        read_good("a,y\n1,1\nNaN,2\nNULL,3\n#N/A,4\n?,5\n.,6\nn/a,7\n<NA>,8\nNA,9\n,10\n", &drop);
    assert_int_equal(data->rows, 1);
    zg_dataset_free(data);
    expect_refusal(text, &drop,
                   "f:4:1: expected a number (if that stands for a missing value: "
                   "--missing-values \"none\"), found \"none\"");
}

static void what_looks_wrong_is_noted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *note; /* NULL: none */
    } cases[] = {
        {"0,1,2\n1,2,3\n2,1,4\n3,3,1\n4,1,2\n", "row 1 looks like a header"},
        {"2019,2020,2021\n5,7,1\n3,8,2\n", "row 1 looks like a header"},
        {"1,2\n3,4\n", NULL},
        {"0,1,2\n1,2,3\n2,3,4\n", NULL},
        {"\"\",a,y\n1,5,3\n2,4,1\n3,6,9\n", "column 1 counts the rows"},
        {"Unnamed: 0,a,y\n0,5,3\n1,4,1\n", "column 1 counts the rows"},
        {"t,a,y\n1,5,3\n2,4,1\n3,6,9\n", NULL},
        {"gr\xf6\xdf"
         "e,y\n1,2\n",
         "Windows-1252"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_dataset *data = read_good(cases[i].text, NULL);
        assert_int_equal(data->note_count, cases[i].note != NULL);
        if (cases[i].note) assert_non_null(strstr(data->notes[0], cases[i].note));
        if (i == 7)
            assert_string_equal(data->input_names[0], "gr\xc3\xb6\xc3\x9f"
                                                      "e");
        zg_dataset_free(data);
    }
}

static void separators_at_the_end_hide_no_values(void **state)
{
    (void)state;
    char text[4000] = "a,y,\n";
    for (int i = 0; i < 150; i++)
        strcat(text, "1,2,\n");
    strcat(text, "1,2,7\n");
    expect_refusal(text, NULL,
                   "f:152:5: expected nothing behind the last separator, as in the rows above, "
                   "found \"7\"");
    /* A header that is too short by a column with values is no header of row names. */
    expect_refusal("a,b\n1,2,5\n3,4,5\n", NULL, "f:2:5: expected 2 fields as in line 1, found 3");
}

/* Words are classes, unless numbers stand among them: then a word is a slip or a missing value. */
static void a_word_among_numbers_is_no_class(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_encoding encoding;
    zg_dataset *data = read_good("a,y\n1,no\n2,yes\n3,no\n", NULL);
    assert_int_equal(zg_task_of(data, ZG_TASK_AUTO), ZG_BINARY);
    zg_dataset_free(data);
    data = read_good("a,y\n1,no\n2,yes\n3,maybe\n", NULL);
    assert_int_equal(zg_task_of(data, ZG_TASK_AUTO), ZG_MULTICLASS);
    assert_int_equal(zg_task_of(data, ZG_BINARY), ZG_BINARY);
    zg_dataset_free(data);
    data = read_good("a,y\n1,0\n2,1\n3,1\n", NULL);
    assert_int_equal(zg_task_of(data, ZG_TASK_AUTO), ZG_REGRESSION);
    zg_dataset_free(data);
    data = read_good("a,y\n1,5\n2,-\n3,6\n", NULL);
    assert_int_equal(zg_encoding_fit(data, ZG_TASK_AUTO, &encoding, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "the target column holds texts like \"-\" among numbers: a regression "
                        "needs numbers, or choose the task binary or multiclass");
    zg_dataset_free(data);
}

static void utf8_is_told_from_other_encodings(void **state)
{
    (void)state;
    assert_true(zg_utf8_valid("") && zg_utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    static const char *const bad[] = {"\x80",         "\xc0\x80",         "\xc3", "\xe2\x82",
                                      "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(zg_utf8_valid(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_table_in_many_forms),
        cmocka_unit_test(what_is_ambiguous_is_refused_with_the_option),
        cmocka_unit_test(words_become_sorted_inputs),
        cmocka_unit_test(the_words_for_a_missing_value),
        cmocka_unit_test(what_looks_wrong_is_noted),
        cmocka_unit_test(separators_at_the_end_hide_no_values),
        cmocka_unit_test(a_word_among_numbers_is_no_class),
        cmocka_unit_test(utf8_is_told_from_other_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
