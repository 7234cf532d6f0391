/* The readers of R's data, ARFF, FANN text and packed data, on files made here. */
#include "data/arff.h"
#include "data/fann.h"
#include "data/rdata.h"
#include "data/unpack.h"
#include "tests/support/support.h"

#include <bzlib.h>
#include <lzma.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* ---- writing R's format ---------------------------------------------------------------------- */

typedef struct writer {
    unsigned char data[8192];
    size_t size;
} writer;

static void put_int(writer *w, int32_t value)
{
    for (int k = 0; k < 4; k++)
        w->data[w->size++] = (unsigned char)((uint32_t)value >> (24 - 8 * k));
}

static void put_double(writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_int(w, (int32_t)(bits >> 32));
    put_int(w, (int32_t)bits);
}

static void put_text(writer *w, const char *text)
{
    put_int(w, 9);
    put_int(w, text ? (int32_t)strlen(text) : -1);
    for (; text && *text; text++)
        w->data[w->size++] = (unsigned char)*text;
}

static void put_symbol(writer *w, const char *name)
{
    put_int(w, 1);
    put_text(w, name);
}

/* A pair of an attribute list or of the file's list: the value follows. */
static void put_tag(writer *w, const char *name)
{
    put_int(w, 2 | 0x400);
    put_symbol(w, name);
}

static void put_texts(writer *w, int count, const char *const *texts)
{
    put_int(w, 16);
    put_int(w, count);
    for (int k = 0; k < count; k++)
        put_text(w, texts[k]);
}

static void put_factor(writer *w, int count, const int32_t *codes, int levels,
                       const char *const *texts)
{
    put_int(w, 13 | 0x200);
    put_int(w, count);
    for (int k = 0; k < count; k++)
        put_int(w, codes[k]);
    put_tag(w, "levels");
    put_texts(w, levels, texts);
    put_int(w, 254);
}

/* A data frame of five rows: numbers with NA, integers, a factor of words, one of numbers, a
 * compact sequence, strings to be left out, and the class. */
static void put_named_frame(writer *w, const char *const names[7])
{
    static const char *const words[] = {"low", "high"}, *const levels[] = {"10", "20", "30"},
                             *const classes[] = {"yes", "no"},
                             *const ids[] = {"a", "b", NULL, "d", "e"};
    static const int32_t word[] = {1, 2, 2, INT32_MIN, 1}, level[] = {3, 1, 2, 2, 1},
                         class[] = {2, 1, 1, 2, 2};
    put_int(w, 19 | 0x200 | 0x100);
    put_int(w, 7);
    put_int(w, 14);
    put_int(w, 5);
    for (int k = 0; k < 5; k++)
        put_double(w, k == 3 ? NAN : 0.5 * k);
    put_int(w, 13);
    put_int(w, 5);
    for (int k = 0; k < 5; k++)
        put_int(w, k == 0 ? INT32_MIN : -k);
    put_factor(w, 5, word, 2, words);
    put_factor(w, 5, level, 3, levels);
    put_int(w, 238); /* 7, 9, .. as an alternative representation */
    put_int(w, 2);
    put_symbol(w, "compact_intseq");
    put_int(w, 254);
    put_int(w, 14);
    put_int(w, 3);
    put_double(w, 5);
    put_double(w, 7);
    put_double(w, 2);
    put_int(w, 254);
    put_texts(w, 5, ids);
    put_factor(w, 5, class, 2, classes);
    put_tag(w, "names");
    put_texts(w, 7, names);
    put_int(w, 254);
}

static void put_frame(writer *w)
{
    static const char *const names[] = {"num", "int", "word", "level", "seq", "id", "class"};
    put_named_frame(w, names);
}

/* version 2 or 3 of a file that holds `frame` and, under another name, a reference to a symbol */
static void put_file(writer *w, int version)
{
    w->size = 0;
    memcpy(w->data, version == 2 ? "RDX2\nX\n" : "RDX3\nX\n", 7);
    w->size = 7;
    put_int(w, version);
    put_int(w, 0x040201);
    put_int(w, 0x020300);
    if (version == 3) {
        put_int(w, 5);
        memcpy(w->data + w->size, "UTF-8", 5);
        w->size += 5;
    }
    put_tag(w, "other");
    put_int(w, 255 | 1 << 8); /* the first symbol again: "other" */
    put_tag(w, "frame");
    put_frame(w);
    put_int(w, 254);
}

static void check_frame(const zg_r_value *file)
{
    zg_error error = {0};
    zg_dataset *data;
    const zg_r_value *other = zg_r_find(file, "other");
    assert_non_null(other);
    assert_string_equal(other->strings[0], "other");
    assert_null(zg_r_find(file, "none"));
    assert_ok(zg_r_dataset(zg_r_find(file, "frame"), "class", "id", "f", &data, &error), &error);
    assert_int_equal(data->rows, 5);
    assert_int_equal(data->inputs, 5);
    static const double x[] = {0,  NAN, 0,   30, 7,   0.5, -1, 1, 10, 9, 1,  -2, 1,
                               20, 11,  NAN, -3, NAN, 20,  13, 2, -4, 0, 10, 15};
    static const double t[] = {1, 0, 0, 1, 1};
    for (size_t i = 0; i < 25; i++)
        assert_true(data->x[i] == x[i] || (isnan(x[i]) && isnan(data->x[i])));
    assert_memory_equal(data->t, t, sizeof t);
    assert_string_equal(data->input_names[2], "word");
    assert_string_equal(data->target_names[0], "class");
    zg_dataset_free(data);
    assert_int_equal(zg_r_dataset(zg_r_find(file, "frame"), "klass", "id", "f", &data, &error),
                     ZG_BAD_INPUT);
    assert_string_equal(error.message, "f: expected one column called klass");
    assert_int_equal(zg_r_dataset(zg_r_find(file, "frame"), "class", NULL, "f", &data, &error),
                     ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "f: expected columns of numbers or factors, all of one length");
    assert_int_equal(zg_r_dataset(other, "class", NULL, "f", &data, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "f: expected a data frame");
}

/* ---- packing --------------------------------------------------------------------------------- */

static size_t pack(zg_packing packing, const writer *w, unsigned char *out, size_t room)
{
    if (packing == ZG_PACKING_ZLIB) {
        uLongf size = room;
        assert_int_equal(compress(out, &size, w->data, w->size), Z_OK);
        return size;
    }
    if (packing == ZG_PACKING_BZIP2) {
        unsigned size = (unsigned)room;
        assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out, &size, (char *)(void *)w->data,
                                                  (unsigned)w->size, 9, 0, 0),
                         BZ_OK);
        return size;
    }
    size_t size = 0;
    lzma_options_lzma options;
    lzma_lzma_preset(&options, 6);
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    if (packing == ZG_PACKING_XZ)
        assert_int_equal(
            lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, w->data, w->size, out, &size, room),
            LZMA_OK);
    else
        assert_int_equal(lzma_raw_buffer_encode(filters, NULL, w->data, w->size, out, &size, room),
                         LZMA_OK);
    return size;
}

static void packed_data_is_unpacked(void **state)
{
    (void)state;
    static unsigned char packed[16384];
    writer w;
    put_file(&w, 3);
    for (int p = ZG_PACKING_ZLIB; p <= ZG_PACKING_LZMA2; p++) {
        zg_packing packing = (zg_packing)p;
        zg_error error = {0};
        zg_bytes bytes;
        size_t size = pack(packing, &w, packed, sizeof packed);
        if (packing != ZG_PACKING_LZMA2) assert_int_equal(zg_packing_detect(packed, size), packing);
        assert_ok(zg_unpack(packing, packed, size, "f", 0, &bytes, &error), &error);
        assert_int_equal(bytes.size, w.size);
        assert_memory_equal(bytes.data, w.data, w.size);
        zg_bytes_clear(&bytes);
        for (size_t cut = 0; cut < size; cut += 1 + cut / 10) {
            assert_int_equal(zg_unpack(packing, packed, cut, "f", 0, &bytes, &error), ZG_BAD_INPUT);
            assert_string_equal(error.message,
                                "f: expected whole packed data, found: data that are damaged "
                                "or cut off");
        }
        for (size_t i = 0; i < size; i += 7) {
            packed[i] ^= 0x55;
            if (zg_unpack(packing, packed, size, "f", 0, &bytes, &error) == ZG_OK)
                zg_bytes_clear(&bytes);
            packed[i] ^= 0x55;
        }
    }
    assert_int_equal(zg_packing_detect((const unsigned char *)"RDX2\n", 5), ZG_PACKING_NONE);
}

/* Unpacks; the result, when there is one, must be what was packed, whatever happened to it. */
static bool unpacks_to(zg_packing packing, const unsigned char *packed, size_t size,
                       const unsigned char *want, size_t want_size)
{
    zg_error error = {0};
    zg_bytes bytes;
    if (zg_unpack(packing, packed, size, "f", 0, &bytes, &error) != ZG_OK) return false;
    assert_int_equal(bytes.size, want_size);
    assert_memory_equal(bytes.data, want, want_size);
    zg_bytes_clear(&bytes);
    return true;
}

/* Numbers that do not compress: a changed byte is a changed number, and only the checksum tells. */
static size_t pack_stored(const unsigned char *data, size_t size, unsigned char *out, size_t room)
{
    z_stream s = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (unsigned)size};
    s.next_out = out;
    s.avail_out = (unsigned)room;
    assert_int_equal(deflateInit2(&s, 0, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
    deflateEnd(&s);
    return room - s.avail_out;
}

static void changed_bytes_of_packed_data_change_nothing_or_are_refused(void **state)
{
    (void)state;
    static unsigned char packed[65536];
    writer w, twice;
    put_file(&w, 3);
    assert_true(2 * w.size <= sizeof twice.data);
    memcpy(twice.data, w.data, w.size);
    memcpy(twice.data + w.size, w.data, w.size);
    for (int p = ZG_PACKING_ZLIB - 1; p <= ZG_PACKING_XZ; p++) { /* raw LZMA2 has no checksum */
        zg_packing packing = p < ZG_PACKING_ZLIB ? ZG_PACKING_ZLIB : (zg_packing)p;
        size_t one = p < ZG_PACKING_ZLIB ? pack_stored(w.data, w.size, packed, sizeof packed)
                                         : pack(packing, &w, packed, sizeof packed);
        memcpy(packed + one, packed, one);
        size_t size = 2 * one, refused = 0;
        assert_true(unpacks_to(packing, packed, one, w.data, w.size));
        assert_true(unpacks_to(packing, packed, size, twice.data, 2 * w.size));
        for (size_t i = 0; i < size; i++) {
            packed[i] ^= (unsigned char)(1u << i % 8);
            refused += !unpacks_to(packing, packed, size, twice.data, 2 * w.size);
            packed[i] ^= (unsigned char)(1u << i % 8);
        }
        assert_true(refused > size * 3 / 4);
        memset(packed + size, 0, 512); /* as on a tape */
        assert_true(unpacks_to(packing, packed, size + 512, twice.data, 2 * w.size));
        packed[size + 511] = 1;
        assert_false(unpacks_to(packing, packed, size + 512, twice.data, 2 * w.size));
    }
}

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(data, 1, size, stream), size);
    fclose(stream);
}

static void rda_files(void **state)
{
    (void)state;
    static unsigned char packed[16384];
    char path[] = "/tmp/zerogap-rda-XXXXXX";
    close(mkstemp(path));
    for (int version = 2; version <= 3; version++) {
        for (int p = ZG_PACKING_NONE; p <= ZG_PACKING_XZ; p++) {
            writer w;
            put_file(&w, version);
            size_t size = w.size;
            if (p == ZG_PACKING_NONE)
                memcpy(packed, w.data, size);
            else
                size = pack((zg_packing)p, &w, packed, sizeof packed);
            write_file(path, packed, size);
            zg_arena arena = {0};
            zg_r_value *file;
            zg_error error = {0};
            assert_ok(zg_rda_read(path, &arena, &file, &error), &error);
            check_frame(file);
            zg_arena_clear(&arena);
        }
    }
    write_file(path, "a,b\n1,2\n", 8);
    zg_arena arena = {0};
    zg_r_value *file;
    zg_error error = {0};
    assert_int_equal(zg_rda_read(path, &arena, &file, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "expected an R data file (RDX2 or RDX3, binary)"));
    zg_arena_clear(&arena);
    unlink(path);
}

/* ---- lazy-load databases --------------------------------------------------------------------- */

/* A chunk: size, the letter of the packing where there is one, data. */
static size_t put_chunk(zg_packing packing, const writer *w, unsigned char *out, size_t room)
{
    static const char letters[] = {'0', 0, '2', 0, 'Z'};
    for (int k = 0; k < 4; k++)
        out[k] = (unsigned char)(w->size >> (24 - 8 * k));
    size_t used = 4;
    if (letters[packing]) out[used++] = (unsigned char)letters[packing];
    if (packing == ZG_PACKING_NONE) {
        memcpy(out + used, w->data, w->size);
        return used + w->size;
    }
    return used + pack(packing, w, out + used, room - used);
}

static void put_header(writer *w)
{
    w->size = 0;
    w->data[w->size++] = 'X';
    w->data[w->size++] = '\n';
    put_int(w, 2);
    put_int(w, 0x040201);
    put_int(w, 0x020300);
}

static void rdb_databases(void **state)
{
    (void)state;
    static unsigned char chunk[16384];
    static const char *const parts[] = {"variables"}, *const variables[] = {"frame"};
    char base[] = "/tmp/zerogap-rdb-XXXXXX", path[64];
    close(mkstemp(base));
    for (int p = ZG_PACKING_NONE; p <= ZG_PACKING_LZMA2; p++) {
        if (p == ZG_PACKING_XZ) continue; /* not used in databases */
        writer w;
        put_header(&w);
        put_frame(&w);
        memset(chunk, 0xee, 10);
        size_t size = put_chunk((zg_packing)p, &w, chunk + 10, sizeof chunk - 10);
        snprintf(path, sizeof path, "%s.rdb", base);
        write_file(path, chunk, 10 + size);
        put_header(&w);
        put_int(&w, 19 | 0x200); /* list(variables = list(frame = c(10, size))) */
        put_int(&w, 1);
        put_int(&w, 19 | 0x200);
        put_int(&w, 1);
        put_int(&w, 13);
        put_int(&w, 2);
        put_int(&w, 10);
        put_int(&w, (int32_t)size);
        put_tag(&w, "names");
        put_texts(&w, 1, variables);
        put_int(&w, 254);
        put_int(&w, 2 | 0x400); /* the tag "names" again, by reference */
        put_int(&w, 255 | 1 << 8);
        put_texts(&w, 1, parts);
        put_int(&w, 254);
        snprintf(path, sizeof path, "%s.rdx", base);
        write_file(path, w.data, w.size);
        zg_arena arena = {0};
        zg_r_value *frame;
        zg_error error = {0};
        zg_dataset *data;
        assert_ok(zg_rdb_read(base, "frame", &arena, &frame, &error), &error);
        assert_ok(zg_r_dataset(frame, "class", "id", "f", &data, &error), &error);
        assert_int_equal(data->rows, 5);
        assert_true(data->x[4] == 7);
        zg_dataset_free(data);
        assert_int_equal(zg_rdb_read(base, "nothing", &arena, &frame, &error), ZG_BAD_INPUT);
        assert_non_null(strstr(error.message, "there is no variable nothing"));
        snprintf(path, sizeof path, "%s.rdb", base);
        assert_int_equal(truncate(path, (off_t)(size - 1)), 0);
        assert_int_equal(zg_rdb_read(base, "frame", &arena, &frame, &error), ZG_BAD_INPUT);
        zg_arena_clear(&arena);
        unlink(path);
        snprintf(path, sizeof path, "%s.rdx", base);
        unlink(path);
    }
    unlink(base);
}

/* Every prefix is refused, and no changed byte does harm. */
static void frames_with_two_columns_of_a_name_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"num", "int", "word", "int", "seq", "id", "class"};
    writer w;
    put_file(&w, 2);
    w.size = 19; /* behind the head: two lines and three numbers */
    put_tag(&w, "frame");
    put_named_frame(&w, names);
    put_int(&w, 254);
    char path[] = "/tmp/zerogap-twice-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    write_file(path, w.data, w.size);
    zg_arena arena = {0};
    zg_r_value *file;
    zg_dataset *data;
    zg_error error = {0};
    assert_ok(zg_rda_read(path, &arena, &file, &error), &error);
    assert_int_equal(zg_r_dataset(zg_r_find(file, "frame"), "class", "id", "f", &data, &error),
                     ZG_BAD_INPUT);
    assert_string_equal(error.message, "f: expected distinct column names, found \"int\" twice");
    zg_arena_clear(&arena);
    unlink(path);
}

static void damaged_r_data(void **state)
{
    (void)state;
    writer w;
    put_file(&w, 2);
    zg_error error;
    zg_r_value *file;
    for (size_t size = 0; size + 5 < w.size; size++) {
        zg_arena arena = {0};
        unsigned char *exact = malloc(size + 1); /* so that reading too far is noticed */
        memcpy(exact, w.data + 5, size);
        assert_int_equal(zg_r_parse(exact, size, "f", &arena, &file, &error), ZG_BAD_INPUT);
        free(exact);
        zg_arena_clear(&arena);
    }
    for (size_t i = 5; i < w.size; i++) {
        static const unsigned char changes[] = {0x01, 0x80, 0xff, 0x10};
        for (size_t k = 0; k < sizeof changes; k++) {
            zg_arena arena = {0};
            zg_dataset *data;
            w.data[i] ^= changes[k];
            if (zg_r_parse(w.data + 5, w.size - 5, "f", &arena, &file, &error) == ZG_OK &&
                zg_r_dataset(zg_r_find(file, "frame"), "class", "id", "f", &data, &error) == ZG_OK)
                zg_dataset_free(data);
            w.data[i] ^= changes[k];
            zg_arena_clear(&arena);
        }
    }
}

/* ---- ARFF ------------------------------------------------------------------------------------ */

static zg_status read_arff(const char *text, zg_arena *arena, zg_arff *out, zg_error *error)
{
    zg_bytes bytes = {.data = (unsigned char *)(void *)text, .size = strlen(text)};
    return zg_arff_read(&bytes, "f", 0, arena, out, error);
}

static void arff_read(void **state)
{
    (void)state;
    const char *text = "% comment\n@RELATION 'a b'\n\n@attribute 'first one' NUMERIC\r\n"
                       "@Attribute color {red, 'dark blue',\"it's\" }\n@attribute z real\n"
                       "% more\n@DATA\n1.5, red ,?\n\n% between\n-2,'dark blue',3e1\r\n"
                       "?,\"it's\",0";
    static const double values[] = {1.5, 0, NAN, -2, 1, 30, NAN, 2, 0};
    zg_arena arena = {0};
    zg_arff arff;
    zg_error error = {0};
    assert_ok(read_arff(text, &arena, &arff, &error), &error);
    assert_int_equal(arff.columns, 3);
    assert_int_equal(arff.rows, 3);
    assert_string_equal(arff.column[0].name, "first one");
    assert_int_equal(arff.column[1].word_count, 3);
    assert_string_equal(arff.column[1].words[2], "it's");
    for (size_t i = 0; i < 9; i++)
        assert_true(arff.values[i] == values[i] || (isnan(values[i]) && isnan(arff.values[i])));
    zg_arff_clear(&arff);
    zg_arena_clear(&arena);
}

static void arff_refused(void **state)
{
    (void)state;
#define HEAD "@relation r\n@attribute a numeric\n@attribute b {x,y}\n"
    static const struct {
        const char *text, *message;
    } files[] = {
        {"", "f:1:1: expected @data, found \"\""},
        {HEAD, "f:4:1: expected @data, found \"\""},
        {HEAD "@data\n", "f:5:1: expected a row of data, found \"\""},
        {"@data\n1,2\n", "f:1:1: expected @attribute before @data, found \"@data\""},
        {"hello\n", "f:1:1: expected @attribute or @data, found \"hello\""},
        {"@attribute d date\n@data\n",
         "f:1:14: expected numeric, real, integer or {WORD, ...}, found \"date\""},
        {"@attribute s string\n@data\n",
         "f:1:14: expected numeric, real, integer or {WORD, ...}, found \"string\""},
        {"@attribute s {a,b\n@data\n", "f:1:18: expected a closing brace, found \"\""},
        {"@attribute 's numeric\n@data\n",
         "f:1:12: expected a closing quotation mark, found \"'s numeric\""},
        {"@attribute s {a,b, 'a'}\n@data\n", "f:1:12: expected distinct words, found \"a\" twice"},
        {"@attribute s {a,,b}\n", "f:1:17: expected a value, found \"\""},
        {HEAD "@data\n1,z\n", "f:5:3: expected one of the attribute's declared words, found \"z\""},
        {HEAD "@data\nx,x\n", "f:5:1: expected a finite number, found \"x\""},
        {HEAD "@data\nnan,x\n", "f:5:1: expected a finite number, found \"nan\""},
        {HEAD "@data\n1\n", "f:5:2: expected another value after a comma, found \"\""},
        {HEAD "@data\n1,x,2\n", "f:5:4: expected the end of the row, found \"\""},
        {HEAD "@data\n{0 1, 1 x}\n", "f:5:1: expected a finite number, found \"{0 1\""},
        {HEAD "@data\n,x\n", "f:5:1: expected a value, found \"\""},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        zg_arena arena = {0};
        zg_arff arff;
        zg_error error = {0};
        assert_int_equal(read_arff(files[k].text, &arena, &arff, &error), ZG_BAD_INPUT);
        assert_string_equal(error.message, files[k].message);
        zg_arena_clear(&arena);
    }
}

/* ---- FANN ------------------------------------------------------------------------------------ */

static zg_status read_fann(const char *text, zg_dataset **out, zg_error *error)
{
    zg_bytes bytes = {.data = (unsigned char *)(void *)text, .size = strlen(text)};
    return zg_fann_read(&bytes, "f", out, error);
}

static void fann_read(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_dataset *data;
    assert_ok(read_fann("2 3 2\n1 2 3\n4 5\n\n-1 -2\t-3 \r\n1e1 .5\n", &data, &error), &error);
    static const double x[] = {1, 2, 3, -1, -2, -3}, t[] = {4, 5, 10, 0.5};
    assert_memory_equal(data->x, x, sizeof x);
    assert_memory_equal(data->t, t, sizeof t);
    zg_dataset_free(data);
    static const struct {
        const char *text, *message;
    } files[] = {
        {"", "f:1:1: expected a finite number, found \"\""},
        {"2 x 1", "f:1:3: expected a finite number, found \"x\""},
        {"0 1 1", "f:1:1: expected a positive whole number, found \"0\""},
        {"2 1.5 1", "f:1:3: expected a positive whole number, found \"1.5\""},
        {"2 1 1\n1\n2\n3\n", "f:5:1: expected a finite number, found \"\""},
        {"1 1 1\n1\n2\n3\n", "f:4:1: expected the end of the file, found \"3\""},
        {"1 1 1\n1\nnan\n", "f:3:1: expected a finite number, found \"nan\""},
        {"900000000 9 9\n1 2 3\n",
         "f: expected 900000000 rows of 18 numbers, but the file has 20 bytes only"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        assert_int_equal(read_fann(files[k].text, &data, &error), ZG_BAD_INPUT);
        assert_string_equal(error.message, files[k].message);
        assert_null(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_data_is_unpacked),
        cmocka_unit_test(changed_bytes_of_packed_data_change_nothing_or_are_refused),
        cmocka_unit_test(rda_files),
        cmocka_unit_test(rdb_databases),
        cmocka_unit_test(frames_with_two_columns_of_a_name_are_refused),
        cmocka_unit_test(damaged_r_data),
        cmocka_unit_test(arff_read),
        cmocka_unit_test(arff_refused),
        cmocka_unit_test(fann_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
