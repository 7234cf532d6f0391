/*
 * Limits of cases against whatever gets around them: threads' children, wide and deep trees, memory
 * that no process has resident, scratch files, output without end.
 *
 * Every test runs under sampling; those of `by_group` also under a control group, where the system
 * gives one with controllers (root with cgroup v2, or a delegated group); elsewhere they skip.
 */
#include "running.h"

#include "base/cgroup.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool group_here(void)
{
    zg_cgroup group;
    zg_cgroup_make(&group);
    bool controlled = group.controlled;
    zg_cgroup_remove(&group);
    return controlled;
}

/* One case with one misdeed, and one after it that must run. */
static void run_one(const char *limits, const char *misdeed, zg_run_result *result)
{
    char text[1024];
    snprintf(text, sizeof text,
             "limits: {%s}\n" HEAD "methods: [{method: stub, does: [%s, nothing]}]\n", limits,
             misdeed);
    run_text(text, (zg_run_options){0}, result);
    if (result->rows[0].message[0]) print_message("# %s: %s\n", misdeed, result->rows[0].message);
    assert_int_equal(result->count, 2);
    assert_int_equal(result->rows[1].verdict, ZG_UNCERTIFIED);
}

static void expect(const char *limits, const char *misdeed, zg_verdict verdict, const char *cause)
{
    zg_run_result result;
    run_one(limits, misdeed, &result);
    assert_int_equal(result.rows[0].verdict, verdict);
    assert_string_equal(result.rows[0].cause, cause);
    zg_run_result_clear(&result);
}

/* Nothing of a case is left in the folder for temporary files. */
static void assert_no_scratch(void)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL)
        assert_null(strstr(entry->d_name, "scratch"));
    closedir(entries);
}

static void by_sampling(void **state)
{
    (void)state;
    setenv("ZEROGAP_CGROUP", "none", 1);
}

static bool by_group(void **state)
{
    (void)state;
    unsetenv("ZEROGAP_CGROUP");
    return group_here();
}

static void memory_of_hidden_children(const char *deep)
{
    expect("seconds: 30, memory_mb: 100", "thread_child", ZG_OUT_OF_MEMORY, "memory_limit");
    expect(deep, "deep_children", ZG_OUT_OF_MEMORY, "memory_limit");
    assert_no_scratch();
}

static void sampling_sees_every_child(void **state)
{
    by_sampling(state);
    /* Pages that seventy processes share count seventy times. */
    memory_of_hidden_children("seconds: 60, memory_mb: 700");
    expect("seconds: 30, processes: 690", "many_children", ZG_CASE_FAILED, "process_limit");
    expect("seconds: 30, processes: 66", "deep_children", ZG_CASE_FAILED, "process_limit");
}

static void the_mode_is_in_the_log(void **state)
{
    zg_run_result result;
    by_sampling(state);
    run_one("memory_mb: 100", "fail", &result);
    assert_string_equal(result.rows[0].limits_by, "sampling");
    zg_run_result_clear(&result);
    run_one("memory_mb: 100, disk_mb: 7, processes: 90", "fail", &result);
    zg_run_result_clear(&result);
    /* The log itself, not what the runner had in its memory. */
    char text[1 << 14] = "";
    FILE *file = fopen(log_path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    assert_non_null(strstr(text, "\"limits\":{\"memory_mb\":100,\"disk_mb\":7,\"processes\":90}"));
    assert_non_null(strstr(text, "\"limits_by\":\"sampling\""));
}

static void disk_limits(void)
{
    expect("seconds: 30, disk_mb: 8", "scratch", ZG_DISK_LIMIT, "disk_limit");
    expect("seconds: 30, disk_mb: 8", "huge_file", ZG_DISK_LIMIT, "disk_limit");
    expect("seconds: 60, disk_mb: 1", "chatter", ZG_DISK_LIMIT, "disk_limit");
    assert_no_scratch();
}

/* The journal, too, holds no more of a case than it may write; the case after it runs. */
static void what_a_case_writes_is_limited(void **state)
{
    by_sampling(state);
    disk_limits();
    FILE *file = fopen(log_path, "re");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    assert_true(ftell(file) < 3 << 20);
    (void)fclose(file);
}

static void the_number_of_processes_is_limited(void **state)
{
    by_sampling(state);
    expect("seconds: 30, processes: 20", "many_processes", ZG_CASE_FAILED, "process_limit");
}

/* No process lives long enough to be seen with much processor time. */
static void time_of_children_that_ended_counts(void **state)
{
    by_sampling(state);
    expect("seconds: 30, cpu_seconds: 0.5", "short_children", ZG_CASE_TIMEOUT, "cpu_limit");
}

static void groups_hold_all_of_it(void **state)
{
    if (!by_group(state)) skip();
    zg_run_result result;
    run_one("memory_mb: 100", "fail", &result);
    assert_string_equal(result.rows[0].limits_by, "cgroup");
    zg_run_result_clear(&result);
    memory_of_hidden_children("seconds: 60, memory_mb: 150");
    expect("seconds: 30, memory_mb: 100", "eat_memory", ZG_OUT_OF_MEMORY, "memory_limit");
    expect("seconds: 30, memory_mb: 100", "memfd", ZG_OUT_OF_MEMORY, "memory_limit");
    expect("seconds: 30, memory_mb: 100", "shared_memory", ZG_OUT_OF_MEMORY, "memory_limit");
    expect("seconds: 30, cpu_seconds: 0.5", "short_children", ZG_CASE_TIMEOUT, "cpu_limit");
    disk_limits();
}

static int show_mode(void **state)
{
    print_message("# control group with controllers: %s\n", by_group(state) ? "yes" : "no");
    return set_up(state);
}

int main(int argc, char **argv)
{
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sampling_sees_every_child),
        cmocka_unit_test(the_mode_is_in_the_log),
        cmocka_unit_test(what_a_case_writes_is_limited),
        cmocka_unit_test(the_number_of_processes_is_limited),
        cmocka_unit_test(time_of_children_that_ended_counts),
        cmocka_unit_test(groups_hold_all_of_it),
    };
    return cmocka_run_group_tests_name("limits", tests, show_mode, tear_down);
}
