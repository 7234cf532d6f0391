/* Several journals as one run, for watching. */
#include "reports/watch.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *suite_of(const zg_watch *watch)
{
    const char *suite = watch->run ? zg_log_text(watch->run, "suite") : NULL;
    return suite ? suite : "";
}

static bool is_part(const zg_watch *watch)
{
    return watch->run && zg_log_member(watch->run, "shard");
}

static double number_of(const zg_watch *watch, const char *path)
{
    return zg_log_number(watch->run, path);
}

static bool is_same_part(const zg_watch *a, const zg_watch *b)
{
    return is_part(a) && is_part(b) && strcmp(suite_of(a), suite_of(b)) == 0 &&
           number_of(a, "shard.index") == number_of(b, "shard.index") &&
           number_of(a, "shard.count") == number_of(b, "shard.count");
}

/* Whether another journal is of a later attempt at the same part. */
static bool is_replaced(const zg_watch *watches, size_t count, size_t i)
{
    double began = zg_log_clock(watches[i].run, watches[i].run, NULL);
    for (size_t k = 0; k < count; k++)
        if (k != i && is_same_part(&watches[k], &watches[i]) &&
            zg_log_clock(watches[k].run, watches[k].run, NULL) > began)
            return true;
    return false;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static bool is_measured(const zg_row *row)
{
    return zg_verdict_ran(row->verdict) || row->verdict == ZG_WRONG;
}

/* Whether the second of two attempts at a case is shown: what runs, then what is wrong, then what
 * was measured, then what ended later. */
static bool takes_place(const zg_watched *first, const zg_watched *second)
{
    const zg_row *one = &first->row, *other = &second->row;
    if (first->running != second->running) return second->running;
    if (!one->name[0] || !other->name[0]) return other->name[0] != '\0';
    if ((one->verdict == ZG_WRONG) != (other->verdict == ZG_WRONG))
        return other->verdict == ZG_WRONG;
    if (is_measured(one) != is_measured(other)) return is_measured(other);
    return !(second->ended < first->ended);
}

/* The place of the case in out, where index has it; else a new one.  NULL when memory ran out. */
static zg_watched *place_of(zg_watch *out, json_t *index, const zg_watched *item, bool *fresh)
{
    char name[sizeof item->suite + sizeof item->name + 2];
    snprintf(name, sizeof name, "%s\n%s", item->suite, item->name);
    const json_t *found = json_object_get(index, name);
    *fresh = !found;
    if (found) return &out->cases[json_integer_value(found)];
    if (json_object_set_new(index, name, json_integer((json_int_t)out->count)) != 0) return NULL;
    return &out->cases[out->count++];
}

/* false when memory ran out. */
static bool add_cases(const zg_watch *watch, bool replaced, json_t *index, zg_watch *out)
{
    for (size_t i = 0; i < watch->count; i++) {
        bool fresh;
        zg_watched item = watch->cases[i];
        item.running = item.running && !replaced;
        zg_watched *place = place_of(out, index, &item, &fresh);
        if (!place) return false;
        if (!fresh && !takes_place(place, &item)) continue;
        *place = item;
        if (item.running) out->newest = (size_t)(place - out->cases);
    }
    return true;
}

/* ---- runs ----------------------------------------------------------------------------------- */

/* Whether an earlier journal is of the same suite, and of a part where this one is. */
static bool is_known(const zg_watch *watches, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is_part(&watches[k]) == is_part(&watches[i]) &&
            strcmp(suite_of(&watches[k]), suite_of(&watches[i])) == 0)
            return true;
    return false;
}

static void add_run(const zg_watch *watches, size_t i, zg_watch *out)
{
    const zg_watch *watch = &watches[i];
    size_t used = strlen(out->suite);
    if (watch->t > out->t) out->t = watch->t;
    if (!watch->run || is_known(watches, i)) return;
    snprintf(out->suite + used, sizeof out->suite - used, "%s%s", used ? ", " : "",
             suite_of(watch));
    out->planned += is_part(watch) ? number_of(watch, "shard.cases") : watch->planned;
}

/* Names the parts of the suite of journal i that have no journal; false where all are there. */
static bool tell_absent(const zg_watch *watches, size_t count, size_t i, zg_watch *out)
{
    double stated = number_of(&watches[i], "shard.count");
    size_t parts = stated >= 1 && stated <= 10000 ? (size_t)stated : 0, absent = 0;
    for (size_t index = 1; index <= parts; index++) {
        bool there = false;
        for (size_t k = 0; k < count && !there; k++)
            there = is_part(&watches[k]) &&
                    strcmp(suite_of(&watches[k]), suite_of(&watches[i])) == 0 &&
                    (number_of(&watches[k], "shard.index") == (double)index ||
                     number_of(&watches[k], "shard.count") != stated);
        if (there) continue;
        size_t used = strlen(out->parts);
        if (absent++ < 10)
            snprintf(out->parts + used, sizeof out->parts - used, "%s%zu",
                     used ? ", " : "without part ", index);
    }
    return absent > 0;
}

/* Larger is worse; that nothing was measured in a part says nothing about all. */
static int badness(int exit_status)
{
    static const int order[] = {3, 0, 1, 5, 2, 4};
    for (int i = 0; i < 6; i++)
        if (order[i] == exit_status) return i;
    return 6;
}

static zg_status check_parts(const zg_watch *watches, size_t count, zg_error *error)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            if (!is_part(&watches[i]) || !is_part(&watches[k]) ||
                strcmp(suite_of(&watches[i]), suite_of(&watches[k])) != 0)
                continue;
            const char *other = zg_log_part_difference(watches[k].run, watches[i].run);
            if (other)
                return zg_fail(error, ZG_BAD_INPUT,
                               "two parts of the suite \"%.100s\" have other cases: %s differs",
                               suite_of(&watches[i]), other);
        }
    return ZG_OK;
}

zg_status zg_watch_join(const zg_watch *watches, size_t count, zg_watch *out, zg_error *error)
{
    size_t total = 0;
    bool whole = true;
    zg_status status = check_parts(watches, count, error);
    *out = (zg_watch){.over = true, .finished = true, .exit_status = 3};
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < count; i++)
        total += watches[i].count;
    out->cases = calloc(total + 1, sizeof *out->cases);
    json_t *index = json_object();
    if (!out->cases || !index) status = zg_no_memory(error);
    for (size_t i = 0; i < count && status == ZG_OK; i++) {
        const zg_watch *watch = &watches[i];
        bool replaced = is_replaced(watches, count, i);
        add_run(watches, i, out);
        if (!add_cases(watch, replaced, index, out)) status = zg_no_memory(error);
        if (is_part(watch) && !is_known(watches, i) && tell_absent(watches, count, i, out))
            whole = false;
        if (replaced) continue;
        out->over = out->over && watch->finished;
        out->finished = out->finished && watch->finished && watch->exit_status < 128;
        if (watch->finished && badness(watch->exit_status) > badness(out->exit_status))
            out->exit_status = watch->exit_status;
    }
    out->finished = out->finished && whole;
    json_decref(index);
    if (status != ZG_OK) zg_watch_disjoin(out);
    return status;
}

void zg_watch_disjoin(zg_watch *joined)
{
    free(joined->cases);
    *joined = (zg_watch){0};
}
