/*
 * F along a line of factors, at one product with the rows for all of it.
 *
 * The projections of W + t D are p + t q, those of W and of D, so that either sign predicts
 *   a (|p|^2 + 2 t p.q + t^2 |q|^2) + b T (p_1 + t q_1) + c T^2,       T = |W + t D|_F,
 * of each row: three numbers and two, found once.  A value on the line costs as many operations as
 * there are samples, whatever the number of inputs; and so does its slope.  The multiples of the
 * balance (low_rank_balance.h) are the best ones everywhere on the line.
 *
 * Dense lifts of one group, without a team.
 */
#ifndef ZG_SOLVERS_LOW_RANK_LINE_H
#define ZG_SOLVERS_LOW_RANK_LINE_H

#include "solvers/low_rank_factor.h"

typedef struct zg_line zg_line;

/* At w, which is t = 0 of a line that leads nowhere; the factor (borrowed) is to be balanced.  One
 * product with the rows. */
zg_status zg_line_create(zg_factor *factor, const double *w, zg_line **out);
void zg_line_free(zg_line *line);

/* Of all samples (columns x samples) at the point where the line begins; the line's. */
const double *zg_line_projections(const zg_line *line);

/* From now on along w + t direction, w where the line is.  One product with the rows. */
void zg_line_aim(zg_line *line, const double *w, const double *direction);

/* F at t, its derivative by t in *slope; f (samples) gets the predictions. */
double zg_line_value(zg_line *line, double t, double *f, double *slope);

/* Goes to the t of the last value: w becomes the point there and gradient that of F by it, both
 * after the point took the multiples over, so that they are 1.  One product with the rows.
 * ZG_NO_MEMORY leaves the line of no use. */
zg_status zg_line_go(zg_line *line, double *w, double *gradient);

#endif
