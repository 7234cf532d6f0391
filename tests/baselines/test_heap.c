/* The heap of open nodes against sorting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "baselines/weight_decay/heap.h"

#include <math.h>
#include <stdlib.h>

#define COUNT 500

static void push_all(zg_heap *heap, size_t count, double *bounds)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(zg_heap_push(heap, bounds[i], bounds + i), ZG_OK);
}

static void nodes_come_out_by_rising_bounds(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    double bounds[COUNT];
    for (size_t count = 1; count <= COUNT; count += 1 + count / 4) {
        zg_heap heap = {0};
        for (size_t i = 0; i < count; i++) /* many are equal */
            bounds[i] = rint(20.0 * zg_random_normal(&random));
        push_all(&heap, count, bounds);
        double last = -INFINITY;
        for (size_t left = count; left > 0; left--) {
            assert_int_equal(heap.count, left);
            double least = zg_heap_bound(&heap);
            double *node = zg_heap_pop(&heap, SIZE_MAX);
            assert_true(*node == least && least >= last);
            last = least;
            *node = NAN; /* each comes once */
        }
        assert_true(zg_heap_bound(&heap) == INFINITY);
        zg_heap_clear(&heap, free);
    }
}

static void a_bound_that_is_no_number_is_below_all(void **state)
{
    (void)state;
    double bounds[] = {3.0, NAN, -1e308, INFINITY, 2.0};
    for (size_t count = 2; count <= 5; count++) {
        zg_heap heap = {0};
        push_all(&heap, count, bounds);
        assert_true(zg_heap_bound(&heap) == -INFINITY);
        assert_ptr_equal(zg_heap_pop(&heap, SIZE_MAX), bounds + 1);
        assert_true(zg_heap_bound(&heap) == (count > 2 ? -1e308 : 3.0));
        while (heap.count > 0)
            (void)zg_heap_pop(&heap, SIZE_MAX);
        zg_heap_clear(&heap, free);
    }
}

/* The least bound stays what the heap says. */
static void a_crowded_heap_gives_recent_nodes_and_keeps_its_bound(void **state)
{
    (void)state;
    double bounds[] = {1.0, 5.0, 2.0, 9.0};
    zg_heap heap = {0};
    push_all(&heap, 4, bounds);
    assert_ptr_equal(zg_heap_pop(&heap, 2), bounds + 3);
    assert_true(zg_heap_bound(&heap) == 1.0);
    assert_ptr_equal(zg_heap_pop(&heap, 2), bounds);
    assert_true(zg_heap_bound(&heap) == 2.0);
    while (heap.count > 0)
        (void)zg_heap_pop(&heap, 2);
    zg_heap_clear(&heap, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_come_out_by_rising_bounds),
        cmocka_unit_test(a_bound_that_is_no_number_is_below_all),
        cmocka_unit_test(a_crowded_heap_gives_recent_nodes_and_keeps_its_bound),
    };
    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
