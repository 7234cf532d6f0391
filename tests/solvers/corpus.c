/* The failure corpus (see corpus.h). */
#include "tests/solvers/corpus.h"

#include "base/linalg.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum spoil {
    PLAIN,
    FOURTH_POWERS,
    LARGE,
    TINY,
    DUPLICATES,
    CONSTANT_COLUMN,
    RANK_ONE,
    ZEROS,
    MIXED_SCALES,
    OFFICIAL_LARGE,
    SPOILS
} spoil;

static const char *const spoils[] = {"plain",    "x^4",   "1e4",   "1e-5",         "duplicates",
                                     "constant", "rank1", "zeros", "mixed scales", "1e4 x^4"};

static size_t pick(zg_random *random, size_t count)
{
    return zg_random_below_or_equal(random, count - 1);
}

static double power_of_ten(zg_random *random, const int *exponents, size_t count)
{
    return pow(10.0, exponents[pick(random, count)]);
}

static void spoil_rows(zg_random *random, spoil how, size_t n, size_t d, double *x)
{
    double *column_scale = zg_doubles(d);
    for (size_t k = 0; k < d; k++)
        column_scale[k] = pow(10.0, 7.0 * zg_random_uniform(random) - 3.0);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++) {
            double *e = &x[i * d + k];
            if (how == FOURTH_POWERS) *e = pow(*e, 4);
            if (how == OFFICIAL_LARGE) *e = 1e4 * pow(*e, 4);
            if (how == LARGE) *e *= 1e4;
            if (how == TINY) *e *= 1e-5;
            if (how == DUPLICATES && i >= (n + 1) / 2) *e = x[(i - (n + 1) / 2) * d + k];
            if (how == CONSTANT_COLUMN && k == 0) *e = 3.0;
            if (how == RANK_ONE) *e = x[i * d] * column_scale[k];
            if (how == ZEROS && (k == 0 || i == 0)) *e = 0.0;
            if (how == MIXED_SCALES) *e *= column_scale[k];
        }
    free(column_scale);
}

/* Two planted neurons and noise. */
static void make_targets(zg_random *random, zg_activation s, size_t n, size_t d, const double *x,
                         double *y)
{
    double *u = zg_doubles(2 * d), weights[2], sum = 0.0;
    test_normals(random, 2 * d, u);
    test_normals(random, 2, weights);
    for (size_t i = 0; i < n; i++) {
        y[i] = 0.0;
        for (int j = 0; j < 2; j++) {
            double t = zg_dot(d, x + i * d, u + (size_t)j * d);
            y[i] += weights[j] * (s.a * t * t + s.b * t + s.c);
        }
        sum += y[i] * y[i];
    }
    double spread = sqrt(sum / (double)n);
    for (size_t i = 0; i < n; i++)
        y[i] += (0.1 * spread + 1e-3) * zg_random_normal(random);
    free(u);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void to_labels(size_t n, double *y)
{
    double *sorted = zg_doubles(n);
    memcpy(sorted, y, n * sizeof *y);
    qsort(sorted, n, sizeof *sorted, compare);
    double median = sorted[n / 2];
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] >= median ? 1.0 : -1.0;
    free(sorted);
}

static const char *const architectures[] = {"dense",
                                            "dense",
                                            "dense",
                                            "conv1d:filter=3,stride=1",
                                            "conv1d:filter=2,stride=1,pool=global",
                                            "conv1d:filter=3,stride=1,pool=2"};
static const zg_activation activations[] = {{0.09, 0.5, 0.47}, {0.09, 0.5, 0.47}, {1.0, 0.0, 0.0},
                                            {0.0, 1.0, 0.0},   {1e-3, 1.0, 1.0},  {-0.5, 0.3, 0.1}};

/* Interpolation is asked for only where nearly all data allow it. */
static zg_loss pick_loss(zg_random *random, spoil how, size_t n, size_t d, bool dense)
{
    /* Without its rows fisher is the squared loss. */
    zg_loss loss = {(zg_loss_kind)pick(random, ZG_LOSS_FISHER), 0.5};
    bool possible = dense && n <= d && (how == PLAIN || how == FOURTH_POWERS);
    if (loss.kind == ZG_LOSS_INTERPOLATE && !possible) loss.kind = ZG_LOSS_SQUARED;
    return loss;
}

/* What beta compares with: the size of sum_i y_i M_i. */
static double natural_beta(zg_activation s, size_t n, size_t d, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double length = zg_norm(d, x + i * d);
        sum += fabs(y[i]) * (fabs(s.a) * length * length + fabs(s.b) * length + fabs(s.c));
    }
    return sum > 0.0 ? sum : 1.0;
}

corpus_case corpus_make(int k)
{
    static const size_t rows[] = {1, 2, 3, 5, 10, 30, 60, 120, 200};
    static const size_t inputs[] = {1, 2, 3, 5, 8, 12, 20};
    static const int target_scales[] = {-6, 0, 0, 0, 6, 12};
    static const int betas[] = {-10, -6, -3, -1, 0, 1, 3, 8},
                     shares[] = {-10, -8, -6, -4, -2, -1, 0, 2};
    zg_random random;
    zg_random_seed(&random, (uint32_t)(7000 + k));
    size_t n = rows[pick(&random, 9)], d = inputs[pick(&random, 7)];
    spoil how = (spoil)(k % SPOILS);
    const char *text = architectures[d >= 5 ? pick(&random, 6) : 0];
    zg_activation activation = activations[pick(&random, 6)];
    zg_loss loss = pick_loss(&random, how, n, d, strcmp(text, "dense") == 0);
    double *x = zg_doubles(n * d), *y = zg_doubles(n), *weights = zg_doubles(n), scale = 1.0;
    test_normals(&random, n * d, x);
    spoil_rows(&random, how, n, d, x);
    make_targets(&random, activation, n, d, x, y);
    /* A tiny beta beside huge data is lost in the rounding of the data: half of the instances have
     * targets of any scale and beta in proportion, the others plain numbers for both. */
    bool relative = zg_random_uniform(&random) < 0.5 || how == LARGE || how == OFFICIAL_LARGE ||
                    how == MIXED_SCALES || how == RANK_ONE;
    if (zg_loss_has(loss.kind, ZG_LOSS_LABELLED))
        to_labels(n, y);
    else if (relative)
        scale = power_of_ten(&random, target_scales, 6);
    double size = 0.0;
    for (size_t i = 0; i < n; i++) {
        y[i] *= scale;
        size = fmax(size, fabs(y[i]));
        weights[i] = pow(10.0, 4.0 * zg_random_uniform(&random) - 2.0);
    }
    bool weighted = zg_random_uniform(&random) < 0.2;
    double beta = relative ? power_of_ten(&random, shares, 8) * natural_beta(activation, n, d, x, y)
                           : power_of_ten(&random, betas, 8);
    corpus_case out = {.n = n, .d = d};
    char loss_text[32];
    zg_loss_format(loss, loss_text, sizeof loss_text);
    snprintf(out.text, sizeof out.text,
             "%d: n %zu d %zu %s, %s, (%g,%g,%g), %s%s, |y| %.1e, beta %.1e", k, n, d, spoils[how],
             text, activation.a, activation.b, activation.c, loss_text, weighted ? " weighted" : "",
             size, beta);
    zg_architecture architecture;
    zg_error error = {0};
    assert_ok(zg_architecture_parse(text, d, &architecture, &error), &error);
    assert_ok(zg_problem_from_arrays(n, d, x, 1, y, weighted ? weights : NULL, activation,
                                     &architecture, loss, (zg_penalty){0}, beta, &out.problem,
                                     &error),
              &error);
    free(x);
    free(y);
    free(weights);
    return out;
}
