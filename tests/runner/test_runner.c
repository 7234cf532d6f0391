/*
 * The runner against everything that a case can do to it: crashes, loops, deafness, greed, garbage.
 * Every cause has its own row, the cases after it run, limits hold within a second.
 */
#include "running.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_a_good_case(void **state)
{
    (void)state;
    zg_run_result result;
    run_text(HEAD "methods: [stub]\n", (zg_run_options){0}, &result);
    assert_int_equal(result.count, 1);
    const zg_row *row = &result.rows[0];
    assert_string_equal(row->name, "p/relu2,squared,beta=1/stub");
    assert_int_equal(row->verdict, ZG_UNCERTIFIED);
    assert_string_equal(row->timing, "solo");
    /* The zero network: half the squared norm of the targets, computed here by hand. */
    zg_planted planted = {10, 2, 1, 0.1, ZG_FEATURES_GAUSSIAN, {0.09, 0.5, 0.47}, 0, false};
    zg_dataset *data;
    assert_int_equal(zg_planted_create(&planted, &data, NULL), ZG_OK);
    double half = 0;
    for (size_t i = 0; i < 10; i++)
        half += 0.5 * data->t[i] * data->t[i];
    zg_dataset_free(data);
    assert_true(fabs(row->objective - half) <= 1e-12 * half);
    assert_true(row->bound > 0 && row->bound <= row->objective);
    assert_true(fabs(row->gap - (row->objective - row->bound) / fmax(1, row->objective)) < 1e-15);
    assert_true(row->train.loss == row->objective);
    assert_true(fabs(row->train.rmse - sqrt(2 * half / 10)) < 1e-12);
    assert_true(row->iterations == 3 && row->neurons == 0);
    assert_true(row->peak_rss_bytes > 1e6 && row->peak_rss_bytes < 1e9);
    assert_true(row->cpu_seconds >= 0 && row->total_seconds >= row->seconds);
    assert_true(row->processor_seconds >= 0 && row->processor_seconds < row->total_seconds + 0.02);
    assert_true(row->load >= 0);
    assert_int_equal(result.exit_status, 0);
    assert_int_equal(count_events("progress"), 3);
    assert_int_equal(count_events("case_finished"), 1);
    assert_int_equal(count_events("run_finished"), 1);
    zg_run_result_clear(&result);
}

/* Twelve causes and a few more; each has a verdict and a cause of its own. */
static void test_injected_causes(void **state)
{
    (void)state;
    static const struct {
        const char *does, *cause;
        zg_verdict verdict;
    } expected[] = {
        {"crash", "crash", ZG_CASE_FAILED},
        {"abort", "abort", ZG_CASE_FAILED},
        {"exit", "exit", ZG_CASE_FAILED},
        {"spin", "time_limit", ZG_CASE_TIMEOUT},
        {"sleep", "time_limit_idle", ZG_CASE_TIMEOUT},
        {"deaf", "time_limit_deaf", ZG_CASE_TIMEOUT},
        {"no_memory", "allocation_failed", ZG_OUT_OF_MEMORY},
        {"eat_memory", "memory_limit", ZG_OUT_OF_MEMORY},
        {"garbage", "garbage_result", ZG_CASE_FAILED},
        {"truncate", "truncated_result", ZG_CASE_FAILED},
        {"disk_full", "io_error", ZG_CASE_FAILED},
        {"fail", "method_failed", ZG_CASE_FAILED},
        {"refuse", "unsupported", ZG_SKIPPED},
        {"lie", "contradiction", ZG_WRONG},
        {"claim", "contradiction", ZG_WRONG},
        {"nothing", "", ZG_UNCERTIFIED},
    };
    size_t count = sizeof expected / sizeof expected[0];
    /* Long enough that even a busy machine gets to the other causes first. */
    const double limit = 2.5;
    char text[2048] = "limits: {seconds: 2.5, memory_mb: 60}\n" HEAD "methods:\n"
                      "  - {method: stub, does: [";
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? ", " : "",
                 expected[i].does);
    snprintf(text + strlen(text), sizeof text - strlen(text), "]}\n");
    zg_run_result result;
    double start = now();
    run_text(text, (zg_run_options){0}, &result);
    double elapsed = now() - start;
    assert_int_equal(result.count, count);
    for (size_t i = 0; i < count; i++) {
        const zg_row *row = &result.rows[i];
        if (row->verdict != expected[i].verdict || strcmp(row->cause, expected[i].cause) != 0)
            print_message("# %s: %s, %s: %s\n", row->name, zg_verdict_name(row->verdict),
                          row->cause, row->message);
        assert_int_equal(row->verdict, expected[i].verdict);
        assert_string_equal(row->cause, expected[i].cause);
        assert_true(row->total_seconds < limit + 1);
        for (size_t k = 0; k < i && row->verdict != ZG_WRONG; k++)
            assert_string_not_equal(row->cause, result.rows[k].cause);
    }
    assert_true(elapsed < 3 * (limit + 1) + 6);
    assert_int_equal(result.exit_status, 2);
    assert_int_equal(count_events("case_finished"), count);
    zg_run_result_clear(&result);
}

static void test_missing_data(void **state)
{
    (void)state;
    zg_run_result result;
    run_text("suite: t\ndata:\n  - {source: wdbc}\n  - {file: nowhere.csv}\n"
             "  - {generator: planted, n: 10, d: 2, neurons: 1}\n"
             "model: [{beta: 1}]\nmethods: [stub]\n",
             (zg_run_options){0}, &result);
    assert_int_equal(result.rows[0].verdict, ZG_SKIPPED);
    assert_string_equal(result.rows[0].cause, "missing_data");
    assert_string_equal(result.rows[0].message,
                        "wdbc is not on this machine; zerogap data fetch wdbc gets it");
    /* A missing file of the user's own is a mistake; a catalogue source that is not here is
     * skipped. */
    assert_int_equal(result.rows[1].verdict, ZG_CASE_FAILED);
    assert_string_equal(result.rows[1].cause, "io_error");
    assert_int_equal(result.exit_status, 5);
    assert_int_equal(result.rows[2].verdict, ZG_UNCERTIFIED);
    zg_run_result_clear(&result);
    run_text("suite: t\ndata: [{source: wdbc}]\nmodel: [{beta: 1}]\nmethods: [stub]\n",
             (zg_run_options){0}, &result);
    assert_int_equal(result.exit_status, 3);
    zg_run_result_clear(&result);
}

/* The data of the only case_started in the journal; the caller's. */
static json_t *started_data(void)
{
    FILE *file = fopen(log_path, "re");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0;
    json_t *data = NULL;
    while (getline(&line, &size, file) > 0) {
        json_t *event = json_loads(line, 0, NULL);
        if (strcmp(json_string_value(json_object_get(event, "event")), "case_started") == 0) {
            assert_null(data);
            data = json_incref(json_object_get(event, "data"));
        }
        json_decref(event);
    }
    free(line);
    (void)fclose(file);
    assert_non_null(data);
    return data;
}

static void expect_size(const char *entry, double n, double d, double outputs)
{
    char text[512];
    zg_run_result result;
    snprintf(text, sizeof text, "suite: t\ndata: [%s]\nmodel: [{beta: 1}]\nmethods: [stub]\n",
             entry);
    run_text(text, (zg_run_options){.repeat = 2}, &result);
    zg_run_result_clear(&result);
    json_t *data = started_data();
    assert_true(json_number_value(json_object_get(data, "n")) == n);
    assert_true(json_number_value(json_object_get(data, "d")) == d);
    assert_true(json_number_value(json_object_get(data, "outputs")) == outputs);
    json_decref(data);
}

/* Training rows, inputs and outputs of data that do not name them; nothing of what is not there. */
static void test_sizes_of_data(void **state)
{
    (void)state;
    char path[96];
    snprintf(path, sizeof path, "%s/rows.csv", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("1,2,3,0\n4,5,6,1\n7,8,9,2\n1,0,1,0\n0,1,0,1\n", file);
    assert_int_equal(fclose(file), 0);
    expect_size("{file: rows.csv}", 5, 3, 1);
    expect_size("{file: rows.csv, target: '3,4'}", 5, 2, 2);
    expect_size("{file: rows.csv, split: {train: 0.6, seed: 0}}", 3, 3, 1);
    expect_size("{file: rows.csv, task: multiclass, first: 4}", 4, 3, 3);
    expect_size("{file: nowhere.csv}", 0, 0, 0);
    expect_size("{generator: planted, n: 10, d: 2, neurons: 1}", 10, 2, 0);
}

/* What a library printed last stands in the message of a crash. */
static void test_last_words(void **state)
{
    (void)state;
    zg_run_result result;
    run_text(HEAD "methods: [{method: stub, does: print}]\n", (zg_run_options){0}, &result);
    assert_string_equal(result.rows[0].cause, "abort");
    assert_non_null(strstr(result.rows[0].message, "a library said this"));
    zg_run_result_clear(&result);
}

static size_t count_spinning(void)
{
    /* Only processes of this test's own session could be left: all were made below this one. */
    char path[64], text[4096] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    size_t count = 0;
    if (fgets(text, sizeof text, file))
        for (char *at = strtok(text, " \n"); at; at = strtok(NULL, " \n"))
            count++;
    (void)fclose(file);
    return count;
}

/* Grandchildren in sessions of their own that ignore every polite signal are gone with the case. */
static void test_grandchildren(void **state)
{
    (void)state;
    zg_run_result result;
    double start = now();
    run_text(HEAD "methods: [{method: stub, does: fork_spin}]\n", (zg_run_options){0}, &result);
    assert_string_equal(result.rows[0].cause, "method_failed");
    assert_true(now() - start < 2);
    assert_int_equal(count_spinning(), 0);
    /* Their work is in the case's processor time. */
    assert_true(result.rows[0].cpu_seconds > 0.05);
    zg_run_result_clear(&result);
}

/* A supervisor that is killed cannot sweep; the runner does, before the next case. */
static void test_a_lost_supervisor(void **state)
{
    (void)state;
    zg_run_result result;
    run_text(HEAD "methods: [{method: stub, does: [regicide, nothing]}]\n", (zg_run_options){0},
             &result);
    assert_int_equal(result.rows[0].verdict, ZG_CASE_FAILED);
    assert_string_equal(result.rows[0].cause, "lost");
    assert_int_equal(result.rows[1].verdict, ZG_UNCERTIFIED);
    assert_int_equal(count_spinning(), 0);
    zg_run_result_clear(&result);
}

/* A method that reports is stopped in time to certify what it has. */
static void test_soft_limit_keeps_the_result(void **state)
{
    (void)state;
    zg_run_result result;
    run_text("limits: {seconds: 3}\n" HEAD
             "methods: [{method: stub, iterations: 1000, pause: 0.05}]\n",
             (zg_run_options){0}, &result);
    const zg_row *row = &result.rows[0];
    assert_int_equal(row->verdict, ZG_CASE_TIMEOUT);
    assert_string_equal(row->cause, "time_limit");
    assert_true(row->objective > 0 && row->bound > 0 && row->total_seconds < 3);
    assert_int_equal(result.exit_status, 5);
    zg_run_result_clear(&result);
}

static void test_cpu_limit(void **state)
{
    (void)state;
    zg_run_result result;
    run_text("limits: {cpu_seconds: 0.3}\n" HEAD "methods: [{method: stub, does: spin}]\n",
             (zg_run_options){0}, &result);
    assert_int_equal(result.rows[0].verdict, ZG_CASE_TIMEOUT);
    assert_string_equal(result.rows[0].cause, "cpu_limit");
    assert_true(result.rows[0].cpu_seconds > 0.25 && result.rows[0].cpu_seconds < 1.3);
    zg_run_result_clear(&result);
}

static void test_repetitions_and_jobs(void **state)
{
    (void)state;
    zg_run_result result;
    run_text("repeat: 4\n" HEAD "methods: [{method: stub, seed: [0, 1, 2], pause: 0.01}]\n",
             (zg_run_options){.jobs = 2}, &result);
    assert_int_equal(result.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(result.rows[i].sample_count, 4);
        assert_true(result.rows[i].samples[0] == result.rows[i].seconds);
        for (size_t k = 0; k < 4; k++)
            assert_true(result.rows[i].samples[k] >= 0.03);
        assert_string_equal(result.rows[i].timing, "shared");
    }
    assert_int_equal(count_events("progress"), 9);
    zg_run_result_clear(&result);
}

static void test_expectations(void **state)
{
    (void)state;
    zg_run_result result;
    run_text(HEAD "methods: [stub, csdp]\nexpect:\n  - {method: stub, gap: 1e9}\n"
                  "  - {method: csdp, objective: 5}\n",
             (zg_run_options){0}, &result);
    assert_int_equal(result.rows[0].verdict, ZG_UNCERTIFIED);
    assert_int_equal(result.rows[1].verdict, ZG_WRONG);
    assert_string_equal(result.rows[1].cause, "expectation");
    assert_non_null(strstr(result.rows[1].message, "line 9 of the suite expects the objective 5"));
    assert_int_equal(result.exit_status, 2);
    zg_run_result_clear(&result);
}

static void test_filter(void **state)
{
    (void)state;
    zg_run_result result;
    run_text(HEAD "methods: [csdp, {method: stub, seed: [0, 1]}]\n",
             (zg_run_options){.filter = "*/stub*"}, &result);
    assert_int_equal(result.count, 2);
    zg_run_result_clear(&result);
}

/* Done rows stay, failed ones run again unless they are to be kept, changed ones run again. */
static void test_resume(void **state)
{
    (void)state;
    static const char text[] = HEAD "methods: [{method: stub, does: [nothing, crash, fail]}]\n";
    zg_run_result result;
    run_text(text, (zg_run_options){0}, &result);
    zg_run_result_clear(&result);
    size_t before = count_events("case_started");
    run_text(text, (zg_run_options){.resume = true}, &result);
    assert_int_equal(result.kept, 1);
    assert_int_equal(count_events("case_started"), before + 2);
    assert_int_equal(result.counts[ZG_UNCERTIFIED], 1);
    assert_int_equal(result.counts[ZG_CASE_FAILED], 2);
    zg_run_result_clear(&result);
    run_text(text, (zg_run_options){.resume = true, .keep_failed = true}, &result);
    assert_int_equal(result.kept, 3);
    assert_int_equal(count_events("case_started"), before + 2);
    assert_int_equal(result.exit_status, 5);
    zg_run_result_clear(&result);
    run_text(HEAD "methods: [{method: stub, does: nothing, iterations: 4}]\n",
             (zg_run_options){.resume = true}, &result);
    assert_int_equal(result.kept, 0);
    zg_run_result_clear(&result);
}

/* A torn or damaged end is cut off; damage before good lines costs only the damaged line. */
static void test_resume_after_damage(void **state)
{
    (void)state;
    static const char text[] = HEAD "methods: [{method: stub, seed: [0, 1, 2]}]\n";
    zg_run_result result;
    run_text(text, (zg_run_options){0}, &result);
    zg_run_result_clear(&result);
    FILE *file = fopen(log_path, "r+e");
    assert_non_null(file);
    static char content[1 << 16];
    size_t length = fread(content, 1, sizeof content - 1, file);
    content[length] = '\0';
    (void)fclose(file);
    /* Damage the first case_finished, tear the last line of all. */
    char *finished = strstr(content, "case_finished");
    assert_non_null(finished);
    finished[2] ^= 1;
    file = fopen(log_path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, length - 5, file), length - 5);
    assert_int_equal(fclose(file), 0);
    run_text(text, (zg_run_options){.resume = true}, &result);
    assert_int_equal(result.kept, 2);
    assert_int_equal(result.counts[ZG_UNCERTIFIED], 3);
    zg_run_result_clear(&result);
}

static void test_one_writer(void **state)
{
    (void)state;
    zg_world world;
    zg_error error = {0};
    zg_stub_world(&world);
    zg_suite *suite = load_suite(&world, HEAD "methods: [stub]\n");
    zg_run_options options = {.log = log_path, .resume = true};
    zg_run_result result;
    int fd = open(log_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
    assert_int_equal(zg_run_suites(&suite, 1, &world, &options, &result, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "another run is writing"));
    close(fd);
    /* And a journal with content is not taken for a new one. */
    options.resume = false;
    assert_int_equal(zg_run_suites(&suite, 1, &world, &options, &result, &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "--resume continues it"));
    zg_suite_free(suite);
}

/* The journal's own disk is full: an error, no half line, and the run can be continued. */
static void test_full_disk(void **state)
{
    (void)state;
    zg_world world;
    zg_error error = {0};
    zg_stub_world(&world);
    zg_suite *suite =
        load_suite(&world, HEAD "methods: [{method: stub, seed: [0, 1, 2, 3, 4, 5, 6, 7, 8]}]\n");
    zg_run_options options = {.log = log_path};
    zg_run_result result;
    unlink(log_path);
    struct rlimit old, small = {6000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &old);
    small.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    zg_status status = zg_run_suites(&suite, 1, &world, &options, &result, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(status, ZG_IO);
    assert_non_null(strstr(error.message, "cannot write to"));
    (void)count_events("progress");
    options.resume = true;
    assert_int_equal(zg_run_suites(&suite, 1, &world, &options, &result, &error), ZG_OK);
    assert_int_equal(result.counts[ZG_UNCERTIFIED], 9);
    assert_true(result.kept > 0 && result.kept < 9);
    zg_run_result_clear(&result);
    zg_suite_free(suite);
}

/* Killed with SIGKILL at random moments and continued each time: the rows of an unbroken run. */
static void test_kill_and_resume(void **state)
{
    (void)state;
    static const char text[] = "limits: {seconds: 20}\nrepeat: 2\n" HEAD
                               "methods:\n  - {method: stub, pause: 0.004, does: [nothing, fail, "
                               "crash], seed: [0, 1, 2]}\n";
    const char *multiplier = getenv("ZEROGAP_TEST_MULTIPLIER");
    size_t rounds = 20 * (size_t)(multiplier ? strtoul(multiplier, NULL, 10) : 1);
    zg_run_result whole, result;
    run_text(text, (zg_run_options){0}, &whole);
    unlink(log_path);
    srand(11);
    for (size_t i = 0; i < rounds; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            zg_world world;
            zg_error error;
            zg_stub_world(&world);
            zg_suite *suite;
            zg_run_options options = {.log = log_path, .resume = true, .keep_failed = true};
            zg_run_result ignored;
            if (zg_suite_load(suite_path, &world, &suite, &error) != ZG_OK) _exit(9);
            _exit(zg_run_suites(&suite, 1, &world, &options, &ignored, &error) == ZG_OK ? 0 : 8);
        }
        usleep((useconds_t)(rand() % 60000));
        kill(pid, SIGKILL);
        int ended;
        waitpid(pid, &ended, 0);
        assert_true(WIFSIGNALED(ended) || WEXITSTATUS(ended) == 0);
    }
    run_text(text, (zg_run_options){.resume = true, .keep_failed = true}, &result);
    assert_int_equal(result.count, whole.count);
    for (size_t i = 0; i < whole.count; i++) {
        const zg_row *a = &whole.rows[i], *b = &result.rows[i];
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->key, b->key);
        assert_int_equal(a->verdict, b->verdict);
        assert_string_equal(a->cause, b->cause);
        assert_string_equal(a->message, b->message);
        assert_true(a->objective == b->objective || isnan(a->objective));
        assert_true(a->bound == b->bound || isnan(a->bound));
        assert_int_equal(a->sample_count, b->sample_count);
    }
    assert_int_equal(count_events("run_finished") >= 1, 1);
    zg_run_result_clear(&whole);
    zg_run_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_case),
        cmocka_unit_test(test_injected_causes),
        cmocka_unit_test(test_missing_data),
        cmocka_unit_test(test_sizes_of_data),
        cmocka_unit_test(test_last_words),
        cmocka_unit_test(test_grandchildren),
        cmocka_unit_test(test_a_lost_supervisor),
        cmocka_unit_test(test_soft_limit_keeps_the_result),
        cmocka_unit_test(test_cpu_limit),
        cmocka_unit_test(test_repetitions_and_jobs),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_after_damage),
        cmocka_unit_test(test_one_writer),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_kill_and_resume),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
