/* How steep a quadratic is. */
#include "core/sensitivity.h"

#include "base/linalg.h"
#include "core/ball.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#define EPS DBL_EPSILON

/* The square of the gradient, with its errors: those of P and q, and of the products. */
static void square(const zg_quadratic_form *f, zg_quadratic_form *out)
{
    size_t d = f->inputs;
    double p = zg_norm(d * d, f->p) * (1 + EPS), q = zg_norm(d, f->q) * (1 + EPS);
    double terms = ((double)d + 8) * EPS, least = ((double)d + 8) * (double)d * DBL_MIN;
    double e = f->p_error, g = f->q_error;
    zg_gemm(true, false, d, d, d, 4.0, f->p, d, f->p, d, 0.0, out->p, d);
    zg_gemv(true, d, d, 4.0, f->p, d, f->q, 0.0, out->q);
    out->r = zg_dot(d, f->q, f->q);
    for (size_t i = 0; i < d; i++) /* bitwise symmetric, whatever order it was summed in */
        for (size_t j = 0; j < i; j++)
            out->p[i * d + j] = out->p[j * d + i] = 0.5 * (out->p[i * d + j] + out->p[j * d + i]);
    out->p_error = 4 * ((2 * p + e) * e + terms * p * p) + least;
    out->q_error = 4 * ((p + e) * g + e * q + terms * p * q) + least;
    out->r_error = (2 * q + g) * g + terms * q * q + least;
}

zg_status zg_lipschitz(const zg_quadratic_form *form, const double *centre, double radius,
                       double *out, zg_error *error)
{
    size_t d = form->inputs;
    zg_quadratic_form squared = {.inputs = d, .p = zg_doubles(d * d), .q = zg_doubles(d)};
    zg_ball_form ball = {0};
    zg_ball_centres one = {0};
    zg_ball_minimum end = {.bound = -INFINITY};
    zg_status status = squared.p && squared.q ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) square(form, &squared);
    if (status == ZG_OK) status = zg_ball_form_create(&squared, &ball, error);
    if (status == ZG_OK) status = zg_ball_centres_create(&ball, 1, centre, NULL, &one, error);
    if (status == ZG_OK) zg_ball_minimise(&one, 0, -1, radius, &end);
    *out = zg_upper(zg_up(sqrt(fmax(0.0, -end.bound))));
    zg_ball_centres_clear(&one);
    zg_ball_form_clear(&ball);
    zg_quadratic_form_clear(&squared);
    return status;
}

void zg_sensitivities(const zg_quadratic_form *form, const double *centre, const double *half,
                      double *out)
{
    size_t d = form->inputs;
    double far = (zg_norm(d, centre) + zg_norm(d, half)) * (1 + 4 * EPS);
    for (size_t k = 0; k < d; k++) {
        long double slope = form->q[k], reach = 0, size = fabs(form->q[k]);
        for (size_t j = 0; j < d; j++) {
            long double entry = 2.0L * form->p[k * d + j];
            slope += entry * centre[j];
            size += fabsl(entry * centre[j]);
            reach += fabsl(entry) * half[j];
        }
        long double rounding = ((long double)d + 8) * LDBL_EPSILON * (size + reach);
        double errors = 2 * form->p_error * far + form->q_error;
        out[k] = zg_upper(zg_up((double)(fabsl(slope) + reach + rounding) + errors));
    }
}
