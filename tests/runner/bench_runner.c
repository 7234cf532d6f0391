/*
 * What the runner costs: milliseconds per case that does nothing, and the share of a working
 * method's time that a hundred progress events a second take.
 *
 * The method does a fixed amount of arithmetic in pieces of about 10 ms, once with a report after
 * each piece and once without; medians over pairs that alternate, since machines are noisy.
 */
#include "runner/runner.h"
#include "stub.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PIECES 100
#define PAIRS 7
#define EMPTY_CASES 50

static const zg_option options[] = {
    {"reports", ZG_OPTION_FLAG, "true", NULL, 0, 0, "whether it reports"},
    {"loops", ZG_OPTION_INTEGER, "1000", NULL, 1, 1e12, "work of a piece"},
    {"seed", ZG_OPTION_INTEGER, "0", NULL, 0, 1e9, "nothing depends on it"},
};

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_stopwatch watch = {0};
    zg_stopwatch_start(&watch);
    zg_status status = zg_network_create(problem, &solution->network, error);
    volatile double sum = 0;
    for (long i = 1; status == ZG_OK && i <= PIECES; i++) {
        for (long k = 1; k < (long)values[1].number; k++)
            sum = sum + sqrt((double)k);
        zg_iterate iterate = {.unit = "iteration",
                              .number = i,
                              .output = ZG_ALL_OUTPUTS,
                              .objective = NAN,
                              .bound = -INFINITY,
                              .network = solution->network};
        if (values[0].number != 0) (void)zg_report(control, &watch, &iterate);
    }
    zg_stopwatch_pause(&watch);
    solution->unit = "iteration";
    zg_solution_charge(solution, &watch);
    solution->iterations = PIECES;
    return status;
}

static const zg_method worker = {.name = "worker",
                                 .summary = "arithmetic",
                                 .options = options,
                                 .option_count = 3,
                                 .solve = solve};
static const zg_method *const methods[] = {&worker};

/* Runs the methods line; the caller clears the result. */
static double run_lines(const char *line, zg_run_result *result)
{
    zg_world world;
    zg_suite *suite = NULL;
    zg_error error = {0};
    char path[] = "/tmp/zg-bench-XXXXXX", log[64];
    zg_stub_world(&world);
    world.methods = methods;
    world.method_count = 1;
    int fd = mkstemp(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) exit(1);
    fprintf(file,
            "suite: bench\nprogress_seconds: 0\nlimits: {seconds: 60, memory_mb: 1000}\ndata:\n"
            "  - {generator: planted, n: 50, d: 5, neurons: 2}\nmodel: [{beta: 1}]\n"
            "methods:\n  - %s\n",
            line);
    (void)fclose(file);
    snprintf(log, sizeof log, "%s.ndjson", path);
    zg_run_options run = {.log = log};
    double start = zg_monotonic();
    if (zg_suite_load(path, &world, &suite, &error) != ZG_OK ||
        zg_run_suites(&suite, 1, &world, &run, result, &error) != ZG_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    double elapsed = zg_monotonic() - start;
    zg_suite_free(suite);
    (void)unlink(path);
    (void)unlink(log);
    return elapsed;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_events(void)
{
    double seconds[PAIRS], cpu[PAIRS], certification = 0;
    for (int i = 0; i < PAIRS; i++) {
        zg_run_result result;
        (void)run_lines("{method: worker, loops: 2500000, reports: [true, false]}", &result);
        const zg_row *with = &result.rows[0], *without = &result.rows[1];
        seconds[i] = with->seconds / without->seconds - 1;
        cpu[i] = (with->cpu_seconds - with->certification_seconds) / without->cpu_seconds - 1;
        certification += with->certification_seconds / with->seconds / PAIRS;
        if (i == 0)
            printf("events: %.0f in %.2f s, %.0f a second\n", with->iterations, with->seconds,
                   with->iterations / with->seconds);
        zg_run_result_clear(&result);
    }
    qsort(seconds, PAIRS, sizeof(double), by_value);
    qsort(cpu, PAIRS, sizeof(double), by_value);
    printf("method's own time: %+.2f %% (median of %d pairs)\n", 100 * seconds[PAIRS / 2], PAIRS);
    printf("processor time of the process: %+.2f %%; certification beside it: %.2f %%\n",
           100 * cpu[PAIRS / 2], 100 * certification);
}

/* Of this process and all below it that have ended. */
static double cpu_now(void)
{
    struct rusage self, children;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    const struct timeval *times[] = {&self.ru_utime, &self.ru_stime, &children.ru_utime,
                                     &children.ru_stime};
    double sum = 0;
    for (size_t i = 0; i < 4; i++)
        sum += (double)times[i]->tv_sec + (double)times[i]->tv_usec * 1e-6;
    return sum;
}

static void bench_cases(void)
{
    char line[1024] = "{method: worker, loops: 1, reports: false, seed: [";
    zg_run_result result;
    for (int i = 0; i < EMPTY_CASES; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%d", i ? ", " : "", i);
    snprintf(line + strlen(line), sizeof line - strlen(line), "]}");
    double before = cpu_now(), elapsed = run_lines(line, &result), cpu = cpu_now() - before;
    printf("empty case: %.2f ms, %.2f ms of them processor time (mean of %d)\n",
           1000 * elapsed / EMPTY_CASES, 1000 * cpu / EMPTY_CASES, EMPTY_CASES);
    zg_run_result_clear(&result);
}

int main(void)
{
    bench_cases();
    bench_events();
    return 0;
}
