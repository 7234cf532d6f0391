/* The best setting of a group of cases. */
#include "runner/selection.h"

#include <math.h>

/* A setting's scores so far, in one pass for mean and deviation. */
typedef struct setting {
    const zg_case *final;
    size_t count, missing;
    double mean, squares; /* of the scores, and their squared distances from it */
} setting;

/* Less is better. */
static double score_of(const zg_row *row, bool *classes)
{
    if (!zg_verdict_ran(row->verdict) || row->name[0] == '\0') return NAN;
    *classes = !isnan(row->validation.accuracy);
    return *classes ? 1.0 - row->validation.accuracy : row->validation.rmse;
}

static bool same_setting(const zg_case *a, const zg_case *b)
{
    return a->model_settings == b->model_settings && a->method_settings == b->method_settings;
}

static setting collect(const zg_candidate *candidates, size_t count, const zg_case *final,
                       bool *classes)
{
    setting out = {.final = final};
    for (size_t i = 0; i < count; i++) {
        const zg_case *item = candidates[i].item;
        if (item->recipe.retrained || !same_setting(item, final)) continue;
        double score = score_of(candidates[i].row, classes);
        if (!isfinite(score)) {
            out.missing++;
            continue;
        }
        double step = score - out.mean;
        out.mean += step / (double)++out.count;
        out.squares += step * (score - out.mean);
    }
    return out;
}

static bool is_complete(const setting *s)
{
    return s->missing == 0 && s->count > 0;
}

/* s / sqrt(count) with s the sample deviation. */
static double error_of(const setting *s)
{
    return s->count > 1 ? sqrt(s->squares / (double)(s->count - 1) / (double)s->count) : NAN;
}

static bool is_better(const setting *a, const setting *b)
{
    if (a->mean != b->mean) return a->mean < b->mean;
    return a->final->model.beta > b->final->model.beta;
}

/* Larger betas first, then better scores. */
static bool is_simpler(const setting *a, const setting *b)
{
    if (a->final->model.beta != b->final->model.beta)
        return a->final->model.beta > b->final->model.beta;
    return a->mean < b->mean;
}

zg_choice zg_selection_choose(const zg_candidate *candidates, size_t count)
{
    zg_choice out = {.score = NAN, .error = NAN};
    setting best = {0}, chosen = {0};
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i].item->recipe.retrained) continue;
        setting s = collect(candidates, count, candidates[i].item, &out.classes);
        out.settings++;
        if (is_complete(&s) && (!best.final || is_better(&s, &best))) best = s;
    }
    if (!best.final) return out;
    chosen = best;
    for (size_t i = 0; i < count; i++) {
        const zg_case *item = candidates[i].item;
        if (!item->recipe.retrained || item->recipe.select != ZG_SELECT_ONE_SE) continue;
        setting s = collect(candidates, count, item, &out.classes);
        if (is_complete(&s) && s.mean <= best.mean + error_of(&best) && is_simpler(&s, &chosen))
            chosen = s;
    }
    out.chosen = chosen.final;
    out.score = chosen.mean;
    out.error = error_of(&chosen);
    return out;
}
