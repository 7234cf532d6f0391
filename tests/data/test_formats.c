/* LIBSVM text, NPY, IDX, and how files are told apart. */
#include "base/bytes.h"
#include "base/linalg.h"
#include "data/idx.h"
#include "data/libsvm.h"
#include "data/npy.h"
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

typedef struct bad_case {
    const char *text;
    size_t size; /* 0: the length of text */
    const char *message;
} bad_case;

/* ---- LIBSVM --------------------------------------------------------------------------------- */

static const bad_case bad_libsvm[] = {
    {"", 0, "f:1:1: expected a sample \"target index:value\", found the end of the file"},
    {"# nothing\n\n", 0,
     "f:3:1: expected a sample \"target index:value\", found the end of the file"},
    {"1\n-1\n", 0, "f:3:1: expected a sample \"target index:value\", found the end of the file"},
    {"yes 1:2\n", 0, "f:1:1: expected a finite number as target, found \"yes\""},
    {"nan 1:2\n", 0, "f:1:1: expected a finite number as target, found \"nan\""},
    {"1,2 1:2\n", 0,
     "f:1:1: expected one number as target (LIBSVM rows with several labels are not read), found "
     "\"1,2\""},
    {"1 1:2\n-1 0:3\n", 0,
     "f:2:4: expected an index of at least 1 (--zero-based counts from 0), found \"0:3\""},
    {"1 1:2 1:3\n", 0, "f:1:7: expected an index above the one before it, found \"1:3\""},
    {"1 5:2 3:3\n", 0, "f:1:7: expected an index above the one before it, found \"3:3\""},
    {"1 1000001:2\n", 0, "f:1:3: expected an index of at most 1000000, found \"1000001:2\""},
    {"1 99999999999999999999:2\n", 0,
     "f:1:3: expected an index of at most 1000000, found \"99999999999999999999:2\""},
    {"1 1=2\n", 0, "f:1:3: expected index:value, found \"1=2\""},
    {"1 x:2\n", 0, "f:1:3: expected index:value, found \"x:2\""},
    {"1 -1:2\n", 0, "f:1:3: expected a whole index of at least 1, found \"-1:2\""},
    {"1 1:2 2.5:1\n", 0, "f:1:7: expected a whole index of at least 1, found \"2.5:1\""},
    {"1 1:\n", 0, "f:1:5: expected a finite number after the colon, found \"\""},
    {"1 1:inf\n", 0, "f:1:5: expected a finite number after the colon, found \"inf\""},
    {"1 1:2x\n", 0, "f:1:5: expected a finite number after the colon, found \"2x\""},
    {"1 1:1e999\n", 0, "f:1:5: expected a finite number after the colon, found \"1e999\""},
    {"1 1:2\0", 6, "f: expected text, found a NUL byte at byte 6"},
};

static void libsvm_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_libsvm / sizeof *bad_libsvm; i++) {
        const bad_case *bad = &bad_libsvm[i];
        zg_error error = {0};
        zg_dataset *dataset;
        size_t size = bad->size ? bad->size : strlen(bad->text);
        assert_int_equal(zg_libsvm_read(bad->text, size, "f", NULL, &dataset, &error),
                         ZG_BAD_INPUT);
        assert_string_equal(error.message, bad->message);
        assert_null(dataset);
    }
}

static void libsvm_read(void **state)
{
    (void)state;
    const char *text = "# header\n+1 1:0.5 3:-2 # note\n\n-1\t2:1e1\r\n3\n1 1:7";
    static const double x[] = {0.5, 0, -2, 0, 10, 0, 0, 0, 0, 7, 0, 0}, t[] = {1, -1, 3, 1};
    zg_error error = {0};
    zg_dataset *dataset;
    assert_ok(zg_libsvm_read(text, strlen(text), "f", NULL, &dataset, &error), &error);
    assert_int_equal(dataset->rows, 4);
    assert_int_equal(dataset->inputs, 3);
    assert_memory_equal(dataset->x, x, sizeof x);
    assert_memory_equal(dataset->t, t, sizeof t);
    zg_dataset_free(dataset);
    assert_true(zg_libsvm_detect("\n-1 3:0.25\n"));
    assert_false(zg_libsvm_detect("1,2\n3,4\n"));
    assert_false(zg_libsvm_detect("1\n"));
    assert_false(zg_libsvm_detect(""));
    assert_false(zg_libsvm_detect("a b:c\n"));
}

/* A row that is wrong does not make a table of words of the others; what tables hold does. */
static void text_that_is_mostly_libsvm_is_no_table(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "1,2 1:2\n-1 1:3\n1 1:4\n-1 1:5\n", /* several labels */
        "1 -1:2",
        "1 -1:2 # negative\n\n-1 1:3 2:4\n",
        "1 1.5:2\n2 2:2\n",
        "3,1,2 1:0.5 7:1\n1 2:0.25\n",
        "1\n# zeros\n2\n1,2 1:2\n3\n",
        "4 3\n1 1:2\n2 3:4\n1 2:1\n", /* rows and columns in front */
        "yes 1:2 2:3\n-1 1:3\n1 1:4\n-1 1:5\n",
        "1 1=2\n-1 1:3\n1 1:4\n-1 1:5\n",
        "1 x 1:2\n-1\t1:3\r\n1 1:4\r\n",
    };
    static const char *const tables[] = {
        "value time\n1 12:30\n2 12:45\n3 13:00\n",
        "value ratio\n1 2:3\n2 3:2\n",
        "1 -\n2 12:30\n3 23:59\n", /* a time is missing */
        "1,5 12:30\n2,5 8:05\n",
        "Mon 12:30\n1 9:05\n2 9:15\n",
        "1,12:30,2\n2,12:45,3\n",
        "2024-01-01 12:30,2\n2024-01-01 12:45,3\n",
        "home 3:1\nguest 0:2\n",
        "1 2\n3 4\n5 6:7\n",
        "1;2 3:4\n2;3 4:5\n",
        "12:30 1\n12:45 2\n",
        "1,2 a:2\n1,2 b:3\n",
    };
    for (size_t k = 0; k < sizeof malformed / sizeof *malformed; k++) {
        zg_dataset *dataset;
        zg_error error = {0};
        const char *text = malformed[k];
        if (!zg_libsvm_detect(text)) fail_msg("%s: taken for a table", text);
        assert_int_equal(zg_libsvm_read(text, strlen(text), "f", NULL, &dataset, &error),
                         ZG_BAD_INPUT);
        assert_memory_equal(error.message, "f:", 2);
    }
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
        if (zg_libsvm_detect(tables[k])) fail_msg("%s: taken for LIBSVM", tables[k]);
}

/* Readers see the first 4096 bytes of a file, and all of what comes through a pipe. */
static void a_long_first_row_is_known_by_its_beginning(void **state)
{
    (void)state;
    static char text[20000], probe[4097];
    size_t size = (size_t)snprintf(text, sizeof text, "1,2");
    for (int k = 1; size < sizeof text - 20; k++)
        size += (size_t)snprintf(text + size, sizeof text - size, " %d:0.%d", k, k);
    for (size_t length = 10; length <= size; length += 61) {
        char *copy = strndup(text, length);
        assert_non_null(copy);
        memcpy(probe, text, 4096);
        if (length < 4096) probe[length] = '\0';
        bool whole = zg_libsvm_detect(copy), part = zg_libsvm_detect(probe);
        assert_true(whole == part);
        if (length > 4096) assert_true(whole);
        free(copy);
    }
}

/* ---- NPY ------------------------------------------------------------------------------------- */

/* A file of format version 1 with that dictionary and data; freed by the caller. */
static zg_bytes npy_file(const char *dictionary, const void *data, size_t size)
{
    size_t length = strlen(dictionary);
    zg_bytes bytes = {.data = malloc(10 + length + size + 1), .size = 10 + length + size};
    memcpy(bytes.data, "\x93NUMPY\x01\x00", 8);
    bytes.data[8] = (unsigned char)(length & 0xff);
    bytes.data[9] = (unsigned char)(length >> 8);
    memcpy(bytes.data + 10, dictionary, length);
    if (size > 0) memcpy(bytes.data + 10 + length, data, size);
    bytes.data[bytes.size] = '\0';
    return bytes;
}

#define NPY(type, order, shape)                                                                    \
    "{'descr': '" type "', 'fortran_order': " order ", 'shape': " shape ", }\n"

static void npy_types(void **state)
{
    (void)state;
    /* 2 x 3 with the values 1..6 in each type, C order */
    static const double f8[] = {1, 2, 3, 4, 5, 6};
    static const float f4[] = {1, 2, 3, 4, 5, 6};
    static const int16_t i2[] = {1, 2, 3, 4, 5, 6};
    static const unsigned char i1[] = {1, 2, 3, 4, 5, 6};
    static const unsigned char big[] = {0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,
                                        0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6};
    static const int64_t columns[] = {1, 4, 2, 5, 3, 6}; /* Fortran order */
    const struct {
        const char *dictionary;
        const void *data;
        size_t size;
    } files[] = {
        {NPY("<f8", "False", "(2, 3)"), f8, sizeof f8},
        {NPY("<f4", "False", "(2, 3)"), f4, sizeof f4},
        {NPY("<i2", "False", "(2,3)"), i2, sizeof i2},
        {NPY("|u1", "False", "(2, 3)"), i1, sizeof i1},
        {NPY(">u4", "False", "(2, 3)"), big, sizeof big},
        {NPY("<i8", "True", "(2, 3)"), columns, sizeof columns},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        zg_bytes bytes = npy_file(files[k].dictionary, files[k].data, files[k].size);
        zg_error error = {0};
        zg_dataset *dataset;
        const zg_data_options options = {.target = "2"};
        assert_true(zg_npy_detect(bytes.data, bytes.size));
        assert_ok(zg_npy_read(&bytes, "f", &options, &dataset, &error), &error);
        static const double x[] = {1, 3, 4, 6}, t[] = {2, 5};
        assert_int_equal(dataset->inputs, 2);
        assert_memory_equal(dataset->x, x, sizeof x);
        assert_memory_equal(dataset->t, t, sizeof t);
        zg_dataset_free(dataset);
        zg_bytes_clear(&bytes);
    }
}

/* Whatever bits stand for it, true is 1; keys in any order, blanks and quotation marks as Python
 * may write them. */
static void npy_booleans(void **state)
{
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 255};
    static const char *const dictionaries[] = {
        NPY("|b1", "False", "(2, 2)"),
        "{ \"shape\" : ( 2 , 2 , ) ,\t'fortran_order':False,'descr':\"|b1\"}",
    };
    for (size_t k = 0; k < 2; k++) {
        zg_bytes bytes = npy_file(dictionaries[k], values, sizeof values);
        zg_error error = {0};
        zg_dataset *dataset;
        assert_ok(zg_npy_read(&bytes, "f", NULL, &dataset, &error), &error);
        zg_bytes_clear(&bytes);
        assert_true(dataset->x[0] == 0 && dataset->t[0] == 1);
        assert_true(dataset->x[1] == 1 && dataset->t[1] == 1);
        zg_dataset_free(dataset);
    }
}

static void npy_signed_bytes(void **state)
{
    (void)state;
    static const signed char values[] = {-1, -128, 127, 5};
    zg_bytes bytes = npy_file(NPY("|i1", "False", "(2, 2)"), values, sizeof values);
    zg_error error = {0};
    zg_dataset *dataset;
    assert_ok(zg_npy_read(&bytes, "f", NULL, &dataset, &error), &error);
    assert_true(dataset->x[0] == -1 && dataset->t[0] == -128 && dataset->x[1] == 127);
    zg_dataset_free(dataset);
    zg_bytes_clear(&bytes);
}

#define HEADER                                                                                     \
    "f: expected an NPY header with descr, fortran_order and shape, each once and no more"

static void npy_refused(void **state)
{
    (void)state;
    static const double nan_data[] = {1, NAN, 3, 4};
    const struct {
        const char *dictionary;
        const void *data;
        size_t size;
        const char *target, *message;
    } files[] = {
        {NPY("<f8", "False", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f:1:2: expected a finite number, found nan"},
        {NPY("<f8", "False", "(2, 2)"), nan_data, 24, NULL,
         "f: expected 2 x 2 numbers of 8 bytes, found 24 bytes"},
        {NPY("<f8", "False", "(1, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected nothing behind the 16 bytes of the array, found 16 bytes"},
        {NPY("<f8", "True", "(1, 2)"), nan_data, 17, NULL,
         "f: expected nothing behind the 16 bytes of the array, found 1 bytes"},
        {NPY("<f8", "False", "(4,)"), nan_data, sizeof nan_data, NULL,
         "f: expected a matrix (two dimensions), found shape (4,)"},
        {NPY("<f8", "False", "(1, 2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected a matrix (two dimensions), found shape (1, 2, 2)"},
        {NPY("<c8", "False", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected real numbers of 1, 2, 4 or 8 bytes, found type '<c8'"},
        {NPY("<f1", "False", "(2, 2)"), nan_data, 8, NULL,
         "f: expected real numbers of 1, 2, 4 or 8 bytes, found type '<f1'"},
        {NPY("|O", "False", "(2, 2)"), nan_data, 8, NULL,
         "f: expected real numbers of 1, 2, 4 or 8 bytes, found type '|O'"},
        {NPY("<f8", "False", "(0, 2)"), nan_data, 0, NULL,
         "f: expected a matrix with rows, found (0, 2)"},
        {NPY("<f8", "False", "(4611686018427387904, 4)"), nan_data, sizeof nan_data, NULL,
         "f: expected 4611686018427387904 x 4 numbers of 8 bytes, found 32 bytes"},
        {NPY("<f8", "true", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected fortran_order to be True or False, found true"},
        {NPY("<f8", "Trueish", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected fortran_order to be True or False, found Trueish"},
        {NPY("<f8", "'False'", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected fortran_order to be True or False, found 'False'"},
        {NPY("<f8", "False", "(2, 2,,)"), nan_data, sizeof nan_data, NULL,
         "f: expected a matrix (two dimensions), found shape (2, 2,,)"},
        {NPY("<f8' 'x", "False", "(2, 2)"), nan_data, sizeof nan_data, NULL,
         "f: expected real numbers of 1, 2, 4 or 8 bytes, found type '<f8' 'x'"},
        {NPY("<f8", "False", "(2, 2), 'shape': (4, 1)"), nan_data, sizeof nan_data, NULL, HEADER},
        {NPY("<f8", "False", "(2, 2)), 'more': (4, 1"), nan_data, sizeof nan_data, NULL, HEADER},
        {"{'descr': '<f8', 'fortran_order': False, 'note': \"'shape': (2, 2)\"}", nan_data,
         sizeof nan_data, NULL, HEADER},
        {NPY("<f8", "False", "(2, 2), 'note': 'shape'"), nan_data, sizeof nan_data, NULL, HEADER},
        {NPY("<f8", "False", "(2, 2)") "}", nan_data, sizeof nan_data, NULL, HEADER},
        {"'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)", nan_data, sizeof nan_data, NULL,
         HEADER},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), 'end", nan_data,
         sizeof nan_data, NULL, HEADER},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)", nan_data, sizeof nan_data,
         NULL, HEADER},
        {"{'descr': '<f8', 'shape': (2, 2), }\n", nan_data, sizeof nan_data, NULL, HEADER},
        {NPY("<f8", "False", "(2, 2)"), nan_data, sizeof nan_data, "price",
         "f: target column \"price\": expected a column index or \"last\", because the file has no "
         "column names"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        zg_bytes bytes = npy_file(files[k].dictionary, files[k].data, files[k].size);
        zg_error error = {0};
        zg_dataset *dataset;
        const zg_data_options options = {.target = files[k].target};
        assert_int_equal(zg_npy_read(&bytes, "f", &options, &dataset, &error), ZG_BAD_INPUT);
        assert_string_equal(error.message, files[k].message);
        assert_null(dataset);
        zg_bytes_clear(&bytes);
    }
}

/* Every prefix of a good file and every single changed byte: an answer, never a crash. */
static void npy_damaged(void **state)
{
    (void)state;
    static const double values[] = {1, 2, 3, 4};
    zg_bytes good = npy_file(NPY("<f8", "False", "(2, 2)"), values, sizeof values);
    zg_error error;
    zg_dataset *dataset;
    for (size_t size = 0; size < good.size; size++) {
        zg_bytes cut = {.data = malloc(size + 1), .size = size};
        memcpy(cut.data, good.data, size);
        cut.data[size] = '\0';
        assert_int_equal(zg_npy_read(&cut, "f", NULL, &dataset, &error), ZG_BAD_INPUT);
        zg_bytes_clear(&cut);
    }
    for (size_t i = 0; i < good.size; i++) {
        unsigned char kept = good.data[i];
        for (unsigned value = 0; value < 256; value += 5) {
            good.data[i] = (unsigned char)value;
            if (zg_npy_read(&good, "f", NULL, &dataset, &error) == ZG_OK) zg_dataset_free(dataset);
        }
        good.data[i] = kept;
    }
    zg_bytes_clear(&good);
}

/* A stream of bytes that ends early or fails, and keeps the most that was ever asked for at once.
 */
typedef struct slow_stream {
    zg_bytes bytes;
    size_t at, end, most;
    bool fails; /* at the end */
} slow_stream;

static ssize_t give(void *context, char *out, size_t size)
{
    slow_stream *s = context;
    size_t left = s->end - s->at, count = size < left ? size : left;
    if (size > s->most) s->most = size;
    if (count == 0 && s->fails) {
        errno = EIO;
        return -1;
    }
    memcpy(out, s->bytes.data + s->at, count);
    s->at += count;
    return (ssize_t)count;
}

static zg_status read_slowly(slow_stream *s, zg_dataset **out, zg_error *error)
{
    FILE *stream = fopencookie(s, "r", (cookie_io_functions_t){.read = give});
    zg_status status = zg_npy_read_stream(stream, s->bytes.size, "f", NULL, out, error);
    fclose(stream);
    return status;
}

/* 2000 x 50, and its transpose by columns: the same data set, with never more than a row, a column
 * or a buffer of the stream in memory. */
static void npy_streamed(void **state)
{
    (void)state;
    enum { ROWS = 2000, COLUMNS = 50 };
    double *values = zg_doubles(ROWS * COLUMNS);
    for (size_t k = 0; k < ROWS * COLUMNS; k++)
        values[k] = 0.25 * (double)k - 7.0;
    const char *const dictionaries[] = {NPY("<f8", "False", "(2000, 50)"),
                                        NPY("<f8", "True", "(50, 2000)")};
    for (size_t k = 0; k < 2; k++) {
        slow_stream s = {.bytes = npy_file(dictionaries[k], values, 8UL * ROWS * COLUMNS)};
        zg_error error = {0};
        zg_dataset *streamed, *whole;
        s.end = s.bytes.size;
        assert_ok(read_slowly(&s, &streamed, &error), &error);
        assert_true(s.most <= 8UL * ROWS);
        assert_ok(zg_npy_read(&s.bytes, "f", NULL, &whole, &error), &error);
        assert_int_equal(streamed->rows, k ? COLUMNS : ROWS);
        assert_int_equal(whole->rows, streamed->rows);
        size_t inputs = streamed->rows * streamed->inputs;
        assert_memory_equal(streamed->x, whole->x, inputs * sizeof(double));
        assert_memory_equal(streamed->t, whole->t, whole->rows * sizeof(double));
        for (size_t i = 0; i < streamed->rows; i++)
            for (size_t j = 0; j < streamed->inputs; j++)
                assert_true(streamed->x[i * streamed->inputs + j] ==
                            values[k ? j * COLUMNS + i : i * COLUMNS + j]);
        zg_dataset_free(streamed);
        zg_dataset_free(whole);
        zg_bytes_clear(&s.bytes);
    }
    free(values);
}

/* A file that became shorter, or cannot be read to its end, after its size was known. */
static void npy_cut_while_read(void **state)
{
    (void)state;
    static const double values[] = {1, 2, 3, 4};
    slow_stream s = {.bytes = npy_file(NPY("<f8", "False", "(2, 2)"), values, sizeof values)};
    for (size_t end = 0; end < s.bytes.size; end++)
        for (int fails = 0; fails < 2; fails++) {
            zg_error error = {0};
            zg_dataset *dataset;
            s.at = 0;
            s.end = end;
            s.fails = fails;
            zg_status status = read_slowly(&s, &dataset, &error);
            assert_true(status == (fails ? ZG_IO : ZG_BAD_INPUT));
            assert_null(dataset);
            if (end + 1 == s.bytes.size)
                assert_string_equal(error.message,
                                    fails ? "cannot read f: Input/output error"
                                          : "f: expected 16 bytes more, found the end");
        }
    zg_bytes_clear(&s.bytes);
}

/* ---- IDX ------------------------------------------------------------------------------------- */

static void put_big(unsigned char *p, size_t value)
{
    for (int k = 0; k < 4; k++)
        p[k] = (unsigned char)(value >> (24 - 8 * k));
}

/* n images of 4 x 4 with pixel j of image i = i + j, and labels i mod 3. */
static void write_images(const char *directory, size_t n, bool gzip)
{
    char path[256];
    unsigned char header[16] = {0, 0, 8, 3};
    put_big(header + 4, n);
    put_big(header + 8, 4);
    put_big(header + 12, 4);
    snprintf(path, sizeof path, "%s/part-images-idx3-ubyte", directory);
    gzFile file = gzopen(path, gzip ? "wb" : "wbT");
    gzwrite(file, header, 16);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 16; j++)
            gzputc(file, (int)(i + j));
    }
    gzclose(file);
    header[3] = 1;
    snprintf(path, sizeof path, "%s/part-labels-idx1-ubyte", directory);
    file = gzopen(path, gzip ? "wb" : "wbT");
    gzwrite(file, header, 8);
    for (size_t i = 0; i < n; i++)
        gzputc(file, (int)(i % 3));
    gzclose(file);
}

static char directory[64];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/zerogap-test-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    static const char *const names[] = {"part-images-idx3-ubyte", "part-labels-idx1-ubyte", "data"};
    char path[256];
    for (size_t k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[k]);
        unlink(path);
    }
    return rmdir(directory);
}

static void idx_images(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/part-images-idx3-ubyte", directory);
    for (int gzip = 0; gzip < 2; gzip++) {
        write_images(directory, 7, gzip);
        zg_error error = {0};
        zg_dataset *dataset;
        assert_ok(zg_dataset_load(path, NULL, &dataset, &error), &error);
        assert_int_equal(dataset->rows, 7);
        assert_int_equal(dataset->inputs, 16);
        for (size_t i = 0; i < 7; i++) {
            assert_true(dataset->t[i] == (double)(i % 3));
            for (size_t j = 0; j < 16; j++)
                assert_true(dataset->x[i * 16 + j] == (double)(i + j));
        }
        zg_dataset_free(dataset);
        const zg_data_options options = {.target = "3"};
        assert_int_equal(zg_dataset_load(path, &options, &dataset, &error), ZG_BAD_INPUT);
    }
}

static void idx_elements(void **state)
{
    (void)state;
    static const struct {
        unsigned char bytes[16];
        size_t size;
        double value;
    } files[] = {
        {{0, 0, 9, 1, 0, 0, 0, 1, 0xfe}, 9, -2},
        {{0, 0, 11, 1, 0, 0, 0, 1, 0xff, 0xfd}, 10, -3},
        {{0, 0, 12, 1, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfc}, 12, -4},
        {{0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0}, 12, 1.5},
        {{0, 0, 14, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0}, 16, 1.5},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        zg_bytes bytes = {.data = (unsigned char *)files[k].bytes, .size = files[k].size};
        zg_idx idx;
        zg_error error = {0};
        assert_ok(zg_idx_open(&bytes, "f", &idx, &error), &error);
        assert_true(zg_idx_element(&idx, 0) == files[k].value);
    }
}

static void idx_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned char bytes[16];
        size_t size;
        const char *message;
    } files[] = {
        {{0, 0, 8, 1, 0, 0, 0, 3, 1, 2},
         10,
         "f: expected extent 1 of the IDX file to be at least 1 and its elements to be in the "
         "file, found extent 3 and 2 elements"},
        {{0, 0, 8, 1, 0, 0, 0, 1, 1, 2}, 10, "f: expected 9 bytes of IDX data, found 10 bytes"},
        {{0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 0},
         12,
         "f: expected extent 1 of the IDX file to be at least 1 and its elements to be in the "
         "file, found extent 1 and 0 elements"},
        {{0, 0, 10, 1, 0, 0, 0, 1, 1}, 9, "f: expected an IDX file of 1 to 4 dimensions"},
        {{0, 0, 8, 5, 0, 0, 0, 1, 1}, 9, "f: expected an IDX file of 1 to 4 dimensions"},
        {{0, 0, 8, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
         13,
         "f: expected extent 1 of the IDX file to be at least 1 and its elements to be in the "
         "file, found extent 4294967295 and 1 elements"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        zg_bytes bytes = {.data = (unsigned char *)files[k].bytes, .size = files[k].size};
        zg_idx idx;
        zg_error error = {0};
        assert_int_equal(zg_idx_open(&bytes, "f", &idx, &error), ZG_BAD_INPUT);
        assert_string_equal(error.message, files[k].message);
    }
}

/* ---- telling files apart --------------------------------------------------------------------- */

static void write_data(const void *data, size_t size, bool gzip, char *path, size_t room)
{
    snprintf(path, room, "%s/data", directory);
    gzFile file = gzopen(path, gzip ? "wb" : "wbT");
    gzwrite(file, data, (unsigned)size);
    gzclose(file);
}

static void formats_are_told_apart(void **state)
{
    (void)state;
    static const double values[] = {1, 2, 3, 4};
    zg_bytes npy = npy_file(NPY("<f8", "False", "(2, 2)"), values, sizeof values);
    static const unsigned char idx[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4};
    const struct {
        const void *data;
        size_t size;
    } files[] = {
        {"1,2\n3,4\n", 8}, {"2 1:1\n4 1:3\n", 12}, {npy.data, npy.size}, {idx, sizeof idx}};
    char path[256];
    for (size_t k = 0; k < 8; k++) {
        zg_error error = {0};
        zg_dataset *dataset;
        write_data(files[k / 2].data, files[k / 2].size, k % 2, path, sizeof path);
        assert_ok(zg_dataset_load(path, NULL, &dataset, &error), &error);
        assert_int_equal(dataset->rows, 2);
        assert_int_equal(dataset->inputs, 1);
        assert_true(dataset->x[0] == 1 && dataset->t[0] == 2 && dataset->x[1] == 3);
        assert_string_equal(dataset->name, path);
        zg_dataset_free(dataset);
    }
    zg_bytes_clear(&npy);
}

static void loading_refuses(void **state)
{
    (void)state;
    char path[256], expected[512];
    zg_error error = {0};
    zg_dataset *dataset;
    assert_int_equal(zg_dataset_load("/no/such/file", NULL, &dataset, &error), ZG_IO);
    assert_string_equal(error.message, "cannot open /no/such/file: No such file or directory");
    assert_int_equal(zg_dataset_load(directory, NULL, &dataset, &error), ZG_IO);
    snprintf(expected, sizeof expected, "cannot read %s: it is a directory", directory);
    assert_string_equal(error.message, expected);
    write_data("2 1:1\n", 6, false, path, sizeof path);
    const zg_data_options options = {.target = "2"};
    assert_int_equal(zg_dataset_load(path, &options, &dataset, &error), ZG_BAD_INPUT);
    snprintf(expected, sizeof expected,
             "%s: target \"2\": LIBSVM text has its target in front; no other column can be chosen",
             path);
    assert_string_equal(error.message, expected);
    /* gzip that ends too early */
    char text[4000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('0' + (i * i) % 10);
    write_data(text, sizeof text, true, path, sizeof path);
    assert_int_equal(truncate(path, 24), 0);
    assert_int_equal(zg_dataset_load(path, NULL, &dataset, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "expected whole packed data"));
    write_data("", 0, false, path, sizeof path);
    assert_int_equal(zg_dataset_load(path, NULL, &dataset, &error), ZG_BAD_INPUT);
    snprintf(expected, sizeof expected,
             "%s:1:1: expected a header or a row of numbers, found an empty file", path);
    assert_string_equal(error.message, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_is_mostly_libsvm_is_no_table),
        cmocka_unit_test(a_long_first_row_is_known_by_its_beginning),
        cmocka_unit_test(libsvm_refused),
        cmocka_unit_test(libsvm_read),
        cmocka_unit_test(npy_types),
        cmocka_unit_test(npy_booleans),
        cmocka_unit_test(npy_signed_bytes),
        cmocka_unit_test(npy_refused),
        cmocka_unit_test(npy_damaged),
        cmocka_unit_test(npy_streamed),
        cmocka_unit_test(npy_cut_while_read),
        cmocka_unit_test(idx_images),
        cmocka_unit_test(idx_elements),
        cmocka_unit_test(idx_refused),
        cmocka_unit_test(formats_are_told_apart),
        cmocka_unit_test(loading_refuses),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
