/* Child processes: channel, limits, ends of every kind, and nothing left behind. */
#include "base/child.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/process_tree.h"
#include "base/scratch.h"
#include "tests/support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int echo(void *context, int channel)
{
    char letter;
    (void)context;
    while (zg_read_all(channel, &letter, 1))
        if (!zg_write_all(channel, &letter, 1)) return 1;
    return 7;
}

static int report_surroundings(void *context, int channel)
{
    char directory[256] = "", byte = 0;
    const int *foreign = context;
    if (!getcwd(directory, sizeof directory)) return 1;
    zg_write_all(channel, directory, sizeof directory);
    byte = fcntl(*foreign, F_GETFD) >= 0; /* is the parent's descriptor open here? */
    zg_write_all(channel, &byte, 1);
    FILE *file = fopen("left-behind", "w"); /* to be removed with the directory */
    if (file) fclose(file);
    return 0;
}

static int send_half(void *context, int channel)
{
    (void)context;
    return zg_write_all(channel, "half", 4) ? 0 : 1;
}

static int crash(void *context, int channel)
{
    (void)context, (void)channel;
    raise(SIGSEGV);
    return 0;
}

static int call_exit(void *context, int channel)
{
    (void)context, (void)channel;
    exit(205);
}

static int spin(void *context, int channel)
{
    (void)context;
    signal(SIGTERM, SIG_IGN);
    zg_write_all(channel, "x", 1);
    for (volatile bool on = true; on;)
        ;
    return 0;
}

static zg_scratch scratch;

static void start(zg_child *child, zg_child_body body, void *context)
{
    zg_error error = {0};
    const zg_child_plan plan = {
        .body = body, .context = context, .directory = scratch.path, .channel = true};
    assert_ok(zg_scratch_make(&scratch, &error), &error);
    assert_ok(zg_child_start(&plan, child, &error), &error);
}

static void stop(zg_child *child)
{
    zg_child_clear(child);
    zg_scratch_remove(&scratch);
}

static void assert_gone(const char *directory)
{
    struct stat info;
    assert_int_not_equal(stat(directory, &info), 0);
}

static void channel_both_ways(void **state)
{
    (void)state;
    zg_child child;
    char directory[ZG_SCRATCH_SIZE], letter = 0, text[64];
    start(&child, echo, NULL);
    memcpy(directory, scratch.path, sizeof directory);
    for (const char *c = "lock-step"; *c; c++) {
        assert_true(zg_write_all(child.channel, c, 1));
        assert_int_equal(zg_child_read(&child, &letter, 1, 60), ZG_OK);
        assert_int_equal(letter, *c);
    }
    assert_int_equal(zg_child_read(&child, &letter, 1, 0.02), ZG_TIMEOUT);
    close(child.channel); /* its signal to end */
    child.channel = -1;
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(child.wait_status, text, sizeof text);
    assert_string_equal(text, "exited with status 7");
    stop(&child);
    assert_gone(directory);
}

static void private_surroundings(void **state)
{
    (void)state;
    zg_child child;
    char directory[256], open_there = 1;
    int foreign = dup(0);
    if (foreign < 0) foreign = dup(1);
    start(&child, report_surroundings, &foreign);
    assert_int_equal(zg_child_read(&child, directory, sizeof directory, 60), ZG_OK);
    assert_string_equal(directory, scratch.path);
    assert_int_equal(zg_child_read(&child, &open_there, 1, 60), ZG_OK);
    assert_int_equal(open_there, 0);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    stop(&child);
    assert_gone(directory);
    close(foreign);
}

static void truncated_message(void **state)
{
    (void)state;
    zg_child child;
    char text[8];
    start(&child, send_half, NULL);
    assert_int_equal(zg_child_read(&child, text, sizeof text, 5), ZG_FAILED);
    stop(&child);
}

static void ends_of_every_kind(void **state)
{
    (void)state;
    zg_child child;
    char text[96], byte;
    start(&child, crash, NULL);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(child.wait_status, text, sizeof text);
    assert_string_equal(text, "was ended by signal 11 (Segmentation fault)");
    assert_false(zg_write_all(child.channel, "x", 1)); /* no SIGPIPE here */
    stop(&child);
    start(&child, call_exit, NULL);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(child.wait_status, text, sizeof text);
    assert_string_equal(text, "exited with status 205");
    stop(&child);
    start(&child, spin, NULL);
    assert_int_equal(zg_child_read(&child, &byte, 1, 60), ZG_OK);
    double before = zg_monotonic();
    assert_int_equal(zg_child_wait(&child, 0.1), ZG_TIMEOUT);
    stop(&child);
    assert_true(zg_monotonic() - before < 30);
    zg_child_describe(child.wait_status, text, sizeof text);
    assert_string_equal(text, "was ended by signal 9 (Killed)");
}

/* exit() in a child must not run the parent's handlers. */
static const char *witness;

static void leave_witness(void)
{
    FILE *file = witness ? fopen(witness, "w") : NULL;
    if (file) fclose(file);
}

static void handlers_of_the_parent(void **state)
{
    (void)state;
    char path[] = "/tmp/zerogap-witness-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    unlink(path);
    zg_child child;
    witness = path;
    atexit(leave_witness);
    start(&child, call_exit, NULL);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    stop(&child);
    witness = NULL;
    assert_gone(path);
}

/* ---- programs ---------------------------------------------------------------------------------- */

static zg_status run_shell(const char *text, double seconds, zg_ending *out)
{
    const char *const words[] = {"/bin/sh", "-c", text, NULL};
    char log[ZG_SCRATCH_SIZE + 16];
    snprintf(log, sizeof log, "%s/log", scratch.path);
    const zg_command command = {
        .arguments = words, .directory = scratch.path, .log = log, .seconds = seconds};
    zg_error error = {0};
    zg_status status = zg_command_run(&command, out, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    return status;
}

/* The process whose number a file of the scratch folder holds; 0 as long as there is none. */
static pid_t pid_in(const char *name)
{
    char path[ZG_SCRATCH_SIZE + 16];
    int pid = 0;
    snprintf(path, sizeof path, "%s/%s", scratch.path, name);
    FILE *file = fopen(path, "r");
    if (file && fscanf(file, "%d", &pid) != 1) pid = 0;
    if (file) fclose(file);
    return pid;
}

/* A zombie that init has not collected yet runs no more. */
static bool runs(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file && !fgets(line, sizeof line, file)) line[0] = '\0';
    if (file) fclose(file);
    return line[0] && !strstr(line, ") Z ");
}

static void programs_end_as_they_end(void **state)
{
    (void)state;
    zg_ending ending;
    char text[96];
    zg_error error = {0};
    assert_ok(zg_scratch_make(&scratch, &error), &error);
    assert_int_equal(run_shell("exit 5", 0, &ending), ZG_OK);
    assert_int_equal(zg_command_status(&ending), 5);
    assert_int_equal(run_shell("kill -SEGV $$", 0, &ending), ZG_OK);
    assert_int_equal(zg_command_status(&ending), 128 + SIGSEGV);
    zg_ending_describe(&ending, text, sizeof text);
    assert_string_equal(text, "was ended by signal 11 (Segmentation fault)");
    const char *const missing[] = {"zerogap-no-such-program", NULL};
    const zg_command command = {.arguments = missing, .directory = "/", .log = "/dev/null"};
    assert_int_equal(zg_command_run(&command, &ending, &error), ZG_MISSING);
    assert_string_equal(error.message,
                        "cannot run zerogap-no-such-program: No such file or directory");
    zg_scratch_remove(&scratch);
}

/* What a program started is gone with it, by its own end or at the limit, even from a session of
 * its own. */
static void nothing_outlives_a_program(void **state)
{
    (void)state;
    zg_ending ending;
    zg_error error = {0};
    assert_ok(zg_scratch_make(&scratch, &error), &error);
    const char *start_one = "setsid sh -c 'trap : TERM HUP; echo $$ > pid; sleep 60; sleep 60' & "
                            "while ! [ -s pid ]; do sleep 0.01; done; ";
    char text[256];
    for (int waits = 0; waits < 2; waits++) {
        snprintf(text, sizeof text, "rm -f pid; %s %s", start_one, waits ? "wait" : "true");
        assert_int_equal(run_shell(text, waits ? 1 : 0, &ending), ZG_OK);
        assert_int_equal(ending.end, waits ? ZG_END_SECONDS : ZG_END_EXIT);
        assert_true(pid_in("pid") > 0);
        assert_false(runs(pid_in("pid")));
    }
    zg_scratch_remove(&scratch);
}

static int run_and_wait(void *context, int channel)
{
    zg_ending ending;
    (void)channel;
    return run_shell(context, 0, &ending) == ZG_OK ? 0 : 1;
}

/* SIGKILL of the process that runs a program takes the program's whole tree along. */
static void nothing_outlives_the_caller(void **state)
{
    (void)state;
    zg_child child;
    char text[] = "setsid sh -c 'echo $$ > pid; sleep 60; sleep 60' & wait";
    start(&child, run_and_wait, text);
    for (int i = 0; i < 1000 && pid_in("pid") == 0; i++)
        usleep(10000);
    pid_t pid = pid_in("pid");
    assert_true(pid > 0 && runs(pid));
    zg_child_clear(&child);
    for (int i = 0; i < 300 && runs(pid); i++)
        usleep(10000);
    assert_false(runs(pid));
    zg_scratch_remove(&scratch);
}

/* ---- process trees ------------------------------------------------------------------------------- */

static int sleepers(void *context, int channel)
{
    const int *count = context;
    for (int i = 0; i < *count; i++)
        if (fork() == 0) {
            pause();
            _exit(0);
        }
    (void)zg_write_all(channel, "x", 1);
    pause();
    return 0;
}

static int chain(void *context, int channel)
{
    const int *depth = context;
    for (int i = 0; i < *depth; i++)
        if (fork() != 0) {
            pause();
            _exit(0);
        }
    (void)zg_write_all(channel, "x", 1);
    pause();
    return 0;
}

static size_t count_below(void)
{
    zg_tree_usage usage;
    zg_tree_measure(getpid(), &usage);
    return usage.processes;
}

/* More children than one read of their list returns, and deeper than a tree has any right to be. */
static void wide_and_deep_trees_are_seen_whole(void **state)
{
    (void)state;
    int count = 800;
    char byte;
    const zg_child_body shapes[] = {sleepers, chain};
    for (int k = 0; k < 2; k++) {
        zg_child child;
        start(&child, shapes[k], &count);
        assert_int_equal(zg_child_read(&child, &byte, 1, 60), ZG_OK);
        assert_int_equal(count_below(), count + 1);
        zg_tree_signal(getpid(), SIGKILL);
        stop(&child);
        count = 100;
    }
}

/* ---- scratch folders ------------------------------------------------------------------------------ */

static void a_missing_place_is_named(void **state)
{
    (void)state;
    zg_error error = {0};
    const char *old = getenv("TMPDIR");
    char *kept = old ? strdup(old) : NULL;
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(zg_scratch_make(&scratch, &error), ZG_IO);
    assert_string_equal(error.message, "cannot make a private folder in \"/nonexistent\": No such "
                                       "file or directory");
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
    zg_scratch_remove(&scratch);
}

static int make_and_wait(void *context, int channel)
{
    zg_scratch own;
    (void)context;
    if (zg_scratch_make(&own, NULL) != ZG_OK) return 1;
    (void)zg_write_all(channel, own.path, sizeof own.path);
    pause();
    return 0;
}

/* The folder of a process that was killed goes with the next one that is made, not sooner. */
static void folders_of_the_dead_are_removed(void **state)
{
    (void)state;
    zg_child child;
    zg_scratch next;
    zg_error error = {0};
    char path[ZG_SCRATCH_SIZE];
    start(&child, make_and_wait, NULL);
    assert_int_equal(zg_child_read(&child, path, sizeof path, 60), ZG_OK);
    assert_ok(zg_scratch_make(&next, &error), &error);
    assert_int_equal(access(path, F_OK), 0);
    zg_scratch_remove(&next);
    zg_child_clear(&child);
    assert_int_equal(access(path, F_OK), 0);
    assert_ok(zg_scratch_make(&next, &error), &error);
    assert_gone(path);
    assert_int_equal(access(scratch.path, F_OK), 0);
    zg_scratch_remove(&next);
    zg_scratch_remove(&scratch);
}

/* Deeper than any path may be long, with folders that forbid to enter, and links that lead out. */
static void trees_are_removed_whatever_they_are(void **state)
{
    (void)state;
    zg_error error = {0};
    char outside[ZG_SCRATCH_SIZE + 16], text[3072];
    zg_ending ending;
    assert_ok(zg_scratch_make(&scratch, &error), &error);
    zg_scratch other;
    assert_ok(zg_scratch_make(&other, &error), &error);
    snprintf(outside, sizeof outside, "%s/precious", other.path);
    FILE *file = fopen(outside, "w");
    assert_non_null(file);
    fclose(file);
    snprintf(text, sizeof text,
             "mkdir a && cd a && ln -s %s out && ln -s %s file && mkdir -p shut/b/c && touch "
             "shut/b/f && chmod 0 shut/b shut && p=; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "
             "16 17 18 19 20; do p=$p/wide-and-deep-wide-and-deep; done && for i in 1 2 3 4 5 6 7 "
             "8 9 10; do mkdir -p .$p && cd -P .$p && : >f; done",
             other.path, outside);
    assert_int_equal(run_shell(text, 0, &ending), ZG_OK);
    assert_int_equal(zg_command_status(&ending), 0);
    char path[ZG_SCRATCH_SIZE];
    memcpy(path, scratch.path, sizeof path);
    zg_scratch_remove(&scratch);
    assert_gone(path);
    assert_int_equal(access(outside, F_OK), 0);
    zg_scratch_remove(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_both_ways),
        cmocka_unit_test(private_surroundings),
        cmocka_unit_test(truncated_message),
        cmocka_unit_test(ends_of_every_kind),
        cmocka_unit_test(handlers_of_the_parent),
        cmocka_unit_test(programs_end_as_they_end),
        cmocka_unit_test(nothing_outlives_a_program),
        cmocka_unit_test(nothing_outlives_the_caller),
        cmocka_unit_test(wide_and_deep_trees_are_seen_whole),
        cmocka_unit_test(a_missing_place_is_named),
        cmocka_unit_test(folders_of_the_dead_are_removed),
        cmocka_unit_test(trees_are_removed_whatever_they_are),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
