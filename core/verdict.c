/*
 * The verdict of a result (see verdict.h).
 *
 * Every condition stands alone on its line: tests/core/verdict-mutations negates each of them and
 * wants a test to notice.
 */
#include "core/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Relative rounding in an objective that a method summed by itself. */
#define CLAIM_ROUNDING 1e-9

bool zg_claim_refuted(double objective, double bound)
{
    return objective < bound - CLAIM_ROUNDING * fmax(1.0, fabs(bound));
}

__attribute__((format(printf, 4, 5))) static zg_decision
settle(zg_assessment *out, zg_decision decision, const char *cause, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->message, sizeof out->message, format, arguments);
    va_end(arguments);
    out->decision = decision;
    out->cause = cause;
    return decision;
}

/* ---- what a solver claims -------------------------------------------------------------------- */

/* One objective of an answer said to be optimal against the interval that holds p*. */
static bool outside(const zg_evidence *e, double claimed)
{
    const zg_claim *c = e->claim;
    double slack = c->rounding + c->limit * (c->unit + fabs(c->primal) + fabs(c->dual));
    if (claimed > e->objective + e->rounding + slack) return true;
    if (claimed < e->bound - slack) return true;
    return false;
}

/* Whether the claim settles the matter, for the worse. */
static bool claim_fails(const zg_evidence *e, zg_assessment *out)
{
    const zg_claim *c = e->claim;
    bool sure = c->says == ZG_SAYS_OPTIMAL;
    const double claimed[] = {c->primal, c->dual, c->stated_primal, c->stated_dual};
    static const char *const names[] = {"primal objective", "dual objective",
                                        "printed primal objective", "printed dual objective"};
    for (int k = 0; k < 4; k++) {
        if (!outside(e, claimed[k])) continue;
        settle(out, sure ? ZG_DECISION_WRONG : ZG_DECISION_FAILED,
               sure ? "claim_refuted" : "inaccurate",
               "the solver's own %s %.17g lies outside the certified interval [%.17g, %.17g]",
               names[k], claimed[k], e->bound, e->objective);
        return true;
    }
    for (int k = 0; k < 2; k++) {
        if (isfinite(claimed[k])) continue;
        settle(out, ZG_DECISION_FAILED, "inaccurate", "the solver's own %s is no finite number",
               names[k]);
        return true;
    }
    for (int k = 0; k < 6; k++) {
        if (fabs(c->dimacs[k]) <= c->limit) continue;
        settle(out, ZG_DECISION_FAILED, "inaccurate",
               "the solver's own answer has a DIMACS error %d of %.2g, more than the limit %g",
               k + 1, c->dimacs[k], c->limit);
        return true;
    }
    return false;
}

/* ---- objective and bound --------------------------------------------------------------------- */

static double scale_of(const zg_evidence *e)
{
    return fmax(1.0, fabs(e->objective));
}

static bool within(const zg_evidence *e)
{
    if (!(e->tolerance <= 1.0)) return false; /* wider, or infinite: nothing would be proven */
    return fabs(e->objective - e->bound) + e->rounding <= e->tolerance * scale_of(e);
}

/* A gap below zero by no more than a sum in floating point can be off counts as zero.  Further
 * below, though still within a rounding that is far larger than usual, there is no gap to
 * report. */
static double gap_of(const zg_evidence *e)
{
    double gap = (e->objective - e->bound) / scale_of(e);
    if (!isfinite(e->bound)) return NAN;
    if (zg_claim_refuted(e->objective, e->bound)) return NAN;
    return fmax(0.0, gap);
}

/* Whether there is no network whose objective could be held against a bound. */
static bool nothing_to_judge(const zg_evidence *e, zg_assessment *out)
{
    const char *message = NULL, *cause = "garbage_result";
    if (!(e->rounding >= 0.0)) message = "the rounding of the objective is not known";
    if (!isfinite(e->objective + e->rounding))
        message = "the network has no finite objective on these rows";
    if (!e->feasible) {
        cause = "infeasible";
        message = "the network does not meet the constraints of the problem";
    }
    if (e->end == ZG_METHOD_NOTHING) {
        cause = "nothing_measured";
        message = "the method ended before it had measured anything";
    }
    if (message) settle(out, ZG_DECISION_FAILED, cause, "%s", message);
    return message != NULL;
}

static bool contradicts(const zg_evidence *e, double bound, const char *name, zg_assessment *out)
{
    bool refuted = bound > e->objective + e->rounding;
    if (refuted)
        settle(out, ZG_DECISION_WRONG, "contradiction",
               "the objective %.17g lies below %s %.17g by more than its rounding %.1e",
               e->objective, name, bound, e->rounding);
    return refuted;
}

/* ---- whether there is a solution at all ------------------------------------------------------ */

const char *zg_says_name(zg_says says)
{
    static const char *const names[] = {"optimal", "unsure", "unbounded", "infeasible"};
    return names[says];
}

/* A claim that nothing can be found, where networks may meet the constraints or not. */
static zg_decision judge_denial(const zg_evidence *e, zg_assessment *out)
{
    bool found = e->feasible;
    if (e->end == ZG_METHOD_NOTHING) found = false;
    if (!isfinite(e->objective + e->rounding)) found = false;
    if (found)
        return settle(out, ZG_DECISION_WRONG, "claim_refuted",
                      "the solver claims that there is no solution; a network of objective %.10g "
                      "is one",
                      e->objective);
    if (e->impossible)
        return settle(out, ZG_DECISION_CERTIFIED, "infeasible",
                      "no network meets the constraints, as the solver says");
    return settle(out, ZG_DECISION_FAILED, "infeasible",
                  "the solver claims that there is no solution, which is neither proven nor "
                  "refuted");
}

/* Whether a claim about there being a solution settles the matter. */
static bool existence_settles(const zg_evidence *e, zg_assessment *out)
{
    const zg_claim *c = e->claim;
    if (!c) return false;
    if (c->says == ZG_SAYS_INFEASIBLE) {
        judge_denial(e, out);
        return true;
    }
    if (c->says == ZG_SAYS_UNBOUNDED) {
        settle(out, ZG_DECISION_WRONG, "claim_refuted",
               "the solver claims that there is no finite optimum; no loss and no penalty is below "
               "zero");
        return true;
    }
    if (c->says == ZG_SAYS_UNSURE) return false;
    if (e->impossible)
        settle(out, ZG_DECISION_WRONG, "claim_refuted",
               "the solver claims an optimum, but no network meets the constraints");
    return e->impossible;
}

zg_decision zg_judge(const zg_evidence *e, zg_assessment *out)
{
    *out = (zg_assessment){.decision = ZG_DECISION_FAILED, .gap = NAN, .cause = ""};
    if (existence_settles(e, out)) return out->decision;
    if (nothing_to_judge(e, out)) return out->decision;
    if (contradicts(e, e->bound, "the certified lower bound", out)) return out->decision;
    if (contradicts(e, e->own_bound, "the method's own bound", out)) return out->decision;
    out->gap = gap_of(e);
    bool answered = e->claim != NULL;
    if (answered) answered = claim_fails(e, out);
    if (answered) return out->decision;
    if (e->end == ZG_METHOD_FAILED)
        return settle(out, ZG_DECISION_FAILED, "method_failed", "the method gave up");
    if (within(e)) return settle(out, ZG_DECISION_CERTIFIED, "", "%s", "");
    if (e->end == ZG_METHOD_STOPPED) return settle(out, ZG_DECISION_UNCERTIFIED, "", "%s", "");
    if (e->claims_optimum)
        return settle(
            out, ZG_DECISION_FAILED, "not_certified",
            "a global method ended between %.10g and the bound %.10g, which is wider than "
            "the tolerance %g",
            e->objective, e->bound, e->tolerance);
    return settle(out, ZG_DECISION_UNCERTIFIED, "", "%s", "");
}

/* The assessment of one output, said to be of that one where there are several. */
static void judge_output(const zg_evidence *e, size_t output, size_t outputs, zg_assessment *out)
{
    zg_assessment found;
    zg_judge(e, &found);
    *out = found;
    if (outputs > 1)
        snprintf(out->message, sizeof out->message, "output %zu: %.280s", output + 1,
                 found.message);
}

zg_decision zg_judge_claims(const zg_evidence *outputs, size_t count, zg_assessment *whole)
{
    zg_assessment worst = *whole, found;
    bool failed = false;
    if (whole->decision == ZG_DECISION_WRONG) return whole->decision;
    for (size_t c = 0; c < count; c++) {
        zg_evidence alone = outputs[c];
        alone.claims_optimum = false; /* the tolerance is on all outputs together */
        if (!alone.claim) continue;
        judge_output(&alone, c, count, &found);
        if (!isnan(found.gap)) found.gap = whole->gap;
        if (found.decision == ZG_DECISION_WRONG) {
            *whole = found;
            return whole->decision;
        }
        if (failed) continue;
        if (found.decision == ZG_DECISION_FAILED) failed = true;
        if (found.cause[0]) worst = found; /* that, or a denial that is proven */
    }
    *whole = worst;
    return whole->decision;
}

zg_decision zg_certificate_judge(const zg_certificate *c, double tolerance, zg_assessment *out)
{
    zg_evidence evidence = {.end = ZG_METHOD_FINISHED,
                            .feasible = true,
                            .objective = c->objective,
                            .rounding = c->rounding,
                            .bound = c->bound,
                            .own_bound = -INFINITY,
                            .tolerance = tolerance};
    return zg_judge(&evidence, out);
}

zg_decision zg_certificate_decide(const zg_certificate *certificate, double tolerance)
{
    zg_assessment assessment;
    return zg_certificate_judge(certificate, tolerance, &assessment);
}

zg_decision zg_judge_written(const zg_certificate *c, double lower, double upper, double lost,
                             double tolerance, zg_assessment *found)
{
    double slack = c->rounding + CLAIM_ROUNDING * fmax(1.0, fabs(c->objective));
    double top = isnan(upper) ? c->objective : upper; /* a bound alone is held to the result */
    double gap = (top - lower) / fmax(1.0, fabs(top));
    const char *end = NULL;
    if (isnan(lower))
        return settle(found, ZG_DECISION_FAILED, "garbage_result",
                      "the certificate's lower end is no number");
    if (lower > c->objective + slack) end = "lower";
    if (upper < c->objective - slack) end = "upper";
    if (end)
        return settle(found, ZG_DECISION_WRONG, "contradiction",
                      "the certificate claims [%.17g, %.17g]: its %s end contradicts the result, "
                      "[%.17g, %.17g]",
                      lower, upper, end, c->bound, c->objective);
    bool same = fabs(c->bound - lower) <= fabs(lost) + slack;
    if (upper > c->objective + slack) same = false;
    if (same) return found->decision;
    if (gap <= tolerance) return found->decision;
    if (found->decision != ZG_DECISION_CERTIFIED) return found->decision;
    return settle(found, ZG_DECISION_UNCERTIFIED, "weak_certificate",
                  "the certificate proves only [%.17g, %.17g] of the result [%.17g, %.17g]", lower,
                  upper, c->bound, c->objective);
}
