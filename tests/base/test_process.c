/* Child processes: channel, limits, ends of every kind, and nothing left behind. */
#include "base/clock.h"
#include "base/process.h"
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
    while (zg_channel_read(channel, &letter, 1))
        if (!zg_channel_write(channel, &letter, 1)) return 1;
    return 7;
}

static int report_surroundings(void *context, int channel)
{
    char directory[256] = "", byte = 0;
    const int *foreign = context;
    if (!getcwd(directory, sizeof directory)) return 1;
    zg_channel_write(channel, directory, sizeof directory);
    byte = fcntl(*foreign, F_GETFD) >= 0; /* is the parent's descriptor open here? */
    zg_channel_write(channel, &byte, 1);
    FILE *file = fopen("left-behind", "w"); /* to be removed with the directory */
    if (file) fclose(file);
    return 0;
}

static int send_half(void *context, int channel)
{
    (void)context;
    return zg_channel_write(channel, "half", 4) ? 0 : 1;
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
    zg_channel_write(channel, "x", 1);
    for (volatile bool on = true; on;)
        ;
    return 0;
}

static void start(zg_child *child, zg_child_body body, void *context)
{
    zg_error error = {0};
    assert_ok(zg_child_prepare(child, &error), &error);
    assert_ok(zg_child_fork(child, body, context, &error), &error);
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
    char directory[sizeof child.directory], letter = 0, text[64];
    start(&child, echo, NULL);
    memcpy(directory, child.directory, sizeof directory);
    for (const char *c = "lock-step"; *c; c++) {
        assert_true(zg_child_write(&child, c, 1));
        assert_int_equal(zg_child_read(&child, &letter, 1, 60), ZG_OK);
        assert_int_equal(letter, *c);
    }
    assert_int_equal(zg_child_read(&child, &letter, 1, 0.02), ZG_TIMEOUT);
    close(child.channel); /* its signal to end */
    child.channel = -1;
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(&child, text, sizeof text);
    assert_string_equal(text, "exited with status 7");
    zg_child_clear(&child);
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
    assert_string_equal(directory, child.directory);
    assert_int_equal(zg_child_read(&child, &open_there, 1, 60), ZG_OK);
    assert_int_equal(open_there, 0);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_clear(&child);
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
    zg_child_clear(&child);
}

static void ends_of_every_kind(void **state)
{
    (void)state;
    zg_child child;
    char text[96], byte;
    start(&child, crash, NULL);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(&child, text, sizeof text);
    assert_string_equal(text, "was ended by signal 11 (Segmentation fault)");
    assert_false(zg_child_write(&child, "x", 1)); /* no SIGPIPE here */
    zg_child_clear(&child);
    start(&child, call_exit, NULL);
    assert_int_equal(zg_child_wait(&child, 60), ZG_OK);
    zg_child_describe(&child, text, sizeof text);
    assert_string_equal(text, "exited with status 205");
    zg_child_clear(&child);
    start(&child, spin, NULL);
    assert_int_equal(zg_child_read(&child, &byte, 1, 60), ZG_OK);
    double before = zg_monotonic();
    assert_int_equal(zg_child_wait(&child, 0.1), ZG_TIMEOUT);
    zg_child_kill(&child);
    assert_true(zg_monotonic() - before < 30);
    zg_child_describe(&child, text, sizeof text);
    assert_string_equal(text, "was ended by signal 9 (Killed)");
    assert_true(child.killed);
    zg_child_clear(&child);
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
    zg_child_clear(&child);
    witness = NULL;
    assert_gone(path);
}

/* Killing a shell command also kills what it started. */
static void whole_group_is_killed(void **state)
{
    (void)state;
    zg_child child;
    zg_error error = {0};
    assert_ok(zg_child_prepare(&child, &error), &error);
    assert_ok(zg_child_shell(&child, "sleep 60 & echo $! > pid; wait; true", &error), &error);
    char path[256];
    long pid = 0;
    snprintf(path, sizeof path, "%s/pid", child.directory);
    for (int i = 0; i < 500 && pid == 0; i++) {
        FILE *file = fopen(path, "r");
        if (file) {
            if (fscanf(file, "%ld", &pid) != 1) pid = 0;
            fclose(file);
        }
        usleep(10000);
    }
    assert_true(pid > 0);
    assert_int_equal(kill((pid_t)pid, 0), 0);
    zg_child_clear(&child);
    /* It may stay a zombie until init collects it, but it runs no more. */
    char stat_path[64], line[256] = "";
    usleep(50000);
    snprintf(stat_path, sizeof stat_path, "/proc/%ld/stat", pid);
    FILE *file = fopen(stat_path, "r");
    if (file && !fgets(line, sizeof line, file)) line[0] = '\0';
    if (file) fclose(file);
    assert_true(line[0] == '\0' || strstr(line, ") Z ") != NULL);
}

static void no_room_for_a_directory(void **state)
{
    (void)state;
    zg_child child;
    zg_error error = {0};
    const char *old = getenv("TMPDIR");
    char *kept = old ? strdup(old) : NULL;
    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(zg_child_prepare(&child, &error), ZG_IO);
    assert_string_equal(error.message,
                        "cannot make a private directory in \"/nonexistent\": No such "
                        "file or directory");
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
    zg_child_clear(&child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_both_ways),       cmocka_unit_test(private_surroundings),
        cmocka_unit_test(truncated_message),       cmocka_unit_test(ends_of_every_kind),
        cmocka_unit_test(handlers_of_the_parent),  cmocka_unit_test(whole_group_is_killed),
        cmocka_unit_test(no_room_for_a_directory),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
