/* F along a line of factors, against the factor itself at points of the line. */
#include "base/linalg.h"
#include "solvers/low_rank_line.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 1.0},       {ZG_LOSS_ABSOLUTE, 1.0},
                                 {ZG_LOSS_HUBER, 0.7},         {ZG_LOSS_HINGE, 1.0},
                                 {ZG_LOSS_SQUARED_HINGE, 1.0}, {ZG_LOSS_LOGISTIC, 1.0}};
static const zg_activation activations[] = {{0.09, 0.5, 0.47}, {1.0, 0.0, 0.0}, {0.3, 0.0, 0.8}};
static const double lengths[] = {-1.3, -1e-3, 0.0, 1e-6, 0.4, 1.0, 8.0};
enum { LOSSES = 6, ACTIVATIONS = 3, LENGTHS = 7 };

/* A factor in balance, a point and a direction. */
typedef struct setting {
    zg_problem *problem;
    zg_program program;
    zg_factor *factor;
    size_t size;
    double *w, *direction, *f;
} setting;

/* Inputs and targets of the sizes given, predictions of the targets' size. */
static void set_up(setting *s, zg_random *random, zg_activation activation, zg_loss loss,
                   double input, double target)
{
    s->problem = test_random_problem(random, 203, 9, activation, "dense", loss, 0.7);
    zg_problem *p = s->problem;
    for (size_t i = 0; i < p->samples * 9; i++)
        p->x[i] *= input;
    for (size_t i = 0; i < p->samples; i++)
        p->y[i] *= target;
    s->program = zg_problem_program(p, 0);
    const size_t columns[2] = {3, 2};
    assert_int_equal(zg_factor_create(&s->program, columns, &s->factor), ZG_OK);
    s->factor->width = zg_loss_has(loss.kind, ZG_LOSS_SMOOTH) ? 0.0 : 0.5 * target;
    s->factor->balanced = true;
    s->size = zg_factor_size(s->factor);
    s->w = zg_doubles(s->size);
    s->direction = zg_doubles(s->size);
    s->f = zg_doubles(p->samples);
    test_normals(random, s->size, s->w);
    test_normals(random, s->size, s->direction);
    for (size_t i = 0; i < s->size; i++) {
        s->w[i] *= sqrt(target) / input;
        s->direction[i] *= sqrt(target) / input;
    }
}

static void clear(setting *s)
{
    zg_factor_free(s->factor);
    zg_problem_free(s->problem);
    free(s->w);
    free(s->direction);
    free(s->f);
}

/* w + t direction, the caller's. */
static double *point(const setting *s, double t)
{
    double *moved = zg_doubles(s->size);
    memcpy(moved, s->w, s->size * sizeof *moved);
    zg_axpy(s->size, t, s->direction, moved);
    return moved;
}

static double value_at(const setting *s, double t, double *f)
{
    double *moved = point(s, t), value = zg_factor_value(s->factor, moved, NULL, f);
    free(moved);
    return value;
}

/* Value, predictions and multiples at t, and the slope against differences of the factor's values
 * over a step that is small beside what F bends in. */
static void assert_line(const setting *s, zg_line *line, double t)
{
    size_t n = s->problem->samples;
    double *f = zg_doubles(n), slope, value = zg_line_value(line, t, s->f, &slope);
    const double multiple[2] = {s->factor->multiple[0], s->factor->multiple[1]};
    assert_close(value / value_at(s, t, f), 1.0, 1e-10);
    for (int k = 0; k < 2; k++)
        assert_close(multiple[k], s->factor->multiple[k], 1e-5);
    double size = zg_norm(n, f);
    zg_axpy(n, -1.0, s->f, f);
    assert_true(zg_norm(n, f) <= 1e-5 * size);
    double h = 1e-5, above = value_at(s, t + h, f), below = value_at(s, t - h, f);
    assert_close(slope / value, (above - below) / (2.0 * h) / value, 2e-5);
    free(f);
}

static void for_all(void (*check)(setting *s))
{
    zg_random random;
    zg_random_seed(&random, 71);
    for (int a = 0; a < ACTIVATIONS; a++)
        for (int l = 0; l < LOSSES; l++) {
            setting s;
            set_up(&s, &random, activations[a], losses[l], 1.0, 1.0);
            check(&s);
            clear(&s);
        }
}

static void check_values(setting *s)
{
    zg_line *line;
    assert_int_equal(zg_line_create(s->factor, s->w, &line), ZG_OK);
    zg_line_aim(line, s->w, s->direction);
    for (int k = 0; k < LENGTHS; k++)
        assert_line(s, line, lengths[k]);
    zg_line_free(line);
}

static void values_and_slopes_on_a_line_are_those_of_the_factor(void **state)
{
    (void)state;
    for_all(check_values);
}

static void lines_of_any_magnitude_are_as_good(void **state)
{
    (void)state;
    static const double sizes[] = {1e-8, 1e-3, 1e4, 1e8};
    zg_random random;
    zg_random_seed(&random, 72);
    for (int l = 0; l < LOSSES; l++)
        for (int k = 0; k < 4; k++) {
            bool labelled = zg_loss_has(losses[l].kind, ZG_LOSS_LABELLED);
            setting s;
            /* without a border: what goes through t does not depend on the inputs' size */
            set_up(&s, &random, TEST_QUADRATIC, losses[l], sizes[k], labelled ? 1.0 : 1e6);
            s.program.beta *= labelled ? sizes[k] * sizes[k] : 1e6 * sizes[k] * sizes[k];
            check_values(&s);
            clear(&s);
        }
}

/* Before it is aimed a line has one point only. */
static void check_beginning(setting *s)
{
    zg_line *line;
    assert_int_equal(zg_line_create(s->factor, s->w, &line), ZG_OK);
    double slope, value = zg_line_value(line, 0.0, s->f, &slope);
    assert_close(value, value_at(s, 0.0, s->f), 1e-12);
    assert_true(slope == 0.0);
    zg_line_free(line);
}

static void a_line_begins_at_its_point(void **state)
{
    (void)state;
    for_all(check_beginning);
}

/* Where a line has gone, its point has taken the multiples over, its gradient is the factor's own
 * there, and the next line begins there: three steps in a row. */
static void check_steps(setting *s)
{
    zg_line *line;
    zg_random random;
    zg_random_seed(&random, 73);
    size_t size = s->size;
    double *gradient = zg_doubles(size), *own = zg_doubles(size), *other = zg_doubles(size);
    assert_int_equal(zg_line_create(s->factor, s->w, &line), ZG_OK);
    for (int step = 0; step < 3; step++) {
        double slope, t = 0.3;
        zg_line_aim(line, s->w, s->direction);
        assert_line(s, line, 0.9);
        double value = zg_line_value(line, t, s->f, &slope), *moved = point(s, t);
        const double multiple[2] = {s->factor->multiple[0], s->factor->multiple[1]};
        assert_int_equal(zg_line_go(line, s->w, gradient), ZG_OK);
        for (size_t k = 0; k < 2; k++)
            for (size_t i = s->factor->offset[k]; i < s->factor->offset[k + 1]; i++)
                assert_close(s->w[i], sqrt(multiple[k]) * moved[i], 1e-13);
        assert_true(s->factor->multiple[0] == 1.0 && s->factor->multiple[1] == 1.0);
        s->factor->balanced = false;
        assert_close(zg_factor_value(s->factor, s->w, own, s->f), value, 1e-11);
        s->factor->balanced = true;
        memcpy(other, own, size * sizeof *own);
        zg_axpy(size, -1.0, gradient, other);
        assert_true(zg_norm(size, other) <= 1e-8 * zg_norm(size, own));
        test_normals(&random, size, s->direction);
        free(moved);
    }
    zg_line_free(line);
    free(gradient);
    free(own);
    free(other);
}

static void steps_along_lines_end_where_the_factor_says(void **state)
{
    (void)state;
    for_all(check_steps);
}

/* Rows in single precision: off by its rounding, and not by nothing. */
static void a_line_in_single_precision_is_off_by_its_rounding_only(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 74);
    setting s;
    set_up(&s, &random, TEST_RELU2, losses[0], 1.0, 1.0);
    zg_row_store *store;
    assert_int_equal(zg_row_store_create(s.program.lift, &store), ZG_OK);
    assert_int_equal(zg_factor_use(s.factor, store, true), ZG_OK);
    zg_line *line;
    assert_int_equal(zg_line_create(s.factor, s.w, &line), ZG_OK);
    zg_line_aim(line, s.w, s.direction);
    double slope, value = zg_line_value(line, 0.7, s.f, &slope);
    assert_int_equal(zg_factor_use(s.factor, NULL, false), ZG_OK);
    double exact = value_at(&s, 0.7, s.f);
    assert_true(value != exact);
    assert_close(value / exact, 1.0, 1e-5);
    zg_line_free(line);
    zg_row_store_free(store);
    clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes_on_a_line_are_those_of_the_factor),
        cmocka_unit_test(lines_of_any_magnitude_are_as_good),
        cmocka_unit_test(a_line_begins_at_its_point),
        cmocka_unit_test(steps_along_lines_end_where_the_factor_says),
        cmocka_unit_test(a_line_in_single_precision_is_off_by_its_rounding_only),
    };
    return cmocka_run_group_tests_name("low-rank lines", tests, NULL, NULL);
}
