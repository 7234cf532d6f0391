/* What the checker prints: bounds that are bounds as they stand in the text, and a statement that
 * leaves nothing out, whatever the files hold. */
#include "number.h"
#include "proof.h"

#include "tests/support/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double random_double(void)
{
    uint64_t bits = (uint64_t)rand() << 62 ^ (uint64_t)rand() << 31 ^ (uint64_t)rand();
    double x;
    memcpy(&x, &bits, sizeof x);
    return isfinite(x) ? x : 1 / (double)(1 + rand() % 1000);
}

/* A text on the wrong side of the number, or further away than the last digit has to be. */
static void test_decimals_lie_on_the_side_asked_for(void **state)
{
    (void)state;
    static const double special[] = {0,
                                     -0.0,
                                     1,
                                     0.1,
                                     -0.1,
                                     1e22,
                                     1e23,
                                     9007199254740993e3,
                                     0x1p-1074,
                                     -0x1p-1074,
                                     0x1.fffffffffffffp+1023,
                                     9.9999999999999995e-5,
                                     99999999999999996.0};
    enum { SPECIAL = sizeof special / sizeof *special };
    mpq_t exact, printed, apart;
    mpq_inits(exact, printed, apart, NULL);
    srand(17);
    int differ = 0;
    for (int k = 0; k < 5000; k++) {
        double x = k < SPECIAL ? special[k]
                   : k % 2     ? random_double()
                               : ldexp((double)rand() / 3, rand() % 80 - 60);
        mpq_set_d(exact, x);
        for (int side = -1; side <= 1; side += 2) {
            char text[ZV_DECIMAL_SIZE];
            zv_decimal(text, x, side);
            parse_decimal(printed, text);
            assert_true(mpq_cmp(printed, exact) * side >= 0);
            differ += mpq_cmp(printed, exact) != 0;
            mpq_sub(apart, printed, exact);
            mpq_abs(apart, apart);
            mpq_mul_2exp(apart, apart, 53); /* 17 digits are finer than 2^-53, relatively */
            mpq_abs(printed, exact);
            assert_true(mpq_cmp(apart, printed) <= 0);
        }
    }
    assert_true(differ > 5000);
    mpq_clears(exact, printed, apart, NULL);
}

/* One sample with x = 1, sigma(t) = t^2, squared loss, 0 < beta < y: the optimum is beta y -
 * beta^2 / 2, and v = beta proves it exactly, in a cone that is singular. */
static char *closed_form(double y, double beta, bool json)
{
    char certificate[1024], data[64], digest[ZV_SHA256_SIZE], *text = NULL;
    size_t size;
    zv_sha256_doubles(NULL, (const double[]){1, y}, 2, digest);
    snprintf(data, sizeof data, "1,%.17g\n", y);
    snprintf(certificate, sizeof certificate,
             "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 2, "
             "\"targets\": [1], \"samples\": 1, \"digest\": \"%s\", \"task\": \"regression\", "
             "\"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], \"architecture\": \"dense\", "
             "\"loss\": \"squared\", \"beta\": \"%a\", \"lower\": \"-0x1p+9\", \"upper\": "
             "\"0x1p+9\", \"gap\": \"0x1p+10\", \"groups\": [0], \"neurons\": [\"0x1p+0\"], "
             "\"alpha\": [\"%a\"], \"dual\": [\"%a\"]}",
             digest, beta, y - beta, beta);
    zv_session s = {.memory_limit = (size_t)1 << 28};
    zv_claim claim;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    zv_judge(&s, &claim, certificate, strlen(certificate), data, strlen(data));
    assert_int_equal(s.verdict, ZV_PROVEN);
    zv_print(file, json, &s, &claim);
    fclose(file);
    zv_release(&s);
    return text;
}

/* A decimal in the document that is on the wrong side of the double beside it. */
static void expect_side(const char *json, const char *name, const char *hex, int side)
{
    char member[32];
    mpq_t decimal, exact;
    snprintf(member, sizeof member, "\"%s\": ", name);
    const char *at = strstr(json, member);
    assert_true(at && hex);
    mpq_inits(decimal, exact, NULL);
    char text[ZV_DECIMAL_SIZE];
    assert_int_equal(sscanf(at + strlen(member), "%39[^,]", text), 1);
    parse_decimal(decimal, text);
    mpq_set_d(exact, strtod(hex, NULL));
    assert_true(mpq_cmp(decimal, exact) * side >= 0);
    mpq_clears(decimal, exact, NULL);
}

/* A lower bound printed above the true optimum, or an upper bound below it. */
static void test_printed_interval_contains_the_closed_form(void **state)
{
    (void)state;
    mpq_t optimum, half_beta, printed;
    mpq_inits(optimum, half_beta, printed, NULL);
    srand(18);
    for (int k = 0; k < 300; k++) {
        double y = 1 + 9 * (double)rand() / RAND_MAX, beta = y * (1 + rand()) / (2.0 + RAND_MAX);
        char *text = closed_form(y, beta, false), *json = closed_form(y, beta, true);
        mpq_set_d(optimum, y);
        mpq_set_d(half_beta, beta / 2);
        mpq_sub(optimum, optimum, half_beta);
        mpq_set_d(printed, beta);
        mpq_mul(optimum, optimum, printed);
        parse_decimal(printed, text + strlen("proven: "));
        assert_true(mpq_cmp(printed, optimum) <= 0);
        parse_decimal(printed, strstr(text, "<= p* <= ") + strlen("<= p* <= "));
        assert_true(mpq_cmp(printed, optimum) >= 0);
        json_t *root = json_loads(json, 0, NULL);
        const char *lower = json_string_value(json_object_get(root, "lower_hex"));
        const char *upper = json_string_value(json_object_get(root, "upper_hex"));
        assert_true(lower && upper);
        mpq_set_d(printed, strtod(lower, NULL));
        assert_true(mpq_cmp(printed, optimum) <= 0);
        mpq_set_d(printed, strtod(upper, NULL));
        assert_true(mpq_cmp(printed, optimum) >= 0);
        assert_true(strtod(upper, NULL) - strtod(lower, NULL) <= 1e-14);
        expect_side(json, "lower", lower, -1);
        expect_side(json, "upper", upper, 1);
        expect_side(json, "gap", json_string_value(json_object_get(root, "gap_hex")), 1);
        json_decref(root);
        free(text);
        free(json);
    }
    mpq_clears(optimum, half_beta, printed, NULL);
}

/* ---- the statement --------------------------------------------------------------------------- */

static char *read_golden(const char *name, const char *ending)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", GOLDEN, name, ending);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

/* What is printed about a certificate; both texts are overwritten. */
static char *print(char *certificate, char *data, bool json, zv_verdict *verdict)
{
    char *text = NULL;
    size_t size;
    zv_session s = {.memory_limit = (size_t)1 << 28};
    zv_claim claim;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    zv_judge(&s, &claim, certificate, strlen(certificate), data, strlen(data));
    zv_print(file, json, &s, &claim);
    fclose(file);
    *verdict = s.verdict;
    zv_release(&s);
    return text;
}

static char *print_golden(const char *name, bool json)
{
    char *certificate = read_golden(name, ".json"), *data = read_golden(name, ".csv");
    zv_verdict verdict;
    char *text = print(certificate, data, json, &verdict);
    assert_int_equal(verdict, ZV_PROVEN);
    free(certificate);
    free(data);
    return text;
}

static void expect_part(const char *text, const char *part)
{
    if (!strstr(text, part)) print_error("no \"%s\" in\n%s", part, text);
    assert_non_null(strstr(text, part));
}

/* A value that the proof depends on and that the statement does not name. */
static void test_all_that_was_proven_is_said(void **state)
{
    static const struct {
        const char *name, *part;
    } cases[] = {
        {"hinge", "\nrows           9 of 9 in the file, after a header\n"},
        {"hinge", "\ndigest         \"a5d758409a1a7bbf9df2792fe1bf647a581803ed6baf4f9afb2a96f509"},
        {"hinge", "\ntargets        [3]\ntarget_names   [\"target\"]\ntask           \"binary\"\n"},
        {"hinge", "\nlabels         [\"blue\", \"green, or \\\"lime\\\"\"]\n"},
        {"hinge", "\npreprocessing  \"(x - mean) / scale\"\nmean_range     [-0.1244"},
        {"hinge",
         "\nactivation     [0.09, 0.5, 0.47]\nloss           \"hinge\"\nweight_range   [1, 1]"},
        {"hinge", "\nbeta           0.6\npenalty        \"sum |alpha|\"\n"},
        {"hinge",
         "\nneurons        2\npreprocessing_digest \"08905194a0312ba78e67350c16e2faa68265"},
        {"hinge", "\nfrom_certificate [\"preprocessing\", \"network\"]\ngap            2.29065"},
        {"huber", "\nloss           \"huber\"\ndelta          "},
        {"pooled",
         "\narchitecture   \"convolution\"\nimage          [1, 4, 4]\nfilter         [2, 2]\n"
         "stride         [1, 2]\npool           [3, 1]\n"},
        {"quadratic", "\nweights        9\nweight_range   [0."},
        {"partition-yes",
         "\npenalty        \"sum alpha^power, alpha >= 0\"\npower          [2, 3]\n"
         "optimum_over   \"the weights of the certificate's neurons\"\nneurons        12"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char *text = print_golden(cases[k].name, false);
        assert_int_equal(strncmp(text, "proven: ", 8), 0);
        expect_part(text, cases[k].part);
        free(text);
    }
}

/* JSON that is none, or that lacks what the text has. */
static void test_documents_have_what_the_text_has(void **state)
{
    static const char *const names[] = {"squared",  "hinge",      "logistic",     "pooled",
                                        "channels", "multiclass", "partition-no", "quadratic"};
    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char *text = print_golden(names[k], false), *json = print_golden(names[k], true);
        json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(root);
        char *line = strchr(text, '\n') + 1, *end;
        for (; (end = strchr(line, '\n')); line = end + 1) {
            char name[32] = "";
            assert_int_equal(sscanf(line, "%31s", name), 1);
            assert_non_null(json_object_get(root, name));
        }
        assert_true(json_is_integer(json_object_get(root, "rows_in_file")));
        json_decref(root);
        free(text);
        free(json);
    }
}

/* One row of 30 in the file, which a plain "proven" would not tell. */
static void test_a_part_of_the_rows_is_said_to_be_one(void **state)
{
    (void)state;
    char data[512] = "a,y\n", digest[ZV_SHA256_SIZE], certificate[1024];
    for (int i = 0; i < 30; i++)
        snprintf(data + strlen(data), 16, "%d,%d\n", i, 2 * i);
    zv_sha256_doubles(NULL, (const double[]){7, 14}, 2, digest);
    snprintf(certificate, sizeof certificate,
             "{\"format\": \"zerogap-certificate/1\", \"header\": true, \"columns\": 2, "
             "\"targets\": [1], \"samples\": 1, \"rows\": [7], \"digest\": \"%s\", \"task\": "
             "\"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
             "\"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", \"lower\": "
             "\"0x0p+0\", \"dual\": [\"0x0p+0\"]}",
             digest);
    for (int json = 0; json < 2; json++) {
        char *a = strdup(certificate), *b = strdup(data);
        zv_verdict verdict;
        char *text = print(a, b, json, &verdict);
        assert_int_equal(verdict, ZV_PROVEN);
        expect_part(text,
                    json ? "\"rows\": 1, \"rows_in_file\": 30, \"header\": true"
                         : "(fast)\nrows           1 of 30 in the file, not all, after a header\n");
        free(a);
        free(b);
        free(text);
    }
}

/* Names that break a document, or that a terminal obeys. */
static void test_hostile_names_stay_texts(void **state)
{
    static const char *const names[] = {
        "\"x\"\"y\\\"",
        "a\033[2Jb",
        "caf\xc3\xa9",
        "\xff\xfe",
        "cut\xe2\x82",
        "\xc2\x9b"
        "31m",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xc0\xaf",
    };
    (void)state;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        for (int json = 0; json < 2; json++) {
            char *certificate = read_golden("squared", ".json"), *data = calloc(1, 1 << 16);
            char *golden = read_golden("squared", ".csv"), *rest = strchr(golden, '\n');
            zv_verdict verdict;
            assert_non_null(data);
            snprintf(data, 1 << 16, "a,b,c,%s%s", names[k], rest);
            char *text = print(certificate, data, json, &verdict);
            assert_int_equal(verdict, ZV_PROVEN);
            for (const char *p = text; *p; p++)
                assert_true((unsigned char)*p >= ' ' || (*p == '\n' && !json) || !p[1]);
            assert_null(strstr(text, "\xc2\x9b"));
            json_t *root = json ? json_loads(text, 0, NULL) : NULL;
            assert_true(!json || json_is_array(json_object_get(root, "target_names")));
            json_decref(root);
            free(certificate);
            free(data);
            free(golden);
            free(text);
        }
    }
}

/* A verdict other than "proven" with bounds or a statement beside it. */
static void test_nothing_is_stated_that_was_not_proven(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        char *certificate = read_golden("squared", ".json"), *data = read_golden("squared", ".csv");
        zv_verdict verdict;
        char *lower = strstr(certificate, "\"lower\": \"0x1.f8");
        assert_non_null(lower);
        lower[strlen("\"lower\": \"0x1.f8") - 1] = '9';
        char *text = print(certificate, data, json, &verdict);
        assert_int_equal(verdict, ZV_REFUTED);
        assert_null(strstr(text, json ? "\"rows\"" : "rows "));
        assert_null(strstr(text, json ? "\"lower\"" : "p*"));
        free(certificate);
        free(data);
        free(text);
    }
}

/* Files that cannot be read, with --json: a document all the same. */
static void test_a_document_about_files_that_are_not_there(void **state)
{
    (void)state;
    char command[1024], text[1024] = "";
    snprintf(command, sizeof command, "%s /nowhere/at/all --data /nowhere/either --json",
             getenv("ZEROGAP_VERIFY"));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    (void)!fgets(text, sizeof text, pipe);
    assert_int_equal(pclose(pipe) / 256, 4);
    json_t *root = json_loads(text, 0, NULL);
    const char *verdict = json_string_value(json_object_get(root, "verdict"));
    assert_true(verdict && strcmp(verdict, "bad file") == 0);
    json_decref(root);
}

/* The table of FIPS 180-4, B.1: a digest that is that of other bytes. */
static void test_digests_are_those_of_the_standard(void **state)
{
    (void)state;
    char hex[ZV_SHA256_SIZE];
    zv_sha256_doubles(NULL, NULL, 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    double x[8];
    memcpy(x, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq01234567", 64);
    zv_sha256_doubles(NULL, x, 7, hex); /* 56 bytes: the length is in a block of its own */
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimals_lie_on_the_side_asked_for),
        cmocka_unit_test(test_printed_interval_contains_the_closed_form),
        cmocka_unit_test(test_all_that_was_proven_is_said),
        cmocka_unit_test(test_documents_have_what_the_text_has),
        cmocka_unit_test(test_a_part_of_the_rows_is_said_to_be_one),
        cmocka_unit_test(test_hostile_names_stay_texts),
        cmocka_unit_test(test_nothing_is_stated_that_was_not_proven),
        cmocka_unit_test(test_a_document_about_files_that_are_not_there),
        cmocka_unit_test(test_digests_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
