/* Arrays that grow, and formatted texts. */
#include "base/memory.h"
#include "tests/support/support.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void what_was_there_stays_and_capacity_at_least_doubles(void **state)
{
    (void)state;
    int *array = NULL;
    size_t capacity = 0, moves = 0;
    for (int i = 0; i < 10000; i++) {
        size_t before = capacity;
        int *larger = zg_grow(array, &capacity, (size_t)i + 1, sizeof *larger);
        assert_non_null(larger);
        assert_true(capacity > (size_t)i);
        if (capacity != before) moves++;
        assert_true(capacity == before || capacity >= 2 * before);
        array = larger;
        array[i] = i;
    }
    for (int i = 0; i < 10000; i++)
        assert_int_equal(array[i], i);
    assert_true(moves <= 12);
    free(array);
}

static void a_size_beyond_memory_leaves_everything_as_it_was(void **state)
{
    (void)state;
    size_t capacity = 0;
    double *array = zg_grow(NULL, &capacity, 3, sizeof *array);
    assert_non_null(array);
    array[2] = 2.5;
    size_t before = capacity;
    assert_null(zg_grow(array, &capacity, SIZE_MAX, sizeof *array));
    assert_null(zg_grow(array, &capacity, SIZE_MAX / 8, 16));
    assert_null(zg_grow(array, &capacity, before + 1, SIZE_MAX / 4));
    assert_int_equal(capacity, before);
    assert_true(array[2] == 2.5);
    free(array);
}

/* A table may have no targets: elements of no size are no reason to fail. */
static void elements_of_no_size_have_room(void **state)
{
    (void)state;
    size_t capacity = 0;
    char *array = zg_grow(NULL, &capacity, 100, 0);
    assert_non_null(array);
    assert_true(capacity >= 100);
    free(array);
}

static void texts_are_those_of_printf(void **state)
{
    (void)state;
    char *text = zg_format("%s-%d", "row", 7);
    assert_string_equal(text, "row-7");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_there_stays_and_capacity_at_least_doubles),
        cmocka_unit_test(a_size_beyond_memory_leaves_everything_as_it_was),
        cmocka_unit_test(elements_of_no_size_have_room),
        cmocka_unit_test(texts_are_those_of_printf),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
