/* Optima of problems, and whether training that ended above them had come to its end. */
#include "reports/claim_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BELOW 1e-9    /* relative; more than rounding */
#define MORE_EPOCHS 4 /* times the budget of a rerun */
#define FEW_EPOCHS 20 /* fewer show no course */
#define AT_REST 0.01  /* of what the whole run gained, the most that its end may have */

zg_optimum zg_claim_optimum(const zg_study *study, const zg_claim *claim, size_t problem)
{
    zg_optimum out = {NAN, NAN};
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (study->problem_of[i] != problem || !zg_claim_optimal(row)) continue;
        if (!row->suite || strcmp(row->suite, claim->suite) != 0) continue;
        if (!(row->result.bound <= out.bound)) out.bound = row->result.bound;
        if (!(row->result.neurons >= out.neurons) && !isnan(row->result.neurons))
            out.neurons = row->result.neurons;
    }
    return out;
}

bool zg_claim_below(double objective, double bound)
{
    return objective < bound - BELOW * fmax(1, fabs(bound));
}

/* The best objective that the run had reported by half of its epochs; INFINITY without a report. */
static double halfway(const zg_log_case *row)
{
    double best = INFINITY;
    for (size_t i = 0; i < row->progress.count; i++) {
        const zg_log_progress *point = &row->progress.at[i];
        if (point->step <= row->result.iterations / 2 && point->objective < best)
            best = point->objective;
    }
    return best;
}

/* The objective that the run began with; NAN: it did not report it. */
static double beginning(const zg_log_case *row)
{
    for (size_t i = 0; i < row->progress.count; i++)
        if (row->progress.at[i].step == 0) return row->progress.at[i].objective;
    return NAN;
}

/* Whether a run gained little since its objective was `before`: less than the margin, and next to
 * nothing beside all that it gained.  One that hardly moves gains little all the time, and shows no
 * more of where it would end than one of a few epochs.  Written so that a NAN says no. */
static bool is_at_rest(const zg_log_case *row, double before, double margin)
{
    double last = before - row->result.objective, whole = beginning(row) - row->result.objective;
    return row->result.iterations >= FEW_EPOCHS && whole > 0 && last < margin &&
           last <= AT_REST * whole;
}

/* The method's settings without its label and the number of epochs; the caller frees it. */
static char *settings_of(const zg_log_case *row)
{
    json_t *copy = json_copy(json_object_get(row->started, "method"));
    if (!copy) return NULL;
    json_object_del(copy, "name");
    json_object_del(copy, "epochs");
    char *text = json_dumps(copy, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(copy);
    return text;
}

/* Whether one of the two is the other with at least four times the epochs, and gained next to
 * nothing by them. */
static bool rerun_settles(const zg_log_case *a, const zg_log_case *b, double margin)
{
    double few = zg_study_number(a, "method", "epochs");
    double many = zg_study_number(b, "method", "epochs");
    if (few > many) {
        const zg_log_case *swap = a;
        a = b;
        b = swap;
        double number = few;
        few = many;
        many = number;
    }
    return few > 0 && many >= MORE_EPOCHS * few && is_at_rest(b, a->result.objective, margin);
}

bool zg_claim_converged(const zg_study *study, const size_t *runs, size_t count, size_t best,
                        double level, bool *converged)
{
    const zg_log_case *row = &study->log->cases[best];
    double margin = row->result.objective - level,
           restarts = zg_study_number(row, "method", "restarts");
    *converged = !(restarts > 1) && is_at_rest(row, halfway(row), margin);
    if (*converged) return true;
    char *own = settings_of(row);
    bool done = own != NULL;
    for (size_t i = 0; done && !*converged && i < count; i++) {
        const zg_log_case *other = &study->log->cases[runs[i]];
        char *settings = runs[i] == best ? own : settings_of(other);
        done = settings != NULL;
        if (done && runs[i] != best && strcmp(settings, own) == 0)
            *converged = rerun_settles(row, other, margin);
        if (settings != own) free(settings);
    }
    free(own);
    return done;
}
