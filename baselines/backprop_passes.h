/*
 * The elementwise passes of backpropagation in one precision: included by backprop_kernel.h, which
 * says what REAL is.  Everything is written so that compilers make vector instructions of it.
 */
#include "base/vectorised.h"
#include "core/loss.h"

#include <math.h>
#include <stddef.h>

/* ---- activations, losses -------------------------------------------------------------------- */

/* f_i += sum_j alpha_j sigma(t_ji) */
VECTORISED
static void add_responses(size_t count, size_t neurons, const REAL *restrict t,
                          const REAL *restrict alpha, REAL a, REAL b, REAL c, REAL *restrict f)
{
    REAL constant = 0;
    for (size_t j = 0; j < neurons; j++) {
        const REAL *restrict row = t + j * count;
        REAL quadratic = a * alpha[j], linear = b * alpha[j];
        constant += c * alpha[j];
        for (size_t i = 0; i < count; i++)
            f[i] += (quadratic * row[i] + linear) * row[i];
    }
    for (size_t i = 0; i < count; i++)
        f[i] += constant;
}

/* g_j += sum_i r_i sigma(t_ji); then t_ji <- r_i sigma'(t_ji) */
VECTORISED
static void backward_responses(size_t count, size_t neurons, const REAL *restrict r, REAL a, REAL b,
                               REAL c, REAL *restrict t, REAL *restrict g)
{
    REAL constant = 0;
    for (size_t i = 0; i < count; i++)
        constant += r[i];
    constant *= c;
    for (size_t j = 0; j < neurons; j++) {
        REAL *restrict row = t + j * count;
        REAL sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < count; i++) {
            REAL linear = a * row[i] + b;
            REAL share = r[i] * linear;
            sum += share * row[i];
            row[i] = share + r[i] * (a * row[i]);
        }
        g[j] += sum + constant;
    }
}

/* h = sigma(t) */
VECTORISED
static void activate(size_t count, const REAL *restrict t, REAL a, REAL b, REAL c, REAL *restrict h)
{
    for (size_t i = 0; i < count; i++)
        h[i] = (a * t[i] + b) * t[i] + c;
}

/* t <- h sigma'(t) */
VECTORISED
static void multiply_derivative(size_t count, const REAL *restrict h, REAL a, REAL b,
                                REAL *restrict t)
{
    for (size_t i = 0; i < count; i++)
        t[i] = h[i] * (2 * a * t[i] + b);
}

/* f <- importance * d loss / d f; importance holds weight / batch.  The loops are for speed only:
 * what has none is asked of its row, value by value. */
VECTORISED
static void residuals(zg_loss loss, size_t n, const REAL *restrict y,
                      const REAL *restrict importance, REAL *restrict f)
{
    REAL delta = (REAL)loss.delta;
    switch (loss.kind) {
    case ZG_LOSS_SQUARED:
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (f[i] - y[i]);
        break;
    case ZG_LOSS_ABSOLUTE:
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (REAL)((f[i] > y[i]) - (f[i] < y[i]));
        break;
    case ZG_LOSS_HUBER:
        for (size_t i = 0; i < n; i++) {
            REAL r = f[i] - y[i];
            r = r > delta ? delta : r;
            f[i] = importance[i] * (r < -delta ? -delta : r);
        }
        break;
    case ZG_LOSS_HINGE:
        for (size_t i = 0; i < n; i++)
            f[i] = importance[i] * (y[i] * f[i] < 1 ? -y[i] : 0);
        break;
    case ZG_LOSS_SQUARED_HINGE:
        for (size_t i = 0; i < n; i++) {
            REAL slack = 1 - y[i] * f[i];
            f[i] = importance[i] * (slack > 0 ? -y[i] * slack : 0);
        }
        break;
    case ZG_LOSS_LOGISTIC:
        for (size_t i = 0; i < n; i++) {
            REAL margin = y[i] * f[i];
            REAL e = REAL_EXP(margin > 0 ? -margin : margin);
            f[i] = -importance[i] * y[i] * (margin > 0 ? e / (1 + e) : 1 / (1 + e));
        }
        break;
    default:
        for (size_t i = 0; i < n; i++) {
            double slope;
            zg_loss_gradient(loss, 1, &(double){f[i]}, &(double){y[i]}, NULL, &slope);
            f[i] = importance[i] * (REAL)slope;
        }
    }
}

/* f_i += sum_k x_ki (t_ki + linear_k) + constant, where row k of x begins at x + k stride. */
VECTORISED
static void add_quadratic(size_t count, size_t width, const REAL *restrict x, size_t stride,
                          const REAL *restrict t, const REAL *restrict linear, REAL constant,
                          REAL *restrict f)
{
    for (size_t k = 0; k < width; k++) {
        const REAL *restrict xk = x + k * stride;
        const REAL *restrict tk = t + k * count;
        REAL shift = linear[k];
        for (size_t i = 0; i < count; i++)
            f[i] += xk[i] * (tk[i] + shift);
    }
    for (size_t i = 0; i < count; i++)
        f[i] += constant;
}

/* t_ki <- r_i x_ki; first_k += sum_i t_ki */
VECTORISED
static void weigh(size_t count, size_t width, const REAL *restrict x, size_t stride,
                  const REAL *restrict r, REAL *restrict t, REAL *restrict first)
{
    for (size_t k = 0; k < width; k++) {
        const REAL *restrict xk = x + k * stride;
        REAL *restrict tk = t + k * count;
        REAL sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t i = 0; i < count; i++) {
            tk[i] = r[i] * xk[i];
            sum += tk[i];
        }
        first[k] += sum;
    }
}

/* On entry g = K u: returns u' (a g + b k), and makes g = 2 a g + b k. */
static REAL finish_neuron(size_t width, const REAL *restrict u, const REAL *restrict k, REAL a,
                          REAL b, REAL *restrict g)
{
    REAL along = 0;
#pragma omp simd reduction(+ : along)
    for (size_t i = 0; i < width; i++) {
        along += u[i] * (a * g[i] + b * k[i]);
        g[i] = 2 * a * g[i] + b * k[i];
    }
    return along;
}

/* ---- lengths and steps ---------------------------------------------------------------------- */

static REAL length_of(size_t n, const REAL *restrict x)
{
    REAL sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t k = 0; k < n; k++)
        sum += x[k] * x[k];
    return REAL_SQRT(sum);
}

/* The minimiser of l1 |p| + l2/2 p^2 + (p - q)^2 / 2; what is not a number stays so. */
static inline REAL proximal(REAL q, REAL l1, REAL l2)
{
    REAL magnitude = (q < 0 ? -q : q) - l1;
    magnitude = magnitude <= 0 ? 0 : magnitude / (1 + l2);
    return q < 0 ? -magnitude : magnitude;
}

typedef struct step {
    REAL rate, momentum, beta1, beta2, correction1, correction2, epsilon;
    REAL l1, l2; /* penalty of these parameters: l1 |p| + l2/2 p^2 */
} step;

/* Adam; the penalty enters as a proximal step in the step's own diagonal metric, so that fixed
 * points are stationary points of loss + penalty and the moments see the loss alone. */
VECTORISED
static void adam_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                      REAL *restrict first, REAL *restrict second)
{
    for (size_t i = 0; i < count; i++) {
        first[i] += (1 - s.beta1) * (g[i] - first[i]);
        second[i] += (1 - s.beta2) * (g[i] * g[i] - second[i]);
        REAL rate = s.rate / (REAL_SQRT(second[i] * s.correction2) + s.epsilon);
        p[i] = proximal(p[i] - rate * (s.correction1 * first[i]), rate * s.l1, rate * s.l2);
    }
}

/* Heavy ball: p <- prox(p + momentum (p - previous) - rate g).  Ochs et al., "iPiano", 2014. */
VECTORISED
static void heavy_ball_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                            REAL *restrict previous)
{
    for (size_t i = 0; i < count; i++) {
        REAL next = p[i] + s.momentum * (p[i] - previous[i]) - s.rate * g[i];
        previous[i] = p[i];
        p[i] = proximal(next, s.rate * s.l1, s.rate * s.l2);
    }
}

/* Nesterov: next = prox(p - rate g), p <- next + momentum (next - iterate). */
VECTORISED
static void nesterov_step(step s, size_t count, const REAL *restrict g, REAL *restrict p,
                          REAL *restrict iterate)
{
    for (size_t i = 0; i < count; i++) {
        REAL next = proximal(p[i] - s.rate * g[i], s.rate * s.l1, s.rate * s.l2);
        p[i] = next + s.momentum * (next - iterate[i]);
        iterate[i] = next;
    }
}
