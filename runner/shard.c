/* Shards: which cases of a run belong to which part. */
#include "runner/shard.h"

#include <ctype.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SHARDS 10000

static bool read_count(const char **text, size_t *out)
{
    char *end;
    if (!isdigit((unsigned char)**text)) return false;
    unsigned long long value = strtoull(*text, &end, 10);
    if (value < 1 || value > MOST_SHARDS) return false;
    *out = (size_t)value;
    *text = end;
    return true;
}

zg_status zg_shard_parse(const char *text, zg_shard *out, zg_error *error)
{
    zg_shard shard = {0};
    const char *at = text;
    bool good = read_count(&at, &shard.index) && *at++ == '/' && read_count(&at, &shard.count);
    if (!good || *at || shard.index > shard.count)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--shard %.60s: expected K/N, the part and the number of parts, as 1/4 for "
                       "the first of four (at most %d)",
                       text, MOST_SHARDS);
    *out = shard;
    return ZG_OK;
}

/* ---- units ---------------------------------------------------------------------------------- */

/* A case, and the one that leads its unit: that of the smallest key. */
typedef struct member {
    zg_case *item;
    size_t suite;
    const char *leader;
    size_t at; /* in the order of the suites */
} member;

static bool compares_times(const zg_case *item)
{
    for (size_t i = 0; i < item->expect_count; i++)
        if (item->expect[i]->than) return true;
    return false;
}

/* A text that is the same for all cases of a unit. */
static void name_unit(const member *in, bool timed, char *out, size_t size)
{
    const zg_case *item = in->item;
    if (item->group)
        snprintf(out, size, "%zu group %zu", in->suite, item->group);
    else if (timed)
        snprintf(out, size, "%zu %.900s/%.900s", in->suite, item->data_label, item->model_label);
    else
        snprintf(out, size, "%zu %s", in->suite, item->key);
}

/* Fills leader.  A suite in which times are compared is dealt out by problems. */
static bool find_leaders(member *members, size_t count)
{
    char unit[2048];
    json_t *leaders = json_object();
    bool *timed = calloc(count + 1, sizeof *timed); /* by suite, of which there are fewer */
    bool done = leaders && timed;
    for (size_t i = 0; done && i < count; i++)
        if (compares_times(members[i].item)) timed[members[i].suite] = true;
    for (size_t i = 0; done && i < count; i++) {
        name_unit(&members[i], timed[members[i].suite], unit, sizeof unit);
        const char *known = json_string_value(json_object_get(leaders, unit));
        if (!known || strcmp(members[i].item->key, known) < 0)
            done = json_object_set_new(leaders, unit, json_string(members[i].item->key)) == 0;
    }
    for (size_t i = 0; done && i < count; i++) {
        name_unit(&members[i], timed[members[i].suite], unit, sizeof unit);
        members[i].leader = strdup(json_string_value(json_object_get(leaders, unit)));
        done = members[i].leader != NULL;
    }
    json_decref(leaders);
    free(timed);
    return done;
}

static int by_leader(const void *a, const void *b)
{
    const member *one = a, *other = b;
    int order = strcmp(one->leader, other->leader);
    if (order == 0) order = (one->suite > other->suite) - (one->suite < other->suite);
    return order ? order : (one->at > other->at) - (one->at < other->at);
}

/* SHA-256 of the keys of all cases, in the order of the units. */
static void digest_keys(const member *members, size_t count, char *digest)
{
    SHA2_CTX context;
    SHA256Init(&context);
    for (size_t i = 0; i < count; i++) {
        SHA256Update(&context, (const unsigned char *)members[i].item->key, ZG_DIGEST_SIZE - 1);
        SHA256Update(&context, (const unsigned char *)"\n", 1);
    }
    SHA256End(&context, digest);
}

static bool same_unit(const member *a, const member *b)
{
    return strcmp(a->leader, b->leader) == 0 && a->suite == b->suite;
}

/* Adds the cases of each unit to sums[unit % parts]; of the final cases of a group one will run. */
static void count_cases(const member *members, size_t count, size_t parts, size_t *sums)
{
    size_t unit = 0;
    bool final = false; /* of this unit's group one is counted */
    for (size_t i = 0; i < count; i++) {
        if (i && !same_unit(&members[i], &members[i - 1])) {
            unit++;
            final = false;
        }
        bool another = members[i].item->recipe.retrained && final;
        final = final || members[i].item->recipe.retrained;
        sums[unit % parts] += !another;
    }
}

static void deal_out(member *members, size_t count, const zg_shard *shard)
{
    size_t unit = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && !same_unit(&members[i], &members[i - 1])) unit++;
        members[i].item->elsewhere = unit % shard->count + 1 != shard->index;
    }
}

/* The cases that will run, in the order of their units; *out is the caller's to clear_members. */
static zg_status list_members(zg_suite *const *suites, size_t count, const zg_run_options *options,
                              member **out, size_t *used, zg_error *error)
{
    size_t total = 0;
    *used = 0;
    for (size_t s = 0; s < count; s++)
        total += suites[s]->case_count;
    member *members = *out = calloc(total + 1, sizeof *members);
    if (!members) return zg_no_memory(error);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < suites[s]->case_count; i++)
            if (zg_case_planned(suites[s], &suites[s]->cases[i], options)) {
                members[*used] = (member){&suites[s]->cases[i], s, NULL, *used};
                (*used)++;
            }
    if (!find_leaders(members, *used)) return zg_no_memory(error);
    qsort(members, *used, sizeof *members, by_leader);
    return ZG_OK;
}

static void clear_members(member *members, size_t used)
{
    for (size_t i = 0; members && i < used; i++)
        free((char *)(uintptr_t)members[i].leader);
    free(members);
}

zg_status zg_shard_apply(zg_suite *const *suites, size_t count, const zg_run_options *options,
                         zg_shard *shard, zg_error *error)
{
    size_t used;
    member *members;
    zg_status status = list_members(suites, count, options, &members, &used, error);
    if (status == ZG_OK) {
        digest_keys(members, used, shard->keys);
        shard->cases = 0;
        count_cases(members, used, 1, &shard->cases);
        deal_out(members, used, shard);
    }
    clear_members(members, used);
    return status;
}

zg_status zg_shard_count(zg_suite *const *suites, size_t count, const zg_run_options *options,
                         size_t shards, size_t *all, size_t *most, zg_error *error)
{
    size_t used, *sums = calloc(shards, sizeof *sums);
    member *members;
    zg_status status = list_members(suites, count, options, &members, &used, error);
    if (!sums) status = zg_no_memory(error);
    *all = *most = 0;
    if (status == ZG_OK) count_cases(members, used, shards, sums);
    for (size_t i = 0; status == ZG_OK && i < shards; i++) {
        *all += sums[i];
        if (sums[i] > *most) *most = sums[i];
    }
    clear_members(members, used);
    free(sums);
    return status;
}
