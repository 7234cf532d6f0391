/* Suites: YAML as a tree, and expanded into cases with the program's own methods and data. */
#include "base/yaml.h"
#include "runner/suite.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static zg_world *the_world(void)
{
    static zg_world world;
    static bool created;
    zg_error error;
    if (!created) fuzz_demand(zg_world_create(&world, &error) == ZG_OK, "no world");
    created = true;
    return &world;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_arena arena = {0};
    const zg_yaml *root = NULL;
    zg_error error = {0};
    zg_status status = zg_yaml_parse("f", (const char *)input, size, &arena, &root, &error);
    if (status != ZG_OK) fuzz_refusal(status, &error);
    zg_arena_clear(&arena);
    zg_suite *suite = NULL;
    error = (zg_error){0};
    status = zg_suite_load(fuzz_file(input, size), the_world(), &suite, &error);
    if (status != ZG_OK) {
        fuzz_refusal(status, &error);
        return 0;
    }
    fuzz_demand(suite->case_count > 0, "a suite without cases");
    for (size_t i = 0; i < suite->case_count; i++)
        fuzz_demand(strlen(suite->cases[i].key) == 64, "a case without a key");
    zg_suite_free(suite);
    return 0;
}
