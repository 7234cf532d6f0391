/*
 * A plug-in on the lift: descent on a factor Z = R R' by the lift's maps alone, for quadratic
 * activations (no border) and the squared loss.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zerogap-plugin.h>

/* f = apply(Z) - apply(Z'). */
static void predict(const zgp_lift *lift, const zgp_blocks *p, double *f)
{
    size_t block = lift->order * lift->order;
    memset(f, 0, lift->samples * sizeof *f);
    for (size_t g = 0; g < lift->groups; g++) {
        lift->apply(lift, g, p->z + g * block, 1, f);
        lift->apply(lift, g, p->zn + g * block, -1, f);
    }
}

/* z = r r' */
static void square(size_t order, const double *r, double *z)
{
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j < order; j++) {
            z[i * order + j] = 0;
            for (size_t k = 0; k < order; k++)
                z[i * order + j] += r[i * order + k] * r[j * order + k];
        }
}

/* One step of r against the gradient 2 (beta I - sign T) r. */
static void descend(const zgp_lift *lift, const double *t, double sign, double step, double *r)
{
    size_t order = lift->order;
    double old[64];
    for (size_t k = 0; k < order; k++) {
        for (size_t i = 0; i < order; i++)
            old[i] = r[i * order + k];
        for (size_t i = 0; i < order; i++) {
            double slope = lift->beta * old[i];
            for (size_t j = 0; j < order; j++)
                slope -= sign * t[i * order + j] * old[j];
            r[i * order + k] -= step * slope;
        }
    }
}

static int solve(const zgp_call *call, const zgp_lift *lift, zgp_blocks *p)
{
    size_t n = lift->samples, block = lift->order * lift->order;
    if (lift->bordered || lift->order > 64 || strcmp(lift->loss, "squared") != 0) return ZGP_FAILED;
    double *r = calloc(2 * lift->groups * block + block + n, sizeof *r);
    if (!r) return ZGP_FAILED;
    double *t = r + 2 * lift->groups * block, *f = t + block, step = atof(call->values[0]);
    for (size_t g = 0; g < 2 * lift->groups; g++)
        for (size_t i = 0; i < lift->order; i++)
            r[g * block + i * (lift->order + 1)] = 0.1;
    for (long k = 0; k < 20000; k++) {
        for (size_t g = 0; g < lift->groups; g++) {
            square(lift->order, r + g * block, p->z + g * block);
            square(lift->order, r + (lift->groups + g) * block, p->zn + g * block);
        }
        predict(lift, p, f);
        for (size_t i = 0; i < n; i++)
            p->v[i] = lift->targets[i] - f[i];
        if (k % 5000 == 4999 && !call->report(call)) break;
        for (size_t g = 0; g < lift->groups; g++) {
            lift->adjoint(lift, g, p->v, t);
            descend(lift, t, 1, step, r + g * block);
            descend(lift, t, -1, step, r + (lift->groups + g) * block);
        }
    }
    free(r);
    return ZGP_OPTIMAL;
}

const zgp_plugin *zgp_plugin_get(void)
{
    static const zgp_option options[] = {{"step", "0.002", "of the descent"}};
    static const zgp_plugin plugin = {.version = ZGP_VERSION,
                                      .name = "lifted",
                                      .about = "lifted 0.1",
                                      .options = options,
                                      .option_count = 1,
                                      .solve_lift = solve};
    return &plugin;
}
