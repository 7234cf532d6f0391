/* Finite sets of neurons: names, membership, and extremes against a plain walk through all. */
#include "base/linalg.h"
#include "core/cube.h"
#include "core/network_levels.h"
#include "core/set_enumeration.h"
#include "core/support.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static zg_neuron_set parsed(const char *text)
{
    zg_neuron_set set;
    zg_error error;
    assert_ok(zg_neuron_set_parse(text, &set, &error), &error);
    return set;
}

static void names_are_read_back_and_others_refused(void **state)
{
    static const char *const good[] = {"sphere", "binary", "ternary",
                                       "bits:2", "bits:8", "bilinear"};
    static const char *const bad[] = {"",        "bits",     "bits:0",   "bits:9", "bits:-1",
                                      "bits:2x", "binary:2", "trinary!", "bits:",  "sphere:"};
    (void)state;
    for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
        char text[ZG_NEURON_SET_SIZE];
        zg_neuron_set_format(parsed(good[k]), text);
        assert_string_equal(text, good[k]);
    }
    assert_int_equal(parsed("bits:1").kind, ZG_SET_BINARY);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        zg_neuron_set set;
        assert_int_equal(zg_neuron_set_parse(bad[k], &set, NULL), ZG_BAD_INPUT);
    }
}

/* ---- a plain walk ---------------------------------------------------------------------------- */

/* The response of whole numbers l in long double, from the definition. */
static long double response(const zg_set_form *form, bool pair, const int *l)
{
    size_t m = form->order, w = m - (form->bordered ? 1 : 0);
    long double sum = 0, norm = 0, line = 0;
    for (size_t i = 0; i < w; i++) {
        norm += (long double)l[i] * l[i];
        line += form->bordered ? 2.0L * form->t[w * m + i] * l[i] : 0.0L;
        for (size_t j = 0; j < w; j++)
            sum += (long double)form->t[j * m + i] * l[i] * l[pair ? w + j : j];
    }
    return sum / norm + line / sqrtl(norm) + (form->bordered ? form->t[m * m - 1] : 0.0L);
}

static bool next_levels(zg_levels levels, size_t width, int *l)
{
    int last = levels.first + levels.step * (levels.count - 1);
    for (size_t k = 0; k < width; k++) {
        if (l[k] < last) {
            l[k] += levels.step;
            return true;
        }
        l[k] = levels.first;
    }
    return false;
}

typedef struct extremes {
    long double top, bottom;
} extremes;

static extremes walk(zg_neuron_set set, const zg_set_form *form)
{
    size_t w = zg_neuron_set_width(set, form->order - (form->bordered ? 1 : 0));
    zg_levels levels = zg_neuron_set_levels(set);
    extremes out = {-INFINITY, INFINITY};
    int *l = calloc(w, sizeof *l);
    for (size_t k = 0; k < w; k++)
        l[k] = levels.first;
    do {
        bool any = false;
        for (size_t k = 0; k < w; k++)
            any = any || l[k] != 0;
        if (!any) continue;
        long double value = response(form, set.kind == ZG_SET_BILINEAR, l);
        if (value > out.top) out.top = value;
        if (value < out.bottom) out.bottom = value;
    } while (next_levels(levels, w, l));
    free(l);
    return out;
}

static void random_form(zg_random *random, size_t order, double *t)
{
    double scale = pow(10.0, 550.0 * (zg_random_uniform(random) - 0.5));
    bool sparse = zg_random_uniform(random) < 0.2;
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++) {
            bool zero = sparse && zg_random_uniform(random) < 0.5;
            t[j * order + i] = t[i * order + j] = zero ? 0.0 : scale * zg_random_normal(random);
        }
}

static void check_extremes(zg_neuron_set set, const zg_set_form *form)
{
    double value[2];
    size_t m = form->order, width = zg_neuron_set_width(set, m - (form->bordered ? 1 : 0));
    zg_candidates best;
    assert_int_equal(zg_candidates_create(3, width, &best), ZG_OK);
    assert_int_equal(zg_set_enumerate(set, form, value, &best), ZG_OK);
    extremes true_ones = walk(set, form);
    long double most = fmaxl(fabsl(true_ones.top), fabsl(true_ones.bottom));
    /* Coefficients are rounded so coarsely that their products with two levels fit 51 bits. */
    double level = zg_neuron_set_levels(set).first;
    double size = (1.0 + 0.05 * level * level) * zg_norm(m * m, form->t);
    assert_true(value[0] >= true_ones.top && value[1] >= -true_ones.bottom);
    assert_true(value[0] - true_ones.top <= 1e-12L * size);
    assert_true(value[1] + true_ones.bottom <= 1e-12L * size);
    assert_true(best.count >= 1);
    for (size_t c = 0; c < best.count; c++) {
        long double own = response(form, set.kind == ZG_SET_BILINEAR, best.levels + c * best.width);
        assert_true(fabsl(own - best.value[c]) <= 1e-12L * size);
        if (c == 0) assert_true(fabsl(fabsl(own) - most) <= 1e-12L * size);
    }
    zg_candidates_clear(&best);
}

static void extremes_are_those_of_a_walk_through_all(void **state)
{
    static const struct {
        const char *name;
        size_t widest;
    } sets[] = {{"binary", 11}, {"ternary", 7}, {"bits:2", 5}, {"bits:4", 2}, {"bilinear", 5}};
    zg_random random;
    (void)state;
    zg_random_seed(&random, 7);
    for (int round = 0; round < test_rounds(60); round++)
        for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
            zg_neuron_set set = parsed(sets[k].name);
            size_t width = 1 + (size_t)(zg_random_uniform(&random) * (double)sets[k].widest);
            bool bordered = set.kind != ZG_SET_BILINEAR && zg_random_uniform(&random) < 0.7;
            size_t order = width + (bordered ? 1 : 0);
            double *t = zg_doubles(order * order);
            random_form(&random, order, t);
            check_extremes(set, &(zg_set_form){order, bordered, t, 0.0});
            free(t);
        }
}

static void what_is_not_a_number_bounds_nothing(void **state)
{
    static const double worst[] = {NAN, INFINITY, -INFINITY};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        double t[9] = {1, 0, 0, 0, worst[k], 0, 0, 0, 1}, value[2];
        zg_set_form form = {3, true, t, 0.0};
        assert_int_equal(zg_support(parsed("binary"), &form, value, NULL), ZG_FAILED);
    }
    double large[9] = {1e308, 1e308, 1e308, 1e308, 1e308, 1e308, 1e308, 1e308, 1e308}, value[2];
    assert_int_equal(
        zg_support(parsed("ternary"), &(zg_set_form){3, true, large, 0.0}, value, NULL), ZG_OK);
    assert_true(value[0] == INFINITY);
    double one[4] = {1, 0, 0, 1};
    zg_set_form unsure = {2, true, one, NAN};
    (void)zg_support(parsed("binary"), &unsure, value, NULL);
    assert_true(value[0] == INFINITY);
}

static void threads_change_nothing(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 3);
    size_t order = 22;
    double *t = zg_doubles(order * order), one[2], three[2];
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++)
            t[j * order + i] = t[i * order + j] = zg_random_normal(&random);
    zg_set_form form = {order, true, t, 0.0};
    int before = zg_blas_threads();
    zg_blas_set_threads(1);
    assert_int_equal(zg_set_enumerate(parsed("binary"), &form, one, NULL), ZG_OK);
    zg_blas_set_threads(3);
    assert_int_equal(zg_set_enumerate(parsed("binary"), &form, three, NULL), ZG_OK);
    zg_blas_set_threads(before);
    assert_true(one[0] == three[0] && one[1] == three[1]);
    free(t);
}

/* The largest x'Cx over x in {-1, 1}^n. */
static double largest_on_cube(size_t n, const double *c)
{
    double most = -INFINITY;
    for (size_t bits = 0; bits < (size_t)1 << n; bits++) {
        long double sum = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                sum += (bits >> i & 1) == (bits >> j & 1) ? c[j * n + i] : -c[j * n + i];
        if ((double)sum > most) most = (double)sum;
    }
    return most;
}

/* Of positive semidefinite matrices the relaxation is at most pi / 2 times the maximum (Nesterov
 * 1998); of others it is never below. */
static void the_relaxation_is_never_below_and_within_its_ratio(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 9);
    for (int round = 0; round < test_rounds(60); round++) {
        size_t n = 1 + (size_t)(9.0 * zg_random_uniform(&random));
        double a[100], c[100], value, scale = pow(10.0, 400.0 * (zg_random_uniform(&random) - 0.5));
        bool definite = round % 2 == 0;
        test_normals(&random, n * n, a);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++) {
                c[j * n + i] = scale * (a[j * n + i] + a[i * n + j]);
                if (definite) c[j * n + i] = scale * zg_dot(n, a + j * n, a + i * n);
            }
        assert_int_equal(zg_cube_bound(n, c, NULL, &value), ZG_OK);
        double most = largest_on_cube(n, c);
        assert_true(value >= most);
        if (definite) assert_true(value <= 0.5 * 3.14159266 * most * (1.0 + 1e-6));
        if (n <= 2) assert_true(value - most <= 1e-7 * zg_norm(n * n, c)); /* exact there */
    }
    double bad[4] = {1, NAN, NAN, 1}, huge[4] = {1e308, 1e308, 1e308, 1e308}, value;
    assert_int_equal(zg_cube_bound(2, bad, NULL, &value), ZG_FAILED);
    assert_int_equal(zg_cube_bound(2, huge, NULL, &value), ZG_OK);
    assert_true(value == INFINITY);
}

static void sets_that_are_too_large_are_bounded_all_the_same(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 5);
    size_t order = 51; /* wider than branch and bound goes */
    double *t = zg_doubles(order * order), value[2], rho[2];
    for (size_t j = 0; j < order; j++)
        for (size_t i = 0; i <= j; i++)
            t[j * order + i] = t[i * order + j] = zg_random_normal(&random);
    zg_set_form form = {order, true, t, 0.0};
    assert_int_equal(zg_set_enumerate(parsed("binary"), &form, value, NULL), ZG_UNSUPPORTED);
    assert_int_equal(zg_support(parsed("ternary"), &form, value, rho), ZG_OK);
    int l[50];
    for (int draw = 0; draw < 200; draw++) {
        for (size_t k = 0; k < 50; k++)
            l[k] = (int)(3.0 * zg_random_uniform(&random)) - 1;
        l[draw % 50] = 1;
        long double own = response(&form, false, l);
        assert_true(own <= value[0] && -own <= value[1]);
    }
    double cube[2];
    assert_int_equal(zg_support(parsed("binary"), &form, cube, rho), ZG_OK);
    assert_true(cube[0] < value[0] && cube[1] < value[1]); /* of the sphere */
    for (int draw = 0; draw < 200; draw++) {
        for (size_t k = 0; k < 50; k++)
            l[k] = zg_random_uniform(&random) < 0.5 ? -1 : 1;
        long double own = response(&form, false, l);
        assert_true(own <= cube[0] && -own <= cube[1]);
    }
    free(t);
}

/* ---- too many to count ----------------------------------------------------------------------- */

/* Where both are possible the search says what counting does, and never less. */
static void a_search_finds_what_counting_finds(void **state)
{
    zg_random random;
    (void)state;
    zg_random_seed(&random, 77);
    for (int round = 0; round < test_rounds(12); round++) {
        size_t width = 20 + (size_t)round % 3, order = width + (size_t)round % 2;
        double *t = zg_doubles(order * order), counted[2], searched[2];
        double size = pow(10.0, 20.0 * zg_random_uniform(&random) - 10.0);
        for (size_t j = 0; j < order; j++)
            for (size_t i = 0; i <= j; i++)
                t[j * order + i] = t[i * order + j] = size * zg_random_normal(&random);
        const zg_set_form form = {order, order > width, t, 0.0};
        zg_candidates best;
        zg_search whole = {.most_nodes = 100000}, stopped = {.most_nodes = 2};
        assert_int_equal(zg_candidates_create(5, width, &best), ZG_OK);
        assert_int_equal(zg_set_enumerate(parsed("binary"), &form, counted, NULL), ZG_OK);
        assert_int_equal(zg_set_search(parsed("binary"), &form, &whole, searched, &best), ZG_OK);
        double most = fmax(counted[0], counted[1]), found = fmax(searched[0], searched[1]);
        assert_true(whole.complete);
        assert_close(found, most, 1e-9);
        assert_close(fabs(best.value[0]), most, 1e-9);
        for (size_t k = 0; k < best.count; k++) {
            long double own = response(&form, false, best.levels + k * width);
            assert_close((double)own, best.value[k], 1e-9);
            assert_true(fabsl(own) <= (long double)found);
        }
        /* What was left is in the bound. */
        assert_int_equal(zg_set_search(parsed("binary"), &form, &stopped, searched, NULL), ZG_OK);
        for (int sign = 0; sign < 2; sign++)
            assert_true(searched[sign] >= counted[sign] - 1e-11 * most);
        assert_true(stopped.nodes <= 4);
        /* Responses up to `enough` are not told apart. */
        zg_search rough = {.most_nodes = 100000, .enough = 1.5 * most};
        assert_int_equal(zg_set_search(parsed("binary"), &form, &rough, searched, NULL), ZG_OK);
        for (int sign = 0; sign < 2; sign++)
            assert_true(searched[sign] >= counted[sign] - 1e-11 * most);
        assert_true(rough.nodes <= whole.nodes);
        zg_candidates_clear(&best);
        free(t);
    }
}

/* Equal columns: one sign's largest response is the square of an odd sum, which no relaxation tells
 * from 0; what the other sign has is known before. */
static void a_search_of_equal_weights_ends(void **state)
{
    enum { WIDTH = 39 };
    double *t = zg_doubles(WIDTH * WIDTH), value[2];
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int power = -300; power <= 300; power += 150) {
            double entry = sign * pow(10.0, power);
            for (size_t e = 0; e < WIDTH * WIDTH; e++)
                t[e] = entry;
            const zg_set_form form = {WIDTH, false, t, 0.0};
            zg_search search = {.most_nodes = 1000};
            assert_int_equal(zg_set_search(parsed("binary"), &form, &search, value, NULL), ZG_OK);
            double most = fmax(value[0], value[1]) / fabs(entry);
            assert_true(search.complete && most >= WIDTH && most <= WIDTH * (1.0 + 1e-7));
        }
    free(t);
}

static void a_search_of_hostile_numbers_is_no_bound(void **state)
{
    enum { WIDTH = 33 };
    static const double bad[] = {NAN, INFINITY, 1e308, 1e-320};
    double *t = zg_doubles(WIDTH * WIDTH), value[2];
    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        for (size_t e = 0; e < WIDTH * WIDTH; e++)
            t[e] = bad[k];
        const zg_set_form form = {WIDTH, false, t, 0.0};
        zg_search search = {.most_nodes = 10};
        zg_status status = zg_set_search(parsed("binary"), &form, &search, value, NULL);
        assert_int_equal(status, isfinite(bad[k]) ? ZG_OK : ZG_FAILED);
        /* The largest response is width times an entry. */
        for (int sign = 0; sign < 2; sign++)
            assert_true(value[sign] >= (!isfinite(bad[k]) ? INFINITY
                                        : sign            ? -bad[k] / WIDTH
                                                          : WIDTH * bad[k]));
        assert_true(search.complete || !isfinite(value[0]) || search.nodes > 0);
    }
    const zg_set_form form = {WIDTH, false, t, 0.0};
    zg_search search = {.most_nodes = 10};
    assert_int_equal(zg_set_search(parsed("ternary"), &form, &search, value, NULL), ZG_UNSUPPORTED);
    assert_false(value[0] < INFINITY);
    free(t);
}

/* ---- membership ------------------------------------------------------------------------------ */

static void neurons_are_found_by_their_smallest_levels(void **state)
{
    int levels[3];
    double u[3];
    (void)state;
    zg_neuron_set_place(3, (const int[]){3, -3, 9}, u); /* 1, -1, 3 three times */
    assert_true(zg_neuron_set_find(parsed("bits:4"), 3, u, levels));
    assert_int_equal(levels[0], 1);
    assert_int_equal(levels[2], 3);
    assert_false(zg_neuron_set_find(parsed("binary"), 3, u, levels));
    zg_neuron_set_place(3, (const int[]){0, -1, 1}, u);
    assert_true(zg_neuron_set_find(parsed("ternary"), 3, u, levels));
    assert_false(zg_neuron_set_find(parsed("bits:2"), 3, u, levels));
    const double none[][3] = {{0, 0, 0}, {NAN, 0, 1}, {0.6, 0.8, 0}, {INFINITY, 1, 1}};
    for (size_t k = 0; k < 4; k++)
        assert_false(zg_neuron_set_find(parsed("ternary"), 3, none[k], levels));
}

static void a_network_of_other_neurons_is_refused(void **state)
{
    zg_random random;
    zg_network *network;
    zg_network_levels found;
    (void)state;
    zg_random_seed(&random, 1);
    zg_problem *problem = test_random_problem(&random, 8, 4, TEST_QUADRATIC, "dense",
                                              (zg_loss){ZG_LOSS_SQUARED, 1.0}, 0.1);
    problem->neuron_set = parsed("bilinear");
    assert_ok(zg_network_create(problem, &network, NULL), NULL);
    const int pair[] = {1, -1, 1, 1, 1, 1, -1, 1}, same[] = {1, -1, 1, 1, 1, -1, 1, 1};
    zg_network_add_levels(network, problem->neuron_set, 0, pair, 0, 0.7);
    zg_network_add_levels(network, problem->neuron_set, 0, same, 0, -0.3);
    assert_int_equal(network->count, 3);
    assert_int_equal(zg_network_check(network, problem, NULL), ZG_OK);
    assert_int_equal(zg_network_levels_find(network, problem->neuron_set, &found, NULL), ZG_OK);
    assert_int_equal(found.count, 2);
    assert_memory_equal(found.levels, pair, sizeof pair);
    assert_close(found.alpha[0], 0.7, 1e-15);
    double sum = 0.0;
    for (size_t j = 0; j < network->count; j++)
        sum += fabs(network->alpha[j]);
    assert_close(sum, 1.0, 1e-15); /* the pairs' own penalty */
    zg_network_levels_clear(&found);
    network->alpha[1] *= 1.01; /* halves out of proportion */
    assert_int_equal(zg_network_check(network, problem, NULL), ZG_BAD_INPUT);
    problem->neuron_set = parsed("binary");
    assert_int_equal(zg_network_check(network, problem, NULL), ZG_BAD_INPUT);
    problem->neuron_set = parsed("ternary");
    assert_int_equal(zg_network_check(network, problem, NULL), ZG_OK);
    zg_network_free(network);
    zg_problem_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_back_and_others_refused),
        cmocka_unit_test(extremes_are_those_of_a_walk_through_all),
        cmocka_unit_test(what_is_not_a_number_bounds_nothing),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(the_relaxation_is_never_below_and_within_its_ratio),
        cmocka_unit_test(sets_that_are_too_large_are_bounded_all_the_same),
        cmocka_unit_test(a_search_finds_what_counting_finds),
        cmocka_unit_test(a_search_of_equal_weights_ends),
        cmocka_unit_test(a_search_of_hostile_numbers_is_no_bound),
        cmocka_unit_test(neurons_are_found_by_their_smallest_levels),
        cmocka_unit_test(a_network_of_other_neurons_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
