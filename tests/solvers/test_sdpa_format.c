/* SDPA's format out, CSDP's and SDPA's solutions in: round trips and malformed files. */
#include "solvers/sdpa_format.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One sample, one input, absolute loss: small enough to write down.  Variables v, rho, rho'; blocks
 * S+ and S- of order 2 and the two bounds. */
static zg_sdp *small_sdp(void)
{
    double x[] = {2}, y[] = {3};
    zg_architecture dense = {0};
    zg_problem *problem;
    zg_sdp *sdp;
    zg_error error = {0};
    assert_ok(zg_problem_from_arrays(1, 1, x, 1, y, NULL, (zg_activation){1, 1, 0.5}, &dense,
                                     (zg_loss){ZG_LOSS_ABSOLUTE, 0}, (zg_penalty){0}, 0.25,
                                     &problem, &error),
              &error);
    zg_program program = zg_problem_program(problem, 0);
    assert_ok(zg_sdp_create(&program, ZG_SDP_PLAIN, &sdp, &error), &error);
    zg_problem_free(problem);
    return sdp;
}

static void exact_text(void **state)
{
    (void)state;
    zg_sdp *sdp = small_sdp();
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_ok(zg_sdpa_write(sdp, "first\nsecond", stream, NULL), NULL);
    fclose(stream);
    assert_string_equal(text,
                        "* first\n* second\n"
                        "* global optimum of the training objective = 0 - (optimal value) / 1\n"
                        "3\n3\n2 2 -2\n-3 0 0\n"
                        "0 1 2 2 -0.25\n0 2 2 2 -0.25\n0 3 1 1 -1\n0 3 2 2 -1\n"
                        "1 1 1 1 -4\n1 1 1 2 -1\n1 1 2 2 -0.5\n"
                        "1 2 1 1 4\n1 2 1 2 1\n1 2 2 2 0.5\n"
                        "1 3 1 1 1\n1 3 2 2 -1\n"
                        "2 1 1 1 1\n2 1 2 2 -1\n"
                        "3 2 1 1 1\n3 2 2 2 -1\n");
    free(text);
    zg_sdp_free(sdp);
}

static void full_disk(void **state)
{
    (void)state;
    FILE *stream = fopen("/dev/full", "w");
    if (!stream) skip();
    zg_sdp *sdp = small_sdp();
    zg_error error = {0};
    assert_int_equal(zg_sdpa_write(sdp, "", stream, &error), ZG_IO);
    assert_string_equal(error.message, "the semidefinite program could not be written: No space "
                                       "left on device");
    fclose(stream);
    zg_sdp_free(sdp);
}

/* ---- solutions ------------------------------------------------------------------------------ */

static const char *const file_name = "/tmp/zerogap-test-solution";

static char path[64];

static zg_status read_text(zg_solution_format format, const char *text, size_t length,
                           const zg_sdp *sdp, zg_sdp_point *point, size_t *digits, zg_error *error)
{
    snprintf(path, sizeof path, "%s-%d", file_name, (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    zg_status status = zg_solution_read(format, path, sdp, point, digits, error);
    unlink(path);
    return status;
}

static const char csdp_text[] = "1.25e+00 -2 3.5 \n"
                                "1 1 1 1 1.5\n1 1 1 2 -0.25\n1 3 2 2 4\n"
                                "2 1 2 2 7\n2 2 1 2 -6\n2 3 1 1 5\n";

static const char sdpa_text[] = "phase.value  = pdOPT\nobjValPrimal = +1.0\n\nxVec = \n"
                                "{+1.2500e+00,-2.0e+00,+3.5e+00}\nxMat = \n{\n"
                                "{ {+1.5e+00,-2.5e-01 },\n  {-2.5e-01,+0.0e+00 }   }\n"
                                "{ {+0.0e+00,+0.0e+00 },\n  {+0.0e+00,+0.0e+00 }   }\n"
                                "{+0.0e+00,+4.0e+00}\n}\nyMat = \n{\n"
                                "{ {+0.0e+00,+0.0e+00 },\n  {+0.0e+00,+7.0e+00 }   }\n"
                                "{ {+0.0e+00,-6.0e+00 },\n  {-6.0e+00,+0.0e+00 }   }\n"
                                "{+5.0e+00,+0.0e+00}\n}\n    main loop time = 0.0\n";

static void both_formats(void **state)
{
    (void)state;
    zg_sdp *sdp = small_sdp();
    zg_sdp_point point;
    zg_error error = {0};
    size_t digits;
    static const double z[] = {1.5, -0.25, -0.25, 0, 0, 0, 0, 0, 0, 4};
    static const double x[] = {0, 0, 0, 7, 0, -6, -6, 0, 5, 0};
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    for (int format = ZG_FORMAT_SDPA; format <= ZG_FORMAT_CSDP; format++) {
        const char *text = format == ZG_FORMAT_SDPA ? sdpa_text : csdp_text;
        zg_status status =
            read_text((zg_solution_format)format, text, strlen(text), sdp, &point, &digits, &error);
        assert_ok(status, &error);
        assert_true(point.y[0] == 1.25 && point.y[1] == -2 && point.y[2] == 3.5);
        for (int i = 0; i < 10; i++) {
            assert_true(point.z[i] == z[i]);
            assert_true(point.x[i] == x[i]);
        }
        assert_int_equal(digits, format == ZG_FORMAT_SDPA ? 5 : 3);
    }
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

static void no_prefix_is_a_solution(void **state)
{
    (void)state;
    zg_sdp *sdp = small_sdp();
    zg_sdp_point point;
    zg_error error = {0};
    size_t digits;
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    for (size_t length = 0; length < strlen(csdp_text); length++) {
        zg_status status =
            read_text(ZG_FORMAT_CSDP, csdp_text, length, sdp, &point, &digits, &error);
        /* Without the last newline the last number could be cut. */
        assert_int_equal(status, ZG_FAILED);
    }
    size_t end = (size_t)(strstr(sdpa_text, "}\n}\n    main") - sdpa_text);
    for (size_t length = 0; length <= end; length++)
        assert_int_equal(read_text(ZG_FORMAT_SDPA, sdpa_text, length, sdp, &point, &digits, &error),
                         ZG_FAILED);
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

static void malformed(void **state)
{
    (void)state;
    static const struct {
        zg_solution_format format;
        const char *text, *says; /* behind the path */
    } cases[] = {
        {ZG_FORMAT_CSDP, "", ":1:1: expected a value of y, found the end of the file"},
        {ZG_FORMAT_CSDP, "1 2 oops\n", ":1:5: expected a value of y, found \"oops\""},
        {ZG_FORMAT_CSDP, "1 2 nan\n", ":1:5: expected a value of y, found \"nan\""},
        {ZG_FORMAT_CSDP, "1 2 inf\n", ":1:5: expected a value of y, found \"inf\""},
        {ZG_FORMAT_CSDP, "1 2\n", ":1:4: expected a value of y, found something else"},
        {ZG_FORMAT_CSDP, "1 2 3 4\n", ":1:7: expected the end of the line of y, found \"4\""},
        {ZG_FORMAT_CSDP, "1 2 3\n3 1 1 1 1\n",
         ":2:1: expected 1 (for Z) or 2 (for X), found \"3\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 4 1 1 1\n",
         ":2:3: expected a block of the program, found \"4\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 1 0 1 1\n", ":2:5: expected a row of the block, found \"0\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 1 1 3 1\n", ":2:7: expected a column of the block, found \"3\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 3 1 2 1\n",
         ":2:8: expected a diagonal entry of a diagonal block, found something else"},
        {ZG_FORMAT_CSDP, "1 2 3\n1 1 1 1 nan\n", ":2:9: expected a finite number, found \"nan\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 1 1 1 5 6\n",
         ":2:11: expected the end of the line, found \"6\""},
        {ZG_FORMAT_CSDP, "1 2 3\n1 1 1 1 5\n",
         ":3:1: expected entries of the last block of X, found the end of the file"},
        {ZG_FORMAT_CSDP, "1 2 3\n1.5 1 1 1 5\n",
         ":2:1: expected 1 (for Z) or 2 (for X), found \"1.5\""},
        {ZG_FORMAT_SDPA, "", ":1:1: expected \"xVec =\" further down, found the end of the file"},
        {ZG_FORMAT_SDPA, "phase.value = pINF\n",
         ":2:1: expected \"xVec =\" further down, found the end of the file"},
        {ZG_FORMAT_SDPA, "xVec = \n{1,2}\n", ":2:5: expected a finite number, found \"}\""},
        {ZG_FORMAT_SDPA, "xVec = \n{1,2,nan}\n", ":2:6: expected a finite number, found \"nan}\""},
        {ZG_FORMAT_SDPA, "xVec = \n{1,2,3,4}\n",
         ":2:8: expected \"}\" after the last number, found \"4}\""},
        {ZG_FORMAT_SDPA, "xVec = \n{1,2,3}\n",
         ":3:1: expected \"xMat =\" further down, found the end of the file"},
    };
    zg_sdp *sdp = small_sdp();
    zg_sdp_point point;
    size_t digits;
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zg_error error = {0};
        zg_status status = read_text(cases[i].format, cases[i].text, strlen(cases[i].text), sdp,
                                     &point, &digits, &error);
        assert_int_equal(status, ZG_FAILED);
        assert_memory_equal(error.message, path, strlen(path));
        assert_string_equal(error.message + strlen(path), cases[i].says);
    }
    zg_error error = {0};
    assert_int_equal(
        zg_solution_read(ZG_FORMAT_CSDP, "/nonexistent/file", sdp, &point, &digits, &error),
        ZG_FAILED);
    assert_string_equal(error.message, "the solver left no solution file \"/nonexistent/file\": No "
                                       "such file or directory");
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

/* Random bytes and random splices never crash the readers. */
static void random_texts(void **state)
{
    (void)state;
    zg_sdp *sdp = small_sdp();
    zg_sdp_point point;
    zg_random random;
    size_t digits;
    static const char letters[] = "0123456789.eE+-{},= \n\tnaixVecMyt";
    zg_random_seed(&random, 21);
    assert_ok(zg_sdp_point_create(sdp, &point), NULL);
    for (int round = 0; round < test_rounds(400); round++) {
        char text[sizeof sdpa_text];
        zg_solution_format format = (zg_solution_format)(round % 2);
        const char *from = format == ZG_FORMAT_SDPA ? sdpa_text : csdp_text;
        size_t length = strlen(from);
        memcpy(text, from, length + 1);
        for (size_t k = zg_random_below_or_equal(&random, 4) + 1; k > 0; k--)
            text[zg_random_below_or_equal(&random, length - 1)] =
                letters[zg_random_below_or_equal(&random, sizeof letters - 2)];
        zg_error error = {0};
        zg_status status = read_text(format, text, length, sdp, &point, &digits, &error);
        assert_true(status == ZG_OK || (status == ZG_FAILED && error.message[0]));
        if (status == ZG_OK) assert_true(zg_sdp_point_finite(sdp, &point));
    }
    zg_sdp_point_clear(&point);
    zg_sdp_free(sdp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_text),   cmocka_unit_test(full_disk),
        cmocka_unit_test(both_formats), cmocka_unit_test(no_prefix_is_a_solution),
        cmocka_unit_test(malformed),    cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests_name("sdpa format", tests, NULL, NULL);
}
