/* Error values and the nearest name. */
#include "base/status.h"
#include "tests/support/support.h"

#include <math.h>
#include <string.h>

static void every_status_has_a_message(void **state)
{
    (void)state;
    for (int s = 0; s < ZG_STATUS_COUNT; s++) {
        assert_non_null(zg_status_message((zg_status)s));
        for (int t = 0; t < s; t++)
            assert_string_not_equal(zg_status_message((zg_status)s),
                                    zg_status_message((zg_status)t));
    }
    assert_string_equal(zg_status_message((zg_status)99), "unknown status");
}

static void nearest_names(void **state)
{
    (void)state;
    static const char *const names[] = {"squared", "absolute", "hinge", "squared-hinge", "sgd"};
    assert_string_equal(zg_nearest("sqaured", names, 5), "squared");
    assert_string_equal(zg_nearest("hige", names, 5), "hinge");
    assert_string_equal(zg_nearest("squaredhinge", names, 5), "squared-hinge");
    assert_string_equal(zg_nearest("sdg", names, 5), "sgd");
    assert_null(zg_nearest("quadratic", names, 5));
    assert_null(zg_nearest("", names, 5));
    char long_text[200];
    memset(long_text, 'x', sizeof long_text);
    long_text[199] = '\0';
    assert_null(zg_nearest(long_text, names, 5));
}

static void messages(void **state)
{
    (void)state;
    static const char *const names[] = {"red", "green"};
    zg_error error;
    assert_int_equal(zg_fail_unknown(&error, "colour", "gren", names, 2), ZG_BAD_INPUT);
    assert_string_equal(error.message, "unknown colour \"gren\"; did you mean \"green\"?");
    zg_fail_unknown(&error, "colour", "black", names, 2);
    assert_string_equal(error.message, "unknown colour \"black\"; known are red, green");
    assert_int_equal(zg_fail(NULL, ZG_IO, "ignored"), ZG_IO);
}

static void numbers(void **state)
{
    (void)state;
    double value;
    size_t count;
    assert_true(zg_parse_double("-1.5e3", &value) && value == -1500.0);
    assert_true(zg_parse_double("0x1p-3", &value) && value == 0.125);
    static const char *const bad[] = {"", " 1", "1 ", "1,5", "nan", "inf", "1e999", "x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(zg_parse_double(bad[i], &value));
    assert_true(zg_parse_size("42", &count) && count == 42);
    static const char *const worse[] = {"", "-1", "+1", "1.0", "99999999999999999999", " 7"};
    for (size_t i = 0; i < sizeof worse / sizeof *worse; i++)
        assert_false(zg_parse_size(worse[i], &count));
}

/* Each text form is refused with the message that says what was expected. */
static void bad_vocabulary(void **state)
{
    (void)state;
    zg_error error;
    zg_activation activation;
    zg_loss loss;
    zg_architecture architecture;
    static const struct {
        char kind;
        const char *text, *message;
    } cases[] = {
        {'a', "relu", "unknown activation \"relu\"; did you mean \"relu2\"?"},
        {'a', "1,2",
         "activation \"1,2\": expected relu2, quadratic or three numbers A,B,C of A "
         "t^2 + B t + C"},
        {'a', "1,2,3,4",
         "activation \"1,2,3,4\": expected relu2, quadratic or three numbers A,B,C "
         "of A t^2 + B t + C"},
        {'a', "0,0,0", "activation \"0,0,0\" is identically zero"},
        {'l', "huber:0", "loss \"huber:0\": expected huber:DELTA with a number DELTA > 0"},
        {'l', "huber:", "loss \"huber:\": expected huber:DELTA with a number DELTA > 0"},
        {'l', "squared:2", "loss \"squared:2\": only huber takes a parameter"},
        {'l', "sqared", "unknown loss \"sqared\"; did you mean \"squared\"?"},
        {'A', "dens", "unknown architecture \"dens\"; did you mean \"dense\"?"},
        {'A', "dense:filter=2", "architecture \"dense:filter=2\": dense has no settings"},
        {'A', "conv1d:stride=2", "architecture \"conv1d:stride=2\" needs filter=F"},
        {'A', "conv2d:height=8,width=8",
         "architecture \"conv2d:height=8,width=8\" needs height=H, "
         "width=W and filter=FxG"},
        {'A', "conv1d:filter=0",
         "architecture \"conv1d:filter=0\": filter expects a positive whole "
         "number, found \"0\""},
        {'A', "conv1d:filtr=2", "unknown architecture setting \"filtr\"; did you mean \"filter\"?"},
        {'A', "conv1d:filter",
         "architecture \"conv1d:filter\": expected key=value, found "
         "\"filter\""},
        {'A', "conv2d:height=8,width=8,filter=3x3,pool=ax2",
         "architecture \"conv2d:height=8,width=8,filter=3x3,pool=ax2\": pool expects none, global "
         "or PxQ, found \"ax2\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_status status = cases[i].kind == 'a'
                               ? zg_activation_parse(cases[i].text, &activation, &error)
                           : cases[i].kind == 'l'
                               ? zg_loss_parse(cases[i].text, &loss, &error)
                               : zg_architecture_parse(cases[i].text, 64, &architecture, &error);
        assert_int_equal(status, ZG_BAD_INPUT);
        assert_string_equal(error.message, cases[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_message),
        cmocka_unit_test(nearest_names),
        cmocka_unit_test(messages),
        cmocka_unit_test(numbers),
        cmocka_unit_test(bad_vocabulary),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
