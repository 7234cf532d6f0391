/* Whether times of two runs may be compared. */
#include "log/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Members that describe the program or the moment, not the machine and its settings. */
static bool may_differ(const char *name)
{
    static const char *const names[] = {"version", "program",  "commit",    "dirty", "compiler",
                                        "flags",   "cflags",   "libraries", "built", "build",
                                        "host",    "hostname", "pid",       "time",  "date",
                                        "kernel",  "os",       "load"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "compiler", 8) == 0 || strncmp(name, "memory", 6) == 0;
}

static void describe(const char *name, const json_t *base, const json_t *new, char *what,
                     size_t size)
{
    char *one = json_dumps(base, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    char *two = json_dumps(new, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(what, size, "%s: %.80s and %.80s", name, one ? one : "?", two ? two : "?");
    free(one);
    free(two);
}

bool zg_provenance_differs(const json_t *base, const json_t *new, char *what, size_t size)
{
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)base, name, member)
    {
        const json_t *other = json_object_get(new, name);
        if (!other || may_differ(name)) continue;
        if (json_is_object(member) && json_is_object(other)) {
            if (zg_provenance_differs(member, other, what, size)) return true;
        } else if (!json_equal(member, other)) {
            describe(name, member, other, what, size);
            return true;
        }
    }
    return false;
}
