/* Events whose texts a terminal may show (see plain_event.h). */
#include "log/plain_event.h"

#include "base/plain.h"

#include <stdlib.h>
#include <string.h>

static bool plain_text(json_t *value)
{
    if (zg_is_plain(json_string_value(value))) return true;
    char *copy = strdup(json_string_value(value));
    if (!copy) return false;
    zg_make_plain(copy);
    bool good = json_string_set(value, copy) == 0;
    free(copy);
    return good;
}

/* Gives a member a plain key. */
static bool plain_key(json_t *object, const char *key)
{
    char *copy = strdup(key);
    json_t *value = json_incref(json_object_get(object, key));
    bool good = copy && json_object_del(object, key) == 0;
    if (copy) zg_make_plain(copy);
    good = good && json_object_set(object, copy, value) == 0;
    json_decref(value);
    free(copy);
    return good;
}

static bool plain_members(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value)
    {
        if (!zg_event_make_plain(value)) return false;
        if (!zg_is_plain(key) && !plain_key(object, key)) return false;
    }
    return true;
}

bool zg_event_make_plain(json_t *event) // NOLINT(misc-no-recursion): as deep as jansson allows
{
    if (json_is_string(event)) return plain_text(event);
    if (json_is_object(event)) return plain_members(event);
    for (size_t i = 0; i < json_array_size(event); i++)
        if (!zg_event_make_plain(json_array_get(event, i))) return false;
    return true;
}
