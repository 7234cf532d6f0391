/* The reference optima, row by row, through the interior-point method. */
#include "solvers/solver.h"
#include "tests/solvers/reference.h"
#include "tests/support/support.h"

static void official(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "official", false);
}

static void gauss(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "gauss", false);
}

static void credit(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "credit_approval", false);
}

static void wdbc(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "wdbc", false);
}

static void boston(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "boston", false);
}

static void digits(void **state)
{
    (void)state;
    test_reference(&zg_method_ipm, "digits01", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official), cmocka_unit_test(gauss),  cmocka_unit_test(credit),
        cmocka_unit_test(wdbc),     cmocka_unit_test(boston), cmocka_unit_test(digits),
    };
    return cmocka_run_group_tests_name("ipm reference", tests, NULL, NULL);
}
