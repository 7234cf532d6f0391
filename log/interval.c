/* The interval in which the results of a case hold its optimum to be (see interval.h). */
#include "log/interval.h"

#include "log/doubt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A network that interpolates up to its residual may lie below the optimum by what that is worth:
 * relative to the objective. */
#define RESIDUAL_WORTH 1e-3

zg_log_interval zg_interval_unknown(void)
{
    return (zg_log_interval){.lower = -INFINITY, .upper = INFINITY};
}

zg_log_interval zg_interval_of(const zg_log_case *row, size_t log)
{
    zg_log_interval out = {-INFINITY, INFINITY, log, log};
    const zg_row *result = &row->result;
    if (result->verdict == ZG_WRONG) return out;
    if (isfinite(result->bound)) out.lower = result->bound;
    if (zg_verdict_certified(result->verdict) && strcmp(result->cause, "infeasible") == 0)
        out.lower = INFINITY; /* proven: there is no network */
    bool network = zg_verdict_ran(result->verdict) || zg_log_unproven(row);
    if (!network || !isfinite(result->objective)) return out;
    out.upper = result->objective + zg_row_rounding(result);
    if (!isnan(result->residual)) out.upper += RESIDUAL_WORTH * fmax(1, fabs(result->objective));
    return out;
}

void zg_interval_narrow(zg_log_interval *into, const zg_log_interval *other)
{
    if (other->lower > into->lower) {
        into->lower = other->lower;
        into->lower_log = other->lower_log;
    }
    if (other->upper < into->upper) {
        into->upper = other->upper;
        into->upper_log = other->upper_log;
    }
}

bool zg_log_same_data(const json_t *a, const json_t *b)
{
    const char *one = zg_log_text(a, "data_digest"), *other = zg_log_text(b, "data_digest");
    return !one || !other || strcmp(one, other) == 0;
}

bool zg_interval_judge(zg_log_case *row)
{
    const zg_log_interval *in = &row->interval;
    char text[1200];
    if (!(in->lower > in->upper) || row->result.verdict == ZG_WRONG) return true;
    const char *name = row->name ? row->name : "?";
    if (isfinite(in->lower))
        snprintf(text, sizeof text,
                 "the bound %.12g of %.500s in log %zu lies above the objective %.12g of the same "
                 "case in log %zu",
                 in->lower, name, in->lower_log + 1, in->upper, in->upper_log + 1);
    else
        snprintf(text, sizeof text,
                 "log %zu proves that there is no network for %.500s, and log %zu has one",
                 in->lower_log + 1, name, in->upper_log + 1);
    char *copy = strdup(text);
    if (!copy) return false;
    free(row->owned_message);
    row->owned_message = copy;
    row->message = copy;
    row->result.verdict = ZG_WRONG;
    snprintf(row->result.cause, sizeof row->result.cause, "contradiction");
    return true;
}
