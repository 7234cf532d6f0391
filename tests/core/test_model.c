/* Model files: what is written reads back equal, and damaged ones get their exact message. */
#include "base/linalg.h"
#include "core/cubic.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/zerogap-model-XXXXXX");
    int file = mkstemp(path);
    if (file < 0) return -1;
    close(file);
    return 0;
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static zg_network *sample_network(zg_random *random, const char *architecture)
{
    zg_problem *p = test_random_problem(random, 5, 12, TEST_RELU2, architecture,
                                        (zg_loss){ZG_LOSS_HUBER, 0.7}, 0.3);
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_create(p, &network, &error), &error);
    size_t width = network->patches.width;
    double *u = zg_doubles(width);
    for (size_t j = 0; j < 3; j++) {
        test_normals(random, width, u);
        double length = zg_norm(width, u);
        for (size_t i = 0; i < width; i++)
            u[i] /= length;
        assert_int_equal(
            zg_network_add(network, j % network->patches.groups, u, 0, zg_random_normal(random)),
            ZG_OK);
    }
    network->training.dual = zg_doubles(5);
    network->training.samples = 5;
    test_normals(random, 5, network->training.dual);
    network->training.objective = 1.0 / 3.0;
    strcpy(network->training.solver, "csdp");
    free(u);
    zg_problem_free(p);
    return network;
}

static void round_trip(void **state)
{
    (void)state;
    static const char *const architectures[] = {
        "dense", "conv1d:filter=3,stride=2,pool=2",
        "conv2d:height=3,width=4,filter=2x2,pool=global",
        "conv2d:height=2,width=3,channels=2,filter=1x2,pool=2x1"};
    zg_random random;
    zg_random_seed(&random, 61);
    for (size_t a = 0; a < 4; a++) {
        zg_network *before = sample_network(&random, architectures[a]), *after;
        zg_error error = {0};
        assert_ok(zg_network_save(before, path, &error), &error);
        assert_ok(zg_network_load(path, &after, &error), &error);
        size_t width = before->patches.width;
        assert_int_equal(after->count, before->count);
        assert_memory_equal(after->u, before->u, before->count * width * sizeof(double));
        assert_memory_equal(after->alpha, before->alpha, before->count * sizeof(double));
        assert_memory_equal(after->group, before->group, before->count * sizeof(size_t));
        assert_memory_equal(after->training.dual, before->training.dual, 5 * sizeof(double));
        assert_true(after->training.beta == before->training.beta);
        assert_true(after->training.objective == before->training.objective);
        assert_true(isnan(after->training.bound));
        assert_true(after->training.loss.delta == 0.7);
        assert_string_equal(after->training.solver, "csdp");
        double x[24], f[2], g[2];
        test_normals(&random, 24, x);
        assert_ok(zg_network_predict(before, 2, x, f, &error), &error);
        assert_ok(zg_network_predict(after, 2, x, g, &error), &error);
        assert_memory_equal(f, g, sizeof f);
        zg_network *copy;
        assert_ok(zg_network_copy(after, &copy, &error), &error);
        assert_ok(zg_network_predict(copy, 2, x, g, &error), &error);
        assert_memory_equal(f, g, sizeof f);
        zg_network_free(copy);
        zg_network_free(before);
        zg_network_free(after);
    }
}

/* The example of the format's description, by hand: f(x) = alpha sigma(u . (x - mean) / scale). */
static void written_by_hand(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    fputs("{\"format\": \"zerogap-model/1\", \"activation\": [0.09, 0.5, 0.47],"
          " \"inputs\": 2, \"outputs\": 2,"
          " \"preprocess\": {\"mean\": [1, 2], \"scale\": [2, 4]},"
          " \"neurons\": [{\"u\": [0.6, 0.8], \"alpha\": [2, -1]}]}",
          file);
    fclose(file);
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_load(path, &network, &error), &error);
    double x[2] = {5.0, -2.0}, f[2], t = 0.6 * 2.0 - 0.8 * 1.0;
    assert_ok(zg_network_predict(network, 1, x, f, &error), &error);
    double response = 0.09 * t * t + 0.5 * t + 0.47;
    assert_close(f[0], 2.0 * response, 1e-15);
    assert_close(f[1], -response, 1e-15);
    assert_true(isnan(network->training.beta));
    zg_network_free(network);
}

/* The penalty pays for neurons of length 1: one that is 5e-10 longer would get below the optimum.
 * One that has length 1 to rounding keeps its digits. */
static void foreign_neurons_get_unit_length(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");
    fputs("{\"format\": \"zerogap-model/1\", \"activation\": [1, 0, 0], \"inputs\": 2,"
          " \"outputs\": 1, \"neurons\": [{\"u\": [0.6000000003, 0.8000000004], \"alpha\": [1]},"
          " {\"u\": [0.28, 0.96], \"alpha\": [1]}]}",
          file);
    fclose(file);
    zg_network *network;
    zg_error error = {0};
    assert_ok(zg_network_load(path, &network, &error), &error);
    assert_close(zg_norm(2, network->u), 1.0, 4e-16);
    assert_close(network->u[0], 0.6, 1e-15);
    assert_true(network->u[2] == 0.28 && network->u[3] == 0.96);
    zg_network_free(network);
}

#define HEAD "{\"format\":\"zerogap-model/1\",\"activation\":[1,2,3],\"inputs\":2,\"outputs\":1,"

static void malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message; /* the message after "PATH" */
    } cases[] = {
        {"", ":1:0: not valid JSON: '[' or '{' expected near end of file"},
        {"{\"a\":1,}", ":1:8: not valid JSON: string or '}' expected near '}'"},
        {"{\"a\":1,\"a\":2}", ":1:10: not valid JSON: duplicate object key near '\"a\"'"},
        {"{\"u\": [NaN]}", ":1:10: not valid JSON: invalid token near 'NaN'"},
        {"{\"u\": [1e999]}", ":1:12: not valid JSON: real number overflow near '1e999'"},
        {"[1]", ": the file: expected an object, found an array"},
        {"{}", ": format: expected \"zerogap-model/1\", found none"},
        {"{\"format\":\"zerogap-model/9\"}",
         ": format: expected \"zerogap-model/1\", found zerogap-model/9"},
        {"{\"format\":\"zerogap-model/1\"}", ": activation: expected an array, found nothing"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2]}",
         ": activation: expected 3 numbers, found 2"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2,\"3\"]}",
         ": activation[2]: expected a number, found a text"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2,3],\"inputs\":2.5}",
         ": inputs: expected a whole number, found a number"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2,3],\"inputs\":-1}",
         ": inputs: expected a whole number from 0 to 67108864, found -1"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2,3],\"inputs\":2,\"outputs\":0}",
         ": outputs: expected at least 1, found 0"},
        {"{\"format\":\"zerogap-model/1\",\"activation\":[1,2,3],\"inputs\":0,\"outputs\":1}",
         ": the data have no inputs"},
        {HEAD "\"architecture\":{\"kind\":\"deep\"}}",
         ": architecture.kind: expected dense, conv1d or conv2d, found a text"},
        {HEAD "\"architecture\":{\"kind\":\"conv1d\",\"filter\":3}}",
         ": architecture conv1d:filter=3,stride=1,pool=none: the filter is larger than the 1 x 2 "
         "input"},
        {HEAD "\"preprocess\":{\"mean\":[1],\"scale\":[1,1]}}",
         ": preprocess.mean: expected 2 numbers, found 1"},
        {HEAD "\"preprocess\":{\"mean\":[1,1],\"scale\":[1,0]}}",
         ": preprocess.scale[1]: expected a number > 0, found 0"},
        {HEAD "\"target\":{\"kind\":\"ranking\"}}",
         ": target.kind: expected regression, binary or multiclass, found a text"},
        {HEAD "\"target\":{\"kind\":\"binary\",\"labels\":[1]}}",
         ": target.labels: expected 2 labels, found 1"},
        {HEAD "\"target\":{\"kind\":\"binary\",\"labels\":[\"a\",2]}}",
         ": target.labels: expected texts only, found a whole number"},
        {HEAD "\"a\":1}", ": neurons: expected an array, found nothing"},
        {HEAD "\"neurons\":[{\"u\":[1,0,0],\"alpha\":[1]}]}",
         ": neurons[0].u: expected 2 numbers, found 3"},
        {HEAD "\"neurons\":[{\"u\":[1,0],\"alpha\":[1]},{\"u\":[1,1],\"alpha\":[1]}]}",
         ": neurons[1].u: expected a vector of norm 1 (within 1e-09), found norm 1.41421356237"},
        {HEAD "\"neurons\":[{\"u\":[1,0],\"alpha\":1}]}",
         ": neurons[0].alpha: expected an array, found a whole number"},
        {HEAD "\"neurons\":[{\"u\":[1,null],\"alpha\":[1]}]}",
         ": neurons[0].u[1]: expected a number, found null"},
        {HEAD "\"neurons\":[{\"group\":1,\"u\":[1,0],\"alpha\":[1]}]}",
         ": neurons[0].group: expected a whole number from 0 to 0, found 1"},
        {HEAD "\"neurons\":[],\"training\":{\"loss\":\"hubber\"}}",
         ": training.loss: unknown loss \"hubber\"; did you mean \"huber\"?"},
        {HEAD "\"neurons\":[],\"training\":{\"beta\":\"1\"}}",
         ": training.beta: expected a number, found a text"},
        {HEAD "\"neurons\":[],\"training\":{\"dual\":{}}}",
         ": training.dual: expected an array whose length is a multiple of the 1 outputs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *file = fopen(path, "w");
        fputs(cases[i].text, file);
        fclose(file);
        zg_network *network = NULL;
        zg_error error = {0};
        assert_int_equal(zg_network_load(path, &network, &error), ZG_BAD_INPUT);
        assert_null(network);
        assert_memory_equal(error.message, path, strlen(path));
        assert_string_equal(error.message + strlen(path), cases[i].message);
    }
}

static void unreadable(void **state)
{
    (void)state;
    zg_network *network;
    zg_error error = {0};
    assert_int_equal(zg_network_load("/nowhere/model.json", &network, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "/nowhere/model.json: cannot read: No such file or directory");
    zg_random random;
    zg_random_seed(&random, 62);
    network = sample_network(&random, "dense");
    assert_int_equal(zg_network_save(network, "/nowhere/model.json", &error), ZG_IO);
    assert_string_equal(error.message,
                        "/nowhere/model.json: cannot write: No such file or directory");
    assert_int_equal(zg_network_save(network, "/dev/full/x", &error), ZG_IO);
    zg_network_free(network);
}

/* What does not fit a problem says what differs. */
static void wrong_shape(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 63);
    zg_network *network = sample_network(&random, "dense");
    zg_error error = {0};
    zg_problem *p = test_random_problem(&random, 4, 11, TEST_RELU2, "dense", (zg_loss){0}, 1.0);
    assert_int_equal(zg_network_check(network, p, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the network has 12 inputs, the data have 11");
    zg_problem_free(p);
    p = test_random_problem(&random, 4, 12, TEST_RELU2, "conv1d:filter=2", (zg_loss){0}, 1.0);
    assert_int_equal(zg_network_check(network, p, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message, "the network's architecture is dense, the problem's "
                                       "conv1d:filter=2,stride=1,pool=none");
    zg_problem_free(p);
    p = test_random_problem(&random, 4, 12, TEST_QUADRATIC, "dense", (zg_loss){0}, 1.0);
    assert_int_equal(zg_network_check(network, p, &error), ZG_BAD_INPUT);
    assert_string_equal(error.message,
                        "the network's activation is 0.09,0.5,0.47, the problem's 1,0,0");
    zg_problem_free(p);
    zg_network_free(network);
}

/* The cubic twin's own objective equals the nuclear-norm one, for every architecture; and no other
 * split of lengths is cheaper. */
static void cubic_twin(void **state)
{
    (void)state;
    static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=3,pool=2"};
    zg_random random;
    zg_random_seed(&random, 64);
    for (size_t a = 0; a < 2; a++) {
        zg_problem *p = test_random_problem(&random, 6, 12, TEST_QUADRATIC, architectures[a],
                                            (zg_loss){0}, 0.4);
        zg_network *network = sample_network(&random, architectures[a]);
        network->activation = TEST_QUADRATIC;
        double objective, twin;
        assert_int_equal(zg_network_objective(network, p, &objective, NULL, NULL), ZG_OK);
        assert_int_equal(zg_cubic_objective(network, p, &twin), ZG_OK);
        assert_close(twin, objective, 1e-13);
        network->activation = TEST_RELU2;
        assert_int_equal(zg_cubic_objective(network, p, &twin), ZG_UNSUPPORTED);
        zg_network_free(network);
        zg_problem_free(p);
    }
    for (int k = -50; k <= 50; k++) {
        double weight = 0.7, t = pow(2.0, 1.0 / 9.0) * cbrt(weight) * exp(0.02 * k);
        assert_true(pow(weight / (t * t), 3.0) + pow(t, 3.0) >= ZG_KAPPA3 * weight * (1.0 - 1e-15));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(written_by_hand),
        cmocka_unit_test(foreign_neurons_get_unit_length),
        cmocka_unit_test(malformed),
        cmocka_unit_test(unreadable),
        cmocka_unit_test(wrong_shape),
        cmocka_unit_test(cubic_twin),
    };
    return cmocka_run_group_tests_name("model", tests, make_path, remove_path);
}
