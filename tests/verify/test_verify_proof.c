/* Where a certificate's rows come from: every kind of data file ends in a proof that the checker
 * accepts, and what cannot be certified is refused. */
#include "base/replace.h"
#include "core/loss.h"
#include "core/proof.h"
#include "tests/support/support.h"

#include <gmp.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static char *in_directory(const char *name)
{
    static char paths[4][128];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static const char *write_text(const char *name, const char *text)
{
    const char *path = in_directory(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static int verify(const char *certificate, const char *data, const char *options)
{
    char command[2048], line[1024] = "";
    snprintf(command, sizeof command, "%s-verify %s --data %s %s 2>&1", getenv("ZEROGAP"),
             certificate, data, options);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    (void)!fgets(line, sizeof line, pipe);
    int status = pclose(pipe) / 256;
    if (status != 0) print_message("# %s", line);
    return status;
}

/* What was proven is at least what was claimed, and no more than rounding better: a claim that
 * differs from what stands in the file, or a wasteful one. */
static void expect_agreement(const char *certificate, const zg_proof_claim *claim)
{
    char command[2048];
    snprintf(command, sizeof command, "%s-verify %s --data %s --json", getenv("ZEROGAP"),
             certificate, claim->data_file);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    json_t *root = json_loadf(pipe, 0, NULL);
    assert_int_equal(pclose(pipe), 0);
    const char *lower = json_string_value(json_object_get(root, "lower_hex"));
    const char *upper = json_string_value(json_object_get(root, "upper_hex"));
    const char *gap = json_string_value(json_object_get(root, "gap_hex"));
    assert_non_null(lower);
    double proven = strtod(lower, NULL);
    assert_true(proven >= claim->lower && proven - claim->lower <= 1e-10 * fmax(1, fabs(proven)));
    assert_true((upper != NULL) == isfinite(claim->upper) && (gap != NULL) == (upper != NULL));
    if (upper) {
        proven = strtod(upper, NULL);
        assert_true(proven <= claim->upper &&
                    claim->upper - proven <= 1e-10 * fmax(1, fabs(proven)));
        assert_true(strtod(gap, NULL) <= claim->gap);
    }
    json_decref(root);
}

/* The zero network and v = 0, or the residual y as v: enough for a proof, if not for a tight one.
 */
static zg_proof_claim prove(const zg_dataset *dataset, const char *path, const char *target,
                            zg_task task, zg_loss loss, bool standardize)
{
    zg_error error = {0};
    zg_problem *problem;
    zg_network *network;
    zg_proof_claim claim;
    zg_model_options options = {.activation = TEST_RELU2,
                                .loss = loss,
                                .task = task,
                                .beta = 0.5,
                                .standardize = standardize};
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = network,
                      .dual = problem->y,
                      .data_path = path,
                      .target = target};
    const char *certificate = in_directory("proof.json");
    assert_ok(zg_proof_write(certificate, &proof, &claim, &error), &error);
    assert_int_equal(verify(certificate, claim.data_file, ""), 0);
    assert_int_equal(verify(certificate, claim.data_file, "--exact --json"), 0);
    expect_agreement(certificate, &claim);
    zg_network_free(network);
    zg_problem_free(problem);
    return claim;
}

typedef struct file_case {
    const char *name, *text, *target;
    zg_header header;
    zg_missing missing;
    zg_task task;
    bool same_file; /* the certificate is about the file itself */
} file_case;

static const file_case cases[] = {
    {"plain.csv", "a,b,y\n1,2,3\n4,5,6\n-1,0.5,2\n", NULL, 0, 0, ZG_REGRESSION, true},
    {"first.csv", "y,a,b\n1,2,3\n4,5,6\n-1,0.5,2\n", "y", 0, 0, ZG_REGRESSION, true},
    {"bare.csv", "1,2,3\n4,5,6\n-1,0.5,2\n", NULL, ZG_HEADER_NO, 0, ZG_REGRESSION, true},
    {"index.csv", "1,2,3\n4,5,6\n-1,0.5,2\n", "2", ZG_HEADER_NO, 0, ZG_REGRESSION, true},
    {"two.csv", "1,2,3,7\n4,5,6,8\n-1,0.5,2,9\n", "4,1", ZG_HEADER_NO, 0, ZG_REGRESSION, true},
    {"twice.csv", "a,y\n1,2\n1,2\n3,4\n1,2\n", NULL, 0, 0, ZG_REGRESSION, true},
    {"zeros.csv", "a,b,y\n0,-0,0\n-0,0,-0\n1,1e-300,2\n", NULL, 0, 0, ZG_REGRESSION, true},
    {"text.csv", "a,b,kind\n1,2,\"x, y\"\n4,5,\"say \"\"so\"\"\"\n2,1,\"x, y\"\n", NULL, 0, 0,
     ZG_BINARY, true},
    {"three.csv", "a,b,kind\n1,2,u\n4,5,v\n2,1,w\n3,3,v\n", NULL, 0, 0, ZG_MULTICLASS, true},
    {"number.csv", "a,b,kind\n1,2,7\n4,5,-2.5\n2,1,7.0\n", NULL, 0, 0, ZG_BINARY, true},
    {"crlf.csv", "a,b,y\r\n1,2,3\r\n\r\n4 , 5,\t6\r\n-1,0.5,2", NULL, 0, 0, ZG_REGRESSION, true},
    {"drop.csv", "a,b,y\n1,2,3\nNA,5,6\n-1,0.5,2\n,,\n5,5,5\n", NULL, 0, ZG_MISSING_DROP,
     ZG_REGRESSION, true},
    {"mean.csv", "a,b,y\n1,2,3\nNA,5,6\n-1,0.5,2\n", NULL, 0, ZG_MISSING_MEAN, ZG_REGRESSION,
     false},
    {"sparse.txt", "1 1:0.5 2:2\n-1 2:1\n1 1:3 2:0.25\n", NULL, 0, 0, ZG_BINARY, false},
};

static void test_files(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const file_case *c = &cases[k];
        zg_error error = {0};
        zg_dataset *dataset;
        char path[128];
        snprintf(path, sizeof path, "%s", write_text(c->name, c->text));
        zg_data_options options = {.target = c->target, .header = c->header, .missing = c->missing};
        assert_ok(zg_dataset_load(path, &options, &dataset, &error), &error);
        zg_loss loss = {c->task == ZG_BINARY ? ZG_LOSS_SQUARED_HINGE : ZG_LOSS_SQUARED, 1};
        for (int standardize = 0; standardize < 2; standardize++) {
            zg_proof_claim claim = prove(dataset, path, c->target, c->task, loss, standardize);
            if (c->same_file != (strcmp(claim.data_file, path) == 0))
                print_error("%s: %s\n", c->name, claim.data_file);
            assert_int_equal(strcmp(claim.data_file, path) == 0, c->same_file);
        }
        zg_dataset_free(dataset);
    }
}

static const zg_loss losses[] = {
    {ZG_LOSS_SQUARED, 1},       {ZG_LOSS_ABSOLUTE, 1}, {ZG_LOSS_HUBER, 0.3},     {ZG_LOSS_HINGE, 1},
    {ZG_LOSS_SQUARED_HINGE, 1}, {ZG_LOSS_LOGISTIC, 1}, {ZG_LOSS_INTERPOLATE, 1},
};

/* A split of the file, in the permuted order, for all losses. */
static void test_splits(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    char text[4096] = "a,b,label\n";
    for (int i = 0; i < 30; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%.17g,%.17g,%d\n",
                 zg_random_normal(&random), zg_random_normal(&random), i % 2);
    char path[128];
    zg_error error = {0};
    zg_dataset *all, *train, *test;
    snprintf(path, sizeof path, "%s", write_text("split.csv", text));
    assert_ok(zg_dataset_load(path, &(zg_data_options){0}, &all, &error), &error);
    for (size_t k = 0; k < sizeof losses / sizeof *losses; k++) {
        assert_ok(zg_dataset_split(all, 0.6, (uint32_t)k, &train, &test, &error), &error);
        zg_proof_claim claim = prove(train, path, NULL, ZG_BINARY, losses[k], k % 2);
        assert_string_equal(claim.data_file, path);
        assert_true(isnan(claim.upper) == (losses[k].kind == ZG_LOSS_INTERPOLATE));
        claim = prove(test, path, NULL, ZG_BINARY, losses[k], k % 2);
        assert_string_equal(claim.data_file, path);
        zg_dataset_free(train);
        zg_dataset_free(test);
    }
    zg_dataset_free(all);
}

/* Random networks and duals on random problems of every lift: always a proof. */
static void test_random_problems(void **state)
{
    static const char *const architectures[] = {
        "dense", "conv2d:height=3,width=4,filter=2x2,stride=1x1,pool=2x2",
        "conv1d:filter=3,stride=2,pool=none,channels=2"};
    (void)state;
    zg_random random;
    zg_random_seed(&random, 6);
    for (int round = 0; round < test_rounds(30); round++) {
        zg_error error = {0};
        zg_loss loss = losses[round % 7];
        zg_problem *problem =
            test_random_problem(&random, 8, 12, round % 4 == 0 ? TEST_QUADRATIC : TEST_RELU2,
                                architectures[round % 3], loss, pow(10, round % 9 - 4));
        zg_network *network;
        zg_dataset *dataset;
        double u[12], v[8];
        zg_proof_claim claim;
        assert_ok(zg_network_create(problem, &network, &error), &error);
        size_t width = network->patches.width;
        for (size_t j = 0; j < 4; j++) {
            double square = 0;
            test_normals(&random, width, u);
            for (size_t k = 0; k < width; k++)
                square += u[k] * u[k];
            for (size_t k = 0; k < width; k++)
                u[k] /= sqrt(square);
            assert_ok(zg_network_add(network, j % problem->patches.groups, u, 0,
                                     zg_random_normal(&random)),
                      &error);
        }
        test_normals(&random, 8, v);
        for (size_t i = 0; i < 8; i++)
            v[i] *= pow(10, round % 7 - 3);
        assert_ok(zg_dataset_create(8, 12, problem->x, 1, problem->y, &dataset, &error), &error);
        zg_proof proof = {.problem = problem, .dataset = dataset, .network = network, .dual = v};
        const char *certificate = in_directory("random.json");
        assert_ok(zg_proof_write(certificate, &proof, &claim, &error), &error);
        assert_int_equal(verify(certificate, claim.data_file, ""), 0);
        expect_agreement(certificate, &claim);
        /* Each bound is rounded by its own allowance, so that either may be the larger one. */
        double scale = fmax(1, claim.lower);
        assert_true(claim.lost >= -1e-15 * scale && claim.lost <= 1e-8 * scale);
        zg_dataset_free(dataset);
        zg_network_free(network);
        zg_problem_free(problem);
    }
}

/* One sample with x = 1: all neurons respond with a + b + c = 2 at most, so that the optimum of the
 * squared loss is beta y / 2 - beta^2 / 8 for beta < 2 y, with v = beta / 2 and alpha = (y - beta /
 * 2) / 2.  Claimed and printed bounds have it between them, in exact arithmetic. */
static void test_claims_enclose_closed_forms(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 9);
    mpq_t optimum, part;
    mpq_inits(optimum, part, NULL);
    for (int round = 0; round < test_rounds(20); round++) {
        zg_error error = {0};
        zg_problem *problem;
        zg_network *network;
        zg_dataset *dataset;
        zg_proof_claim claim;
        double x = 1, y = exp(3 * zg_random_normal(&random));
        double beta = y * (0.1 + 1.8 * zg_random_uniform(&random)), v = beta / 2, u = 1;
        assert_ok(zg_dataset_create(1, 1, &x, 1, &y, &dataset, &error), &error);
        zg_model_options options = {
            .activation = {0.5, 1, 0.5}, .loss = {ZG_LOSS_SQUARED, 1}, .beta = beta};
        assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
        assert_ok(zg_network_create(problem, &network, &error), &error);
        assert_ok(zg_network_add(network, 0, &u, 0, (y - beta / 2) / 2), &error);
        zg_proof proof = {.problem = problem, .dataset = dataset, .network = network, .dual = &v};
        const char *certificate = in_directory("closed.json");
        assert_ok(zg_proof_write(certificate, &proof, &claim, &error), &error);
        expect_agreement(certificate, &claim);
        mpq_set_d(optimum, beta / 2); /* beta / 2 (y - beta / 4) */
        mpq_set_d(part, y);
        mpq_mul(part, part, optimum);
        mpq_mul(optimum, optimum, optimum);
        mpq_div_2exp(optimum, optimum, 1);
        mpq_sub(optimum, part, optimum);
        mpq_set_d(part, claim.lower);
        assert_true(mpq_cmp(part, optimum) <= 0);
        mpq_set_d(part, claim.upper);
        assert_true(mpq_cmp(part, optimum) >= 0);
        assert_true(claim.gap <= 1e-11);
        zg_network_free(network);
        zg_problem_free(problem);
        zg_dataset_free(dataset);
    }
    mpq_clears(optimum, part, NULL);
}

static void test_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 7);
    zg_error error = {0};
    zg_problem *problem =
        test_random_problem(&random, 4, 2, TEST_RELU2, "dense", (zg_loss){ZG_LOSS_SQUARED, 1}, 1);
    zg_dataset *dataset, *other;
    zg_proof_claim claim;
    assert_ok(zg_dataset_create(4, 2, problem->x, 1, problem->y, &dataset, &error), &error);
    assert_ok(zg_dataset_create(3, 2, problem->x, 1, problem->y, &other, &error), &error);
    zg_proof proof = {.problem = problem, .dataset = dataset};
    assert_int_equal(zg_proof_write("/nowhere/at/all", &proof, &claim, &error), ZG_IO);
    proof.dataset = other;
    assert_int_equal(zg_proof_write(in_directory("x"), &proof, &claim, &error), ZG_BAD_INPUT);
    proof.dataset = dataset;
    problem->penalty = (zg_penalty){ZG_PENALTY_POWER, 0.5};
    assert_int_equal(zg_proof_write(in_directory("x"), &proof, &claim, &error), ZG_UNSUPPORTED);
    zg_proof_source source;
    assert_int_equal(zg_proof_find_rows("/nowhere", dataset, NULL, &source, &error), ZG_MISSING);
    const char *path = write_text("short.csv", "1,2,3\n");
    assert_int_equal(zg_proof_find_rows(path, dataset, NULL, &source, &error), ZG_MISSING);
    path = write_text("broken.csv", "1,2,\"3\n");
    assert_int_equal(zg_proof_find_rows(path, dataset, NULL, &source, &error), ZG_MISSING);
    zg_dataset_free(dataset);
    zg_dataset_free(other);
    zg_problem_free(problem);
}

static void expect_text(const char *path, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    (void)!fgets(found, sizeof found, file);
    fclose(file);
    assert_string_equal(found, text);
}

/* A certificate is there whole or not at all, and what was there before stays until then. */
static void test_replacement(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_replacement r;
    const char *path = write_text("replaced", "old");
    assert_ok(zg_replace_begin(&r, path, &error), &error);
    fputs("new", r.file);
    fflush(r.file);
    expect_text(path, "old");
    assert_int_equal(zg_replace_end(&r, ZG_FAILED, &error), ZG_FAILED);
    expect_text(path, "old");
    assert_ok(zg_replace_begin(&r, path, &error), &error);
    fputs("new", r.file);
    assert_ok(zg_replace_end(&r, ZG_OK, &error), &error);
    expect_text(path, "new");
    char command[160];
    snprintf(command, sizeof command, "ls %s | grep -q part", directory);
    assert_int_not_equal(system(command), 0);
    if (access("/dev/full", W_OK) != 0) return; /* devices are written to, not replaced */
    assert_ok(zg_replace_begin(&r, "/dev/full", &error), &error);
    fputs("new", r.file);
    assert_int_equal(zg_replace_end(&r, ZG_OK, &error), ZG_IO);
    assert_int_equal(access("/dev/full", W_OK), 0);
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/zerogap-proof-XXXXXX");
    return mkdtemp(directory) && getenv("ZEROGAP") ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),           cmocka_unit_test(test_splits),
        cmocka_unit_test(test_random_problems), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_replacement),     cmocka_unit_test(test_claims_enclose_closed_forms),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
