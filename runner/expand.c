/* From one entry of a suite to its variants: key checks, products of lists, zip. */
#include "runner/expand.h"

#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What varies together: count alternatives of width settings each. */
typedef struct axis {
    struct axis *next;
    size_t count, width;
    zg_setting *settings; /* count x width */
} axis;

typedef struct expansion {
    const zg_key *keys;
    size_t key_count;
    const char *what;
    zg_arena *arena;
    zg_error *error;
    axis *first, **last;
} expansion;

/* ---- values -------------------------------------------------------------------------------- */

/* "expected a number greater than 0 and less than 1 for beta, found 2"; the least number that is
 * great enough is named where the one found lies below it and above 0. */
static zg_status out_of_range(const zg_yaml *node, double value, const zg_option *option,
                              zg_error *error)
{
    char low[64] = "", high[64] = "";
    bool tiny = value >= 0 && value < option->lowest && strpbrk(node->text, "123456789");
    if (option->lowest > 0 && option->lowest <= ZG_ABOVE_ZERO && !tiny)
        snprintf(low, sizeof low, "greater than 0");
    else if (option->lowest > -DBL_MAX)
        snprintf(low, sizeof low, "of at least %.10g", option->lowest);
    if (option->highest == ZG_BELOW_ONE)
        snprintf(high, sizeof high, "less than 1");
    else if (option->highest < DBL_MAX)
        snprintf(high, sizeof high, "at most %.10g", option->highest);
    return zg_yaml_fail(node, error, "expected a number %s%s%s for %s, found %.40s", low,
                        low[0] && high[0] ? " and " : "", high, option->name, node->text);
}

static zg_status number_text(expansion *x, const zg_yaml *node, const zg_option *option,
                             const char **out)
{
    double value;
    zg_status status = zg_yaml_number(node, &value, x->error);
    if (status != ZG_OK) return status;
    bool whole = option->type == ZG_OPTION_INTEGER;
    if (whole && (value != floor(value) || fabs(value) > 9007199254740992.0))
        return zg_yaml_fail(node, x->error, "expected a whole number for %s, found %.40s",
                            option->name, node->text);
    if (value < option->lowest || value > option->highest)
        return out_of_range(node, value, option, x->error);
    char text[ZG_NUMBER_SIZE];
    size_t length = zg_number_format(value == 0 ? 0 : value, text);
    *out = zg_arena_copy(x->arena, text, length);
    return *out ? ZG_OK : zg_no_memory(x->error);
}

static zg_status choice_text(expansion *x, const zg_yaml *node, const zg_option *option,
                             const char **out)
{
    zg_status status = zg_yaml_text(node, out, x->error);
    if (status != ZG_OK) return status;
    const char *names[64];
    size_t count = 0;
    for (const char *at = option->choices; at && *at && count < 64;) {
        size_t length = strcspn(at, ",");
        names[count] = zg_arena_copy(x->arena, at, length);
        if (!names[count]) return zg_no_memory(x->error);
        if (strcmp(names[count++], *out) == 0) return ZG_OK;
        at += length;
        at += strspn(at, ", ");
    }
    zg_fail_unknown(x->error, option->name, *out, names, count);
    return zg_yaml_position(node, x->error);
}

static zg_status scalar_text(expansion *x, const zg_yaml *node, const zg_option *option,
                             const char **out)
{
    bool flag;
    zg_status status;
    switch (option->type) {
    case ZG_OPTION_INTEGER:
    case ZG_OPTION_NUMBER:
        return number_text(x, node, option, out);
    case ZG_OPTION_FLAG:
        status = zg_yaml_flag(node, &flag, x->error);
        if (status == ZG_OK) *out = flag ? "true" : "false";
        return status;
    case ZG_OPTION_CHOICE:
        return choice_text(x, node, option, out);
    case ZG_OPTION_TEXT:
    case ZG_OPTION_FILE:
    case ZG_OPTION_PLACE:
        break;
    }
    return zg_yaml_text(node, out, x->error);
}

/* The items of a list joined by commas: one value. */
static zg_status joined_text(expansion *x, const zg_yaml *node, const char **out)
{
    if (node->kind != ZG_YAML_LIST || node->count == 0) {
        char found[96];
        return zg_yaml_fail(node, x->error, "expected a list of values, found %s",
                            node->count == 0 && node->kind == ZG_YAML_LIST
                                ? "an empty list"
                                : zg_yaml_describe(node, found, sizeof found));
    }
    const char *text = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const char *item;
        zg_status status = zg_yaml_text(node->items[i], &item, x->error);
        if (status != ZG_OK) return status;
        if (strchr(item, ','))
            return zg_yaml_fail(node->items[i], x->error, "expected a value without a comma");
        text = i ? zg_arena_printf(x->arena, "%s,%s", text, item) : item;
        if (!text) return zg_no_memory(x->error);
    }
    *out = text;
    return ZG_OK;
}

/* ---- keys ---------------------------------------------------------------------------------- */

static axis *add_axis(expansion *x, size_t count, size_t width)
{
    axis *added = zg_arena_alloc(x->arena, sizeof *added);
    if (!added) return NULL;
    added->count = count;
    added->width = width;
    added->settings = zg_arena_array(x->arena, count * width, sizeof(zg_setting));
    if (!added->settings) return NULL;
    *x->last = added;
    x->last = &added->next;
    return added;
}

/* Whether value holds alternatives rather than one value. */
static bool is_product(const zg_key *key, const zg_yaml *value)
{
    if (value->kind != ZG_YAML_LIST) return false;
    return !key->list || (value->count > 0 && value->items[0]->kind == ZG_YAML_LIST);
}

/* Alternative number i of a key's value, into a setting. */
static zg_status set_value(expansion *x, const zg_key *key, const zg_yaml *value, size_t i,
                           zg_setting *out)
{
    bool product = is_product(key, value);
    const zg_yaml *node = product ? value->items[i] : value;
    out->key = key->option.name;
    out->varied = product && value->count > 1;
    out->node = node;
    bool scalar = key->list == ZG_KEY_SCALAR ||
                  (key->list == ZG_KEY_LIST_OR_SCALAR && node->kind == ZG_YAML_SCALAR);
    return scalar ? scalar_text(x, node, &key->option, &out->text)
                  : joined_text(x, node, &out->text);
}

static const zg_key *find_key(const expansion *x, const char *name)
{
    for (size_t i = 0; i < x->key_count; i++)
        if (strcmp(x->keys[i].option.name, name) == 0) return &x->keys[i];
    return NULL;
}

static bool is_prefix(const expansion *x, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < x->key_count; i++)
        if (strncmp(x->keys[i].option.name, name, length) == 0 &&
            x->keys[i].option.name[length] == '.')
            return true;
    return false;
}

/* Refuses a key, naming the keys that could stand in its place. */
static zg_status unknown_key(expansion *x, const zg_yaml *key, const zg_yaml *value,
                             const char *prefix)
{
    if (value->kind == ZG_YAML_SCALAR && value->plain && value->text[0] == '\0')
        return zg_yaml_fail(key, x->error,
                            "expected KEY: VALUE, found \"%.80s\" alone; a text with commas "
                            "needs quotes here",
                            key->text);
    const char *names[128];
    size_t count = 0, skip = strlen(prefix);
    for (size_t i = 0; i < x->key_count && count < 127; i++) {
        const char *name = x->keys[i].option.name;
        if (strncmp(name, prefix, skip) != 0) continue;
        name = zg_arena_copy(x->arena, name + skip, strcspn(name + skip, "."));
        if (!name) return zg_no_memory(x->error);
        if (count > 0 && strcmp(names[count - 1], name) == 0) continue;
        names[count++] = name;
    }
    if (*prefix == '\0') names[count++] = "zip";
    char what[128];
    snprintf(what, sizeof what, "%s key", x->what);
    zg_fail_unknown(x->error, what, key->text, names, count);
    return zg_yaml_position(key, x->error);
}

/* A value where a mapping belongs; what is meant is nearly always its first key. */
static zg_status no_mapping(expansion *x, const char *name, const zg_yaml *value)
{
    char found[96], hint[160] = "";
    size_t length = strlen(name);
    for (size_t i = 0; i < x->key_count && !*hint && value->kind == ZG_YAML_SCALAR; i++) {
        const zg_option *option = &x->keys[i].option;
        if (strncmp(option->name, name, length) != 0 || option->name[length] != '.') continue;
        double number;
        bool fits = zg_parse_double(value->text, &number) && number >= option->lowest &&
                    number <= option->highest;
        snprintf(hint, sizeof hint, "; write %s: {%.40s: %.40s}", name, option->name + length + 1,
                 fits ? value->text : "..");
    }
    return zg_yaml_fail(value, x->error, "expected a mapping for %s, found %s%s", name,
                        zg_yaml_describe(value, found, sizeof found), hint);
}

/* A mapping that says nothing would be as if it was not there. */
static zg_status empty_mapping(expansion *x, const char *name, const zg_yaml *value)
{
    char keys[256] = "";
    size_t length = strlen(name), used = 0;
    for (size_t i = 0; i < x->key_count; i++) {
        const char *key = x->keys[i].option.name;
        if (strncmp(key, name, length) != 0 || key[length] != '.') continue;
        int wrote = snprintf(keys + used, sizeof keys - used, "%s%.40s", used ? ", " : "",
                             key + length + 1);
        if (wrote < 0 || used + (size_t)wrote >= sizeof keys) break;
        used += (size_t)wrote;
    }
    return zg_yaml_fail(value, x->error, "expected keys of %s (%s), found none", name, keys);
}

static zg_status collect_mapping(expansion *x, const zg_yaml *mapping, const char *prefix);

static zg_status collect_key(expansion *x, const zg_yaml *key, const zg_yaml *value,
                             const char *prefix)
{
    const char *name = zg_arena_printf(x->arena, "%s%s", prefix, key->text);
    if (!name) return zg_no_memory(x->error);
    const zg_key *known = find_key(x, name);
    if (is_prefix(x, name) && (!known || value->kind == ZG_YAML_MAPPING)) {
        if (value->kind != ZG_YAML_MAPPING) return no_mapping(x, name, value);
        if (value->count == 0) return empty_mapping(x, name, value);
        const char *longer = zg_arena_printf(x->arena, "%s.", name);
        return longer ? collect_mapping(x, value, longer) : zg_no_memory(x->error);
    }
    if (!known || strchr(key->text, '.')) return unknown_key(x, key, value, prefix);
    bool product = is_product(known, value);
    if (product && value->count == 0)
        return zg_yaml_fail(value, x->error, "the list of %s is empty: nothing would be run", name);
    axis *added = add_axis(x, product ? value->count : 1, 1);
    if (!added) return zg_no_memory(x->error);
    for (size_t i = 0; i < added->count; i++) {
        zg_status status = set_value(x, known, value, i, &added->settings[i]);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* zip: lists of one length that advance together. */
static zg_status collect_zip(expansion *x, const zg_yaml *zip)
{
    char found[96];
    if (zip->kind != ZG_YAML_MAPPING || zip->count == 0)
        return zg_yaml_fail(zip, x->error, "expected a mapping of lists for zip, found %s",
                            zip->kind == ZG_YAML_MAPPING
                                ? "an empty mapping"
                                : zg_yaml_describe(zip, found, sizeof found));
    axis *added = NULL;
    for (size_t k = 0; k < zip->count; k++) {
        const zg_yaml *value = zip->items[k];
        const zg_key *known = find_key(x, zip->keys[k]->text);
        if (!known) return unknown_key(x, zip->keys[k], value, "");
        if (!is_product(known, value) || value->count == 0)
            return zg_yaml_fail(value, x->error, "expected a list to zip, found %s",
                                value->kind == ZG_YAML_LIST
                                    ? "an empty list"
                                    : zg_yaml_describe(value, found, sizeof found));
        if (!added) added = add_axis(x, value->count, zip->count);
        if (!added) return zg_no_memory(x->error);
        if (value->count != added->count)
            return zg_yaml_fail(value, x->error,
                                "expected %zu values as in the first list of zip, found %zu",
                                added->count, value->count);
        for (size_t i = 0; i < value->count; i++) {
            zg_status status =
                set_value(x, known, value, i, &added->settings[i * added->width + k]);
            if (status != ZG_OK) return status;
        }
    }
    return ZG_OK;
}

static zg_status collect_mapping(expansion *x, const zg_yaml *mapping, const char *prefix)
{
    for (size_t i = 0; i < mapping->count; i++) {
        bool zip = *prefix == '\0' && strcmp(mapping->keys[i]->text, "zip") == 0;
        zg_status status = zip ? collect_zip(x, mapping->items[i])
                               : collect_key(x, mapping->keys[i], mapping->items[i], prefix);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* ---- products ------------------------------------------------------------------------------ */

static zg_status check_twice(const zg_settings *settings, zg_error *error)
{
    for (size_t i = 0; i < settings->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(settings->items[i].key, settings->items[j].key) == 0)
                return zg_yaml_fail(settings->items[i].node, error,
                                    "%s is given both under zip and outside of it",
                                    settings->items[i].key);
    return ZG_OK;
}

zg_status zg_expand(const zg_yaml *entry, const zg_key *keys, size_t key_count, const char *what,
                    zg_arena *arena, zg_settings **variants, size_t *count, zg_error *error)
{
    expansion x = {keys, key_count, what, arena, error, NULL, NULL};
    x.last = &x.first;
    zg_status status = collect_mapping(&x, entry, "");
    if (status != ZG_OK) return status;
    size_t total = 1, width = 0;
    for (const axis *a = x.first; a; a = a->next) {
        if (total > ZG_CASE_LIMIT / a->count)
            return zg_yaml_fail(entry, error, "this expands to more than %zu cases", ZG_CASE_LIMIT);
        total *= a->count;
        width += a->width;
    }
    zg_settings *all = zg_arena_array(arena, total, sizeof *all);
    if (!all) return zg_no_memory(error);
    for (size_t i = 0; i < total; i++) {
        all[i].items = zg_arena_array(arena, width, sizeof(zg_setting));
        if (!all[i].items) return zg_no_memory(error);
        size_t period = total;
        for (const axis *a = x.first; a; a = a->next) {
            period /= a->count;
            const zg_setting *from = a->settings + i / period % a->count * a->width;
            memcpy(all[i].items + all[i].count, from, a->width * sizeof *from);
            all[i].count += a->width;
        }
        status = check_twice(&all[i], error);
        if (status != ZG_OK) return status;
    }
    *variants = all;
    *count = total;
    return ZG_OK;
}

const zg_setting *zg_settings_find(const zg_settings *settings, const char *key)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].key, key) == 0) return &settings->items[i];
    return NULL;
}

const char *zg_settings_get(const zg_settings *settings, const char *key)
{
    const zg_setting *found = zg_settings_find(settings, key);
    return found ? found->text : NULL;
}

double zg_settings_number(const zg_settings *settings, const char *key, double fallback)
{
    const char *text = zg_settings_get(settings, key);
    double value;
    return text && zg_parse_double(text, &value) ? value : fallback;
}
