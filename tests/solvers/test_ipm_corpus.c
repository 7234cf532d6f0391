/* The failure corpus through the interior-point method: every instance is certified, or honestly
 * not, and none takes much longer than others of its size.  Argument: how many instances, times
 * ZEROGAP_TEST_MULTIPLIER. */
#include "tests/solvers/corpus.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int instances = CORPUS_SIZE;

typedef struct outcome {
    size_t n;
    long iterations;
    double seconds;
    char text[256];
} outcome;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Whether the instance was certified; what must hold in any case is asserted. */
static bool solve_instance(int k, outcome *out)
{
    corpus_case instance = corpus_make(k);
    test_run run;
    double before = cpu_seconds();
    test_solve(&zg_method_ipm, instance.problem, NULL, NULL, &run);
    *out = (outcome){
        .n = instance.n, .iterations = run.solution.iterations, .seconds = cpu_seconds() - before};
    memcpy(out->text, instance.text, sizeof out->text);
    bool certified = run.status == ZG_OK && run.gap <= 1e-6;
    if (run.status != ZG_OK) print_message("# %s: %s\n", instance.text, run.error.message);
    assert_int_equal(run.status, ZG_OK);
    assert_true(isfinite(run.bound));
    /* Interpolating to within a tolerance may cost a little less than interpolating. */
    double slack = instance.problem->loss.kind == ZG_LOSS_INTERPOLATE ? 1e-6 : 1e-9;
    assert_true(run.bound <= run.objective + slack * fmax(1.0, fabs(run.objective)));
    if (!certified) {
        print_message("# %s: gap %.1e (%s)\n", instance.text, run.gap, run.solution.message);
        assert_true(run.solution.message[0] != '\0');
    }
    test_run_clear(&run);
    zg_problem_free(instance.problem);
    return certified;
}

static int by_size_and_work(const void *a, const void *b)
{
    const outcome *p = a, *q = b;
    if (p->n != q->n) return p->n < q->n ? -1 : 1;
    return (p->iterations > q->iterations) - (p->iterations < q->iterations);
}

/* None needs more than ten times the median number of iterations of its n; those for which the zero
 * network is optimal need none and do not count.  An iteration's time depends on the size only. */
static void check_work(outcome *outcomes, size_t count)
{
    qsort(outcomes, count, sizeof *outcomes, by_size_and_work);
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first; last < count && outcomes[last].n == outcomes[first].n;)
            last++;
        while (first + 1 < last && outcomes[first].iterations == 0)
            first++;
        long median = outcomes[(first + last) / 2].iterations;
        const outcome *slowest = &outcomes[last - 1];
        double seconds = 0.0;
        for (size_t k = first; k < last; k++)
            seconds = fmax(seconds, outcomes[k].seconds);
        print_message("# n %zu: %zu iterated, median %ld iterations, most %ld, longest %.4f s\n",
                      slowest->n, last - first, median, slowest->iterations, seconds);
        if (slowest->iterations > 10 * median) fail_msg("slow: %s", slowest->text);
    }
}

static void corpus(void **state)
{
    (void)state;
    size_t count = 0;
    int uncertified = 0;
    outcome *outcomes = calloc((size_t)instances, sizeof *outcomes);
    for (int k = 0; k < instances; k++)
        uncertified += !solve_instance(k, &outcomes[count++]);
    print_message("# %zu instances, %d uncertified\n", count, uncertified);
    check_work(outcomes, count);
    free(outcomes);
    assert_true(50 * uncertified <= (int)count);
}

int main(int argc, char **argv)
{
    instances = test_rounds(argc > 1 ? atoi(argv[1]) : CORPUS_SIZE);
    const struct CMUnitTest tests[] = {cmocka_unit_test(corpus)};
    return cmocka_run_group_tests_name("ipm corpus", tests, NULL, NULL);
}
