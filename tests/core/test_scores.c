/* Scores of predictions against those of another program, and by hand where they are extreme. */
#include "base/linalg.h"
#include "core/scores.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sample {
    zg_encoding encoding;
    size_t n;
    double *f, *y;
} sample;

static zg_encoding encoding_of(const char *task, size_t outputs)
{
    if (strcmp(task, "regression") == 0) return (zg_encoding){.outputs = outputs};
    if (strcmp(task, "binary") == 0)
        return (zg_encoding){.task = ZG_BINARY, .outputs = 1, .label_count = 2};
    return (zg_encoding){.task = ZG_MULTICLASS, .outputs = outputs, .label_count = outputs};
}

/* After the word "set". */
static sample read_sample(FILE *file)
{
    char task[16];
    size_t outputs, n;
    assert_int_equal(fscanf(file, "%15s %zu %zu", task, &outputs, &n), 3);
    sample s = {encoding_of(task, outputs), n, zg_doubles(n * outputs), zg_doubles(n * outputs)};
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < 2 * outputs; c++) {
            double *to = c < outputs ? s.f + c * n + i : s.y + (c - outputs) * n + i;
            assert_int_equal(fscanf(file, "%lf", to), 1);
        }
    return s;
}

static void check_confusion(FILE *file, const zg_scores *scores)
{
    for (size_t k = 0; k < scores->classes * scores->classes; k++) {
        size_t count;
        assert_int_equal(fscanf(file, "%zu", &count), 1);
        assert_int_equal(scores->confusion[k], count);
    }
}

static size_t check_score(const char *name, FILE *file, const zg_scores *scores)
{
    const struct {
        const char *name;
        double value;
    } known[] = {{"rmse", scores->rmse},         {"r2", scores->r2},
                 {"accuracy", scores->accuracy}, {"balanced_accuracy", scores->balanced_accuracy},
                 {"auc", scores->auc},           {"log_loss", scores->log_loss},
                 {"brier", scores->brier}};
    double value;
    assert_int_equal(fscanf(file, "%lf", &value), 1);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) {
            test_assert_close(known[i].value, value, 1e-14, name, __FILE__, __LINE__);
            return 1;
        }
    fail_msg("unknown score %s", name);
    return 0;
}

static void scores_agree_with_those_of_another_program(void **state)
{
    (void)state;
    FILE *file = fopen(FIXTURES "/scores.txt", "r");
    assert_non_null(file);
    sample s = {0};
    zg_scores scores = {0};
    zg_error error = {0};
    char word[32];
    size_t checked = 0;
    while (fscanf(file, "%31s", word) == 1) {
        if (strcmp(word, "set") == 0) {
            zg_scores_clear(&scores);
            free(s.f);
            free(s.y);
            s = read_sample(file);
            assert_ok(zg_scores_compute(&s.encoding, true, s.n, s.f, s.y, &scores, &error), &error);
        } else if (strcmp(word, "confusion") == 0) {
            check_confusion(file, &scores);
        } else {
            checked += check_score(word, file, &scores);
        }
    }
    zg_scores_clear(&scores);
    free(s.f);
    free(s.y);
    fclose(file);
    assert_int_equal(checked, 4 + 10 + 5);
}

static void scores_without_meaning_are_unknown(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_scores s;
    const double f[] = {0.5, 0.25}, constant[] = {1, 1}, first[] = {-1, -1};
    zg_encoding regression = encoding_of("regression", 1), binary = encoding_of("binary", 1);
    assert_ok(zg_scores_compute(&regression, false, 2, f, constant, &s, &error), &error);
    assert_true(isnan(s.r2) && isnan(s.accuracy) && isnan(s.auc) && isnan(s.log_loss));
    assert_close(s.rmse, sqrt((0.25 + 0.5625) / 2), 1e-15);
    zg_scores_clear(&s);
    assert_ok(zg_scores_compute(&binary, false, 2, f, first, &s, &error), &error);
    assert_true(isnan(s.auc) && isnan(s.rmse) && isnan(s.log_loss) && isnan(s.brier));
    assert_true(s.accuracy == 0 && s.balanced_accuracy == 0 && s.confusion[1] == 2);
    zg_scores_clear(&s);
    assert_ok(zg_scores_compute(&binary, false, 0, f, first, &s, &error), &error);
    assert_true(isnan(s.accuracy) && isnan(s.balanced_accuracy));
    zg_scores_clear(&s);
}

static void extreme_outputs_lose_no_digits(void **state)
{
    (void)state;
    zg_error error = {0};
    zg_scores s;
    const double f[] = {800, -800, -50, 50}, y[] = {-1, -1, -1, 1};
    zg_encoding binary = encoding_of("binary", 1);
    assert_ok(zg_scores_compute(&binary, true, 4, f, y, &s, &error), &error);
    assert_close(s.log_loss, (800 + 2 * exp(-50)) / 4, 1e-15);
    assert_close(s.brier, 0.25, 1e-15);
    zg_scores_clear(&s);
    assert_true(zg_probability(-700) > 0 && zg_probability(-700) < 1e-300);
    assert_true(zg_probability(1000) == 1 && zg_probability(-1000) == 0);
    assert_close(zg_probability(-40), exp(-40) / (1 + exp(-40)), 1e-30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_agree_with_those_of_another_program),
        cmocka_unit_test(scores_without_meaning_are_unknown),
        cmocka_unit_test(extreme_outputs_lose_no_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
