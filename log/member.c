/* Members of events, by a path of names. */
#include "log/member.h"

#include <math.h>
#include <string.h>

json_t *zg_log_member(const json_t *event, const char *path)
{
    const json_t *at = event;
    while (at) {
        const char *dot = strchr(path, '.');
        if (!dot) return json_object_get(at, path);
        at = json_object_getn(at, path, (size_t)(dot - path));
        path = dot + 1;
    }
    return NULL;
}

const char *zg_log_text(const json_t *event, const char *path)
{
    return json_string_value(zg_log_member(event, path));
}

double zg_log_number(const json_t *event, const char *path)
{
    const json_t *member = zg_log_member(event, path);
    return json_is_number(member) ? json_number_value(member) : NAN;
}
