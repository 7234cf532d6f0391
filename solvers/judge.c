/* Verdicts on answers (see judge.h). */
#include "solvers/judge.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 16

const char *zg_opinion_name(zg_opinion_kind kind)
{
    static const char *const names[] = {
        [ZG_OPINION_RIGHT] = "right",         [ZG_OPINION_CLAIM_TRUE] = "infeasible claim true",
        [ZG_OPINION_WRONG] = "wrong",         [ZG_OPINION_CLAIM_FALSE] = "infeasible claim false",
        [ZG_OPINION_UNDECIDED] = "undecided",
    };
    return names[kind];
}

__attribute__((format(printf, 3, 4))) static void decide(zg_opinion *out, zg_opinion_kind kind,
                                                         const char *format, ...)
{
    va_list arguments;
    out->kind = kind;
    va_start(arguments, format);
    vsnprintf(out->reason, sizeof out->reason, format, arguments);
    va_end(arguments);
}

/* ---- what the answer is --------------------------------------------------------------------------- */

typedef struct enclosed {
    double value, error; /* the exact value is off by at most error */
} enclosed;

static enclosed objective(const zg_sdp *sdp, const double *y, const double *x)
{
    double sum = 0, size = 0, terms = 4;
    for (size_t k = 0; y && k < sdp->variables; k++, terms++) {
        sum += sdp->cost[k] * y[k];
        size += fabs(sdp->cost[k] * y[k]);
    }
    for (size_t p = 0; x && p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        const zg_sdp_block *block = &sdp->blocks[piece->block];
        for (size_t e = piece->first; !piece->matrix && e < piece->first + piece->count; e++) {
            size_t r = (size_t)sdp->row[e] - 1, c = (size_t)sdp->column[e] - 1;
            size_t at = block->offset + (block->diagonal ? r : c * block->order + r);
            double term = (r == c ? 1 : 2) * sdp->value[e] * x[at];
            sum += term;
            size += fabs(term);
            terms++;
        }
    }
    return (enclosed){sum, terms * DBL_EPSILON * size + terms * DBL_MIN};
}

/* The six measures, of which those that need a missing part are NAN. */
static zg_status measure(const zg_sdp *sdp, const zg_answer *answer, zg_opinion *out)
{
    zg_sdp_point point = answer->point;
    zg_status status = zg_sdp_dimacs(sdp, &point, out->dimacs);
    for (int k = 0; k < 6; k++)
        out->dimacs[k] += 0.0; /* no negative zeros */
    static const bool needs_x[6] = {true, true, false, false, true, true};
    static const bool needs_y[6] = {false, false, true, true, true, true};
    for (int k = 0; k < 6; k++)
        if ((needs_x[k] && !answer->has_x) || (needs_y[k] && !answer->has_y)) out->dimacs[k] = NAN;
    return status;
}

/* Without Z of its own, the answer's Z is S(y). */
static void complete(const zg_sdp *sdp, const zg_answer *answer)
{
    zg_sdp_point point = answer->point;
    if (answer->has_z || !answer->has_y) return;
    memset(point.z, 0, sdp->block_values * sizeof *point.z);
    for (size_t p = 0; p < sdp->piece_count; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        const zg_sdp_block *block = &sdp->blocks[piece->block];
        double factor = piece->matrix ? point.y[piece->matrix - 1] : -1;
        for (size_t e = piece->first; e < piece->first + piece->count; e++) {
            size_t r = (size_t)sdp->row[e] - 1, c = (size_t)sdp->column[e] - 1, n = block->order;
            size_t upper = block->offset + (block->diagonal ? r : c * n + r);
            size_t lower = block->offset + (block->diagonal ? r : r * n + c);
            point.z[upper] += factor * sdp->value[e];
            point.z[lower] = point.z[upper];
        }
    }
}

/* What y proves; without one, what 0 does: whether there is a feasible y at all. */
static zg_status prove(const zg_sdp *sdp, const zg_answer *answer, zg_opinion *out)
{
    double *zero = zg_doubles(sdp->variables);
    const double *y = answer->has_y ? answer->point.y : zero;
    bool ray = false;
    zg_status status = zero ? zg_sdp_bound_above(sdp, y, &out->bound) : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_sdp_ray_proves(sdp, y, &ray);
    out->x_infeasible = out->x_infeasible || ray;
    free(zero);
    return status;
}

/* ---- digits ----------------------------------------------------------------------------------------- */

/* The most digits k with distance <= scale 10^-k. */
static int digits_of(double distance, double scale)
{
    int digits = MOST_DIGITS;
    while (digits >= 0 && !(distance <= scale * pow(10, -digits) * (1 - 8 * DBL_EPSILON)))
        digits--;
    return digits < 0 ? 0 : digits;
}

/* Digits of a value that are right wherever in the interval the optimum is (least), and wherever
 * that favours it (most).  They are relative, or absolute where the optimum may be zero. */
static void count_digits(const zg_known *known, enclosed a, int *least, int *most)
{
    double small = fmin(fabs(known->lower), fabs(known->upper));
    bool relative = known->lower > 0 || known->upper < 0;
    double far = zg_upper_max(a.value + a.error - known->lower, known->upper - (a.value - a.error));
    double near =
        fmax(0, fmax(a.value - a.error - known->upper, known->lower - (a.value + a.error)));
    double large = fmax(fabs(known->lower), fabs(known->upper));
    int own = digits_of(far * (1 + 4 * DBL_EPSILON), relative ? small : 1);
    int best = digits_of(near * (1 - 4 * DBL_EPSILON), relative ? large : 1);
    if (isnan(a.value)) own = best = 0;
    if (own < *least) *least = own;
    if (best < *most) *most = best;
}

static void weigh_digits(const zg_known *known, const zg_answer *answer, enclosed primal,
                         enclosed dual, int required, zg_opinion *out)
{
    int least = MOST_DIGITS, most = MOST_DIGITS;
    const double stated[2] = {answer->stated_primal, answer->stated_dual};
    if (answer->has_x) count_digits(known, primal, &least, &most);
    if (answer->has_y) count_digits(known, dual, &least, &most);
    for (int k = 0; k < 2; k++)
        if (!isnan(stated[k])) count_digits(known, (enclosed){stated[k], 0}, &least, &most);
    out->digits = least;
    const char *part = !answer->has_x   ? ", of y: there is no X"
                       : !answer->has_y ? ", of X: there is no y"
                                        : "";
    if (least >= required)
        decide(out, ZG_OPINION_RIGHT, "right to %d digits%s", least, part);
    else if (most < required)
        decide(out, ZG_OPINION_WRONG, "%d digits are right, %d are required%s", least, required,
               answer->digits && answer->digits < 8 ? "; y is written with few digits" : "");
    else
        decide(out, ZG_OPINION_UNDECIDED, "the proven interval is too wide to tell %d digits",
               required);
}

/* ---- verdicts ----------------------------------------------------------------------------------------- */

static bool knows_interval(const zg_known *known)
{
    return known->lower <= known->upper && isfinite(known->lower) && isfinite(known->upper);
}

static void judge_infeasible(zg_claim_kind claim, const zg_known *known, zg_opinion *out)
{
    bool about_x = claim == ZG_CLAIM_INFEASIBLE || claim == ZG_CLAIM_X_INFEASIBLE;
    if (out->x_infeasible && about_x)
        decide(out, ZG_OPINION_CLAIM_TRUE, "proven: there is no X with <Fk, X> = ck");
    else if (knows_interval(known))
        decide(out, ZG_OPINION_CLAIM_FALSE, "the program is proven to have an optimum");
    else if (claim == ZG_CLAIM_Y_INFEASIBLE && isfinite(out->bound))
        decide(out, ZG_OPINION_CLAIM_FALSE, "there is a feasible y");
    else
        decide(out, ZG_OPINION_UNDECIDED, "no proof was found that would decide the claim");
}

/* Whether one of the measures is too large, or cannot be computed though both parts are there. */
static int bad_measure(const zg_answer *answer, const zg_opinion *opinion)
{
    static const bool needs_x[6] = {true, true, false, false, true, true};
    static const bool needs_y[6] = {false, false, true, true, true, true};
    for (int k = 0; k < 6; k++) {
        bool there = (!needs_x[k] || answer->has_x) && (!needs_y[k] || answer->has_y);
        if (there && !(fabs(opinion->dimacs[k]) <= ZG_JUDGE_DIMACS_LIMIT)) return k;
    }
    return -1;
}

static void judge_optimal(const zg_sdp *sdp, const zg_answer *answer, const char *complaint,
                          const zg_known *known, int required, zg_opinion *out)
{
    enclosed primal = objective(sdp, NULL, answer->has_x ? answer->point.x : NULL);
    enclosed dual = objective(sdp, answer->has_y ? answer->point.y : NULL, NULL);
    if (answer->has_x) out->primal = primal.value;
    if (answer->has_y) out->dual = dual.value;
    int bad = bad_measure(answer, out);
    if (complaint)
        decide(out, ZG_OPINION_WRONG, "%.250s", complaint);
    else if (!answer->has_x && !answer->has_y)
        decide(out, ZG_OPINION_WRONG, "the solution has neither X nor y");
    else if (out->x_infeasible)
        decide(out, ZG_OPINION_WRONG, "proven: there is no X with <Fk, X> = ck, and so no optimum");
    else if (bad >= 0)
        decide(out, ZG_OPINION_WRONG, "DIMACS error %d is %.2g, above %g", bad + 1,
               out->dimacs[bad], ZG_JUDGE_DIMACS_LIMIT);
    else if (!knows_interval(known))
        decide(out, ZG_OPINION_UNDECIDED, "no proven interval of the optimum is known");
    else
        weigh_digits(known, answer, primal, dual, required, out);
    if (bad >= 0 && knows_interval(known)) { /* said all the same */
        zg_opinion digits = *out;
        weigh_digits(known, answer, primal, dual, required, &digits);
        out->digits = digits.digits;
    }
}

zg_status zg_answer_judge(const zg_sdp *sdp, const zg_answer *answer, zg_claim_kind claim,
                          const char *complaint, const zg_known *known, int digits, zg_opinion *out,
                          zg_error *error)
{
    *out = (zg_opinion){.digits = -1, .primal = NAN, .dual = NAN, .bound = INFINITY};
    for (int k = 0; k < 6; k++)
        out->dimacs[k] = NAN;
    out->x_infeasible = known->x_infeasible;
    complete(sdp, answer);
    zg_status status = answer->point.y ? measure(sdp, answer, out) : ZG_OK;
    if (status == ZG_OK) status = prove(sdp, answer, out);
    if (status != ZG_OK) return zg_fail(error, status, "%s", zg_status_message(status));
    if (knows_interval(known) && (out->bound < known->lower || out->x_infeasible))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the proven interval [%.17g, %.17g] contradicts the program: its optimum "
                       "is at most %.17g",
                       known->lower, known->upper, out->bound);
    if (claim == ZG_CLAIM_NONE || claim == ZG_CLAIM_OPTIMAL)
        judge_optimal(sdp, answer, complaint, known, digits, out);
    else
        judge_infeasible(claim, known, out);
    return ZG_OK;
}
