/* Baselines and rank reduction when memory runs out: every allocation fails once; each time the
 * method says so and gives back what it had. */
#include "base/linalg.h"
#include "baselines/baseline.h"
#include "core/rank_reduction.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static long countdown = -1; /* allocations until one fails; negative: none does */
static long live;           /* blocks not yet freed */

static int fails(void)
{
    if (countdown < 0) return 0;
    return countdown-- == 0;
}

static void *counted(void *block)
{
    if (block) live++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails()) return NULL;
    void *moved = __real_realloc(block, size);
    if (moved && !block) live++;
    return moved;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    if (block) live--;
    __real_free(block);
}

static zg_problem *small_problem(bool weighted)
{
    double x[40], y[10], w[10];
    zg_random random;
    zg_random_seed(&random, 1);
    for (int i = 0; i < 40; i++)
        x[i] = zg_random_normal(&random);
    for (int i = 0; i < 10; i++) {
        y[i] = zg_random_normal(&random);
        w[i] = 1.0;
    }
    zg_problem *problem = NULL;
    zg_architecture architecture;
    assert_int_equal(zg_architecture_parse("conv1d:filter=2,stride=2", 4, &architecture, NULL),
                     ZG_OK);
    assert_int_equal(zg_problem_from_arrays(10, 4, x, 1, y, weighted ? w : NULL,
                                            (zg_activation){0.09, 0.5, 0.47}, &architecture,
                                            (zg_loss){ZG_LOSS_SQUARED, 1.0},
                                            (zg_penalty){ZG_PENALTY_L1, 1.0}, 0.1, &problem, NULL),
                     ZG_OK);
    return problem;
}

static void fail_every_allocation(const zg_method *method, const char *const options[][2])
{
    zg_problem *problem = small_problem(true);
    zg_value *values = NULL;
    assert_int_equal(zg_values_create(method, &values, NULL), ZG_OK);
    for (; options[0][0]; options++)
        assert_int_equal(zg_values_set(method, values, options[0][0], options[0][1], NULL), ZG_OK);
    const zg_control control = {.tolerance = 1e-6};
    zg_status status = ZG_NO_MEMORY;
    long failures = 0;
    for (long k = 0; status != ZG_OK; k++) {
        zg_solution solution = {0};
        zg_error error = {0};
        long before = live;
        countdown = k;
        status = method->solve(problem, values, &control, &solution, &error);
        countdown = -1;
        if (status != ZG_OK) {
            assert_int_equal(status, ZG_NO_MEMORY);
            assert_string_equal(error.message, "out of memory");
            failures++;
        }
        zg_solution_clear(&solution);
        assert_int_equal(live, before);
    }
    assert_true(failures > 20);
    zg_values_free(method, values);
    zg_problem_free(problem);
}

static void backpropagation(void **unused)
{
    (void)unused;
    static const char *const options[][2] = {
        {"neurons", "3"}, {"epochs", "2"}, {"batch", "4"}, {NULL, NULL}};
    fail_every_allocation(&zg_method_adam, options);
    fail_every_allocation(&zg_method_sgd, options);
}

static void least_squares(void **unused)
{
    (void)unused;
    static const char *const options[][2] = {{NULL, NULL}};
    fail_every_allocation(&zg_method_least_squares, options);
}

static void rank_reduction(void **unused)
{
    (void)unused;
    zg_problem *problem = small_problem(false);
    zg_network *network = NULL;
    zg_random random;
    zg_random_seed(&random, 2);
    assert_int_equal(zg_network_create(problem, &network, NULL), ZG_OK);
    for (size_t j = 0; j < 24; j++) {
        double angle = 6.0 * zg_random_uniform(&random), u[2] = {cos(angle), sin(angle)};
        assert_int_equal(zg_network_add(network, j % 2, u, 0, zg_random_normal(&random)), ZG_OK);
    }
    zg_status status = ZG_NO_MEMORY;
    long failures = 0;
    for (long k = 0; status != ZG_OK; k++) {
        zg_network *reduced = NULL;
        zg_error error = {0};
        long before = live;
        countdown = k;
        status = zg_network_reduce(network, problem, 1e-12, &reduced, NULL, &error);
        countdown = -1;
        if (status != ZG_OK) {
            assert_int_equal(status, ZG_NO_MEMORY);
            assert_string_equal(error.message, "out of memory");
            failures++;
        } else {
            assert_true(zg_network_neurons(reduced) < 24);
        }
        zg_network_free(reduced);
        assert_int_equal(live, before);
    }
    assert_true(failures > 50);
    zg_network_free(network);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backpropagation),
        cmocka_unit_test(least_squares),
        cmocka_unit_test(rank_reduction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
