/* Which precision an inverted curvature has (see low_rank_curvature.h). */
#include "solvers/low_rank_curvature.h"

bool zg_curvature_applies(const zg_lift *lift)
{
    return zg_lift_is_dense(lift) && lift->activation.a != 0.0;
}

zg_status zg_curvature_create(zg_factor *factor, const double *w, size_t rows, double damping,
                              const zg_axes *axes, zg_curvature **out)
{
    bool steep = factor->width > 0.0;
    return (steep ? zg_curvature_create_double : zg_curvature_create_single)(factor, w, rows,
                                                                             damping, axes, out);
}

void zg_curvature_free(zg_curvature *curvature)
{
    if (curvature) curvature->release(curvature);
}

bool zg_curvature_is_whole(const zg_curvature *curvature)
{
    return curvature->whole;
}

bool zg_curvature_moves(const zg_curvature *curvature)
{
    return curvature->move != NULL;
}

zg_status zg_curvature_move(zg_curvature *curvature, const zg_factor *factor, const double *w,
                            const double *projections, const double *f)
{
    return curvature->move(curvature, factor, w, projections, f);
}

void zg_curvature_solve(const zg_curvature *curvature, const double *gradient, double *step)
{
    curvature->solve(curvature, gradient, step);
}
