/* The gate's question, asked of a row that was written down (see doubt.h). */
#include "log/doubt.h"

#include "base/gap.h"
#include "log/member.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Gaps may be written with few digits; one that is smaller than objective and bound say is not
 * taken. */
#define BELIEVED 0.99

double zg_row_rounding(const zg_row *row)
{
    return row->rounding >= 0 ? row->rounding
                              : ZG_UNSTATED_ROUNDING * fmax(1, fabs(row->objective));
}

void zg_row_settle_gap(zg_row *row)
{
    double computed = zg_gap(row->objective, row->bound);
    bool lower = computed > 0 && row->gap < BELIEVED * computed;
    if (isnan(row->gap) || lower) row->gap = computed;
}

/* Whether the row has no result but its times; a result that is no number is not none. */
static bool has_times_alone(const json_t *finished)
{
    return !zg_log_member(finished, "objective") && !zg_log_member(finished, "bound") &&
           !zg_log_member(finished, "gap");
}

/* What is proven then is that there is no network, and nothing has a gap. */
static bool says_infeasible(const zg_row *row, const json_t *finished)
{
    return row->verdict == ZG_CERTIFIED && strcmp(row->cause, "infeasible") == 0 &&
           strcmp(row->claimed_says, "infeasible") == 0 && !zg_log_member(finished, "gap") &&
           !zg_log_member(finished, "objective");
}

/* Whether the bound exceeds the objective by more than its rounding; false for NAN. */
static bool is_contradiction(const zg_row *row, const json_t *finished)
{
    bool stated = zg_log_member(finished, "rounding") != NULL;
    double unstated = ZG_UNSTATED_ROUNDING * fmax(1, fabs(row->objective));
    return row->bound - row->objective > (stated ? row->rounding : unstated);
}

/* The condition of the gate (within() in core/verdict.c), on numbers that are written with all
 * their digits.  Says why it does not hold, or NULL. */
static const char *unfounded(const zg_row *row, const json_t *finished, double tolerance)
{
    if (has_times_alone(finished) || says_infeasible(row, finished)) return NULL;
    if (!isfinite(row->objective)) return "it has no objective that is a number";
    if (isnan(zg_log_number(finished, "bound"))) return "it has no bound that is a number";
    if (!isfinite(row->bound)) return "it has no bound that is a number";
    bool stated = zg_log_member(finished, "rounding") != NULL;
    if (stated && !(row->rounding >= 0)) return "its rounding is no number from 0";
    if (is_contradiction(row, finished)) return "its bound lies above its objective";
    double scale = fmax(1, fabs(row->objective)), rounding = stated ? row->rounding : 0;
    double distance = fabs(row->objective - row->bound) + rounding;
    if (!(tolerance <= 1) || !(distance <= tolerance * scale))
        return "its gap exceeds the tolerance of the case";
    double gap = zg_log_number(finished, "gap"); /* the clumsy rounding of other writers: */
    if (gap > tolerance / BELIEVED) return "its gap exceeds the tolerance of the case";
    return gap < -ZG_UNSTATED_ROUNDING ? "its gap is negative" : NULL;
}

const char *zg_row_doubt(zg_row *row, const json_t *finished, double tolerance)
{
    const char *reason = NULL;
    if (zg_verdict_certified(row->verdict))
        reason = unfounded(row, finished, tolerance);
    else if (row->verdict == ZG_UNCERTIFIED && is_contradiction(row, finished))
        reason = "its bound lies above its objective";
    if (!reason) return NULL;
    row->verdict = row->objective < row->bound ? ZG_WRONG : ZG_CASE_FAILED;
    snprintf(row->cause, sizeof row->cause, "unfounded");
    return reason;
}
