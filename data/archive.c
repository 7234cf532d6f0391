/* Unpacking with limits on what may come out: zstd and zip over libarchive, the others over
 * data/unpack.c. */
#include "data/archive.h"

#include "base/memory.h"
#include "base/size_limit.h"
#include "data/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)1 << 16)

bool zg_archive_detect(const unsigned char *data, size_t size)
{
    static const struct {
        unsigned char bytes[6];
        size_t count;
    } magics[] = {{{0x1f, 0x8b}, 2},
                  {{'B', 'Z', 'h'}, 3},
                  {{0xfd, '7', 'z', 'X', 'Z', 0}, 6},
                  {{0x28, 0xb5, 0x2f, 0xfd}, 4},
                  {{'P', 'K', 3, 4}, 4}};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].count && memcmp(data, magics[i].bytes, magics[i].count) == 0)
            return true;
    return false;
}

static zg_status damaged(struct archive *a, const char *name, zg_error *error)
{
    const char *cause = archive_error_string(a);
    return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected whole packed data, found: %.200s", name,
                   cause ? cause : "something else");
}

static zg_status open_archive(struct archive *a, const zg_bytes *packed, const char *name,
                              zg_error *error)
{
    /* No filter that would start another program. */
    archive_read_support_filter_zstd(a);
    archive_read_support_format_zip_seekable(a);
    archive_read_support_format_raw(a);
    return archive_read_open_memory(a, packed->data, packed->size) == ARCHIVE_OK
               ? ZG_OK
               : damaged(a, name, error);
}

/* All bytes of the current member; *left is how many there may be. */
static zg_status read_member(struct archive *a, const char *name, size_t packed, size_t allowed,
                             size_t *left, zg_bytes *out, zg_error *error)
{
    size_t capacity = 0;
    for (;;) {
        unsigned char *bigger = zg_grow(out->data, &capacity, out->size + BLOCK + 1, 1);
        if (!bigger) return zg_no_memory(error);
        out->data = bigger;
        la_ssize_t got = archive_read_data(a, out->data + out->size, BLOCK);
        if (got < 0) return damaged(a, name, error);
        out->size += (size_t)got;
        out->data[out->size] = '\0';
        if ((size_t)got > *left) return zg_size_unpacked_fail(name, packed, allowed, error);
        *left -= (size_t)got;
        if (got == 0) return ZG_OK;
    }
}

static bool is_hidden(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    return *base == '\0' || *base == '.' || strncmp(path, "__", 2) == 0;
}

static zg_member *add_member(zg_members *members, const char *name)
{
    zg_member *items =
        zg_grow(members->items, &members->capacity, members->count + 1, sizeof *items);
    if (!items) return NULL;
    members->items = items;
    zg_member *member = &items[members->count];
    *member = (zg_member){0};
    if (name && !(member->name = strdup(name))) return NULL;
    members->count++;
    return member;
}

static zg_status read_members(struct archive *a, const char *name, size_t packed, size_t limit,
                              zg_members *out, zg_error *error)
{
    size_t allowed = zg_size_unpacked(packed, limit), left = allowed;
    struct archive_entry *entry;
    for (;;) {
        int result = archive_read_next_header(a, &entry);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) return damaged(a, name, error);
        bool raw = archive_format(a) == ARCHIVE_FORMAT_RAW;
        const char *path = raw ? NULL : archive_entry_pathname(entry);
        if (!raw && (!path || is_hidden(path))) continue;
        zg_member *member = add_member(out, path);
        if (!member) return zg_no_memory(error);
        zg_status status = read_member(a, name, packed, allowed, &left, &member->bytes, error);
        if (status != ZG_OK) return status;
    }
    if (out->count > 0) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected a file in the archive, found none", name);
}

/* gzip, bzip2 and xz: the libraries that these are of compare every checksum. */
static zg_status read_stream(zg_packing packing, const zg_bytes *packed, const char *name,
                             size_t limit, zg_members *out, zg_error *error)
{
    zg_member *member = add_member(out, NULL);
    return member
               ? zg_unpack(packing, packed->data, packed->size, name, limit, &member->bytes, error)
               : zg_no_memory(error);
}

static zg_status read_archive(const zg_bytes *packed, const char *name, size_t limit,
                              zg_members *out, zg_error *error)
{
    struct archive *a = archive_read_new();
    if (!a) return zg_no_memory(error);
    zg_status status = open_archive(a, packed, name, error);
    if (status == ZG_OK) status = read_members(a, name, packed->size, limit, out, error);
    archive_read_free(a);
    return status;
}

zg_status zg_archive_read(const zg_bytes *packed, const char *name, size_t limit, zg_members *out,
                          zg_error *error)
{
    *out = (zg_members){0};
    zg_packing packing = zg_packing_detect(packed->data, packed->size);
    zg_status status = packing == ZG_PACKING_NONE
                           ? read_archive(packed, name, limit, out, error)
                           : read_stream(packing, packed, name, limit, out, error);
    if (status != ZG_OK) zg_members_clear(out);
    return status;
}

void zg_members_clear(zg_members *members)
{
    for (size_t i = 0; i < members->count; i++) {
        free(members->items[i].name);
        zg_bytes_clear(&members->items[i].bytes);
    }
    free(members->items);
    *members = (zg_members){0};
}
