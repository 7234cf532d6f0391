/* What a journal holds already: rows of other data and other settings told from those that count.
 */
#include "runner/resume.h"

#include <string.h>

zg_status zg_resumption_begin(zg_resumption *out, zg_suite *const *suites, size_t count,
                              zg_error *error)
{
    *out = (zg_resumption){.suites = suites,
                           .suite_count = count,
                           .digests = json_object(),
                           .superseded = json_object()};
    if (out->digests && out->superseded) return ZG_OK;
    zg_resumption_clear(out);
    return zg_no_memory(error);
}

void zg_resumption_clear(zg_resumption *resumption)
{
    json_decref(resumption->digests);
    json_decref(resumption->superseded);
    *resumption = (zg_resumption){0};
}

static const char *text_of(const json_t *event, const char *key)
{
    const char *text = json_string_value(json_object_get(event, key));
    return text ? text : "";
}

/* The case of that name in the suite of that name, or NULL. */
static const zg_case *find_case(const zg_resumption *resumption, const char *suite,
                                const char *name)
{
    for (size_t s = 0; s < resumption->suite_count; s++) {
        const zg_suite *own = resumption->suites[s];
        for (size_t i = 0; strcmp(own->name, suite) == 0 && i < own->case_count; i++)
            if (strcmp(own->cases[i].name, name) == 0) return &own->cases[i];
    }
    return NULL;
}

/* A row that ended counts once, however often its case did. */
static void count_row(zg_resumption *resumption, const zg_case *item, const char *key)
{
    const char *digest = text_of(resumption->digests, key);
    if (!*digest)
        resumption->other.either++;
    else if (strcmp(digest, item->recipe.content) != 0)
        resumption->other.data++;
    else
        resumption->other.settings++;
}

static zg_solver_change compare(const char *before, const char *now)
{
    if (strcmp(before, now) == 0) return ZG_SOLVER_SAME;
    return *before ? ZG_SOLVER_OTHER : ZG_SOLVER_UNKNOWN;
}

zg_solver_change zg_solver_changed(const zg_case *item, const zg_row *row)
{
    zg_program_identity now;
    if (!item->method->identify) return ZG_SOLVER_SAME;
    item->method->identify(item->values, &now);
    zg_solver_change program = compare(row->solver_digest, now.digest);
    zg_solver_change adapter = compare(row->adapter_digest, now.adapter);
    if (program == ZG_SOLVER_OTHER || adapter == ZG_SOLVER_OTHER) return ZG_SOLVER_OTHER;
    if (!row->solver_digest[0]) return ZG_SOLVER_UNKNOWN; /* now as then, perhaps */
    return program == ZG_SOLVER_SAME ? adapter : program;
}

bool zg_resumption_count(zg_resumption *resumption, const zg_case *item, zg_solver_change change)
{
    resumption->other.unknown_solver += change == ZG_SOLVER_UNKNOWN;
    if (change != ZG_SOLVER_OTHER) return true;
    resumption->other.solver++;
    return json_object_set_new(resumption->superseded, item->key, json_true()) == 0;
}

bool zg_resumption_see(zg_resumption *resumption, const json_t *event)
{
    const char *kind = text_of(event, "event"), *key = text_of(event, "key");
    bool started = strcmp(kind, "case_started") == 0;
    if ((!started && strcmp(kind, "case_finished") != 0) || !*key) return true;
    const json_t *digest = json_object_get(event, "data_digest");
    if (started && digest &&
        json_object_set(resumption->digests, key, (json_t *)(uintptr_t)digest) != 0)
        return false;
    const zg_case *item = find_case(resumption, text_of(event, "suite"), text_of(event, "case"));
    if (!item || strcmp(item->key, key) == 0) return true;
    bool finished = json_is_true(json_object_get(resumption->superseded, key));
    if (!started && !finished) count_row(resumption, item, key);
    return json_object_set_new(resumption->superseded, key, json_boolean(!started || finished)) ==
           0;
}
