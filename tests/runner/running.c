/* Suites from text, run over the stub methods (see running.h). */
#include "running.h"

#include "base/scratch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

char folder[32] = "/tmp/zg-runner-XXXXXX";
char suite_path[64], log_path[64];

int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return 1;
    snprintf(suite_path, sizeof suite_path, "%s/suite.yaml", folder);
    snprintf(log_path, sizeof log_path, "%s/run.ndjson", folder);
    return setenv("TMPDIR", folder, 1);
}

int tear_down(void **state)
{
    (void)state;
    zg_tree_remove(folder);
    return access(folder, F_OK) == 0 ? -1 : 0;
}

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

zg_suite *load_suite(const zg_world *world, const char *text)
{
    FILE *file = fopen(suite_path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    zg_suite *suite = NULL;
    zg_error error = {0};
    if (zg_suite_load(suite_path, world, &suite, &error) != ZG_OK)
        print_message("# %s\n", error.message);
    assert_non_null(suite);
    return suite;
}

void run_text(const char *text, zg_run_options options, zg_run_result *result)
{
    zg_world world;
    zg_error error = {0};
    zg_stub_world(&world);
    zg_suite *suite = load_suite(&world, text);
    options.log = log_path;
    if (!options.resume) unlink(log_path);
    zg_status status = zg_run_suites(&suite, 1, &world, &options, result, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    assert_int_equal(status, ZG_OK);
    zg_suite_free(suite);
}

size_t count_events(const char *kind)
{
    FILE *file = fopen(log_path, "re");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0, count = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        assert_int_equal(line[length - 1], '\n');
        assert_int_equal(zg_event_check(line, (size_t)length - 1), ZG_SEALED);
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        const char *name = json_string_value(json_object_get(json, "event"));
        assert_non_null(name);
        assert_true(json_is_number(json_object_get(json, "t")));
        count += strcmp(name, kind) == 0;
        json_decref(json);
    }
    free(line);
    (void)fclose(file);
    return count;
}
