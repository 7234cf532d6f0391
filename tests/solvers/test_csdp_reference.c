/* The reference optima, row by row, through CSDP: objective, certified bound and gap. */
#include "solvers/solver.h"
#include "tests/solvers/reference.h"
#include "tests/support/support.h"

static void official(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "official", true);
}

static void gauss(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "gauss", true);
}

static void credit(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "credit_approval", true);
}

static void wdbc(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "wdbc", true);
}

static void boston(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "boston", true);
}

static void digits(void **state)
{
    (void)state;
    test_reference(&zg_method_csdp, "digits01", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(official), cmocka_unit_test(gauss),  cmocka_unit_test(credit),
        cmocka_unit_test(wdbc),     cmocka_unit_test(boston), cmocka_unit_test(digits),
    };
    return cmocka_run_group_tests_name("csdp reference", tests, NULL, NULL);
}
