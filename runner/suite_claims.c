/* The section claims: statements that the report judges by the log; checked here, judged there. */
#include "runner/suite_parts.h"

#include <float.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TESTS                                                                                      \
    "certified,above-bound,neurons,exponent,exponential,compare,faster-to-better,decomposition"

/* clang-format off */
#define COMMON_KEYS \
    {{"id", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "short name of the claim"}, false}, \
    {{"claim", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "the statement"}, false}, \
    {{"test", ZG_OPTION_CHOICE, NULL, TESTS, 0, 0, "how it is judged"}, false}, \
    {{"data", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "labels of data entries"}, true}, \
    {{"model", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "labels of model entries"}, true}, \
    {{"method", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "names or labels of methods"}, true}

static const zg_key certified_keys[] = {
    COMMON_KEYS,
    {{"gap", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, DBL_MAX, "largest certified gap"}, false},
};
static const zg_key above_keys[] = {
    COMMON_KEYS,
    {{"excess", ZG_OPTION_NUMBER, NULL, NULL, 0, DBL_MAX, "least relative excess over the bound, in the middle of the problems"}, false},
    {{"by", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "option of the methods that the figure has as its axis"}, false},
};
static const zg_key neurons_keys[] = {
    COMMON_KEYS,
    {{"bound", ZG_OPTION_CHOICE, "pataki", "pataki,lifted", 0, 0, "what bounds the number of neurons"}, false},
};
static const zg_key exponent_keys[] = {
    COMMON_KEYS,
    {{"variable", ZG_OPTION_CHOICE, NULL, "n,d,outputs,patches,count,numbers", 0, 0, "size that time grows with"}, false},
    {{"at_most", ZG_OPTION_NUMBER, NULL, NULL, ZG_ABOVE_ZERO, 100, "the claimed exponent"}, false},
};
static const zg_key exponential_keys[] = {
    COMMON_KEYS,
    {{"variable", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "key of the data that says the size"}, false},
};
static const zg_key compare_keys[] = {
    COMMON_KEYS,
    {{"against", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "the other methods"}, true},
    {{"metric", ZG_OPTION_CHOICE, NULL, "accuracy,rmse,seconds,tuning", 0, 0, "what is compared"}, false},
    {{"demand", ZG_OPTION_CHOICE, "no-worse", "no-worse,better", 0, 0, "what the claim says of the methods"}, false},
    {{"margin", ZG_OPTION_NUMBER, "0", NULL, 0, DBL_MAX, "by how much worse is no worse"}, false},
};
static const zg_key faster_keys[] = {
    COMMON_KEYS,
    {{"against", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "the other methods"}, true},
    {{"metric", ZG_OPTION_CHOICE, NULL, "accuracy,rmse", 0, 0, "the score that is better"}, false},
};
static const zg_key decomposition_keys[] = {COMMON_KEYS};

static const struct {
    const char *name;
    const zg_key *keys;
    size_t count;
    const char *required[4]; /* beside id, claim and test */
} tests[] = {
    {"certified", certified_keys, COUNT(certified_keys), {NULL}},
    {"above-bound", above_keys, COUNT(above_keys), {"method", NULL}},
    {"neurons", neurons_keys, COUNT(neurons_keys), {"method", NULL}},
    {"exponent", exponent_keys, COUNT(exponent_keys), {"method", "variable", "at_most", NULL}},
    {"exponential", exponential_keys, COUNT(exponential_keys), {"method", "variable", NULL}},
    {"compare", compare_keys, COUNT(compare_keys), {"method", "against", "metric", NULL}},
    {"faster-to-better", faster_keys, COUNT(faster_keys), {"method", "against", "metric", NULL}},
    {"decomposition", decomposition_keys, COUNT(decomposition_keys), {NULL}},
};
/* clang-format on */

/* Whether one of the comma-separated names is that of the label, or of the method. */
static bool in_list(const char *list, const char *label, const char *method)
{
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, ",");
        if (zg_names_label(at, length, label)) return true;
        if (method && strlen(method) == length && memcmp(at, method, length) == 0) return true;
        at += length;
        at += *at == ',';
    }
    return false;
}

/* Every name of a selector must be that of some case. */
static zg_status check_names(const zg_suite *suite, const zg_setting *selector, zg_error *error)
{
    bool of_method = strcmp(selector->key, "method") == 0 || strcmp(selector->key, "against") == 0;
    for (const char *at = selector->text; *at;) {
        char name[256];
        size_t length = strcspn(at, ",");
        bool found = false;
        if (length >= sizeof name)
            return zg_yaml_fail(selector->node, error, "the name is longer than 255 bytes");
        memcpy(name, at, length);
        name[length] = '\0';
        for (size_t i = 0; i < suite->case_count && !found; i++) {
            const zg_case *item = &suite->cases[i];
            const char *label = of_method                            ? item->method_label
                                : strcmp(selector->key, "data") == 0 ? item->data_label
                                                                     : item->model_label;
            found = in_list(name, label, of_method ? item->method->name : NULL);
        }
        if (!found)
            return zg_yaml_fail(selector->node, error, "no %s entry is called \"%s\"",
                                of_method ? "method" : selector->key, name);
        at += length;
        at += *at == ',';
    }
    return ZG_OK;
}

/* Whether the claim's cases of one side, "method" or "against", include this one. */
static bool side_speaks_of(const zg_settings *claim, const char *side, const zg_case *item)
{
    const char *data = zg_settings_get(claim, "data"), *model = zg_settings_get(claim, "model");
    const char *methods = zg_settings_get(claim, side);
    return (!data || in_list(data, item->data_label, NULL)) &&
           (!model || in_list(model, item->model_label, NULL)) &&
           (!methods || in_list(methods, item->method_label, item->method->name));
}

bool zg_claim_speaks_of(const zg_settings *claim, const zg_case *item)
{
    if (item->recipe.retrained) return false; /* what was chosen is no case of its own */
    return side_speaks_of(claim, "method", item) ||
           (zg_settings_get(claim, "against") && side_speaks_of(claim, "against", item));
}

/* The claim must speak of a case; on either side, when it compares. */
static zg_status check_selection(const zg_suite *suite, const zg_settings *claim,
                                 const zg_yaml *row, zg_error *error)
{
    static const char *const selectors[] = {"data", "model", "method", "against"};
    zg_status status = ZG_OK;
    for (size_t i = 0; status == ZG_OK && i < COUNT(selectors); i++) {
        const zg_setting *selector = zg_settings_find(claim, selectors[i]);
        if (selector) status = check_names(suite, selector, error);
    }
    for (size_t side = 2; status == ZG_OK && side < COUNT(selectors); side++) {
        const char *methods = zg_settings_get(claim, selectors[side]);
        bool any = side == 3 && !methods;
        for (size_t i = 0; i < suite->case_count && !any; i++)
            any = side_speaks_of(claim, selectors[side], &suite->cases[i]);
        if (!any) status = zg_yaml_fail(row, error, "this claim speaks of no case");
    }
    bool compares = zg_settings_get(claim, "against") != NULL;
    for (size_t i = 0; status == ZG_OK && compares && i < suite->case_count; i++)
        if (side_speaks_of(claim, "method", &suite->cases[i]) &&
            side_speaks_of(claim, "against", &suite->cases[i]))
            status =
                zg_yaml_fail(zg_settings_find(claim, "against")->node, error,
                             "this claim compares \"%.200s\" with itself: it is of method, too",
                             suite->cases[i].method_label);
    return status;
}

/* The keys that this row may have, by its test. */
static zg_status find_test(const zg_yaml *row, size_t *out, zg_error *error)
{
    char found[96];
    const char *name, *known[COUNT(tests)];
    if (row->kind != ZG_YAML_MAPPING)
        return zg_yaml_fail(row, error, "expected a mapping for a row of claims, found %s",
                            zg_yaml_describe(row, found, sizeof found));
    const zg_yaml *node = zg_yaml_get(row, "test");
    if (!node) return zg_yaml_fail(row, error, "expected the key test in this claim, found none");
    zg_status status = zg_yaml_text(node, &name, error);
    for (*out = 0; status == ZG_OK && *out < COUNT(tests); (*out)++) {
        if (strcmp(tests[*out].name, name) == 0) return ZG_OK;
        known[*out] = tests[*out].name;
    }
    if (status != ZG_OK) return status;
    zg_fail_unknown(error, "test", name, known, COUNT(tests));
    return zg_yaml_position(node, error);
}

static zg_status check_keys(const zg_settings *claim, size_t test, const zg_yaml *row,
                            zg_error *error)
{
    static const char *const always[] = {"id", "claim"};
    for (size_t i = 0; i < claim->count; i++)
        if (claim->items[i].varied)
            return zg_yaml_fail(claim->items[i].node, error,
                                "expected one value for %s, found a list", claim->items[i].key);
    for (size_t i = 0; i < COUNT(always); i++)
        if (!zg_settings_find(claim, always[i]))
            return zg_yaml_fail(row, error, "expected the key %s in this claim, found none",
                                always[i]);
    for (size_t i = 0; tests[test].required[i]; i++)
        if (!zg_settings_find(claim, tests[test].required[i]))
            return zg_yaml_fail(row, error, "expected the key %s beside test: %s, found none",
                                tests[test].required[i], tests[test].name);
    return ZG_OK;
}

static zg_status read_claim(zg_suite_reader *reader, const zg_yaml *row, zg_suite *suite)
{
    size_t test = 0, count;
    zg_settings *claim;
    zg_status status = find_test(row, &test, reader->error);
    if (status == ZG_OK)
        status = zg_expand(row, tests[test].keys, tests[test].count, "claim", reader->arena, &claim,
                           &count, reader->error);
    if (status == ZG_OK) status = check_keys(claim, test, row, reader->error);
    if (status == ZG_OK) status = check_selection(suite, claim, row, reader->error);
    const char *id = status == ZG_OK ? zg_settings_get(claim, "id") : NULL;
    for (size_t i = 0; status == ZG_OK && i < suite->claim_count; i++)
        if (strcmp(zg_settings_get(suite->claims[i], "id"), id) == 0)
            status = zg_yaml_fail(zg_settings_find(claim, "id")->node, reader->error,
                                  "there is a claim \"%.80s\" already", id);
    if (status == ZG_OK) suite->claims[suite->claim_count++] = claim;
    return status;
}

zg_status zg_read_claims(zg_suite_reader *reader, const zg_yaml *list, zg_suite *suite)
{
    char found[96];
    if (list->kind != ZG_YAML_LIST)
        return zg_yaml_fail(list, reader->error, "expected a list of rows for claims, found %s",
                            zg_yaml_describe(list, found, sizeof found));
    suite->claims = zg_arena_array(reader->arena, list->count + 1, sizeof(zg_settings *));
    if (!suite->claims) return zg_no_memory(reader->error);
    for (size_t i = 0; i < list->count; i++) {
        zg_status status = read_claim(reader, list->items[i], suite);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}
