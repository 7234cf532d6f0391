/* F along a line of factors (see low_rank_line.h). */
#include "solvers/low_rank_line.h"

#include "base/linalg.h"
#include "base/vectorised.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of one sign: numbers a sample that its prediction is made of. */
enum { PP, PQ, QQ, P_FIRST, Q_FIRST, NUMBERS };

struct zg_line {
    zg_factor *factor;
    size_t columns;
    double *p, *q;              /* columns x samples */
    double *numbers[2];         /* NUMBERS x samples, a sign each */
    double ww[2], wd[2], dd[2]; /* products of W and D */
    const double *direction;    /* borrowed, while aimed */
    double *change;             /* 2 x samples: d parts / dt */
    double t;
};

void zg_line_free(zg_line *line)
{
    if (!line) return;
    free(line->p);
    free(line->q);
    free(line->numbers[0]);
    free(line->numbers[1]);
    free(line->change);
    free(line);
}

/* The numbers of one sign, whose columns begin at from and end before to. */
VECTORISED
static void find_numbers(const zg_line *line, size_t from, size_t to, double *numbers)
{
    size_t n = line->factor->program->lift->samples, m = line->columns;
    for (size_t i = 0; i < n; i++, numbers += NUMBERS) {
        const double *p = line->p + i * m, *q = line->q + i * m;
        double pp = 0.0, pq = 0.0, qq = 0.0;
#pragma omp simd reduction(+ : pp, pq, qq)
        for (size_t j = from; j < to; j++) {
            pp += p[j] * p[j];
            pq += p[j] * q[j];
            qq += q[j] * q[j];
        }
        numbers[PP] = pp;
        numbers[PQ] = pq;
        numbers[QQ] = qq;
        numbers[P_FIRST] = p[from];
        numbers[Q_FIRST] = q[from];
    }
}

/* All that a value needs, from the projections of both. */
static void set_out(zg_line *line, const double *w, const double *direction)
{
    const zg_factor *factor = line->factor;
    line->direction = direction;
    for (size_t k = 0, first = 0; k < 2; first += factor->columns[k++]) {
        size_t at = factor->offset[k], size = factor->offset[k + 1] - at;
        line->ww[k] = zg_dot(size, w + at, w + at);
        line->wd[k] = zg_dot(size, w + at, direction + at);
        line->dd[k] = zg_dot(size, direction + at, direction + at);
        find_numbers(line, first, first + factor->columns[k], line->numbers[k]);
    }
}

zg_status zg_line_create(zg_factor *factor, const double *w, zg_line **out)
{
    size_t n = factor->program->lift->samples, m = factor->columns[0] + factor->columns[1];
    zg_line *line = calloc(1, sizeof *line);
    *out = NULL;
    if (!line) return ZG_NO_MEMORY;
    *line = (zg_line){.factor = factor,
                      .columns = m,
                      .p = zg_doubles(m * n),
                      .q = zg_doubles(m * n),
                      .numbers = {zg_doubles(NUMBERS * n), zg_doubles(NUMBERS * n)},
                      .change = zg_doubles(2 * n)};
    *out = line;
    if (line->p && line->q && line->numbers[0] && line->numbers[1] && line->change) {
        zg_factor_project(factor, w, line->p);
        set_out(line, w, w);
        for (int k = 0; k < 2; k++)
            line->wd[k] = line->dd[k] = 0.0; /* as q is: a line of one point */
        return ZG_OK;
    }
    zg_line_free(line);
    *out = NULL;
    return ZG_NO_MEMORY;
}

const double *zg_line_projections(const zg_line *line)
{
    return line->p;
}

void zg_line_aim(zg_line *line, const double *w, const double *direction)
{
    zg_factor_project(line->factor, direction, line->q);
    set_out(line, w, direction);
}

double zg_line_value(zg_line *line, double t, double *f, double *slope)
{
    zg_factor *factor = line->factor;
    zg_activation act = factor->program->lift->activation;
    size_t n = factor->program->lift->samples;
    double beta = factor->program->beta, penalty[2], steeper[2];
    for (int k = 0; k < 2; k++) {
        double *part = factor->parts + (size_t)k * n, *change = line->change + (size_t)k * n;
        const double *x = line->numbers[k];
        double square = fmax(line->ww[k] + t * (2.0 * line->wd[k] + t * line->dd[k]), 0.0);
        double along = line->wd[k] + t * line->dd[k]; /* T dT / dt */
        double length = sqrt(square), longer = length > 0.0 ? along / length : 0.0;
        penalty[k] = beta * square;
        steeper[k] = 2.0 * beta * along;
        for (size_t i = 0; i < n; i++, x += NUMBERS) {
            double first = x[P_FIRST] + t * x[Q_FIRST];
            part[i] = act.a * (x[PP] + t * (2.0 * x[PQ] + t * x[QQ])) + act.b * length * first +
                      act.c * square;
            change[i] = 2.0 * act.a * (x[PQ] + t * x[QQ]) +
                        act.b * (longer * first + length * x[Q_FIRST]) + 2.0 * act.c * along;
        }
    }
    double value = zg_factor_weigh(factor, penalty, f);
    const double *multiple = factor->multiple;
    *slope = multiple[0] * (steeper[0] + zg_dot(n, factor->slope, line->change)) +
             multiple[1] * (steeper[1] - zg_dot(n, factor->slope, line->change + n));
    line->t = t;
    return value;
}

zg_status zg_line_go(zg_line *line, double *w, double *gradient)
{
    zg_factor *factor = line->factor;
    size_t n = factor->program->lift->samples, m = line->columns, size = zg_factor_size(factor);
    zg_axpy(n * m, line->t, line->q, line->p);
    zg_axpy(size, line->t, line->direction, w);
    factor->passes++;
    zg_status status = zg_factor_gradient(factor, w, line->p, gradient);
    for (size_t k = 0, first = 0; k < 2; first += factor->columns[k++]) {
        double root = sqrt(factor->multiple[k]);
        for (size_t i = factor->offset[k]; i < factor->offset[k + 1]; i++)
            gradient[i] /= root;
        for (size_t i = 0; i < n; i++)
            for (size_t j = first; j < first + factor->columns[k]; j++)
                line->p[i * m + j] *= root;
    }
    zg_factor_take_multiples(factor, w);
    return status;
}
