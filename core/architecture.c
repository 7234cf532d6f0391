/* Architectures: their text form, and the table of inputs per patch that all other code reads. */
#include "core/architecture.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the table of inputs per patch, 1 GiB: a model file of 200 bytes can ask for any size. */
#define MOST_ENTRIES ((size_t)1 << 27)

/* ---- text form ------------------------------------------------------------------------------- */

/* "3" or, when pair is allowed, "3x4"; a lone number fills the columns in one dimension and both
 * entries in two. */
static bool parse_extent(const char *text, bool two, size_t out[2])
{
    char copy[64];
    if (strlen(text) >= sizeof copy) return false;
    memcpy(copy, text, strlen(text) + 1);
    char *cross = strchr(copy, 'x');
    if (cross) {
        *cross = '\0';
        return two && zg_parse_size(copy, &out[0]) && zg_parse_size(cross + 1, &out[1]) && out[0] &&
               out[1];
    }
    if (!zg_parse_size(copy, &out[1]) || !out[1]) return false;
    out[0] = two ? out[1] : 1;
    return true;
}

static zg_status parse_pool(const char *text, bool two, zg_architecture *out)
{
    if (strcmp(text, "none") == 0) {
        out->pool = ZG_POOL_NONE;
    } else if (strcmp(text, "global") == 0) {
        out->pool = ZG_POOL_GLOBAL;
    } else {
        if (!parse_extent(text, two, out->pool_size)) return ZG_BAD_INPUT;
        out->pool = ZG_POOL_SIZE;
    }
    return ZG_OK;
}

static zg_status parse_setting(const char *whole, const char *key, const char *value,
                               zg_architecture *out, zg_error *error)
{
    static const char *const keys[] = {"filter", "stride", "pool", "channels", "height", "width"};
    bool two = out->kind == ZG_CONV2D;
    size_t count = two ? 6 : 4;
    bool fine = true;
    size_t *plain = strcmp(key, "height") == 0     ? &out->height
                    : strcmp(key, "width") == 0    ? &out->width
                    : strcmp(key, "channels") == 0 ? &out->channels
                                                   : NULL;
    if (strcmp(key, "filter") == 0)
        fine = parse_extent(value, two, out->filter);
    else if (strcmp(key, "stride") == 0)
        fine = parse_extent(value, two, out->stride);
    else if (strcmp(key, "pool") == 0)
        fine = parse_pool(value, two, out) == ZG_OK;
    else if (plain && (two || plain == &out->channels))
        fine = zg_parse_size(value, plain) && *plain > 0;
    else
        return zg_fail_unknown(error, "architecture setting", key, keys, count);
    if (!fine)
        return zg_fail(error, ZG_BAD_INPUT,
                       "architecture \"%.120s\": %s expects %s, found \"%.40s\"", whole, key,
                       strcmp(key, "pool") == 0
                           ? (two ? "none, global or PxQ" : "none, global or P")
                       : plain || !two ? "a positive whole number"
                                       : "positive whole numbers AxB",
                       value);
    return ZG_OK;
}

static zg_status parse_settings(const char *whole, char *rest, zg_architecture *out,
                                zg_error *error)
{
    char *part, *seen[8] = {0};
    size_t count = 0;
    while ((part = strsep(&rest, ","))) {
        char *value = strchr(part, '=');
        if (!value)
            return zg_fail(error, ZG_BAD_INPUT,
                           "architecture \"%.120s\": expected key=value, found \"%.40s\"", whole,
                           part);
        *value++ = '\0';
        zg_status status = parse_setting(whole, part, value, out, error);
        if (status) return status;
        for (size_t k = 0; k < count; k++)
            if (strcmp(seen[k], part) == 0)
                return zg_fail(error, ZG_BAD_INPUT, "architecture \"%.120s\": %s is given twice",
                               whole, part);
        seen[count++] = part; /* never more than there are keys */
    }
    return ZG_OK;
}

zg_status zg_architecture_parse(const char *text, size_t inputs, zg_architecture *out,
                                zg_error *error)
{
    static const char *const kinds[] = {"dense", "conv1d", "conv2d"};
    char copy[512];
    if (strlen(text) >= sizeof copy)
        return zg_fail(error, ZG_BAD_INPUT, "architecture text is longer than %zu characters",
                       sizeof copy - 1);
    memcpy(copy, text, strlen(text) + 1);
    char *rest = copy;
    const char *kind = strsep(&rest, ":");
    zg_architecture result = {.channels = 1, .stride = {1, 1}};
    if (strcmp(kind, "dense") == 0) {
        if (rest)
            return zg_fail(error, ZG_BAD_INPUT, "architecture \"%.120s\": dense has no settings",
                           text);
        *out = (zg_architecture){.kind = ZG_DENSE};
        return ZG_OK;
    }
    if (strcmp(kind, "conv1d") != 0 && strcmp(kind, "conv2d") != 0)
        return zg_fail_unknown(error, "architecture", kind, kinds, 3);
    result.kind = strcmp(kind, "conv1d") == 0 ? ZG_CONV1D : ZG_CONV2D;
    if (rest) {
        zg_status status = parse_settings(text, rest, &result, error);
        if (status) return status;
    }
    bool one = result.kind == ZG_CONV1D;
    if (one) {
        result.height = 1;
        result.width = inputs / result.channels;
    }
    if (!result.filter[1] || (!one && (!result.height || !result.width)))
        return zg_fail(error, ZG_BAD_INPUT, "architecture \"%.120s\" needs %s", text,
                       one ? "filter=F" : "height=H, width=W and filter=FxG");
    *out = result;
    return ZG_OK;
}

void zg_architecture_format(const zg_architecture *a, char *text, size_t size)
{
    if (a->kind == ZG_DENSE) {
        snprintf(text, size, "dense");
        return;
    }
    bool two = a->kind == ZG_CONV2D;
    char pool[64] = "none", channels[48] = "";
    if (a->pool == ZG_POOL_GLOBAL) snprintf(pool, sizeof pool, "global");
    if (a->pool == ZG_POOL_SIZE && two)
        snprintf(pool, sizeof pool, "%zux%zu", a->pool_size[0], a->pool_size[1]);
    if (a->pool == ZG_POOL_SIZE && !two) snprintf(pool, sizeof pool, "%zu", a->pool_size[1]);
    if (a->channels > 1) snprintf(channels, sizeof channels, ",channels=%zu", a->channels);
    if (two)
        snprintf(text, size, "conv2d:height=%zu,width=%zu,filter=%zux%zu,stride=%zux%zu,pool=%s%s",
                 a->height, a->width, a->filter[0], a->filter[1], a->stride[0], a->stride[1], pool,
                 channels);
    else
        snprintf(text, size, "conv1d:filter=%zu,stride=%zu,pool=%s%s", a->filter[1], a->stride[1],
                 pool, channels);
}

/* ---- the table ------------------------------------------------------------------------------- */

static bool product(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out) && *out <= SIZE_MAX / sizeof(double) / 4;
}

/* Inputs of the patch whose top left corner is (row, column), channel by channel. */
static size_t *write_patch(const zg_architecture *a, size_t row, size_t column, size_t *index)
{
    for (size_t c = 0; c < a->channels; c++)
        for (size_t i = 0; i < a->filter[0]; i++)
            for (size_t j = 0; j < a->filter[1]; j++)
                *index++ = (c * a->height + row + i) * a->width + column + j;
    return index;
}

static zg_status check_shape(const zg_architecture *a, size_t inputs, zg_error *error)
{
    char text[256];
    zg_architecture_format(a, text, sizeof text);
    size_t pixels, total;
    if (!a->channels || !a->stride[0] || !a->stride[1] || !a->filter[0] || !a->filter[1] ||
        !product(a->height, a->width, &pixels) || !product(pixels, a->channels, &total))
        return zg_fail(error, ZG_BAD_INPUT, "architecture %s has an empty or too large extent",
                       text);
    if (total != inputs)
        return zg_fail(
            error, ZG_BAD_INPUT,
            "architecture %s expects %zu inputs (%zu x %zu, %zu channels), the data have "
            "%zu",
            text, total, a->height, a->width, a->channels, inputs);
    if (a->filter[0] > a->height || a->filter[1] > a->width)
        return zg_fail(error, ZG_BAD_INPUT,
                       "architecture %s: the filter is larger than the %zu x "
                       "%zu input",
                       text, a->height, a->width);
    return ZG_OK;
}

zg_status zg_patches_create(const zg_architecture *a, size_t inputs, zg_patches *out,
                            zg_error *error)
{
    memset(out, 0, sizeof *out);
    if (inputs == 0) return zg_fail(error, ZG_BAD_INPUT, "the data have no inputs");
    if (a->kind == ZG_DENSE) {
        *out = (zg_patches){1, 1, inputs, inputs, true, NULL};
        return ZG_OK;
    }
    zg_status status = check_shape(a, inputs, error);
    if (status) return status;
    size_t high = (a->height - a->filter[0]) / a->stride[0] + 1;
    size_t wide = (a->width - a->filter[1]) / a->stride[1] + 1;
    size_t pool[2] = {1, 1};
    if (a->pool == ZG_POOL_GLOBAL) pool[0] = high, pool[1] = wide;
    if (a->pool == ZG_POOL_SIZE) memcpy(pool, a->pool_size, sizeof pool);
    /* As usual in pooling, patches that fill no whole pool at the right and bottom are left out. */
    size_t down = pool[0] ? high / pool[0] : 0, across = pool[1] ? wide / pool[1] : 0;
    if (!down || !across)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a pool of %zu x %zu patches does not fit into %zu x %zu patches", pool[0],
                       pool[1], high, wide);
    zg_patches result = {.groups = down * across,
                         .patches = pool[0] * pool[1],
                         .width = a->filter[0] * a->filter[1] * a->channels,
                         .inputs = inputs};
    size_t entries;
    if (!product(result.groups * result.patches, result.width, &entries) || entries > MOST_ENTRIES)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%zu patches of %zu inputs each are too many: expected at most %zu inputs "
                       "together",
                       result.groups * result.patches, result.width, MOST_ENTRIES);
    result.index = malloc(entries * sizeof *result.index);
    if (!result.index) return zg_no_memory(error);
    size_t *index = result.index;
    for (size_t g = 0; g < result.groups; g++)
        for (size_t p = 0; p < result.patches; p++)
            index = write_patch(a, (g / across * pool[0] + p / pool[1]) * a->stride[0],
                                (g % across * pool[1] + p % pool[1]) * a->stride[1], index);
    *out = result;
    return ZG_OK;
}

void zg_patches_clear(zg_patches *patches)
{
    free(patches->index);
    memset(patches, 0, sizeof *patches);
}

void zg_patches_gather(const zg_patches *patches, size_t group, size_t n, const double *x,
                       double *out)
{
    if (patches->identity) {
        memcpy(out, x, n * patches->inputs * sizeof *out);
        return;
    }
    size_t count = patches->patches * patches->width;
    const size_t *index = patches->index + group * count;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < count; k++)
            *out++ = x[i * patches->inputs + index[k]];
}
