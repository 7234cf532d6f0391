/* What a solve costs (see work.h). */
#include "solvers/work.h"

#include "base/linalg.h"
#include "solvers/low_rank_curvature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Iterations of the interior-point method from a cold start to a gap of 1e-6: of losses of labels,
 * smooth or with kinks, of the others with kinks, of all else; what share of them a subspace takes.
 */
#define LABELLED_ITERATIONS 24.0
#define HINGED_ITERATIONS 31.0
#define KINKED_ITERATIONS 13.0
#define SMOOTH_ITERATIONS 9.0
#define INNER_SHARE 0.8
/* An iteration's steps, scalings and certificate in one cone, in cubes of its order. */
#define CONE 50.0
/* Adjoints of the lift and eigenvalue problems of order d (4 d^3 each) of a round, and what
 * descents do for each pass and column beside their products: measured, see docs/low-rank.md. */
#define ADJOINTS 4.0
#define EIGENPROBLEMS 6.0
/* Rows of a curvature, on average; of those of a hinge few are within the kink. */
#define CURVED_ROWS 1200.0
#define HINGED_ROWS 400.0
/* What a descent with a curvature takes of a round's adjoints and eigenvalue problems. */
#define SLACK_SHARE 0.3
/* Rows that say how many directions a problem has. */
#define DIRECTION_ROWS 4096
#define BLOCK 256

typedef struct search {
    double columns, dimension; /* of the factor, of a subspace */
    double passes, subspaces, curvatures, curved_rows;
} search;

zg_shape zg_shape_of(const zg_lift *lift, zg_loss loss)
{
    return (zg_shape){.samples = (double)zg_team_total(lift->team, lift->samples),
                      .patches = (double)lift->patches,
                      .groups = (double)lift->groups,
                      .order = (double)lift->order,
                      .features = (double)lift->groups * (double)zg_svec_size(lift->order),
                      .sums = zg_loss_has(loss.kind, ZG_LOSS_QUADRATIC)};
}

double zg_samples_work(const zg_shape *s, double iterations)
{
    double n = s->samples, rows = n * s->patches;
    return iterations * (n * n * n / 6.0 + rows * rows * s->order * s->groups);
}

double zg_features_work(const zg_shape *s, double iterations)
{
    double p = s->features;
    double gram = 0.5 * s->samples * p * p, inverse = 0.5 * p * p * p, factor = p * p * p / 6.0;
    return s->sums ? gram + inverse + iterations * factor : iterations * (gram + inverse + factor);
}

static double cheaper(const zg_shape *s, double iterations)
{
    double samples = zg_samples_work(s, iterations), features = zg_features_work(s, iterations);
    double system = s->samples > s->features && features < samples ? features : samples;
    double order = fmin(s->order, s->samples * s->patches + 2.0);
    return system + iterations * 2.0 * s->groups * CONE * order * order * order;
}

static double iterations_of(zg_loss loss)
{
    bool labelled = zg_loss_has(loss.kind, ZG_LOSS_LABELLED);
    if (zg_loss_has(loss.kind, ZG_LOSS_SMOOTH))
        return labelled ? LABELLED_ITERATIONS : SMOOTH_ITERATIONS;
    return labelled ? HINGED_ITERATIONS : KINKED_ITERATIONS;
}

double zg_ipm_work(const zg_problem *problem)
{
    zg_shape shape = zg_shape_of(problem->lift, problem->loss);
    double outputs = (double)problem->outputs,
           all = outputs * cheaper(&shape, iterations_of(problem->loss));
    double gram = 0.5 * shape.samples * shape.features * shape.features;
    bool shared = shape.sums && shape.samples > shape.features && outputs > 1.0;
    return shared && all > outputs * gram ? all - (outputs - 1.0) * gram : all;
}

/* t += a sum_i v_i x_i x_i' / patches over every stride-th sample of a group; *used counts them.  x
 * and scaled have room for BLOCK rows. */
static void sampled_adjoint(const zg_lift *lift, size_t g, size_t stride, const double *v,
                            double *x, double *scaled, double *t, size_t *used)
{
    size_t w = lift->width, rows = 0;
    double factor = lift->activation.a / (double)lift->patches;
    for (size_t i = 0; i < lift->samples; i += stride, ++*used)
        for (size_t q = 0; q < lift->patches; q++) {
            memcpy(x + rows * w, lift->rows[g] + (i * lift->patches + q) * w, w * sizeof *x);
            for (size_t k = 0; k < w; k++)
                scaled[rows * w + k] = factor * v[i] * x[rows * w + k];
            if (++rows < BLOCK) continue;
            zg_gemm(false, true, w, w, rows, 1.0, scaled, w, x, w, 1.0, t, w);
            rows = 0;
        }
    zg_gemm(false, true, w, w, rows, 1.0, scaled, w, x, w, 1.0, t, w);
}

/* How many eigenvalues of a sum_i v_i x_i x_i' exceed beta in size, v = minus the derivative of the
 * loss at the zero network: were the inputs orthogonal, each would be a neuron.  Found among a part
 * of the rows, with beta in proportion; the width of a patch where it cannot be found. */
static size_t group_directions(const zg_problem *p, size_t g, size_t stride, const double *v)
{
    size_t w = p->lift->width, used = 0, count = 0;
    double *t = zg_doubles(w * w), *e = zg_doubles(w), *x = zg_doubles(2 * BLOCK * w);
    bool found = t && e && x;
    if (found) sampled_adjoint(p->lift, g, stride, v, x, x + BLOCK * w, t, &used);
    found = found && zg_eigenvalues(w, t, e) == ZG_OK;
    double beta = p->beta * (double)used / (double)p->lift->samples;
    for (size_t k = 0; found && k < w; k++)
        count += fabs(e[k]) > beta;
    free(t);
    free(e);
    free(x);
    return found ? count : w;
}

/* The largest number of directions of any group, for the first output; the width of a patch where
 * it cannot be found. */
static double directions_of(const zg_problem *problem)
{
    zg_program program = zg_problem_program(problem, 0);
    const zg_lift *lift = program.lift;
    size_t n = lift->samples, w = lift->width, most = 0;
    size_t stride = n * lift->patches / DIRECTION_ROWS + 1;
    double *f = zg_doubles(n), *v = zg_doubles(n);
    bool complete = f && v;
    if (complete) zg_loss_gradient(program.loss, n, f, program.y, program.weights, v);
    for (size_t g = 0; complete && g < lift->groups; g++) {
        size_t count = group_directions(problem, g, stride, v);
        if (count > most) most = count;
    }
    free(f);
    free(v);
    return complete ? (double)most : (double)w;
}

/* A search with so many directions: constants that fit the searches measured.  Without a curvature
 * of the descents (dense lifts have one) every round has a subspace.  With one the last few have
 * where most axes may become neurons, fewer where they may not or the residual of a loss of labels
 * shrinks fast, and none where it has kinks. */
static search search_of(const zg_problem *problem, double directions)
{
    double width = (double)problem->lift->width, r = directions;
    bool labelled = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    bool smooth = zg_loss_has(problem->loss.kind, ZG_LOSS_SMOOTH);
    double share = fmin(r / width, 1.0);
    search s = {.columns = 12.0 + 0.35 * r, .passes = 150.0 + 5.0 * r, .subspaces = 4.0 + r / 50.0};
    if (zg_curvature_applies(problem->lift)) {
        s.curvatures = 8.0;
        s.curved_rows = CURVED_ROWS;
        s.subspaces = !smooth ? 0.0 : labelled ? 0.3 : 3.0 * share * share;
        if (labelled) {
            s.columns = 12.0 + 0.2 * r;
            s.passes = smooth ? 60.0 + r : 300.0 + 6.0 * r;
            s.curvatures = smooth ? 3.0 : 8.0;
            s.curved_rows = smooth ? CURVED_ROWS : HINGED_ROWS;
        } else if (!smooth) {
            s.passes = 300.0 + 25.0 * r;
        }
    }
    s.columns = fmin(s.columns, 2.0 * width);
    s.dimension = fmin(s.columns + 22.0, width);
    return s;
}

double zg_low_rank_work(const zg_problem *problem)
{
    zg_shape full = zg_shape_of(problem->lift, problem->loss), small = full;
    double width = (double)problem->lift->width, rows = full.samples * full.patches * full.groups;
    /* Some optimum has no larger rank (docs/mathematics.md). */
    double rank = sqrt(2.0 * fmin(full.samples, full.features));
    search s = search_of(problem, fmin(directions_of(problem), rank));
    small.order = s.dimension + (full.order - width);
    small.features = full.groups * 0.5 * small.order * (small.order + 1.0);
    double sample = fmin(full.samples, s.curved_rows);
    double subspace =
        rows * width * s.dimension + cheaper(&small, INNER_SHARE * iterations_of(problem->loss));
    double slack =
        rows * width * ADJOINTS * width + EIGENPROBLEMS * 4.0 * full.groups * width * width * width;
    double curvature = sample * sample * (width + sample / 6.0);
    return (double)problem->outputs *
           (s.passes * 2.0 * rows * width * s.columns + s.subspaces * subspace +
            (s.subspaces + SLACK_SHARE * s.curvatures) * slack + s.curvatures * curvature);
}
