/* A million rows through a pipe: trained in the memory that a tenth of them needs.  Argument: how
 * many rows. */
#include "solvers/stream_train.h"
#include "tests/solvers/solving.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define D 10
#define CELL "%.6f"

static size_t all_rows = 1000000;

/* The child's part: rows of a planted network without a pause, then end of file. */
static void write_rows(int file, size_t rows)
{
    FILE *out = fdopen(file, "w");
    zg_random random;
    zg_random_seed(&random, 7);
    for (size_t i = 0; out && i < rows; i++) {
        double x[D];
        for (size_t j = 0; j < D; j++)
            fprintf(out, CELL ",", x[j] = 2.0 * zg_random_uniform(&random) - 1.0);
        fprintf(out, CELL "\n", x[0] * x[0] + x[1] * x[2] - x[3] + zg_random_uniform(&random));
    }
    _exit(out && fclose(out) == 0 ? 0 : 1);
}

static double peak_megabytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (double)usage.ru_maxrss / 1024.0;
}

static void train_on(size_t rows)
{
    int ends[2], outcome;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_rows(ends[1], rows);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    assert_non_null(in);
    const zg_model_options model = {.activation = TEST_RELU2, .beta = 1.0};
    const zg_control control = {.tolerance = 1e-6};
    zg_sums_result result;
    zg_error error = {0};
    assert_ok(zg_stream_train(in, "pipe", NULL, &model, &control, &result, &error), &error);
    fclose(in);
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_int_equal(outcome, 0);
    assert_int_equal(result.rows, rows);
    assert_true(result.gap <= 1e-6);
    zg_network_free(result.network);
}

static void memory_does_not_grow_with_the_rows(void **state)
{
    (void)state;
    train_on(all_rows / 10);
    double before = peak_megabytes();
    train_on(all_rows);
    double after = peak_megabytes(), held = (double)(all_rows * (D + 1) * sizeof(double)) / 1e6;
    print_message("# %zu rows: %.0f MB, of which %.1f MB more than for a tenth\n", all_rows, after,
                  after - before);
    assert_true(after - before < 0.1 * held);
}

int main(int argc, char **argv)
{
    if (argc > 1) all_rows = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_does_not_grow_with_the_rows)};
    return cmocka_run_group_tests_name("stream long", tests, NULL, NULL);
}
