/*
 * Stub methods: what a case can do to its runner, one option value each.
 *
 * `stub` returns a network of known objective; its option `does` picks a misdeed instead.  The
 * other methods exist for their option tables.
 */
#include "stub.h"

#include "base/clock.h"
#include "core/network.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Under the address sanitizer an allocation that is too large shall fail as it does elsewhere. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static const char misdeeds[] =
    "nothing,crash,abort,exit,spin,sleep,deaf,no_memory,eat_memory,garbage,truncate,disk_full,"
    "fail,refuse,lie,fork_spin,print,claim,thread_child,many_children,deep_children,memfd,shared_"
    "memory,scratch,huge_file,chatter,many_processes,short_children,regicide";

static const zg_option stub_options[] = {
    {"does", ZG_OPTION_CHOICE, "nothing", misdeeds, 0, 0, "what it does instead of working"},
    {"iterations", ZG_OPTION_INTEGER, "3", NULL, 0, 1e9, "progress reports"},
    {"pause", ZG_OPTION_NUMBER, "0", NULL, 0, 1e3, "seconds between them"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 1e9, "nothing depends on it"},
};

enum { DOES, ITERATIONS, PAUSE, SEED };

static bool does(const zg_value *values, const char *what)
{
    return strcmp(values[DOES].text, what) == 0;
}

static void wait_seconds(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - floor(seconds)) * 1e9)};
    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        continue;
}

static void spin(void)
{
    for (volatile unsigned long i = 0;; i++)
        continue;
}

static void eat_memory(void)
{
    for (;;) {
        size_t size = (size_t)8 << 20;
        volatile char *block = malloc(size);
        for (size_t i = 0; block && i < size; i += 1024)
            block[i] = 1;
        wait_seconds(0.002);
    }
}

/* Scribbles on every pipe that is open: what a stray write in a library can do. */
static void scribble(const char *text)
{
    signal(SIGPIPE, SIG_IGN);
    for (int fd = 3; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0) (void)!write(fd, text, strlen(text));
}

static zg_status fill_disk(zg_error *error)
{
    FILE *full = fopen("/dev/full", "we");
    if (!full) return zg_fail(error, ZG_IO, "cannot open /dev/full");
    fputs("problem", full);
    zg_status status = fclose(full) == 0
                           ? ZG_OK
                           : zg_fail(error, ZG_IO, "cannot write the problem: %s", strerror(errno));
    return status;
}

/* ---- greed in disguise ------------------------------------------------------------------------ */

static void become_greedy(void)
{
    prctl(PR_SET_PDEATHSIG, 0);
    eat_memory();
}

static void *start_greedy_child(void *unused)
{
    pid_t pid = fork();
    if (pid == 0) become_greedy();
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return unused;
}

static void eat_from_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, start_greedy_child, NULL) == 0) pthread_join(thread, NULL);
}

/* The last of so many children is greedy. */
static void eat_in_the_last_child(int count)
{
    for (int i = 0; i < count; i++)
        if (fork() == 0) {
            if (i == count - 1) become_greedy();
            pause();
            _exit(0);
        }
    pause();
}

static void eat_at_depth(int depth)
{
    for (int i = 0; i < depth; i++)
        if (fork() != 0) {
            pause();
            _exit(0);
        }
    become_greedy();
}

static char piece[1 << 20];

/* Memory without a resident page of a process: a file of its own, or on a file system in memory. */
static zg_status eat_through_a_file(int file, zg_error *error)
{
    if (file < 0) return zg_fail(error, ZG_UNSUPPORTED, "there is no such memory here");
    for (int i = 0; i < 400; i++)
        if (write(file, piece, sizeof piece) < 0) break;
    close(file);
    return ZG_OK;
}

/* Much in many small files, or in one. */
static void fill_scratch(int files, int pieces)
{
    char path[512];
    for (int i = 0; i < files; i++) {
        snprintf(path, sizeof path, "%s/junk-%d", getenv("TMPDIR"), i);
        int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        for (int k = 0; k < pieces; k++)
            (void)!write(file, piece, sizeof piece);
        close(file);
    }
    wait_seconds(2);
}

/* Processor time in children that are waited for. */
static void spin_in_short_children(void)
{
    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            double end = zg_monotonic() + 0.03;
            while (zg_monotonic() < end)
                continue;
            _exit(0);
        }
        (void)waitpid(pid, NULL, 0);
    }
}

static zg_status be_greedy(const zg_value *values, zg_error *error)
{
    if (does(values, "thread_child")) eat_from_a_thread();
    if (does(values, "many_children")) eat_in_the_last_child(700);
    if (does(values, "deep_children")) eat_at_depth(70);
    if (does(values, "memfd")) return eat_through_a_file(memfd_create("greed", MFD_CLOEXEC), error);
    if (does(values, "shared_memory"))
        return eat_through_a_file(open("/dev/shm", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600), error);
    if (does(values, "scratch")) fill_scratch(40, 1);
    if (does(values, "huge_file")) fill_scratch(1, 40);
    if (does(values, "many_processes")) eat_in_the_last_child(40);
    if (does(values, "short_children")) spin_in_short_children();
    return ZG_OK;
}

static zg_status misbehave(const zg_value *values, zg_error *error)
{
    if (does(values, "crash")) raise(SIGSEGV);
    if (does(values, "abort")) abort();
    if (does(values, "exit")) exit(205);
    if (does(values, "spin")) spin();
    if (does(values, "sleep")) wait_seconds(1e6);
    if (does(values, "deaf")) {
        signal(SIGTERM, SIG_IGN);
        spin();
    }
    if (does(values, "fork_spin") || does(values, "regicide")) {
        for (int i = 0; i < 3; i++) {
            if (fork() != 0) continue;
            setsid();
            prctl(PR_SET_PDEATHSIG, 0);
            signal(SIGTERM, SIG_IGN);
            signal(SIGHUP, SIG_IGN);
            spin();
        }
        if (does(values, "regicide")) kill(getppid(), SIGKILL);
        wait_seconds(0.2);
        return zg_fail(error, ZG_FAILED, "the grandchildren are on their own");
    }
    if (does(values, "eat_memory")) eat_memory();
    if (does(values, "no_memory")) {
        void *volatile block = malloc((size_t)1 << 60);
        free(block);
        if (!block) return zg_no_memory(error);
    }
    if (does(values, "garbage")) scribble("}{ this is no event \x01\xff\n");
    if (does(values, "truncate")) {
        scribble("{\"event\":\"prog");
        _exit(0);
    }
    if (does(values, "disk_full")) return fill_disk(error);
    if (does(values, "fail")) return zg_fail(error, ZG_FAILED, "stuck at edge of feasibility");
    if (does(values, "print")) fprintf(stderr, "a library said this\n"), abort();
    return be_greedy(values, error);
}

static zg_status stub_check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)problem;
    if (does(values, "refuse"))
        return zg_fail(error, ZG_UNSUPPORTED, "stub cannot treat this; use csdp");
    return ZG_OK;
}

/* The zero network, at once. */
static zg_status zero_solve(const zg_problem *problem, const zg_value *values,
                            const zg_control *control, zg_solution *solution, zg_error *error)
{
    (void)values;
    (void)control;
    solution->unit = "iteration";
    return zg_network_create(problem, &solution->network, error);
}

/* The zero network, with a claim of its own where it is to lie. */
static zg_status stub_solve(const zg_problem *problem, const zg_value *values,
                            const zg_control *control, zg_solution *solution, zg_error *error)
{
    zg_stopwatch watch = {0};
    zg_stopwatch_start(&watch);
    zg_status status = misbehave(values, error);
    if (status != ZG_OK) return status;
    status = zg_network_create(problem, &solution->network, error);
    if (status != ZG_OK) return status;
    for (long i = 1; i <= (long)values[ITERATIONS].number; i++) {
        zg_iterate iterate = {.unit = "iteration",
                              .number = i,
                              .output = ZG_ALL_OUTPUTS,
                              .objective = NAN,
                              .bound = -INFINITY,
                              .network = solution->network};
        if (does(values, "claim")) iterate.objective = -1e9, iterate.network = NULL;
        if (!zg_report(control, &watch, &iterate)) {
            status = ZG_STOPPED;
            break;
        }
        wait_seconds(values[PAUSE].number);
        if (does(values, "chatter")) i--;
        solution->iterations = i;
    }
    zg_stopwatch_pause(&watch);
    solution->unit = "iteration";
    zg_solution_charge(solution, &watch);
    if (does(values, "lie")) solution->bound = 1e30;
    return status;
}

static const zg_option adam_options[] = {
    {"neurons", ZG_OPTION_INTEGER, "50", NULL, 1, 1e6, "of the network"},
    {"learning_rate", ZG_OPTION_NUMBER, "0.01", NULL, 1e-300, 1e3, "of the first epoch"},
    {"epochs", ZG_OPTION_INTEGER, "100", NULL, 1, 1e9, "passes over the data"},
    {"schedule", ZG_OPTION_CHOICE, "cosine", "constant,cosine,step", 0, 0, "of the learning rate"},
    {"nesterov", ZG_OPTION_FLAG, "false", NULL, 0, 0, "look ahead"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 4294967295.0, "of the first weights"},
};

static const zg_option external_options[] = {
    {"command", ZG_OPTION_TEXT, NULL, NULL, 0, 0, "what to run"},
    {"format", ZG_OPTION_CHOICE, "sdpa", "sdpa", 0, 0, "of the problem file"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const zg_method stub_method = {.name = "stub",
                                      .summary = "goes wrong on demand",
                                      .options = stub_options,
                                      .option_count = COUNT(stub_options),
                                      .check = stub_check,
                                      .solve = stub_solve};
static const zg_method csdp_method = {
    .name = "csdp", .summary = "a stand-in", .convex = true, .solve = zero_solve};
static const zg_method adam_method = {.name = "adam",
                                      .summary = "a stand-in",
                                      .options = adam_options,
                                      .option_count = COUNT(adam_options),
                                      .solve = zero_solve};
static const zg_method external_method = {.name = "external",
                                          .summary = "a stand-in",
                                          .convex = true,
                                          .options = external_options,
                                          .option_count = COUNT(external_options),
                                          .solve = zero_solve};

static const zg_method *const methods[] = {&csdp_method, &adam_method, &external_method,
                                           &stub_method};
static const char *const sources[] = {"boston", "ionosphere", "wdbc"};

static zg_status load(const char *source, const zg_data_options *options,
                      const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)options;
    (void)image;
    (void)out;
    return zg_fail(error, ZG_MISSING, "%s is not on this machine; zerogap data fetch %s gets it",
                   source, source);
}

static zg_status digest(const char *source, char text[ZG_DIGEST_SIZE], zg_error *error)
{
    text[0] = '\0';
    return zg_fail(error, ZG_MISSING, "%s is not on this machine", source);
}

void zg_stub_world(zg_world *out)
{
    *out = (zg_world){.methods = methods,
                      .method_count = COUNT(methods),
                      .sources = sources,
                      .source_count = COUNT(sources),
                      .load = load,
                      .digest = digest};
}
