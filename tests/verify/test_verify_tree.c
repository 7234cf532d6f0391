/* The library's branch and bound against the checker: PARTITION instances up to 12 numbers, whose
 * certificates must be proven as they are and refuted with a leaf less or a leaf too good. */
#include "baselines/baseline.h"
#include "baselines/weight_decay/hard_instances.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The exit status of the checker, its line in `line`. */
static int verify(const char *path, char *line, size_t size)
{
    char command[2048];
    snprintf(command, sizeof command, "%s-verify %s --data %s.csv", getenv("ZEROGAP"), path, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    line[0] = '\0';
    (void)!fgets(line, (int)size, pipe);
    return pclose(pipe) / 256;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Removes the last item of the array `name`. */
static void drop_last(char *text, const char *name)
{
    char *at = strstr(text, name);
    assert_non_null(at);
    char *end = strchr(at, ']'), *comma = end;
    while (*comma != ',' && *comma != '[')
        comma--;
    memmove(comma + (*comma == '['), end, strlen(end) + 1);
}

/* Adds 1e-9 to the last of node_values, which is a leaf's bound. */
static char *raise_last(const char *text)
{
    const char *end = strrchr(text, '"'), *start = end;
    while (start[-1] != '"')
        start--;
    size_t size = strlen(text) + 64;
    char *out = malloc(size);
    assert_non_null(out);
    double raised = strtod(start, NULL) + 1e-9 * fmax(1, fabs(strtod(start, NULL)));
    snprintf(out, size, "%.*s%a%s", (int)(start - text), text, raised, end);
    return out;
}

static void judge(const char *path, size_t count, bool answer)
{
    char line[1024];
    int status = verify(path, line, sizeof line);
    if (status != 0) print_error("%zu numbers: %s", count, line);
    assert_int_equal(status, 0);
    double lower = strtod(line + strlen("proven: "), NULL);
    assert_true(answer ? lower <= (double)count && lower >= (double)count - 1e-5
                       : lower > (double)count);
    char *text = read_text(path), *raised = raise_last(text);
    write_text(path, raised);
    assert_int_equal(verify(path, line, sizeof line), 1);
    drop_last(text, "\"nodes\"");
    drop_last(text, "\"node_values\"");
    write_text(path, text);
    assert_int_equal(verify(path, line, sizeof line), 1);
    free(text);
    free(raised);
}

static void solve(size_t count, bool answer, uint32_t seed)
{
    char path[] = "/tmp/zerogap-tree-XXXXXX", data_path[64];
    long numbers[12];
    zg_error error = {0};
    zg_dataset *dataset;
    zg_problem *problem;
    zg_value *values;
    zg_solution solution = {0};
    const zg_method *method = &zg_method_branch_and_bound;
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_ok(zg_partition_draw(count, 100, answer, seed, numbers, &error), &error);
    assert_ok(zg_partition_create(count, numbers, &dataset, &error), &error);
    assert_ok(zg_problem_from_arrays(
                  dataset->rows, dataset->inputs, dataset->x, 1, dataset->t, NULL, TEST_QUADRATIC,
                  &(zg_architecture){.kind = ZG_DENSE}, (zg_loss){ZG_LOSS_INTERPOLATE, 1},
                  (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3.0}, 1.0, &problem, &error),
              &error);
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(zg_values_set(method, values, "certificate", path, &error), &error);
    zg_control control = {.tolerance = 1e-6, .seconds = 60};
    assert_ok(method->solve(problem, values, &control, &solution, &error), &error);
    judge(path, count, answer);
    zg_solution_clear(&solution);
    zg_values_free(method, values);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
    snprintf(data_path, sizeof data_path, "%s.csv", path);
    unlink(path);
    unlink(data_path);
}

static void test_partition(void **state)
{
    (void)state;
    for (int round = 0; round < test_rounds(4); round++) {
        solve(4 + (size_t)round % 9, round % 2 == 0, (uint32_t)round);
        solve(12, round % 2 == 0, 100 + (uint32_t)round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_partition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
