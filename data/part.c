/* Parts of data files (see part.h). */
#include "data/part.h"

#include "base/bytes.h"
#include "data/archive.h"
#include "data/arff.h"
#include "data/csv_reader.h"
#include "data/idx.h"
#include "data/libsvm.h"
#include "data/npy.h"
#include "data/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE 4096              /* bytes that tell the format */
#define CHUNK ((size_t)1 << 20) /* bytes that are looked at at once */

static zg_status cannot_read(const char *path, zg_error *error)
{
    return zg_fail(error, ZG_IO, "cannot read %.400s: %s", path, strerror(errno));
}

/* Bytes from..from + count of a file; a file that ends before them is an error. */
static zg_status read_at(FILE *stream, const char *path, size_t from, size_t count, void *out,
                         zg_error *error)
{
    unsigned char *to = out;
    while (count > 0) {
        ssize_t got = pread(fileno(stream), to, count, (off_t)from);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read(path, error);
        if (got == 0)
            return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %zu bytes more, found the end",
                           path, count);
        to += got;
        from += (size_t)got;
        count -= (size_t)got;
    }
    return ZG_OK;
}

static zg_status size_of(FILE *stream, const char *path, size_t *out, zg_error *error)
{
    struct stat facts;
    if (fstat(fileno(stream), &facts) != 0) return cannot_read(path, error);
    *out = (size_t)facts.st_size;
    return ZG_OK;
}

static zg_status keep_head(zg_part_file *file, zg_error *error)
{
    file->head = malloc(file->begin + 1);
    if (!file->head) return zg_no_memory(error);
    file->head[file->begin] = '\0';
    return read_at(file->stream, file->path, 0, file->begin, file->head, error);
}

/* ---- NPY --------------------------------------------------------------------------------------- */

/* Where the number of rows stands in the head of an NPY file: from *at on, *length digits. */
static bool find_rows(const char *head, size_t size, size_t *at, size_t *length)
{
    const char *shape = memmem(head, size, "shape", 5);
    const char *open = shape ? memchr(shape, '(', size - (size_t)(shape - head)) : NULL;
    if (!open) return false;
    *at = (size_t)(open + 1 - head);
    *length = strspn(open + 1, "0123456789");
    return *length > 0;
}

/* Only what can be cut into rows; zg_npy_read checks everything again in each part. */
static zg_status open_npy(zg_part_file *file, const unsigned char *probe, size_t size,
                          zg_error *error)
{
    size_t start = size > 6 && probe[6] == 1 ? 10 : 12, at, digits, bytes = 0;
    if (size < start) return ZG_OK;
    file->begin = start + (start == 10 ? (size_t)probe[8] | (size_t)probe[9] << 8
                                       : (size_t)zg_little_endian_32(probe + 8));
    zg_status status = size_of(file->stream, file->path, &bytes, error);
    if (status != ZG_OK || file->begin > bytes || file->begin > CHUNK) return status;
    status = keep_head(file, error);
    if (status != ZG_OK) return status;
    const char *head = file->head;
    if (memmem(head, file->begin, "True", 4) || !find_rows(head, file->begin, &at, &digits))
        return ZG_OK; /* by columns, or damaged */
    file->rows = strtoul(head + at, NULL, 10);
    if (file->rows == 0 || (bytes - file->begin) % file->rows != 0) return ZG_OK;
    file->row_bytes = (bytes - file->begin) / file->rows;
    file->end = bytes;
    if (file->row_bytes > 0) file->kind = ZG_PART_ARRAY;
    return ZG_OK;
}

/* The head with another number of rows in front of the rows themselves. */
static zg_status npy_part(const zg_part_file *file, size_t first, size_t count, zg_bytes *out,
                          zg_error *error)
{
    size_t at = 0, digits = 0, size = file->row_bytes * count;
    (void)find_rows(file->head, file->begin, &at, &digits);
    out->size = file->begin + size;
    out->data = malloc(out->size + 1);
    if (!out->data) return zg_no_memory(error);
    memcpy(out->data, file->head, file->begin);
    char number[32];
    int length = snprintf(number, sizeof number, "%zu", count);
    memset(out->data + at, ' ', digits); /* never more digits than the whole file's */
    memcpy(out->data + at, number, (size_t)length);
    out->data[out->size] = '\0';
    return read_at(file->stream, file->path, file->begin + first * file->row_bytes, size,
                   out->data + file->begin, error);
}

/* ---- IDX --------------------------------------------------------------------------------------- */

static zg_status open_labels(zg_part_file *file, zg_error *error)
{
    unsigned char head[8];
    file->labels_path = zg_idx_labels_path(file->path);
    if (!file->labels_path) return ZG_OK; /* a matrix with its targets */
    file->labels = fopen(file->labels_path, "re");
    if (!file->labels) return cannot_read(file->labels_path, error);
    zg_status status = read_at(file->labels, file->labels_path, 0, sizeof head, head, error);
    if (status != ZG_OK) return status;
    size_t bytes = 0;
    status = size_of(file->labels, file->labels_path, &bytes, error);
    if (status != ZG_OK) return status;
    bool plain = zg_idx_detect(head, sizeof head) && head[2] == 8 && head[3] == 1 &&
                 bytes == sizeof head + file->rows;
    if (!plain || zg_big_endian_32(head + 4) != file->rows) file->kind = ZG_PART_WHOLE;
    return ZG_OK;
}

static zg_status open_idx(zg_part_file *file, const unsigned char *probe, zg_error *error)
{
    static const size_t sizes[16] = {[8] = 1, [9] = 1, [11] = 2, [12] = 4, [13] = 4, [14] = 8};
    size_t bytes = 0;
    zg_status status = size_of(file->stream, file->path, &bytes, error);
    file->begin = 4 + 4 * (size_t)probe[3];
    file->row_bytes = sizes[probe[2] & 15];
    for (size_t k = 1; k < probe[3]; k++)
        file->row_bytes *= zg_big_endian_32(probe + 4 + 4 * k);
    file->rows = zg_big_endian_32(probe + 4);
    file->end = bytes;
    bool whole = file->rows == 0 || file->row_bytes == 0 ||
                 bytes != file->begin + file->rows * file->row_bytes;
    if (status != ZG_OK || whole) return status; /* the reader says what is wrong */
    status = keep_head(file, error);
    file->kind = ZG_PART_ARRAY;
    return status == ZG_OK ? open_labels(file, error) : status;
}

/* A file in memory that holds rows of an IDX file; its descriptor, or -1. */
static int idx_part(FILE *stream, const char *path, size_t begin, size_t row_bytes, size_t first,
                    size_t count, zg_error *error)
{
    size_t size = begin + count * row_bytes;
    unsigned char *bytes = malloc(size);
    int descriptor = bytes ? memfd_create("zerogap-part", MFD_CLOEXEC) : -1;
    zg_status status = descriptor >= 0 ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = read_at(stream, path, 0, begin, bytes, error);
    if (status == ZG_OK)
        status =
            read_at(stream, path, begin + first * row_bytes, size - begin, bytes + begin, error);
    for (int b = 0; status == ZG_OK && b < 4; b++)
        bytes[4 + b] = (unsigned char)(count >> (24 - 8 * b));
    for (size_t done = 0; status == ZG_OK && done < size;) {
        ssize_t written = write(descriptor, bytes + done, size - done);
        if (written < 0 && errno != EINTR) status = zg_no_memory(error);
        if (written > 0) done += (size_t)written;
    }
    free(bytes);
    if (status == ZG_OK) return descriptor;
    if (descriptor >= 0) close(descriptor);
    return -1;
}

static zg_status idx_rows(const zg_part_file *file, size_t first, size_t count,
                          const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    char path[40], labels[40];
    int images =
        idx_part(file->stream, file->path, file->begin, file->row_bytes, first, count, error);
    if (images < 0) return ZG_IO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", images);
    zg_status status;
    if (!file->labels) {
        status = zg_idx_load(path, options, out, error);
    } else {
        int second = idx_part(file->labels, file->labels_path, 8, 1, first, count, error);
        snprintf(labels, sizeof labels, "/proc/self/fd/%d", second);
        status = second < 0 ? ZG_IO
                            : zg_idx_read_images(path, labels, NULL,
                                                 options ? options->size_limit : 0, out, error);
        if (second >= 0) close(second);
    }
    close(images);
    return status;
}

zg_status zg_part_rows(const zg_part_file *file, size_t first, size_t count,
                       const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    const unsigned char *head = (const unsigned char *)file->head;
    if (!zg_npy_detect(head, file->begin)) return idx_rows(file, first, count, options, out, error);
    zg_bytes bytes = {0};
    char name[512];
    snprintf(name, sizeof name, first ? "%.400s from row %zu" : "%.400s", file->path, first + 1);
    zg_status status = npy_part(file, first, count, &bytes, error);
    if (status == ZG_OK) status = zg_npy_read(&bytes, name, options, out, error);
    zg_bytes_clear(&bytes);
    return status;
}

/* ---- lines ------------------------------------------------------------------------------------- */

/* The first byte of line number `line`. */
static zg_status find_line(zg_part_file *file, size_t line, size_t *out, zg_error *error)
{
    zg_status status = ZG_OK;
    for (*out = 0; status == ZG_OK && line > 1; line--)
        status = zg_part_line(file, *out + 1, false, out, error);
    return status;
}

/* What the first rows say of the form of the table holds for all parts. */
static zg_status open_lines(zg_part_file *file, const zg_data_options *options, zg_error *error)
{
    zg_csv_reader *reader;
    zg_status status = size_of(file->stream, file->path, &file->end, error);
    if (status == ZG_OK) status = zg_csv_open(file->stream, file->path, options, &reader, error);
    if (status != ZG_OK) return status;
    if (options) file->options = *options;
    file->options.header = reader->has_header ? ZG_HEADER_YES : ZG_HEADER_NO;
    file->options.separator = reader->source.separator;
    const zg_csv_record *first =
        reader->head_start < reader->head_count ? &reader->head[reader->head_start] : NULL;
    size_t line = first && first->count ? first->fields[0].line : 0;
    bool words = zg_csv_label_count(reader) > 0;
    for (size_t c = 0; c < reader->columns.count; c++)
        words = words || (reader->words[c] && reader->columns.place[c] != ZG_COLUMN_UNUSED);
    zg_csv_close(reader);
    if (words || line == 0) return ZG_OK; /* words are known to the whole file only */
    status = find_line(file, line, &file->begin, error);
    size_t lines = 0, quotes = 0;
    if (status == ZG_OK) status = zg_part_scan(file, 0, file->begin, &lines, &quotes, error);
    if (status != ZG_OK || lines != line - 1)
        return status; /* line ends inside of quotation marks */
    file->head_lines = lines;
    file->kind = ZG_PART_LINES;
    return keep_head(file, error);
}

zg_status zg_part_scan(const zg_part_file *file, size_t from, size_t to, size_t *lines,
                       size_t *quotes, zg_error *error)
{
    char *chunk = malloc(CHUNK);
    zg_status status = chunk ? ZG_OK : zg_no_memory(error);
    *lines = *quotes = 0;
    for (size_t at = from; status == ZG_OK && at < to; at += CHUNK) {
        size_t count = to - at < CHUNK ? to - at : CHUNK;
        status = read_at(file->stream, file->path, at, count, chunk, error);
        for (size_t i = 0; status == ZG_OK && i < count; i++) {
            *lines += chunk[i] == '\n';
            *quotes += chunk[i] == '"';
        }
    }
    free(chunk);
    return status;
}

zg_status zg_part_line(const zg_part_file *file, size_t from, bool quoted, size_t *out,
                       zg_error *error)
{
    char chunk[4096];
    if (from > 0) from--; /* the line end before `from` itself counts */
    for (bool first = true; from < file->end; first = false) {
        size_t count = file->end - from < sizeof chunk ? file->end - from : sizeof chunk;
        zg_status status = read_at(file->stream, file->path, from, count, chunk, error);
        if (status != ZG_OK) return status;
        for (size_t i = 0; i < count; i++) {
            bool before = first && i == 0; /* of which `quoted` tells the other side */
            if (chunk[i] == '"' && !before) quoted = !quoted;
            if (chunk[i] != '\n' || quoted) continue;
            *out = from + i + 1;
            return ZG_OK;
        }
        from += count;
    }
    *out = file->end;
    return ZG_OK;
}

/* What a stream of a part has still to give: the head from head on, then bytes of the file. */
typedef struct rest {
    const zg_part_file *file;
    size_t head, from, to;
} rest;

static ssize_t give(void *context, char *out, size_t size)
{
    rest *r = context;
    if (r->head < r->file->begin) {
        size_t left = r->file->begin - r->head, count = left < size ? left : size;
        memcpy(out, r->file->head + r->head, count);
        r->head += count;
        return (ssize_t)count;
    }
    size_t count = r->to - r->from < size ? r->to - r->from : size;
    ssize_t got = count ? pread(fileno(r->file->stream), out, count, (off_t)r->from) : 0;
    if (got > 0) r->from += (size_t)got;
    return got;
}

static int forget(void *context)
{
    free(context);
    return 0;
}

zg_status zg_part_stream(const zg_part_file *file, size_t from, size_t to, FILE **out,
                         zg_error *error)
{
    rest *r = malloc(sizeof *r);
    *out = NULL;
    if (!r) return zg_no_memory(error);
    *r = (rest){.file = file, .from = from, .to = to};
    *out = fopencookie(r, "r", (cookie_io_functions_t){.read = give, .close = forget});
    if (*out) return ZG_OK;
    free(r);
    return zg_no_memory(error);
}

bool zg_part_has_rows(const zg_part_file *file, size_t from, size_t to)
{
    char chunk[4097];
    while (from < to) {
        size_t count = to - from < sizeof chunk - 1 ? to - from : sizeof chunk - 1;
        if (read_at(file->stream, file->path, from, count, chunk, NULL) != ZG_OK)
            return true; /* whoever reads it meets the error, too */
        chunk[count] = '\0';
        if (strspn(chunk, " \t\r\n") < count) return true;
        from += count;
    }
    return false;
}

zg_status zg_part_lines(const zg_part_file *file, size_t from, size_t to, size_t line,
                        zg_dataset **out, zg_error *error)
{
    FILE *stream;
    char name[512];
    *out = NULL;
    if (!zg_part_has_rows(file, from, to)) return ZG_OK;
    /* Lines are counted from the head on: the message names the line that they begin at. */
    if (line > file->head_lines + 1)
        snprintf(name, sizeof name, "%.400s (line %zu stands for line %zu)", file->path,
                 file->head_lines + 1, line);
    else
        snprintf(name, sizeof name, "%.400s", file->path);
    zg_status status = zg_part_stream(file, from, to, &stream, error);
    if (status != ZG_OK) return status;
    status = zg_csv_read(stream, name, &file->options, out, error);
    fclose(stream);
    return status;
}

/* ---- any file ---------------------------------------------------------------------------------- */

static zg_status open_kind(zg_part_file *file, const zg_data_options *options, zg_error *error)
{
    char probe[PROBE + 1];
    size_t got = fread(probe, 1, PROBE, file->stream);
    const unsigned char *first = (const unsigned char *)probe;
    probe[got] = '\0';
    rewind(file->stream);
    if (zg_npy_detect(first, got)) return open_npy(file, first, got, error);
    if (zg_idx_detect(first, got) && got >= 20) return open_idx(file, first, error);
    if (zg_archive_detect(first, got) || zg_idx_detect(first, got) || zg_utf16_detect(first, got) ||
        zg_arff_detect(probe) || zg_libsvm_expected(probe, options))
        return ZG_OK;
    return open_lines(file, options, error);
}

zg_status zg_part_open(const char *path, const zg_data_options *options, zg_part_file *out,
                       zg_error *error)
{
    struct stat facts;
    *out = (zg_part_file){.kind = ZG_PART_WHOLE, .path = path};
    bool whole = options && (options->one_hot || options->lags || options->schema ||
                             options->missing == ZG_MISSING_MEAN ||
                             options->missing == ZG_MISSING_TRAINING_MEAN);
    if (whole || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
        return ZG_OK; /* a name of the catalogue, or what the whole file is needed for */
    out->stream = fopen(path, "re");
    if (!out->stream) return cannot_read(path, error);
    zg_status status = open_kind(out, options, error);
    if (status != ZG_OK) zg_part_close(out);
    return status;
}

void zg_part_close(zg_part_file *file)
{
    if (file->stream) fclose(file->stream);
    if (file->labels) fclose(file->labels);
    free(file->labels_path);
    free(file->head);
    *file = (zg_part_file){0};
}
