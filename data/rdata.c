/* The reader of R's serialisation format (XDR): a tree of items, each begun by a word of flags. */
#include "data/rdata.h"

#include "base/memory.h"
#include "base/size_limit.h"
#include "data/unpack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_LIMIT 100
#define REFERENCE_LIMIT 100000

/* Types of items, as R numbers them. */
enum {
    R_SYMBOL = 1,
    R_PAIRLIST = 2,
    R_ENVIRONMENT = 4,
    R_CHARACTERS = 9,
    R_LOGICALS = 10,
    R_INTEGERS = 13,
    R_NUMBERS = 14,
    R_STRINGS = 16,
    R_VECTOR = 19,
    R_RAW = 24,
    R_ALTREP = 238,
    R_EMPTY_ENVIRONMENT = 242,
    R_GLOBAL_ENVIRONMENT = 253,
    R_NIL = 254,
    R_REFERENCE = 255
};
#define FLAG_ATTRIBUTES 0x200
#define FLAG_TAG 0x400

typedef struct reader {
    const unsigned char *data;
    size_t size, at;
    const char *name;
    zg_arena *arena;
    zg_error *error;
    int depth;
    size_t expanded;         /* elements of compact sequences, all together */
    zg_r_value **references; /* symbols and environments, by order of appearance */
    size_t reference_count, reference_capacity;
} reader;

/* ---- small pieces ---------------------------------------------------------------------------- */

static zg_status damaged(const reader *r, const char *what)
{
    return zg_fail(r->error, ZG_BAD_INPUT, "%.400s: expected %s at byte %zu of the R data", r->name,
                   what, r->at);
}

static zg_status take(reader *r, size_t size, const unsigned char **out)
{
    if (size > r->size - r->at) return damaged(r, "more data");
    *out = r->data + r->at;
    r->at += size;
    return ZG_OK;
}

static zg_status take_int(reader *r, int32_t *out)
{
    const unsigned char *p;
    zg_status status = take(r, 4, &p);
    if (status == ZG_OK) *out = (int32_t)zg_big_endian_32(p);
    return status;
}

/* A vector's length, whose elements need at least `size` bytes each. */
static zg_status take_length(reader *r, size_t size, size_t *out)
{
    int32_t length = 0;
    zg_status status = take_int(r, &length);
    if (status != ZG_OK) return status;
    if (length < 0 || (size_t)length > (r->size - r->at) / size)
        return damaged(r, "a length that fits the data");
    *out = (size_t)length;
    return ZG_OK;
}

static zg_status make(reader *r, zg_r_type type, size_t length, zg_r_value **out)
{
    *out = zg_arena_alloc(r->arena, sizeof **out);
    if (!*out) return zg_no_memory(r->error);
    (*out)->type = type;
    (*out)->length = length;
    return ZG_OK;
}

static zg_status remember(reader *r, zg_r_value *value)
{
    if (r->reference_count == REFERENCE_LIMIT) return damaged(r, "fewer references");
    zg_r_value **bigger = zg_grow(r->references, &r->reference_capacity, r->reference_count + 1,
                                  sizeof(zg_r_value *));
    if (!bigger) return zg_no_memory(r->error);
    r->references = bigger;
    r->references[r->reference_count++] = value;
    return ZG_OK;
}

/* ---- vectors --------------------------------------------------------------------------------- */

static zg_status read_item(reader *r, zg_r_value **out);

static zg_status read_integers(reader *r, zg_r_value **out)
{
    size_t length;
    const unsigned char *p = NULL;
    zg_status status = take_length(r, 4, &length);
    if (status == ZG_OK) status = make(r, ZG_R_INTEGERS, length, out);
    if (status == ZG_OK) status = take(r, 4 * length, &p);
    if (status != ZG_OK) return status;
    (*out)->integers = zg_arena_array(r->arena, length ? length : 1, sizeof(int32_t));
    if (!(*out)->integers) return zg_no_memory(r->error);
    for (size_t i = 0; i < length; i++)
        (*out)->integers[i] = (int32_t)zg_big_endian_32(p + 4 * i);
    return ZG_OK;
}

static zg_status read_numbers(reader *r, zg_r_value **out)
{
    size_t length;
    const unsigned char *p = NULL;
    zg_status status = take_length(r, 8, &length);
    if (status == ZG_OK) status = make(r, ZG_R_NUMBERS, length, out);
    if (status == ZG_OK) status = take(r, 8 * length, &p);
    if (status != ZG_OK) return status;
    (*out)->numbers = zg_arena_array(r->arena, length ? length : 1, sizeof(double));
    if (!(*out)->numbers) return zg_no_memory(r->error);
    for (size_t i = 0; i < length; i++) {
        uint64_t bits = zg_big_endian_64(p + 8 * i);
        memcpy(&(*out)->numbers[i], &bits, sizeof bits);
    }
    return ZG_OK;
}

/* One string; *out is NULL for NA. */
static zg_status read_characters(reader *r, const char **out)
{
    int32_t length = 0;
    const unsigned char *p = NULL;
    *out = NULL;
    zg_status status = take_int(r, &length);
    if (status != ZG_OK || length == -1) return status;
    if (length < 0) return damaged(r, "the length of a string");
    status = take(r, (size_t)length, &p);
    if (status != ZG_OK) return status;
    *out = zg_arena_copy(r->arena, (const char *)p, (size_t)length);
    return *out ? ZG_OK : zg_no_memory(r->error);
}

static zg_status read_strings(reader *r, zg_r_value **out)
{
    size_t length;
    zg_status status = take_length(r, 8, &length);
    if (status == ZG_OK) status = make(r, ZG_R_STRINGS, length, out);
    if (status != ZG_OK) return status;
    (*out)->strings = zg_arena_array(r->arena, length ? length : 1, sizeof(void *));
    if (!(*out)->strings) return zg_no_memory(r->error);
    for (size_t i = 0; i < length && status == ZG_OK; i++) {
        int32_t flags = 0;
        status = take_int(r, &flags);
        if (status == ZG_OK && (flags & 0xff) != R_CHARACTERS) return damaged(r, "a string");
        if (status == ZG_OK) status = read_characters(r, &(*out)->strings[i]);
    }
    return status;
}

static zg_status read_vector(reader *r, zg_r_value **out)
{
    size_t length;
    zg_status status = take_length(r, 4, &length);
    if (status == ZG_OK) status = make(r, ZG_R_LIST, length, out);
    if (status != ZG_OK) return status;
    (*out)->items = zg_arena_array(r->arena, length ? length : 1, sizeof(void *));
    if (!(*out)->items) return zg_no_memory(r->error);
    for (size_t i = 0; i < length && status == ZG_OK; i++)
        status = read_item(r, &(*out)->items[i]);
    return status;
}

static zg_status read_raw(reader *r, zg_r_value **out)
{
    size_t length;
    zg_status status = take_length(r, 1, &length);
    if (status == ZG_OK) status = make(r, ZG_R_BYTES, length, out);
    return status == ZG_OK ? take(r, length, &(*out)->bytes) : status;
}

/* ---- lists, symbols, references -------------------------------------------------------------- */

static zg_status add_pair(reader *r, zg_r_value *list, size_t *capacity, const char *tag,
                          zg_r_value *item)
{
    if (list->length == *capacity) {
        size_t bigger = *capacity ? 2 * *capacity : 8;
        zg_r_value **items = zg_arena_array(r->arena, bigger, sizeof(void *));
        const char **tags = zg_arena_array(r->arena, bigger, sizeof(void *));
        if (!items || !tags) return zg_no_memory(r->error);
        if (list->length > 0) {
            memcpy(items, list->items, list->length * sizeof(void *));
            memcpy(tags, list->tags, list->length * sizeof(void *));
        }
        list->items = items;
        list->tags = tags;
        *capacity = bigger;
    }
    list->items[list->length] = item;
    list->tags[list->length++] = tag;
    return ZG_OK;
}

/* The name of a symbol, which is kept as one string; "" for anything else. */
static const char *symbol_name(const zg_r_value *value)
{
    bool symbol = value && value->type == ZG_R_STRINGS && value->length == 1 && value->strings[0];
    return symbol ? value->strings[0] : "";
}

/* A pairlist is a chain; the flags of its first pair have been read. */
static zg_status read_pairlist(reader *r, int32_t flags, zg_r_value **out)
{
    size_t capacity = 0;
    zg_status status = make(r, ZG_R_LIST, 0, out);
    while (status == ZG_OK && (flags & 0xff) == R_PAIRLIST) {
        zg_r_value *tag = NULL, *item = NULL, *ignored;
        if (flags & FLAG_ATTRIBUTES) status = read_item(r, &ignored);
        if (status == ZG_OK && flags & FLAG_TAG) status = read_item(r, &tag);
        if (status == ZG_OK) status = read_item(r, &item);
        if (status == ZG_OK) status = add_pair(r, *out, &capacity, symbol_name(tag), item);
        if (status == ZG_OK) status = take_int(r, &flags);
    }
    if (status == ZG_OK && (flags & 0xff) != R_NIL) return damaged(r, "the end of a list");
    return status;
}

static zg_status read_symbol(reader *r, zg_r_value **out)
{
    int32_t flags = 0;
    zg_status status = take_int(r, &flags);
    if (status == ZG_OK && (flags & 0xff) != R_CHARACTERS) return damaged(r, "a symbol's name");
    if (status == ZG_OK) status = make(r, ZG_R_STRINGS, 1, out);
    if (status != ZG_OK) return status;
    (*out)->strings = zg_arena_array(r->arena, 1, sizeof(void *));
    if (!(*out)->strings) return zg_no_memory(r->error);
    status = read_characters(r, &(*out)->strings[0]);
    return status == ZG_OK ? remember(r, *out) : status;
}

static zg_status read_reference(reader *r, int32_t flags, zg_r_value **out)
{
    int32_t index = flags >> 8;
    zg_status status = index == 0 ? take_int(r, &index) : ZG_OK;
    if (status != ZG_OK) return status;
    if (index < 1 || (size_t)index > r->reference_count) return damaged(r, "a known reference");
    *out = r->references[index - 1];
    return ZG_OK;
}

/* An environment: locked, then four items that data have no use for. */
static zg_status read_environment(reader *r, zg_r_value **out)
{
    int32_t locked;
    zg_status status = make(r, ZG_R_OTHER, 0, out);
    if (status == ZG_OK) status = remember(r, *out);
    if (status == ZG_OK) status = take_int(r, &locked);
    for (int k = 0; k < 4 && status == ZG_OK; k++) {
        zg_r_value *ignored;
        status = read_item(r, &ignored);
    }
    return status;
}

/* ---- alternative representations ------------------------------------------------------------- */

/* state = (length, first, step) */
static zg_status expand_sequence(reader *r, const zg_r_value *state, bool integers,
                                 zg_r_value **out)
{
    if (!state || state->type != ZG_R_NUMBERS || state->length != 3 || !(state->numbers[0] >= 0) ||
        state->numbers[0] > 1e8)
        return damaged(r, "a compact sequence");
    size_t length = (size_t)state->numbers[0];
    r->expanded += length;
    zg_status status = zg_size_check(r->name, r->expanded, 1, 0, r->error);
    if (status == ZG_OK) status = make(r, integers ? ZG_R_INTEGERS : ZG_R_NUMBERS, length, out);
    if (status != ZG_OK) return status;
    (*out)->integers = zg_arena_array(r->arena, integers ? length + 1 : 1, sizeof(int32_t));
    (*out)->numbers = zg_arena_array(r->arena, integers ? 1 : length + 1, sizeof(double));
    if (!(*out)->integers || !(*out)->numbers) return zg_no_memory(r->error);
    for (size_t i = 0; i < length; i++) {
        double value = state->numbers[1] + (double)i * state->numbers[2];
        if (!integers)
            (*out)->numbers[i] = value;
        else if (value > INT32_MIN && value <= INT32_MAX)
            (*out)->integers[i] = (int32_t)value;
        else
            return damaged(r, "a compact sequence of integers");
    }
    return ZG_OK;
}

/* class information, state, attributes */
static zg_status read_alternative(reader *r, zg_r_value **out)
{
    zg_r_value *info = NULL, *state = NULL, *attributes = NULL;
    zg_status status = read_item(r, &info);
    if (status == ZG_OK) status = read_item(r, &state);
    if (status == ZG_OK) status = read_item(r, &attributes);
    if (status != ZG_OK) return status;
    const char *kind =
        info && info->type == ZG_R_LIST && info->length > 0 ? symbol_name(info->items[0]) : "";
    bool integers = strcmp(kind, "compact_intseq") == 0;
    if (integers || strcmp(kind, "compact_realseq") == 0)
        status = expand_sequence(r, state, integers, out);
    else if (strncmp(kind, "wrap_", 5) == 0 && state->type == ZG_R_LIST && state->length > 0 &&
             state->items[0])
        *out = state->items[0];
    else
        status = make(r, ZG_R_OTHER, 0, out);
    if (status == ZG_OK && attributes->type == ZG_R_LIST) (*out)->attributes = attributes;
    return status;
}

/* ---- items ----------------------------------------------------------------------------------- */

static zg_status read_body(reader *r, int32_t flags, zg_r_value **out)
{
    switch (flags & 0xff) {
    case R_SYMBOL:
        return read_symbol(r, out);
    case R_PAIRLIST:
        return read_pairlist(r, flags, out);
    case R_ENVIRONMENT:
        return read_environment(r, out);
    case R_LOGICALS:
    case R_INTEGERS:
        return read_integers(r, out);
    case R_NUMBERS:
        return read_numbers(r, out);
    case R_STRINGS:
        return read_strings(r, out);
    case R_VECTOR:
        return read_vector(r, out);
    case R_RAW:
        return read_raw(r, out);
    case R_ALTREP:
        return read_alternative(r, out);
    case R_REFERENCE:
        return read_reference(r, flags, out);
    case R_NIL:
        return make(r, ZG_R_NULL, 0, out);
    case R_EMPTY_ENVIRONMENT:
    case R_GLOBAL_ENVIRONMENT:
        return make(r, ZG_R_OTHER, 0, out);
    default:
        return damaged(r, "an item of a data frame");
    }
}

static bool has_attributes_behind(int32_t flags)
{
    int type = flags & 0xff;
    bool vector = type == R_LOGICALS || type == R_INTEGERS || type == R_NUMBERS ||
                  type == R_STRINGS || type == R_VECTOR || type == R_RAW;
    return vector && flags & FLAG_ATTRIBUTES;
}

static zg_status read_item(reader *r, zg_r_value **out)
{
    int32_t flags = 0;
    zg_status status = take_int(r, &flags);
    if (status != ZG_OK) return status;
    if (++r->depth > DEPTH_LIMIT) return damaged(r, "less deeply nested items");
    status = read_body(r, flags, out);
    if (status == ZG_OK && has_attributes_behind(flags)) {
        zg_r_value *attributes = NULL;
        status = read_item(r, &attributes);
        if (status == ZG_OK && attributes->type == ZG_R_LIST) (*out)->attributes = attributes;
    }
    r->depth--;
    return status;
}

/* ---- files
 * ------------------------------------------------------------------------------------------------
 */

zg_status zg_r_parse(const unsigned char *data, size_t size, const char *name, zg_arena *arena,
                     zg_r_value **out, zg_error *error)
{
    reader r = {.data = data, .size = size, .name = name, .arena = arena, .error = error};
    const unsigned char *p = NULL;
    int32_t version = 0, ignored;
    *out = NULL;
    zg_status status = take(&r, 2, &p);
    if (status == ZG_OK && memcmp(p, "X\n", 2) != 0) {
        r.at = 0;
        return damaged(&r, "R's binary format (\"X\")");
    }
    if (status == ZG_OK) status = take_int(&r, &version);
    if (status == ZG_OK) status = take_int(&r, &ignored); /* the R that wrote it */
    if (status == ZG_OK) status = take_int(&r, &ignored); /* the oldest R that reads it */
    if (status == ZG_OK && version != 2 && version != 3)
        return damaged(&r, "version 2 or 3 of the format");
    if (status == ZG_OK && version == 3) {
        size_t length = 0; /* of the native encoding's name */
        status = take_length(&r, 1, &length);
        if (status == ZG_OK) status = take(&r, length, &p);
    }
    if (status == ZG_OK) status = read_item(&r, out);
    free(r.references);
    return status;
}

zg_status zg_rda_read(const char *path, zg_arena *arena, zg_r_value **out, zg_error *error)
{
    zg_bytes packed, bytes = {0};
    zg_status status = zg_bytes_read(path, 0, &packed, error);
    if (status != ZG_OK) return status;
    status = zg_unpack(zg_packing_detect(packed.data, packed.size), packed.data, packed.size, path,
                       0, &bytes, error);
    bool known = status == ZG_OK && bytes.size > 5 &&
                 (memcmp(bytes.data, "RDX2\n", 5) == 0 || memcmp(bytes.data, "RDX3\n", 5) == 0);
    if (status == ZG_OK && !known)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: expected an R data file (RDX2 or RDX3, binary)", path);
    if (status == ZG_OK) {
        unsigned char *kept =
            (unsigned char *)zg_arena_copy(arena, (const char *)bytes.data, bytes.size);
        status = kept ? zg_r_parse(kept + 5, bytes.size - 5, path, arena, out, error)
                      : zg_no_memory(error);
    }
    zg_bytes_clear(&packed);
    zg_bytes_clear(&bytes);
    return status;
}

/* Where a variable lies in the database: the index is list(variables = list(NAME = c(offset,
 * length), ..), ..). */
static zg_status find_chunk(const char *index_path, const char *variable, zg_arena *arena,
                            size_t *offset, size_t *length, zg_error *error)
{
    zg_bytes bytes;
    zg_r_value *index = NULL;
    zg_status status = zg_bytes_read(index_path, 0, &bytes, error);
    if (status != ZG_OK) return status;
    status = zg_r_parse(bytes.data, bytes.size, index_path, arena, &index, error);
    zg_bytes_clear(&bytes);
    if (status != ZG_OK) return status;
    const zg_r_value *variables = zg_r_find(index, "variables");
    const zg_r_value *place = variables ? zg_r_find(variables, variable) : NULL;
    if (!place || place->type != ZG_R_INTEGERS || place->length != 2 || place->integers[0] < 0 ||
        place->integers[1] < 5)
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: there is no variable %.100s", index_path,
                       variable);
    *offset = (size_t)place->integers[0];
    *length = (size_t)place->integers[1];
    return ZG_OK;
}

/* A chunk: the unpacked size (4 bytes), then zlib data, or a letter that tells the packing. */
static zg_status unpack_chunk(const unsigned char *chunk, size_t length, const char *name,
                              zg_bytes *out, zg_error *error)
{
    const unsigned char *data = chunk + 4;
    size_t size = length - 4, skip = 1;
    zg_packing packing;
    switch (data[0]) {
    case '2':
        packing = ZG_PACKING_BZIP2;
        break;
    case 'Z':
        packing = ZG_PACKING_LZMA2;
        break;
    case '0':
        packing = ZG_PACKING_NONE;
        break;
    default:
        packing = ZG_PACKING_ZLIB;
        skip = 0;
    }
    zg_status status = zg_unpack(packing, data + skip, size - skip, name, 0, out, error);
    if (status == ZG_OK && out->size != zg_big_endian_32(chunk)) {
        zg_bytes_clear(out);
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %u bytes in a chunk", name,
                       (unsigned)zg_big_endian_32(chunk));
    }
    return status;
}

static zg_status read_chunk(const char *path, size_t offset, size_t length, zg_arena *arena,
                            zg_r_value **out, zg_error *error)
{
    zg_bytes file, bytes = {0};
    zg_status status = zg_bytes_read(path, 0, &file, error);
    if (status != ZG_OK) return status;
    if (offset > file.size || length > file.size - offset)
        status = zg_fail(error, ZG_BAD_INPUT, "%.400s: expected %zu bytes, found %zu", path,
                         offset + length, file.size);
    if (status == ZG_OK) status = unpack_chunk(file.data + offset, length, path, &bytes, error);
    if (status == ZG_OK) {
        unsigned char *kept =
            (unsigned char *)zg_arena_copy(arena, (const char *)bytes.data, bytes.size);
        status = kept ? zg_r_parse(kept, bytes.size, path, arena, out, error) : zg_no_memory(error);
    }
    zg_bytes_clear(&file);
    zg_bytes_clear(&bytes);
    return status;
}

zg_status zg_rdb_read(const char *base, const char *variable, zg_arena *arena, zg_r_value **out,
                      zg_error *error)
{
    char *index = zg_arena_printf(arena, "%s.rdx", base);
    char *data = zg_arena_printf(arena, "%s.rdb", base);
    size_t offset = 0, length = 0;
    *out = NULL;
    if (!index || !data) return zg_no_memory(error);
    zg_status status = find_chunk(index, variable, arena, &offset, &length, error);
    return status == ZG_OK ? read_chunk(data, offset, length, arena, out, error) : status;
}
