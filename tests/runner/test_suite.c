/* Suite files: what is accepted expands as written down, what is not is refused with its reason. */
#include "runner/suite.h"
#include "stub.h"

#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Writes text to a temporary file and loads it. */
static zg_suite *load_text(const char *text, zg_error *error)
{
    char path[] = "/tmp/zg-suite-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    zg_world world;
    zg_stub_world(&world);
    zg_suite *suite = NULL;
    (void)zg_suite_load(path, &world, &suite, error);
    unlink(path);
    return suite;
}

static zg_suite *load_good(const char *text)
{
    zg_error error = {0};
    zg_suite *suite = load_text(text, &error);
    if (!suite) print_message("# %s\n", error.message);
    assert_non_null(suite);
    return suite;
}

#define HEAD "suite: t\ndata:\n  - {name: p, generator: planted, n: 10, d: 2, neurons: 1}\n"
#define MODEL "model:\n  - {beta: 1}\n"
#define METHODS "methods: [stub]\n"

static void test_product_and_names(void **state)
{
    (void)state;
    zg_suite *suite =
        load_good(HEAD "model:\n  - {activation: relu2, beta: [0.1, 1, 10]}\n"
                       "methods:\n  - csdp\n"
                       "  - {method: adam, learning_rate: [0.01, 0.1], seed: [0, 1]}\n");
    assert_int_equal(suite->case_count, 3 * 5);
    assert_string_equal(suite->cases[0].name, "p/relu2,squared,beta=0.1/csdp");
    assert_string_equal(suite->cases[4].name,
                        "p/relu2,squared,beta=0.1/adam,learning_rate=0.1,seed=1");
    assert_string_equal(suite->cases[14].name,
                        "p/relu2,squared,beta=10/adam,learning_rate=0.1,seed=1");
    for (size_t i = 0; i < suite->case_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(suite->cases[i].key, suite->cases[j].key);
    zg_suite_free(suite);
}

static void test_zip_pairs(void **state)
{
    (void)state;
    zg_suite *suite =
        load_good(HEAD MODEL "methods:\n  - {method: adam, seed: [0, 1], zip: {neurons: [5, 50], "
                             "learning_rate: [0.1, 0.01]}}\n");
    assert_int_equal(suite->case_count, 4);
    assert_string_equal(suite->cases[1].name,
                        "p/relu2,squared,beta=1/adam,seed=0,neurons=50,learning_rate=0.01");
    assert_true(suite->cases[2].values[0].number == 5);
    assert_true(suite->cases[2].values[1].number == 0.1);
    assert_true(suite->cases[2].values[5].number == 1);
    zg_suite_free(suite);
}

/* Under interpolation beta only scales, so an entry may leave it out. */
static void test_interpolation_needs_no_beta(void **state)
{
    (void)state;
    zg_suite *suite = load_good(HEAD "model:\n  - {loss: interpolate}\n" METHODS);
    assert_int_equal(suite->case_count, 1);
    assert_true(suite->cases[0].model.beta == 1);
    zg_suite_free(suite);
}

static void test_clashing_labels_are_told_apart(void **state)
{
    (void)state;
    zg_suite *suite = load_good(HEAD MODEL "methods:\n  - {method: adam, neurons: 5}\n"
                                           "  - {method: adam, neurons: 6}\n  - csdp\n");
    assert_string_equal(suite->cases[0].method_label, "adam,neurons=5");
    assert_string_equal(suite->cases[1].method_label, "adam,neurons=6");
    assert_string_equal(suite->cases[2].method_label, "csdp");
    zg_suite_free(suite);
}

/* Keys depend on what determines the result, and on nothing else. */
static void test_keys(void **state)
{
    (void)state;
    static const char base[] = HEAD MODEL METHODS;
    static const char *const same[] = {
        "suite: other\nabout: x\nlimits: {seconds: 3}\nrepeat: 4\ndata:\n  - {name: q, generator: "
        "planted, n: 10, d: 2, neurons: 1, noise: 0.10, seed: 0}\n"
        "model:\n  - {activation: \"0.09,0.5,0.47\", loss: squared, beta: 1.0}\n"
        "methods:\n  - {method: stub, name: m, does: nothing, iterations: 3}\n"};
    static const char *const different[] = {
        HEAD "model:\n  - {beta: 1.0000000001}\n" METHODS,
        HEAD "model:\n  - {beta: 1, loss: absolute}\n" METHODS,
        HEAD "model:\n  - {beta: 1, activation: quadratic}\n" METHODS,
        HEAD "model:\n  - {beta: 1, penalty: weight-decay}\n" METHODS,
        HEAD MODEL "methods: [csdp]\n",
        HEAD MODEL "methods: [{method: stub, seed: 1}]\n",
        "tolerance: 1e-7\n" HEAD MODEL METHODS,
        "suite: t\ndata:\n  - {generator: planted, n: 10, d: 2, neurons: 1, seed: 1}\n" MODEL
            METHODS,
        "suite: t\ndata:\n  - {generator: planted, n: 10, d: 2, neurons: 1, standardize: "
        "true}\n" MODEL METHODS,
    };
    zg_suite *first = load_good(base);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        zg_suite *suite = load_good(same[i]);
        assert_string_equal(suite->cases[0].key, first->cases[0].key);
        zg_suite_free(suite);
    }
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
        zg_suite *suite = load_good(different[i]);
        assert_string_not_equal(suite->cases[0].key, first->cases[0].key);
        zg_suite_free(suite);
    }
    zg_suite_free(first);
}

/* The content of a data file is part of the key; its place is not. */
static void test_file_content_in_key(void **state)
{
    (void)state;
    char path[] = "/tmp/zg-data-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1,2\n3,4\n", 8), 8);
    char text[512];
    snprintf(text, sizeof text, "suite: t\ndata:\n  - {name: f, file: %s}\n" MODEL METHODS, path);
    zg_suite *before = load_good(text);
    assert_int_equal(write(fd, "5,6\n", 4), 4);
    close(fd);
    zg_suite *after = load_good(text);
    assert_string_not_equal(before->cases[0].key, after->cases[0].key);
    unlink(path);
    zg_suite *gone = load_good(text);
    assert_string_not_equal(gone->cases[0].key, after->cases[0].key);
    zg_suite_free(before);
    zg_suite_free(after);
    zg_suite_free(gone);
}

static void test_settings_reach_the_case(void **state)
{
    (void)state;
    zg_suite *suite = load_good(
        "suite: a/b\nlimits: {seconds: 5, memory_mb: 100}\ntolerance: 1.0e-5\nrepeat: 3\n"
        "threads: 2\ndata:\n"
        "  - {source: [wdbc, boston], task: binary, standardize: true, classes: [0, 1],\n"
        "     split: {train: 0.8, seed: [4, 5]}, subsample: {rows: 50, seed: 7}, pixel_scale: "
        "255,\n"
        "     downscale: {by: 2, height: 4, width: 6}}\n"
        "model:\n  - {activation: quadratic, loss: huber:2, beta: 0.5, penalty: {power: 0.5},\n"
        "     architecture: \"conv1d:filter=2,stride=1,pool=none\"}\n"
        "methods: [stub]\n"
        "expect:\n  - {data: wdbc, beta: 0.5, method: stub, objective: 3, rtol: 1e-3}\n"
        "  - {gap: 1e-6}\n");
    assert_int_equal(suite->case_count, 4);
    const zg_case *item = &suite->cases[1];
    assert_string_equal(item->name, "wdbc,split.seed=5/quadratic,huber:2,beta=0.5,"
                                    "conv1d:filter=2,stride=1,pool=none,power=0.5/stub");
    assert_true(suite->limits.seconds == 5 && suite->limits.memory_mb == 100);
    assert_true(suite->tolerance == 1e-5 && suite->repeat == 3 && suite->threads == 2);
    assert_true(item->recipe.task == ZG_BINARY && item->recipe.standardize);
    assert_true(item->model.task == ZG_BINARY && item->model.standardize);
    assert_true(item->recipe.train_share == 0.8 && item->recipe.split_seed == 5);
    assert_true(item->recipe.image.rows == 50 && item->recipe.image.seed == 7);
    assert_true(item->recipe.image.divisor == 255 && item->recipe.image.pool == 2);
    assert_string_equal(item->recipe.classes, "0,1");
    assert_true(item->penalty.kind == ZG_PENALTY_POWER && item->penalty.power == 0.5);
    assert_int_equal(item->expect_count, 2);
    assert_true(item->expect[0]->objective == 3 && item->expect[0]->rtol == 1e-3);
    assert_true(isnan(item->expect[0]->gap) && item->expect[1]->gap == 1e-6);
    assert_int_equal(suite->cases[3].expect_count, 1);
    zg_suite_free(suite);
}

/* The validation rows are the first of those that do not train; training rows stay the same. */
static void test_validation_rows(void **state)
{
    (void)state;
    static const char parts[][64] = {"split: {train: 0.6, seed: 3}",
                                     "split: {train: 0.6, validation: 0.1, seed: 3}"};
    zg_suite *suites[2];
    zg_rows rows[2];
    zg_error error = {0};
    zg_world world;
    zg_stub_world(&world);
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "suite: t\ndata:\n  - {generator: planted, n: 50, d: 2, neurons: 1, %s}\n" MODEL
                     METHODS,
                 parts[i]);
        suites[i] = load_good(text);
        assert_int_equal(zg_recipe_make(&suites[i]->cases[0].recipe, &world, &rows[i], &error),
                         ZG_OK);
    }
    assert_string_not_equal(suites[0]->cases[0].key, suites[1]->cases[0].key);
    assert_null(rows[0].validation);
    assert_int_equal(rows[0].test->rows, 20);
    assert_int_equal(rows[1].validation->rows, 5);
    assert_int_equal(rows[1].test->rows, 15);
    assert_memory_equal(rows[0].train->x, rows[1].train->x, 30 * 2 * sizeof(double));
    assert_memory_equal(rows[0].test->x, rows[1].validation->x, 5 * 2 * sizeof(double));
    assert_memory_equal(rows[0].test->x + 10, rows[1].test->x, 15 * 2 * sizeof(double));
    assert_memory_equal(rows[0].test->t + 5, rows[1].test->t, 15 * sizeof(double));
    for (size_t i = 0; i < 2; i++) {
        zg_rows_clear(&rows[i]);
        zg_suite_free(suites[i]);
    }
    zg_suite *suite = load_good("suite: t\ndata:\n  - {generator: planted, n: 5, d: 2, neurons: 1, "
                                "split: {train: 0.6, validation: 0.01}}\n" MODEL METHODS);
    assert_int_equal(zg_recipe_make(&suite->cases[0].recipe, &world, &rows[0], &error),
                     ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "leaves validation or test of 2 rows without any"));
    zg_suite_free(suite);
}

static void test_claims_are_kept(void **state)
{
    (void)state;
    zg_suite *suite =
        load_good(HEAD MODEL "methods: [csdp, {method: adam, seed: [0, 1]}]\nclaims:\n"
                             "  - {id: a, claim: all is well, test: certified, gap: 1.0e-07}\n"
                             "  - id: b\n    claim: better\n    test: compare\n    method: [csdp]\n"
                             "    against: [\"adam\"]\n    metric: accuracy\n");
    assert_int_equal(suite->claim_count, 2);
    assert_string_equal(zg_settings_get(suite->claims[0], "gap"), "1e-07");
    assert_string_equal(zg_settings_get(suite->claims[1], "against"), "adam");
    zg_suite_free(suite);
}

/* Random bytes, and good suites with one byte changed: an answer, never a crash. */
static void test_damaged_suites(void **state)
{
    (void)state;
    static const char base[] =
        HEAD "model:\n  - {activation: relu2, beta: [0.1, 1]}\nmethods:\n  - csdp\n"
             "  - {method: adam, zip: {neurons: [5, 6], seed: [1, 2]}}\nexpect:\n  - {beta: 1, "
             "gap: 1}\nclaims:\n  - {id: a, claim: b, test: certified, "
             "method: [csdp]}\n";
    const char *multiplier = getenv("ZEROGAP_TEST_MULTIPLIER");
    size_t rounds = 400 * (size_t)(multiplier ? strtoul(multiplier, NULL, 10) : 1);
    srand(7);
    for (size_t i = 0; i < rounds; i++) {
        char text[sizeof base];
        memcpy(text, base, sizeof base);
        size_t changes = 1 + (size_t)rand() % 3;
        for (size_t k = 0; k < changes; k++)
            text[(size_t)rand() % (sizeof base - 1)] = (char)(1 + rand() % 255);
        zg_error error = {0};
        zg_suite *suite = load_text(text, &error);
        if (!suite) assert_true(error.message[0] != '\0');
        zg_suite_free(suite);
    }
}

/* Every bad/NAME.yaml is refused with the sentence in NAME.expected.  With UPDATE_GOLDEN in the
 * environment the sentences are written instead. */
static void test_bad_corpus(void **state)
{
    (void)state;
    assert_int_equal(chdir(BAD_SUITES), 0);
    glob_t files;
    assert_int_equal(glob("*.yaml", 0, NULL, &files), 0);
    assert_true(files.gl_pathc >= 60);
    size_t different = 0;
    zg_world world;
    zg_stub_world(&world);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        zg_error error = {0};
        zg_suite *suite = NULL;
        zg_status status = zg_suite_load(files.gl_pathv[i], &world, &suite, &error);
        zg_suite_free(suite);
        if (status == ZG_OK) snprintf(error.message, sizeof error.message, "accepted");
        char path[256], expected[1100] = "";
        size_t stem = strlen(files.gl_pathv[i]) - strlen(".yaml");
        snprintf(path, sizeof path, "%.*s.expected", (int)stem, files.gl_pathv[i]);
        bool update = getenv("UPDATE_GOLDEN") != NULL;
        FILE *file = fopen(path, update ? "we" : "re");
        if (update && file) fprintf(file, "%s\n", error.message);
        if (!update && file && fgets(expected, sizeof expected, file))
            expected[strcspn(expected, "\n")] = '\0';
        if (file) (void)fclose(file);
        if (update || (strcmp(expected, error.message) == 0 && status == ZG_BAD_INPUT)) continue;
        print_message("# %s\n#   expected: %s\n#   found:    %s\n", files.gl_pathv[i], expected,
                      error.message);
        different++;
    }
    globfree(&files);
    assert_int_equal(different, 0);
}

/* Every key that some entry may have stands in the reference, in backquotes. */
static void test_every_key_is_documented(void **state)
{
    (void)state;
    static const char *const suites[] = {
        "qqqqqqqqqq: 1\n",
        HEAD MODEL METHODS "limits: {qqqqqqqqqq: 1}\n",
        "suite: t\ndata: [{generator: planted, qqqqqqqqqq: 1}]\n" MODEL METHODS,
        "suite: t\ndata: [{generator: partition, qqqqqqqqqq: 1}]\n" MODEL METHODS,
        "suite: t\ndata: [{source: wdbc, qqqqqqqqqq: 1}]\n" MODEL METHODS,
        "suite: t\ndata: [{source: wdbc, split: {qqqqqqqqqq: 1}}]\n" MODEL METHODS,
        "suite: t\ndata: [{source: wdbc, subsample: {qqqqqqqqqq: 1}}]\n" MODEL METHODS,
        "suite: t\ndata: [{source: wdbc, downscale: {qqqqqqqqqq: 1}}]\n" MODEL METHODS,
        "suite: t\ndata: [{file: x.csv, qqqqqqqqqq: 1}]\n" MODEL METHODS,
        HEAD "model: [{beta: 1, qqqqqqqqqq: 1}]\n" METHODS,
        HEAD "model: [{beta: 1, penalty: {qqqqqqqqqq: 1}}]\n" METHODS,
        HEAD MODEL "methods: [{method: csdp, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "expect: [{qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: qqqqqqqqqq}]\n",
        HEAD MODEL METHODS "claims: [{test: certified, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: above-bound, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: neurons, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: exponent, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: exponential, qqqqqqqqqq: 1}]\n",
        HEAD MODEL METHODS "claims: [{test: compare, qqqqqqqqqq: 1}]\n",
    };
    static char text[65536];
    FILE *file = fopen(SUITES_REFERENCE, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file), checked = 0;
    text[length] = '\0';
    (void)fclose(file);
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        zg_error error = {0};
        assert_null(load_text(suites[i], &error));
        char *list = strstr(error.message, "known are ");
        assert_non_null(list);
        for (char *name = strtok(list + 10, ", "); name; name = strtok(NULL, ", ")) {
            char quoted[64], nested[64], zip[64];
            snprintf(quoted, sizeof quoted, "`%s`", name);
            snprintf(nested, sizeof nested, "%s: ", name);
            snprintf(zip, sizeof zip, "`%s:`", name);
            if (!strstr(text, quoted) && !strstr(text, nested) && !strstr(text, zip))
                print_message("# %s is not documented\n", name);
            assert_true(strstr(text, quoted) || strstr(text, nested) || strstr(text, zip));
            checked++;
        }
    }
    assert_true(checked > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_product_and_names),
        cmocka_unit_test(test_zip_pairs),
        cmocka_unit_test(test_validation_rows),
        cmocka_unit_test(test_claims_are_kept),
        cmocka_unit_test(test_interpolation_needs_no_beta),
        cmocka_unit_test(test_clashing_labels_are_told_apart),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_file_content_in_key),
        cmocka_unit_test(test_settings_reach_the_case),
        cmocka_unit_test(test_damaged_suites),
        cmocka_unit_test(test_every_key_is_documented),
        cmocka_unit_test(test_bad_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
