/* Every part is done once, whatever their number. */
#include "base/parallel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void count(void *context, size_t k)
{
    int *done = context;
    done[k]++;
}

static void every_part_is_done_once(void **state)
{
    (void)state;
    for (size_t parts = 0; parts <= ZG_MOST_PARTS; parts++) {
        int done[ZG_MOST_PARTS + 1] = {0};
        zg_parallel(parts, count, done);
        for (size_t k = 0; k <= ZG_MOST_PARTS; k++)
            assert_int_equal(done[k], k < parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_is_done_once)};
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
