/* Signals that end a run in order reach it, whatever threads its process has. */
#include "runner/signals.h"

#include "tests/support/support.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

static void *wait_for_end(void *pipe)
{
    char byte;
    return read(*(int *)pipe, &byte, 1) == 0 ? NULL : pipe;
}

/* OpenBLAS starts threads before main, which block nothing. */
static void a_thread_of_a_library_does_not_take_the_signal(void **state)
{
    (void)state;
    static const int numbers[ZG_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    (void)signal(SIGHUP, SIG_DFL); /* whoever runs the tests may have had it ignored */
    int ends[2];
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_end, ends), 0);
    for (size_t i = 0; i < ZG_SIGNALS; i++) {
        zg_signals signals;
        zg_error error = {0};
        assert_ok(zg_signals_catch(&signals, &error), &error);
        assert_int_equal(zg_signals_taken(&signals), 0);
        assert_int_equal(kill(getpid(), numbers[i]), 0);
        struct pollfd ready = {signals.descriptor, POLLIN, 0};
        while (poll(&ready, 1, 5000) < 0) /* the signal may interrupt it */
            continue;
        assert_int_equal(zg_signals_taken(&signals), numbers[i]);
        assert_int_equal(zg_signals_taken(&signals), 0);
        zg_signals_release(&signals);
    }
    close(ends[1]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(ends[0]);
}

static void a_run_under_nohup_goes_on(void **state)
{
    (void)state;
    zg_signals signals;
    (void)signal(SIGHUP, SIG_IGN);
    assert_ok(zg_signals_catch(&signals, NULL), NULL);
    assert_int_equal(raise(SIGHUP), 0);
    assert_int_equal(zg_signals_taken(&signals), 0);
    zg_signals_release(&signals);
    (void)signal(SIGHUP, SIG_DFL);
}

static volatile sig_atomic_t seen;

static void see(int number)
{
    seen = number;
}

static void a_second_signal_acts_as_before(void **state)
{
    (void)state;
    zg_signals signals;
    (void)signal(SIGTERM, see);
    assert_ok(zg_signals_catch(&signals, NULL), NULL);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(seen, 0);
    assert_int_equal(zg_signals_taken(&signals), SIGTERM);
    zg_signals_release(&signals);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(seen, SIGTERM);
    (void)signal(SIGTERM, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_of_a_library_does_not_take_the_signal),
        cmocka_unit_test(a_run_under_nohup_goes_on),
        cmocka_unit_test(a_second_signal_acts_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
