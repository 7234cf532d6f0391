/* Shards: which cases of a run belong to which part. */
#include "runner/shard.h"

#include <ctype.h>
#include <sha2.h>
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

/* Cases of the whole run; of the final cases of a group one will run. */
static size_t count_cases(const member *members, size_t count)
{
    size_t cases = 0;
    bool final = false; /* of this unit's group one is counted */
    for (size_t i = 0; i < count; i++) {
        bool same = i && strcmp(members[i].leader, members[i - 1].leader) == 0 &&
                    members[i].suite == members[i - 1].suite;
        if (!same) final = false;
        if (!members[i].item->recipe.retrained)
            cases++;
        else if (!final)
            final = ++cases > 0;
    }
    return cases;
}

static void deal_out(member *members, size_t count, const zg_shard *shard)
{
    size_t unit = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && (strcmp(members[i].leader, members[i - 1].leader) != 0 ||
                  members[i].suite != members[i - 1].suite))
            unit++;
        members[i].item->elsewhere = unit % shard->count + 1 != shard->index;
    }
}

zg_status zg_shard_apply(zg_suite *const *suites, size_t count, const zg_run_options *options,
                         zg_shard *shard, zg_error *error)
{
    size_t total = 0, used = 0;
    for (size_t s = 0; s < count; s++)
        total += suites[s]->case_count;
    member *members = calloc(total + 1, sizeof *members);
    if (!members) return zg_no_memory(error);
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < suites[s]->case_count; i++)
            if (zg_case_planned(suites[s], &suites[s]->cases[i], options)) {
                members[used] = (member){&suites[s]->cases[i], s, NULL, used};
                used++;
            }
    bool done = find_leaders(members, used);
    if (done) {
        qsort(members, used, sizeof *members, by_leader);
        digest_keys(members, used, shard->keys);
        shard->cases = count_cases(members, used);
        deal_out(members, used, shard);
    }
    for (size_t i = 0; i < used; i++)
        free((char *)(uintptr_t)members[i].leader);
    free(members);
    return done ? ZG_OK : zg_no_memory(error);
}
