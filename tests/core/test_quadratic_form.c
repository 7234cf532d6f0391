/* The quadratic form of a network equals the network, in preprocessed inputs and in raw ones. */
#include "base/linalg.h"
#include "core/quadratic_form.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS 12
#define SAMPLES 7
#define OUTPUTS 2

static const char *const architectures[] = {"dense",
                                            "conv1d:filter=3,stride=2",
                                            "conv1d:filter=2,pool=global",
                                            "conv1d:filter=3,pool=2",
                                            "conv2d:height=3,width=4,filter=2x2,pool=1x3",
                                            "conv1d:filter=2,channels=3,pool=3"};

static zg_network *random_network(zg_random *random, const char *text)
{
    zg_error error = {0};
    double x[SAMPLES * INPUTS], y[SAMPLES * OUTPUTS], u[INPUTS];
    zg_architecture architecture;
    zg_problem *problem;
    zg_network *network;
    test_normals(random, SAMPLES * INPUTS, x);
    test_normals(random, SAMPLES * OUTPUTS, y);
    assert_ok(zg_architecture_parse(text, INPUTS, &architecture, &error), &error);
    assert_ok(zg_problem_from_arrays(SAMPLES, INPUTS, x, OUTPUTS, y, NULL,
                                     (zg_activation){0.3, -0.7, 0.4}, &architecture,
                                     (zg_loss){ZG_LOSS_SQUARED, 0}, (zg_penalty){0}, 1, &problem,
                                     &error),
              &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    zg_problem_free(problem);
    for (size_t j = 0; j < 5; j++) {
        size_t width = network->patches.width;
        test_normals(random, width, u);
        double norm = zg_norm(width, u);
        for (size_t k = 0; k < width; k++)
            u[k] /= norm;
        assert_int_equal(zg_network_add(network, j % network->patches.groups, u, j % OUTPUTS,
                                        zg_random_normal(random)),
                         ZG_OK);
    }
    return network;
}

static void scale_inputs(zg_random *random, zg_network *network)
{
    network->preprocess.mean = zg_doubles(INPUTS);
    network->preprocess.scale = zg_doubles(INPUTS);
    test_normals(random, INPUTS, network->preprocess.mean);
    test_normals(random, INPUTS, network->preprocess.scale);
    for (size_t i = 0; i < INPUTS; i++)
        network->preprocess.scale[i] = exp(network->preprocess.scale[i]);
}

static void check_form(zg_random *random, const char *architecture)
{
    zg_error error = {0};
    double x[SAMPLES * INPUTS], z[SAMPLES * INPUTS], f[SAMPLES * OUTPUTS];
    zg_network *network = random_network(random, architecture);
    scale_inputs(random, network);
    test_normals(random, SAMPLES * INPUTS, x);
    assert_ok(zg_network_predict(network, SAMPLES, x, f, &error), &error);
    zg_preprocess_apply(&network->preprocess, SAMPLES, x, z);
    for (size_t c = 0; c < OUTPUTS; c++) {
        zg_quadratic_form form, raw;
        assert_ok(zg_quadratic_form_create(network, c, &form, &error), &error);
        assert_ok(zg_quadratic_form_raw(&form, &network->preprocess, &raw, &error), &error);
        for (size_t i = 0; i < SAMPLES; i++) {
            assert_close(zg_quadratic_form_value(&form, z + i * INPUTS), f[c * SAMPLES + i], 1e-13);
            assert_close(zg_quadratic_form_value(&raw, x + i * INPUTS), f[c * SAMPLES + i], 1e-12);
        }
        for (size_t i = 0; i < INPUTS; i++)
            for (size_t j = 0; j < i; j++)
                assert_true(form.p[i * INPUTS + j] == form.p[j * INPUTS + i] &&
                            raw.p[i * INPUTS + j] == raw.p[j * INPUTS + i]);
        zg_quadratic_form_clear(&form);
        zg_quadratic_form_clear(&raw);
    }
    zg_network_free(network);
}

static void forms_are_their_networks(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int round = test_rounds(5); round > 0; round--)
        for (size_t k = 0; k < sizeof architectures / sizeof *architectures; k++)
            check_form(&random, architectures[k]);
}

/* f(x + e) in long double, from the neurons themselves. */
static long double value_at(const zg_network *network, size_t output, const double *x,
                            const double *e)
{
    const zg_preprocess *p = &network->preprocess;
    const zg_activation *s = &network->activation;
    long double sum = 0;
    for (size_t j = 0; j < network->count; j++) {
        long double t = 0;
        for (size_t i = 0; i < INPUTS; i++)
            t += network->u[j * INPUTS + i] *
                 (((long double)x[i] - p->mean[i] + e[i]) / p->scale[i]);
        sum += network->alpha[j * network->outputs + output] * ((s->a * t + s->b) * t + s->c);
    }
    return sum;
}

static void check_round(zg_random *random, double far)
{
    zg_error error = {0};
    double x[INPUTS], e[INPUTS], work[2 * INPUTS], size = 0;
    zg_network *network = random_network(random, "dense");
    scale_inputs(random, network);
    network->preprocess.scale[1] *= 1e7;
    test_normals(random, INPUTS, x);
    for (size_t i = 0; i < INPUTS; i++) {
        network->preprocess.mean[i] += far;
        x[i] = network->preprocess.mean[i] + network->preprocess.scale[i] * x[i];
    }
    for (size_t j = 0; j < network->count * OUTPUTS; j++)
        size += fabs(network->alpha[j]);
    for (size_t c = 0; c < OUTPUTS; c++) {
        zg_quadratic_form form, around;
        assert_ok(zg_quadratic_form_create(network, c, &form, &error), &error);
        const zg_preprocess *p = &network->preprocess;
        assert_ok(zg_quadratic_form_around(&form, p, p->mean, &around, &error), &error);
        zg_quadratic_form_move(&form, p, x, &around, work);
        for (int try = 0; try < 20; try++) {
            test_normals(random, INPUTS, e);
            for (size_t i = 0; i < INPUTS; i++)
                e[i] *= try % 4 ? p->scale[i] : 0;
            double norm = zg_norm(INPUTS, e), value = zg_quadratic_form_value(&around, e);
            double off = (around.p_error * norm + around.q_error) * norm + around.r_error;
            double exact = (double)value_at(network, c, x, e);
            assert_true(fabs(value - exact) <= off + 4e-16 * fabs(exact));
            if (norm == 0) assert_true(off < 1e-11 * size);
        }
        zg_quadratic_form_clear(&form);
        zg_quadratic_form_clear(&around);
    }
    zg_network_free(network);
}

static void forms_of_moves_are_within_their_errors_wherever_rows_are(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 9);
    for (int round = test_rounds(20); round > 0; round--)
        for (size_t k = 0; k < 4; k++)
            check_round(&random, (const double[]){0, 3, 1.7e9, -1.7e12}[k]);
}

/* (x1 + 2 x2)^2 + ... by hand. */
static void terms_are_sorted_by_size(void **state)
{
    (void)state;
    double p[] = {1, -3, 0, -3, 0.5, 2, 0, 2, 0}, q[] = {0, 5, -0.25};
    const zg_quadratic_form form = {.inputs = 3, .p = p, .q = q, .r = 7};
    const zg_term wanted[] = {{0, 1, -6},  {1, ZG_LINEAR_TERM, 5},    {1, 2, 4}, {0, 0, 1},
                              {1, 1, 0.5}, {2, ZG_LINEAR_TERM, -0.25}};
    const double x[] = {2, -1, 3};
    assert_close(zg_quadratic_form_value(&form, x), 4 + 12 + 0.5 - 12 - 5 - 0.75 + 7, 1e-15);
    for (size_t room = 0; room < 9; room++) {
        zg_term terms[9];
        size_t count = room;
        zg_quadratic_form_terms(&form, terms, &count);
        assert_int_equal(count, room < 6 ? room : 6);
        for (size_t k = 0; k < count; k++)
            assert_true(terms[k].i == wanted[k].i && terms[k].j == wanted[k].j &&
                        terms[k].coefficient == wanted[k].coefficient);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_their_networks),
        cmocka_unit_test(forms_of_moves_are_within_their_errors_wherever_rows_are),
        cmocka_unit_test(terms_are_sorted_by_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
