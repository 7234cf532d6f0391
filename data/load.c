/* Telling data files apart and reading them. */
#include "data/load.h"

#include "base/bytes.h"
#include "data/archive.h"
#include "data/arff.h"
#include "data/idx.h"
#include "data/libsvm.h"
#include "data/npy.h"
#include "data/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PROBE 4096 /* bytes that tell the format */

static zg_status read_libsvm(const zg_bytes *bytes, const char *path,
                             const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    const char *target = options ? options->target : NULL;
    if (target && strcmp(target, "last") != 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: target \"%.80s\": LIBSVM text has its target in front; no other "
                       "column can be chosen",
                       path, target);
    return zg_libsvm_read((const char *)bytes->data, bytes->size, path, options, out, error);
}

/* Formats that know by themselves what is a target have no column names either. */
static zg_status fit_schema(const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    if (!options || !options->schema) return ZG_OK;
    zg_status status = zg_dataset_retarget(*out, NULL, options->schema, error);
    if (status == ZG_OK) return ZG_OK;
    zg_dataset_free(*out);
    *out = NULL;
    return status;
}

static zg_status read_text(const zg_bytes *bytes, const char *name, const zg_data_options *options,
                           zg_dataset **out, zg_error *error)
{
    zg_bytes converted;
    if (zg_utf16_detect(bytes->data, bytes->size)) {
        zg_status status = zg_utf16_convert(bytes, name, &converted, error);
        if (status == ZG_OK) status = read_text(&converted, name, options, out, error);
        zg_bytes_clear(&converted);
        return status;
    }
    if (zg_arff_detect((const char *)bytes->data))
        return zg_arff_load(bytes, name, options, out, error);
    if (zg_libsvm_expected((const char *)bytes->data, options)) {
        zg_status status = read_libsvm(bytes, name, options, out, error);
        return status == ZG_OK ? fit_schema(options, out, error) : status;
    }
    FILE *stream = zg_bytes_open(bytes);
    if (!stream) return zg_no_memory(error);
    zg_status status = zg_csv_read(stream, name, options, out, error);
    fclose(stream);
    return status;
}

static zg_status read_content(const zg_bytes *bytes, const char *path, const char *name, int depth,
                              const zg_data_options *options, zg_dataset **out, zg_error *error);

static zg_status not_one_file(const zg_members *members, const char *name, zg_error *error)
{
    for (size_t i = 0; i < members->count; i++)
        if (strcmp(members->items[i].name, "[Content_Types].xml") == 0 ||
            strcmp(members->items[i].name, "mimetype") == 0)
            return zg_fail(error, ZG_BAD_INPUT, "%.400s is a spreadsheet: save it as CSV", name);
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected one file in the archive, found %zu (%.80s, %.80s, ..): unpack "
                   "the one that is meant",
                   name, members->count, members->items[0].name, members->items[1].name);
}

/* What is packed: NumPy arrays, or one file of any format. */
static zg_status read_packed(const zg_bytes *bytes, const char *path, const char *name, int depth,
                             const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    zg_members members;
    zg_status status =
        zg_archive_read(bytes, name, options ? options->size_limit : 0, &members, error);
    if (status != ZG_OK) return status;
    /* What begins like an archive but holds no directory of files comes out as it went in. */
    bool whole = memcmp(bytes->data, "PK", 2) != 0 || members.items[0].name;
    if (!whole)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: expected a whole zip archive, found one that is damaged or cut "
                         "off",
                         name);
    else if (zg_npz_detect(&members))
        status = zg_npz_read(&members, name, options, out, error);
    else if (members.count == 1)
        status = read_content(&members.items[0].bytes, path, name, depth + 1, options, out, error);
    else
        status = not_one_file(&members, name, error);
    zg_members_clear(&members);
    return status;
}

/* The whole content of a file, of any format; path is NULL for standard input. */
static zg_status read_content(const zg_bytes *bytes, const char *path, const char *name, int depth,
                              const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    if (depth > 2)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected a file packed once, found it packed "
                       "several times over",
                       name);
    if (zg_archive_detect(bytes->data, bytes->size))
        return read_packed(bytes, path, name, depth, options, out, error);
    if (zg_npy_detect(bytes->data, bytes->size))
        return zg_npy_read(bytes, name, options, out, error);
    if (zg_idx_detect(bytes->data, bytes->size) && path) {
        zg_status status = zg_idx_load(path, options, out, error);
        return status == ZG_OK ? fit_schema(options, out, error) : status;
    }
    return read_text(bytes, name, options, out, error);
}

static zg_status read_whole(FILE *stream, const char *path, const char *name,
                            const zg_data_options *options, zg_dataset **out, zg_error *error)
{
    zg_bytes bytes;
    zg_status status = zg_bytes_read_stream(stream, name, &bytes, error);
    if (status != ZG_OK) return status;
    status = read_content(&bytes, path, name, 0, options, out, error);
    zg_bytes_clear(&bytes);
    return status;
}

/* Whether the first bytes are those of CSV, which, as NPY, need not be in memory as a whole. */
static bool is_csv(const char *probe, size_t size, const zg_data_options *options)
{
    const unsigned char *first = (const unsigned char *)probe;
    return !zg_archive_detect(first, size) && !zg_npy_detect(first, size) &&
           !zg_idx_detect(first, size) && !zg_utf16_detect(first, size) && !zg_arff_detect(probe) &&
           !zg_libsvm_expected(probe, options);
}

static zg_status load_stream(FILE *stream, const char *path, const zg_data_options *options,
                             zg_dataset **out, zg_error *error)
{
    struct stat facts;
    if (fstat(fileno(stream), &facts) != 0 || !S_ISREG(facts.st_mode)) /* cannot be read twice */
        return S_ISDIR(facts.st_mode)
                   ? zg_fail(error, ZG_IO, "cannot read %.400s: it is a directory", path)
                   : read_whole(stream, path, path, options, out, error);
    char probe[PROBE + 1];
    size_t got = fread(probe, 1, PROBE, stream);
    probe[got] = '\0';
    rewind(stream);
    if (zg_npy_detect((const unsigned char *)probe, got))
        return zg_npy_read_stream(stream, (size_t)facts.st_size, path, options, out, error);
    return is_csv(probe, got, options) ? zg_csv_read(stream, path, options, out, error)
                                       : read_whole(stream, path, path, options, out, error);
}

/* A time series: the table, then its rows. */
static zg_status load_series(const char *path, const zg_data_options *options, zg_dataset **out,
                             zg_error *error)
{
    zg_series_plan plan;
    zg_status status = zg_series_plan_make(options, true, &plan, error);
    if (status != ZG_OK) return status;
    status = zg_dataset_load(path, &plan.options, out, error);
    return zg_series_plan_finish(&plan, status, out, error);
}

zg_status zg_dataset_load(const char *path, const zg_data_options *options, zg_dataset **out,
                          zg_error *error)
{
    *out = NULL;
    if (zg_series_wanted(options)) return load_series(path, options, out, error);
    bool standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "re");
    if (!stream) return zg_fail(error, ZG_IO, "cannot open %.400s: %s", path, strerror(errno));
    zg_status status = standard ? read_whole(stdin, NULL, "standard input", options, out, error)
                                : load_stream(stream, path, options, out, error);
    if (!standard) fclose(stream);
    if (status == ZG_OK && options) (*out)->gaps = options->missing == ZG_MISSING_TRAINING_MEAN;
    return status;
}
