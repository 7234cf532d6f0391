/* Certificates of margins: proven for every task and architecture, a thousand of a thousand; and
 * what is false or only changed is not. */
#include "base/linalg.h"
#include "core/margin_proof.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

static int verify(const char *certificate, const char *data, char line[1024])
{
    char command[2048];
    snprintf(command, sizeof command, "%s-verify %s --data %s 2>&1", getenv("ZEROGAP"), certificate,
             data);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    line[0] = '\0';
    size_t length = fread(line, 1, 1023, pipe);
    line[length] = '\0';
    while (fgetc(pipe) != EOF)
        continue;
    return pclose(pipe) / 256;
}

typedef struct setting {
    const char *architecture;
    zg_task task;
    size_t n, d, outputs;
    bool bias, scaled;
    double radius;
} setting;

static void certificate_path(char path[128])
{
    snprintf(path, 128, "%s/margins.json", directory);
}

/* A certificate of a random network on random rows; text becomes the file's. */
static void write_proof(zg_random *random, const setting *s, zg_margin_claim *claim)
{
    char path[128];
    zg_error error = {0};
    zg_dataset *rows;
    zg_problem *problem;
    zg_network *network;
    size_t targets = s->task == ZG_REGRESSION ? s->outputs : 1;
    assert_ok(zg_dataset_alloc(s->n, s->d, targets, &rows, &error), &error);
    test_normals(random, s->n * s->d, rows->x);
    for (size_t i = 0; i < s->n * targets; i++)
        rows->t[i] = s->task == ZG_REGRESSION ? zg_random_normal(random)
                     : s->task == ZG_BINARY   ? (double)(i % 2)
                                              : (double)(i % s->outputs);
    zg_model_options options = {.activation = TEST_RELU2,
                                .loss = {ZG_LOSS_SQUARED, 0},
                                .task = s->task,
                                .beta = 1,
                                .bias = s->bias,
                                .standardize = s->scaled};
    assert_ok(zg_architecture_parse(s->architecture, s->d, &options.architecture, &error), &error);
    assert_ok(zg_problem_create(rows, &options, &problem, &error), &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    double *u = zg_doubles(network->patches.width);
    for (size_t j = 0; j < 3 * s->outputs; j++) {
        size_t width = network->patches.width;
        test_normals(random, width, u);
        double norm = zg_norm(width, u);
        for (size_t k = 0; k < width; k++)
            u[k] /= norm;
        assert_int_equal(zg_network_add(network, j % network->patches.groups, u, j % s->outputs,
                                        zg_random_normal(random)),
                         ZG_OK);
    }
    const zg_proof proof = {.problem = problem, .dataset = rows, .network = network};
    certificate_path(path);
    assert_ok(zg_margin_proof_write(path, &proof, s->radius, claim, &error), &error);
    free(u);
    zg_network_free(network);
    zg_problem_free(problem);
    zg_dataset_free(rows);
}

static void every_task_and_architecture_is_proven(void **state)
{
    (void)state;
    static const setting settings[] = {
        {"dense", ZG_BINARY, 1000, 10, 1, false, true, 0.3},
        {"dense", ZG_BINARY, 30, 3, 1, true, true, 1.0},
        {"dense", ZG_MULTICLASS, 20, 4, 3, false, false, 0.2},
        {"dense", ZG_REGRESSION, 10, 3, 2, true, false, 0.5},
        {"conv1d:filter=3,pool=2", ZG_BINARY, 20, 8, 1, false, true, 0.5},
        {"conv2d:height=3,width=4,filter=2x2,pool=global", ZG_MULTICLASS, 12, 12, 3, false, false,
         0.7},
        {"dense", ZG_BINARY, 10, 4, 1, false, false, 0.0},
        {"dense", ZG_BINARY, 10, 1, 1, false, false, 2.0},
    };
    zg_random random;
    zg_random_seed(&random, 9);
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
        char path[128], line[1024];
        zg_margin_claim claim;
        write_proof(&random, &settings[k], &claim);
        certificate_path(path);
        int status = verify(path, claim.data_file, line);
        if (status != 0) fail_msg("setting %zu: %s", k, line);
        assert_non_null(strstr(line, "proven: all margins within the radius"));
        assert_true(claim.lowered < 1e-8);
        assert_int_equal(claim.margins,
                         settings[k].n *
                             (settings[k].task == ZG_MULTICLASS   ? settings[k].outputs - 1
                              : settings[k].task == ZG_REGRESSION ? 2 * settings[k].outputs
                                                                  : 1));
    }
}

/* The file with the first occurrence of a text after a name replaced. */
static void change(const char *name, const char *from, const char *to)
{
    char path[128];
    certificate_path(path);
    static char text[1 << 20];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    char *at = strstr(text, name);
    assert_non_null(at);
    at = strstr(at, from);
    assert_non_null(at);
    file = fopen(path, "w");
    assert_non_null(file);
    fwrite(text, 1, (size_t)(at - text), file);
    fputs(to, file);
    fputs(at + strlen(from), file);
    assert_int_equal(fclose(file), 0);
}

/* The first real of an array, raised by a factor or a summand. */
static void raise_first(const char *name, double factor, double summand)
{
    char path[128], from[64], to[64];
    static char text[1 << 20];
    certificate_path(path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    char *at = strstr(text, name);
    assert_non_null(at);
    at = strstr(at, "0x");
    if (at[-1] == '-') at--;
    double value = strtod(at, NULL);
    snprintf(from, sizeof from, "%.*s", (int)strcspn(at, "\""), at);
    snprintf(to, sizeof to, "%a", factor * value + summand);
    change(name, from, to);
}

static void what_is_changed_is_not_proven(void **state)
{
    (void)state;
    static const setting s = {"dense", ZG_BINARY, 8, 3, 1, true, true, 0.5};
    static const struct {
        const char *name, *from, *to; /* from NULL: a real, by factor and summand */
        double factor, summand;
        int status;
        const char *says;
    } changes[] = {
        {"\"margins\"", NULL, NULL, 1, 1e-6, 1, "not proven"},
        {"\"margins\"", NULL, NULL, 1, 100, 1, "refuted"},
        {"\"multipliers\"", NULL, NULL, 0.5, 0, 1, "not proven"},
        {"\"multipliers\"", NULL, NULL, 2, 0, 1, "not proven"},
        {"\"multipliers\"", NULL, NULL, -1, 0, 4, "negative multiplier"},
        {"\"radius\"", NULL, NULL, 1.001, 0, 1, "not proven"},
        {"\"radius\"", NULL, NULL, -1, 0, 4, "radius"},
        {"\"alpha\"", NULL, NULL, 1, 0.01, 1, ""},
        {"\"activation\"", NULL, NULL, 2, 0, 1, ""},
        {"\"mean\"", NULL, NULL, 1, 0.1, 1, ""},
        {"\"fixed\"", "[3]", "[]", 0, 0, 1, "not proven"},
        {"\"fixed\"", "[3]", "[4]", 0, 0, 4, "smaller number"},
        {"\"fixed\"", "[3]", "[3, 3]", 0, 0, 4, "twice"},
        {"\"format\"", "margins/1", "margins/2", 0, 0, 4, "known name"},
        {"\"digest\"", "\": \"", "\": \"0", 0, 0, 4, "digest"},
        {"\"margins\"", "[", "[\"0x1p+0\", ", 0, 0, 4, ""},
        {"\"margins\"", "margins", "margin", 0, 0, 4, "margins"},
    };
    zg_random random;
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        char path[128], line[1024];
        zg_margin_claim claim;
        zg_random_seed(&random, 10);
        write_proof(&random, &s, &claim);
        certificate_path(path);
        assert_int_equal(verify(path, claim.data_file, line), 0);
        if (changes[k].from)
            change(changes[k].name, changes[k].from, changes[k].to);
        else
            raise_first(changes[k].name, changes[k].factor, changes[k].summand);
        int status = verify(path, claim.data_file, line);
        if (status != changes[k].status || !strstr(line, changes[k].says))
            fail_msg("change %zu: status %d, %s", k, status, line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_and_architecture_is_proven),
        cmocka_unit_test(what_is_changed_is_not_proven),
    };
    strcpy(directory, "/tmp/zerogap-margins-XXXXXX");
    if (!mkdtemp(directory)) return 1;
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) != 0 ? 1 : failures;
}
