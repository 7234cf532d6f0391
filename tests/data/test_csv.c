/* The CSV reader: what is accepted, what is refused and where, streaming, writing. */
#include "base/number.h"
#include "data/csv.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static zg_status read_bytes(const char *text, size_t size, const zg_data_options *options,
                            zg_dataset **out, zg_error *error)
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, size, "r");
    assert_non_null(stream);
    zg_status status = zg_csv_read(stream, "f", options, out, error);
    fclose(stream);
    return status;
}

static zg_dataset *read_good(const char *text, const zg_data_options *options)
{
    zg_error error = {0};
    zg_dataset *dataset;
    assert_ok(read_bytes(text, strlen(text), options, &dataset, &error), &error);
    return dataset;
}

/* ---- refused --------------------------------------------------------------------------------- */

typedef struct bad_case {
    const char *text;
    zg_data_options options;
    const char *message;
    size_t size; /* 0: the length of text */
} bad_case;

#define TARGET(name)                                                                               \
    {                                                                                              \
        .target = (name)                                                                           \
    }
#define MEAN                                                                                       \
    {                                                                                              \
        .missing = ZG_MISSING_MEAN                                                                 \
    }
#define DROP                                                                                       \
    {                                                                                              \
        .missing = ZG_MISSING_DROP                                                                 \
    }
#define MISSING_HINT "(--missing mean or drop accepts missing values)"

static const bad_case bad_cases[] = {
    /* nothing to read */
    {"", {0}, "f:1:1: expected a header or a row of numbers, found an empty file", 0},
    {"\n\n  \n", {0}, "f:1:1: expected a header or a row of numbers, found an empty file", 0},
    {"\xef\xbb\xbf", {0}, "f:1:1: expected a header or a row of numbers, found an empty file", 0},
    {"a,b\n", {0}, "f:2:1: expected a row of data after the header, found the end of the file", 0},
    {"1,2\n",
     {.header = ZG_HEADER_YES},
     "f:2:1: expected a row of data after the header, found the end of the file",
     0},
    {"a,b", {0}, "f:1:4: expected a row of data after the header, found the end of the file", 0},
    /* not this format */
    {"\xff\xfe"
     "1\0,\0",
     {0},
     "f:1:1: expected text in UTF-8 or ASCII, found UTF-16",
     6},
    {"1,2\n3,\0", {0}, "f:2:3: expected text, found a NUL byte", 7},
    {"1;2\n3;4\n",
     {.separator = '\t'},
     "f:1:2: expected fields separated by a tab, found a single field with a semicolon in it "
     "(--separator says what separates)",
     0},
    {"1:2\n3:4\n",
     {0},
     "f:1:1: expected at least two columns (an input and a target), found one",
     0},
    {"1\n2\n", {0}, "f:1:1: expected at least two columns (an input and a target), found one", 0},
    /* quoting */
    {"1,\"2\n3,4\n",
     {0},
     "f:1:3: expected a closing quotation mark for the one here, found the end of the file",
     0},
    {"1,2\n\"3\"4,5\n",
     {0},
     "f:2:4: expected a comma or the end of the line after the closing quotation mark, found \"4\"",
     0},
    {"1,2\n3,4\"5\n",
     {0},
     "f:2:4: expected no quotation mark inside a field that does not begin with one",
     0},
    {"a,\"b\nc\"\n1,2\n3,\"4\"\"\n",
     {0},
     "f:4:3: expected a closing quotation mark for the one here, found the end of the file",
     0},
    /* shape */
    {"1,2\n3\n", {0}, "f:2:2: expected 2 fields as in line 1, found 1", 0},
    {"1,2\n3,4,5\n", {0}, "f:2:5: expected 2 fields as in line 1, found 3", 0},
    {"\n1,2\n\n3,4\n5,6,7", {0}, "f:5:5: expected 2 fields as in line 2, found 3", 0},
    {"a,b\n1,2,3\n4,5,6\n", {0}, "f:2:5: expected 2 fields as in line 1, found 3", 0},
    {"1,2\n3,4,\n", {0}, "f:2:5: expected 2 fields as in line 1, found 3", 0},
    {"a,\"x\ny\"\n1,2\n3\n", {0}, "f:4:2: expected 2 fields as in line 2, found 1", 0},
    {"a,b,a\n1,2,3\n", {0}, "f:1:5: expected distinct column names, found \"a\" twice", 0},
    {"a,\"b b\", b b\n1,2,3\n",
     {0},
     "f:1:10: expected distinct column names, found \"b b\" twice",
     0},
    /* values */
    {"1,2\nx,4\n", {0}, "f:2:1: expected a number, found \"x\"", 0},
    {"a,b,c\n1,2,3\n4,5 ,6\n7, eight,9\n", {0}, "f:4:4: expected a number, found \"eight\"", 0},
    {"1,2\n3,nan\n",
     {0},
     "f:2:3: expected a number, found the missing value \"nan\" " MISSING_HINT,
     0},
    {"1,2\n-inf,3\n", {0}, "f:2:1: expected a finite number, found \"-inf\"", 0},
    {"1,2\n+Infinity,3\n", {0}, "f:2:1: expected a finite number, found \"+Infinity\"", 0},
    {"1,2\n1e309,3\n", {0}, "f:2:1: expected a finite number, found \"1e309\"", 0},
    {"1,2\n0x10,3\n", {0}, "f:2:1: expected a number, found \"0x10\"", 0},
    {"1,2\n1e,3\n", {0}, "f:2:1: expected a number, found \"1e\"", 0},
    {"1,2\n1.2.3,3\n", {0}, "f:2:1: expected a number, found \"1.2.3\"", 0},
    {"1,2\n1_000,3\n",
     {0},
     "f:2:1: expected a number (--thousands \"_\" reads it as one number), found \"1_000\"",
     0},
    {"1,2\n\"1,5\",3\n",
     {0},
     "f:2:1: expected a number (--decimal , makes its comma the decimal sign), found \"1,5\"",
     0},
    {"1,2\n\"3\n4\",3\n", {0}, "f:2:1: expected a number, found \"3.4\"", 0},
    {"1,2\n12345678901234567890123456789012345678901234x,3\n",
     {0},
     "f:2:1: expected a number, found \"1234567890123456789012345678901234567890...\"",
     0},
    {"1,2\n+,3\n", {0}, "f:2:1: expected a number, found \"+\"", 0},
    {"1,2\n--1,3\n", {0}, "f:2:1: expected a number, found \"--1\"", 0},
    {"a,b\n1,2\nx,4\n", {0}, "f:3:1: expected a number, found \"x\"", 0},
    {"a,b,c\n1,5,yes\nx,6,no\n", {0}, "f:3:1: expected a number, found \"x\"", 0},
    {"a,town,c\n1,Rome,2\n3,Oslo,4\n",
     {0},
     "f:2:3: expected a number (the input column \"town\" holds words: --one-hot \"town\" makes an "
     "input of each, --drop \"town\" leaves the column out), found \"Rome\"",
     0},
    {"a,b,c\n1,2,yes\n3,4,no\n", TARGET("b,c"), "f:2:5: expected a number, found \"yes\"", 0},
    {"1,2\r\n3,4\r\n5,x\r\n", {.target = "1"}, "f:3:3: expected a number, found \"x\"", 0},
    {"1,2\r3,4\rx,6\r", {0}, "f:3:1: expected a number, found \"x\"", 0},
    /* missing values */
    {"1,2\n,3\n", {0}, "f:2:1: expected a number, found the missing value \"\" " MISSING_HINT, 0},
    {"1,2\n?,3\n", {0}, "f:2:1: expected a number, found the missing value \"?\" " MISSING_HINT, 0},
    {"1,2\n4, NA\n",
     {0},
     "f:2:4: expected a number, found the missing value \"NA\" " MISSING_HINT,
     0},
    {"1,yes\n4,\n",
     {0},
     "f:2:3: expected a class label, found the missing value \"\" " MISSING_HINT,
     0},
    {"1,2\n4,NA\n", MEAN,
     "f:2:3: expected a number, found the missing value \"NA\" (the mean stands in for inputs "
     "only; --missing drop leaves such rows out)",
     0},
    {"1,2\nNone,4\n", MEAN,
     "f:2:1: expected a number (if that stands for a missing value: --missing-values \"None\"), "
     "found \"None\"",
     0},
    {"a,b,c\nNA,1,2\n?,2,3\n", MEAN,
     "f: input 1 (a) has no value at all, so there is no mean to stand in", 0},
    {"1,NA,2\n2,,3\n", MEAN, "f: input 2 has no value at all, so there is no mean to stand in", 0},
    {"1,NA\n?,3\n", DROP, "f: no row is left after dropping those with missing values", 0},
    /* target columns */
    {"age,class\n1,2\n", TARGET("clas"),
     "f: unknown target column \"clas\"; did you mean \"class\"?", 0},
    {"age,class\n1,2\n", TARGET("weight"),
     "f: unknown target column \"weight\"; known are age, class", 0},
    {"1,2\n3,4\n", TARGET("class"),
     "f: target column \"class\": expected a column index or \"last\", because the file has no "
     "column "
     "names",
     0},
    {"1,2\n3,4\n", TARGET("3"), "f: there is no column 3; there are 2", 0},
    {"1,2\n3,4\n", TARGET("0"), "f: there is no column 0; there are 2", 0},
    {"1,2,3\n3,4,5\n", TARGET("1,last,1"), "f: target column 1 is named twice", 0},
    {"a,b\n3,4\n", TARGET("a,b"), "f: every column is a target, which leaves no input", 0},
    {"a,b\n3,4\n", TARGET("a,"), "f: unknown target column \"\"; known are a, b", 0},
};

static void refused_with_position(void **state)
{
    (void)state;
    const size_t count = sizeof bad_cases / sizeof *bad_cases;
    assert_true(count >= 40);
    for (size_t i = 0; i < count; i++) {
        const bad_case *bad = &bad_cases[i];
        zg_error error = {0};
        zg_dataset *dataset;
        zg_status status = read_bytes(bad->text, bad->size ? bad->size : strlen(bad->text),
                                      &bad->options, &dataset, &error);
        if (strcmp(error.message, bad->message) != 0)
            print_error("case %zu: %s\n", i + 1, error.message);
        assert_string_equal(error.message, bad->message);
        assert_int_equal(status, ZG_BAD_INPUT);
        assert_int_equal(error.status, ZG_BAD_INPUT);
        assert_null(dataset);
    }
}

static void too_long_a_field(void **state)
{
    (void)state;
    size_t size = ZG_CSV_FIELD_LIMIT + 100;
    char *text = malloc(size);
    zg_error error;
    zg_dataset *dataset;
    memset(text, '1', size);
    memcpy(text, "1,2\n3,\"", 7);
    assert_int_equal(read_bytes(text, size, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "f:2:3: expected a field of at most 1048576 bytes, found a longer one");
    free(text);
}

static void too_many_fields(void **state)
{
    (void)state;
    size_t size = 2 * (ZG_CSV_COLUMN_LIMIT + 10);
    char *text = malloc(size);
    zg_error error;
    zg_dataset *dataset;
    for (size_t i = 0; i < size; i += 2)
        memcpy(text + i, "1,", 2);
    assert_int_equal(read_bytes(text, size, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "f:1:2000001: expected at most 1000000 fields in a row, found more");
    free(text);
}

static void too_many_labels(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    zg_error error;
    zg_dataset *dataset;
    FILE *stream = open_memstream(&text, &size);
    for (int i = 0; i <= ZG_CSV_LABEL_LIMIT; i++)
        fprintf(stream, "1,person%d\n", i);
    fclose(stream);
    assert_int_equal(read_bytes(text, size, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(
        error.message,
        "f:1001:3: expected at most 1000 different class labels, found \"person1000\"");
    free(text);
}

static ssize_t broken_read(void *context, char *data, size_t size)
{
    (void)context;
    (void)data;
    (void)size;
    return -1;
}

static void a_stream_that_fails(void **state)
{
    (void)state;
    zg_error error;
    zg_dataset *dataset;
    FILE *stream = fopencookie(NULL, "r", (cookie_io_functions_t){.read = broken_read});
    assert_int_equal(zg_csv_read(stream, "f", NULL, &dataset, &error), ZG_IO);
    assert_memory_equal(error.message, "cannot read f: ", 15);
    fclose(stream);
}

/* ---- accepted -------------------------------------------------------------------------------- */

static void check_values(const zg_dataset *dataset, const double *x, const double *t)
{
    for (size_t i = 0; i < dataset->rows * dataset->inputs; i++)
        assert_true(dataset->x[i] == x[i]);
    for (size_t i = 0; i < dataset->rows * dataset->targets; i++)
        assert_true(dataset->t[i] == t[i]);
}

static void forms_of_the_same_table(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1,2,3\n4,-5.5,6e1\n",
        "1,2,3\n4,-5.5,6e1",
        "1,2,3\r\n4,-5.5,6e1\r\n",
        "1,2,3\r4,-5.5,6e1\r",
        "\xef\xbb\xbf"
        "1,2,3\n4,-5.5,6e1\n",
        " 1 ,\t2, 3\t\n4 ,-5.5 , 60\n",
        "\"1\",\"2\",\"3\"\n\"4\",\"-5.5\",\"60\"\n",
        "\n\n1,2,3\n\r\n  \n4,-5.5,60\n\n",
        "a,b,c\n1,2,3\n4,-5.5,60\n",
        "a,\"b \"\"x\"\"\n\",c\n1,2,3\n+4,-.55e1,60.\n",
        "1,2,3\n1,2,3\n4,-5.5,60\n", /* with --header below */
    };
    static const double x[] = {1, 2, 4, -5.5}, t[] = {3, 60};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const zg_data_options options = {.header = i == 10 ? ZG_HEADER_YES : ZG_HEADER_DETECT};
        zg_dataset *dataset = read_good(texts[i], &options);
        assert_int_equal(dataset->rows, 2);
        assert_int_equal(dataset->inputs, 2);
        assert_int_equal(dataset->targets, 1);
        check_values(dataset, x, t);
        zg_dataset_free(dataset);
    }
}

static void header_detection(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool header;
    } cases[] = {
        {"a,b\n1,2\n", true},
        {"1,2\n3,4\n", false},
        {"1,b\n3,4\n", true},
        {"1,yes\n3,no\n", false},
        {"a,class\n1,yes\n2,no\n", true},
        {"1,class\n1,yes\n2,no\n", false},
        {"NA,2\n3,4\n", false},
        {"a,b\nNA,1\n2,3\n", true},
        {"nan,b\n1,2\n", true},
        {"1,yes\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const zg_data_options options = {.missing = ZG_MISSING_MEAN};
        FILE *stream = fmemopen((void *)(uintptr_t)cases[i].text, strlen(cases[i].text), "r");
        zg_csv_reader *reader;
        zg_error error = {0};
        assert_ok(zg_csv_open(stream, "f", &options, &reader, &error), &error);
        assert_int_equal(zg_csv_input_names(reader) != NULL, cases[i].header);
        zg_csv_close(reader);
        fclose(stream);
    }
}

static void no_header_is_forced(void **state)
{
    (void)state;
    zg_error error;
    zg_dataset *dataset;
    const zg_data_options options = {.header = ZG_HEADER_NO};
    assert_int_equal(read_bytes("a,2\n3,4\n", 8, &options, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "f:1:1: expected a number, found \"a\"");
}

static void targets_and_names(void **state)
{
    (void)state;
    const zg_data_options options = {.target = "c, 1"};
    zg_dataset *dataset = read_good("a,b,c,\n1,2,3,4\n5,6,7,8\n", &options);
    static const double x[] = {2, 4, 6, 8}, t[] = {3, 1, 7, 5};
    check_values(dataset, x, t);
    assert_string_equal(dataset->input_names[0], "b");
    assert_string_equal(dataset->input_names[1], "column4");
    assert_string_equal(dataset->target_names[0], "c");
    assert_string_equal(dataset->target_names[1], "a");
    zg_dataset_free(dataset);
    const zg_data_options comma = {.target = "b,c"}; /* one column of that very name */
    dataset = read_good("a,\"b,c\",d\n1,2,3\n", &comma);
    assert_int_equal(dataset->targets, 1);
    assert_string_equal(dataset->target_names[0], "b,c");
    zg_dataset_free(dataset);
    const zg_data_options digit = {.target = "2"}; /* a name wins over an index */
    dataset = read_good("2,a\n7,8\n", &(zg_data_options){.target = "2", .header = ZG_HEADER_YES});
    assert_true(dataset->t[0] == 7);
    zg_dataset_free(dataset);
    dataset = read_good("5,6\n7,8\n", &digit);
    assert_true(dataset->t[0] == 6);
    zg_dataset_free(dataset);
}

static void text_labels_are_sorted(void **state)
{
    (void)state;
    zg_dataset *dataset = read_good("1,pear\n2,apple\n3,\"fig, dried\"\n4,apple\n5,10\n", NULL);
    assert_int_equal(dataset->label_count, 4);
    static const char *const labels[] = {"10", "apple", "fig, dried", "pear"};
    static const double t[] = {3, 1, 2, 1, 0};
    for (size_t k = 0; k < 4; k++)
        assert_string_equal(dataset->labels[k], labels[k]);
    for (size_t i = 0; i < 5; i++)
        assert_true(dataset->t[i] == t[i]);
    zg_dataset_free(dataset);
}

static void missing_values(void **state)
{
    (void)state;
    const char *text = "a,b,c\n1,NA,3\n5,2,?\n,4,6\n9,6,12\n";
    const zg_data_options drop = {.missing = ZG_MISSING_DROP};
    zg_dataset *dataset = read_good(text, &drop);
    assert_int_equal(dataset->rows, 1);
    check_values(dataset, (const double[]){9, 6}, (const double[]){12});
    zg_dataset_free(dataset);
    const zg_data_options mean = {.missing = ZG_MISSING_MEAN, .target = "b"};
    zg_error error;
    assert_int_equal(read_bytes(text, strlen(text), &mean, &dataset, &error), ZG_BAD_INPUT);
    dataset = read_good("a,b,c\n1,1,3\n5,2,?\n,4,6\n9,6,12\n", &mean);
    check_values(dataset, (const double[]){1, 3, 5, 7, 5, 6, 9, 12}, (const double[]){1, 2, 4, 6});
    zg_dataset_free(dataset);
}

/* ---- streaming ------------------------------------------------------------------------------- */

/* A random table as text, with some of the forms that take the way over libcsv. */
static char *random_text(zg_random *random, size_t rows, size_t columns, bool odd, size_t *size)
{
    char *text = NULL, number[ZG_NUMBER_SIZE];
    FILE *stream = open_memstream(&text, size);
    for (size_t i = 0; i < rows; i++) {
        for (size_t c = 0; c < columns; c++) {
            zg_number_format(zg_random_normal(random) * pow(10, (double)(c % 7) * 3 - 9), number);
            bool quoted = odd && zg_random_below_or_equal(random, 20) == 0;
            fprintf(stream, quoted ? "\"%s\"" : "%s", number);
            fputs(c + 1 < columns ? "," : odd && i % 5 == 0 ? "\r\n" : "\n", stream);
        }
        if (odd && i % 11 == 0) fputc('\n', stream);
    }
    fclose(stream);
    return text;
}

static void blocks_equal_the_whole(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 11);
    for (int round = 0; round < test_rounds(6); round++) {
        size_t rows = 1 + zg_random_below_or_equal(&random, 9000);
        size_t columns = 2 + zg_random_below_or_equal(&random, 12), size;
        char *text = random_text(&random, rows, columns, round % 2 == 0, &size);
        zg_error error = {0};
        zg_dataset *whole;
        assert_ok(read_bytes(text, size, NULL, &whole, &error), &error);
        assert_int_equal(whole->rows, rows);
        FILE *stream = fmemopen(text, size, "r");
        zg_csv_reader *reader;
        assert_ok(zg_csv_open(stream, "f", NULL, &reader, &error), &error);
        size_t capacity = 1 + zg_random_below_or_equal(&random, 700), done = 0, got;
        double *x = malloc(capacity * columns * sizeof *x), *t = malloc(capacity * sizeof *t);
        do {
            assert_ok(zg_csv_next(reader, capacity, x, t, &got, &error), &error);
            assert_true(done + got <= rows);
            assert_memory_equal(x, whole->x + done * (columns - 1),
                                got * (columns - 1) * sizeof *x);
            assert_memory_equal(t, whole->t + done, got * sizeof *t);
            done += got;
        } while (got == capacity);
        assert_int_equal(done, rows);
        free(x);
        free(t);
        zg_csv_close(reader);
        fclose(stream);
        zg_dataset_free(whole);
        free(text);
    }
}

/* A wrong field far behind the look-ahead and across buffer borders is still found exactly. */
static void position_in_a_long_file(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 1; i <= 60000; i++)
        fprintf(stream, i == 54321 ? "1.25,%zu,oops,3\r\n" : "1.25,%zu,4,3\r\n", i);
    fclose(stream);
    zg_error error;
    zg_dataset *dataset;
    assert_int_equal(read_bytes(text, size, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "f:54321:12: expected a number, found \"oops\"");
    free(text);
    stream = open_memstream(&text, &size);
    for (size_t i = 1; i <= 2 * ZG_CSV_LOOKAHEAD; i++)
        fprintf(stream, i == 150 ? "1,maybe\n" : "1,2\n");
    fclose(stream);
    assert_int_equal(read_bytes(text, size, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "f:150:3: expected a number, as in the rows above, found \"maybe\"");
    free(text);
}

static void labels_by_first_appearance(void **state)
{
    (void)state;
    const char *text = "1,b\n2,a\n3,b\n";
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    zg_csv_reader *reader;
    zg_error error = {0};
    double x[3], t[3];
    size_t rows;
    assert_ok(zg_csv_open(stream, "f", NULL, &reader, &error), &error);
    assert_ok(zg_csv_next(reader, 3, x, t, &rows, &error), &error);
    assert_int_equal(zg_csv_label_count(reader), 2);
    assert_string_equal(zg_csv_label(reader, 0), "b");
    assert_string_equal(zg_csv_label(reader, 1), "a");
    assert_null(zg_csv_label(reader, 2));
    assert_true(t[0] == 0 && t[1] == 1 && t[2] == 0);
    zg_csv_close(reader);
    fclose(stream);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void written_is_read_back(void **state)
{
    (void)state;
    if (getenv("ZEROGAP_VALGRIND")) skip(); /* 80-bit numbers are cut there */
    zg_random random;
    zg_random_seed(&random, 12);
    size_t n = 300, d = 5;
    zg_error error = {0};
    zg_dataset *dataset, *again;
    assert_ok(zg_dataset_alloc(n, d, 2, &dataset, &error), &error);
    for (size_t i = 0; i < n * d; i++) {
        uint64_t bits = (uint64_t)zg_random_bits(&random) << 32 | zg_random_bits(&random);
        memcpy(&dataset->x[i], &bits, sizeof bits);
        if (!isfinite(dataset->x[i])) dataset->x[i] = (double)(i % 1500);
    }
    test_normals(&random, 2 * n, dataset->t);
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_ok(zg_csv_write(stream, dataset, &error), &error);
    fclose(stream);
    assert_memory_equal(text, "f1,f2,f3,f4,f5,target1,target2\n", 31);
    const zg_data_options options = {.target = "target1,target2"};
    assert_ok(read_bytes(text, size, &options, &again, &error), &error);
    assert_memory_equal(again->x, dataset->x, n * d * sizeof(double));
    assert_memory_equal(again->t, dataset->t, n * 2 * sizeof(double));
    free(text);
    zg_dataset_free(dataset);
    zg_dataset_free(again);
}

static void texts_are_quoted(void **state)
{
    (void)state;
    const char *text = "\"a,b\",c,\" d\"\n1,2,\"x \"\"y\"\"\"\n3,4,z\n";
    zg_dataset *dataset = read_good(text, NULL);
    char *written = NULL;
    size_t size;
    zg_error error = {0};
    FILE *stream = open_memstream(&written, &size);
    assert_ok(zg_csv_write(stream, dataset, &error), &error);
    fclose(stream);
    assert_string_equal(written, text);
    free(written);
    zg_dataset_free(dataset);
}

/* Shared files were written by the same rules: reading and writing reproduces them byte by byte. */
static void shared_files_are_reproduced(void **state)
{
    (void)state;
    if (getenv("ZEROGAP_VALGRIND")) skip(); /* 80-bit numbers are cut there */
    static const char *const files[] = {"data/annealing_train.csv", "data/annealing_test.csv",
                                        "data/credit_approval.csv", "data/digits01.csv",
                                        "data/oocytes_merluccius_nucleus_4d.csv"};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        const char *path = test_shared(files[k]);
        if (!path) skip();
        zg_error error = {0};
        zg_dataset *dataset;
        char *text = NULL;
        size_t size;
        FILE *stream = fopen(path, "r");
        assert_ok(zg_csv_read(stream, path, NULL, &dataset, &error), &error);
        FILE *out = open_memstream(&text, &size);
        assert_ok(zg_csv_write(out, dataset, &error), &error);
        fclose(out);
        rewind(stream);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(fgetc(stream), (unsigned char)text[i]);
        assert_int_equal(fgetc(stream), EOF);
        fclose(stream);
        free(text);
        zg_dataset_free(dataset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_with_position),
        cmocka_unit_test(too_long_a_field),
        cmocka_unit_test(too_many_fields),
        cmocka_unit_test(too_many_labels),
        cmocka_unit_test(a_stream_that_fails),
        cmocka_unit_test(forms_of_the_same_table),
        cmocka_unit_test(header_detection),
        cmocka_unit_test(no_header_is_forced),
        cmocka_unit_test(targets_and_names),
        cmocka_unit_test(text_labels_are_sorted),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(blocks_equal_the_whole),
        cmocka_unit_test(position_in_a_long_file),
        cmocka_unit_test(labels_by_first_appearance),
        cmocka_unit_test(written_is_read_back),
        cmocka_unit_test(texts_are_quoted),
        cmocka_unit_test(shared_files_are_reproduced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
