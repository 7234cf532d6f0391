/* Which of OpenBLAS's kernels are older than AVX2: its own names, in any case. */
#include "base/blas_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void kernels_before_avx2_are_old_and_no_others(void **state)
{
    (void)state;
    assert_true(zg_blas_core_is_old("Prescott"));
    assert_true(zg_blas_core_is_old("PRESCOTT"));
    assert_true(zg_blas_core_is_old("Sandybridge"));
    assert_true(zg_blas_core_is_old("Steamroller"));
    assert_false(zg_blas_core_is_old("Excavator"));
    assert_false(zg_blas_core_is_old("Haswell"));
    assert_false(zg_blas_core_is_old("SkylakeX"));
    assert_false(zg_blas_core_is_old("Zen"));
    assert_false(zg_blas_core_is_old("neoversen1"));
    assert_false(zg_blas_core_is_old(""));
}

static void kernels_that_somebody_chose_are_no_fallback(void **state)
{
    (void)state;
    assert_non_null(zg_blas_core());
    assert_int_equal(setenv(ZG_BLAS_CORE_VARIABLE, zg_blas_core(), 1), 0);
    assert_false(zg_blas_core_is_fallback());
    assert_null(zg_blas_core_remark());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_before_avx2_are_old_and_no_others),
        cmocka_unit_test(kernels_that_somebody_chose_are_no_fallback),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
