/* Telling data files apart and reading them. */
#include "data/load.h"

#include "base/bytes.h"
#include "data/idx.h"
#include "data/libsvm.h"
#include "data/npy.h"

#include <errno.h>
#include <stdio.h>
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
    return zg_libsvm_read((const char *)bytes->data, bytes->size, path, out, error);
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

/* Files whose format needs them whole: everything but plain CSV. */
static zg_status read_whole(const char *path, const zg_data_options *options, zg_dataset **out,
                            zg_error *error)
{
    zg_bytes bytes;
    zg_status status = zg_bytes_read(path, &bytes, error);
    if (status != ZG_OK) return status;
    if (zg_npy_detect(bytes.data, bytes.size)) {
        status = zg_npy_read(&bytes, path, options, out, error);
    } else if (zg_idx_detect(bytes.data, bytes.size)) {
        zg_bytes_clear(&bytes);
        status = zg_idx_load(path, options, out, error);
        return status == ZG_OK ? fit_schema(options, out, error) : status;
    } else if (zg_libsvm_detect((const char *)bytes.data)) {
        status = read_libsvm(&bytes, path, options, out, error);
        if (status == ZG_OK) status = fit_schema(options, out, error);
    } else {
        FILE *stream = fmemopen(bytes.data, bytes.size, "r");
        status = stream ? zg_csv_read(stream, path, options, out, error) : zg_no_memory(error);
        if (stream) fclose(stream);
    }
    zg_bytes_clear(&bytes);
    return status;
}

zg_status zg_dataset_load(const char *path, const zg_data_options *options, zg_dataset **out,
                          zg_error *error)
{
    *out = NULL;
    if (strcmp(path, "-") == 0) return zg_csv_read(stdin, "standard input", options, out, error);
    struct stat facts;
    FILE *stream = fopen(path, "re");
    if (!stream) return zg_fail(error, ZG_IO, "cannot open %.400s: %s", path, strerror(errno));
    if (fstat(fileno(stream), &facts) == 0 && S_ISDIR(facts.st_mode)) {
        fclose(stream);
        return zg_fail(error, ZG_IO, "cannot read %.400s: it is a directory", path);
    }
    if (!S_ISREG(facts.st_mode)) { /* a pipe cannot be read twice */
        zg_status status = zg_csv_read(stream, path, options, out, error);
        fclose(stream);
        return status;
    }
    char probe[PROBE + 1];
    size_t got = fread(probe, 1, PROBE, stream);
    probe[got] = '\0';
    const unsigned char *first = (const unsigned char *)probe;
    if (memcmp(probe, "PK\3\4", 4) == 0) {
        fclose(stream);
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s is a zip archive or a spreadsheet: unpack it, or save it as CSV",
                       path);
    }
    bool gzip = got >= 2 && first[0] == 0x1f && first[1] == 0x8b;
    if (gzip || zg_npy_detect(first, got) || zg_idx_detect(first, got) || zg_libsvm_detect(probe)) {
        fclose(stream);
        return read_whole(path, options, out, error);
    }
    rewind(stream);
    zg_status status = zg_csv_read(stream, path, options, out, error);
    fclose(stream);
    return status;
}
