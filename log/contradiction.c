/* Rows of one problem held against each other (see contradiction.h). */
#include "log/contradiction.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Per problem: the rows with the highest bound and the lowest objective. */
typedef struct extremes {
    size_t highest, lowest;
} extremes;

/* What tells problems apart, as JSON text to be freed; NULL where the row does not say, or memory
 * ran out (*no_memory). */
static char *identity_of(const zg_log_case *row, bool *no_memory)
{
    static const char *const members[] = {"data", "model", "data_digest"};
    json_t *whole = json_object();
    bool complete = row->finished && row->result.verdict != ZG_WRONG;
    if (!whole) *no_memory = true;
    for (size_t i = 0; whole && i < sizeof members / sizeof *members; i++) {
        json_t *part = json_object_get(row->started, members[i]);
        if (!part) complete = false;
        if (part && json_object_set(whole, members[i], part) != 0) *no_memory = true;
    }
    json_t *beta = json_object_get(row->started, "beta"); /* found from beta_relative */
    if (whole && beta && json_object_set(whole, "beta", beta) != 0) *no_memory = true;
    char *text = NULL;
    if (complete && !*no_memory) {
        text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
        if (!text) *no_memory = true;
    }
    json_decref(whole);
    return text;
}

/* Fills problem_of and the extremes; false when memory ran out. */
static bool group(const zg_log *log, json_t *index, size_t *problem_of, extremes *out)
{
    bool no_memory = false;
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        char *identity = identity_of(row, &no_memory);
        if (no_memory) return false;
        problem_of[i] = SIZE_MAX;
        if (!identity) continue;
        const json_t *known = json_object_get(index, identity);
        size_t number = known ? (size_t)json_integer_value(known) : json_object_size(index);
        bool kept =
            known || json_object_set_new(index, identity, json_integer((json_int_t)number)) == 0;
        free(identity);
        if (!kept) return false;
        problem_of[i] = number;
        if (!known) out[number] = (extremes){i, i};
        if (row->lower > log->cases[out[number].highest].lower) out[number].highest = i;
        if (row->upper < log->cases[out[number].lowest].upper) out[number].lowest = i;
    }
    return true;
}

/* false when memory ran out. */
static bool say(zg_log_case *row, const zg_log_case *bounding, const zg_log_case *network)
{
    char text[1600];
    const char *name = bounding->name ? bounding->name : "?";
    const char *other = network->name ? network->name : "?";
    if (isfinite(bounding->lower))
        snprintf(
            text, sizeof text,
            "the bound %.12g of %.500s lies above the objective %.12g of %.500s, on one problem",
            bounding->lower, name, network->result.objective, other);
    else
        snprintf(text, sizeof text, "%.500s proves that there is no network, and %.500s has one",
                 name, other);
    char *copy = strdup(text);
    if (!copy) return false;
    free(row->owned_message);
    row->owned_message = copy;
    row->message = copy;
    snprintf(row->result.cause, sizeof row->result.cause, "contradiction");
    row->result.verdict = ZG_WRONG;
    return true;
}

zg_status zg_log_hold_together(zg_log *log, zg_error *error)
{
    json_t *index = json_object();
    size_t *problem_of = calloc(log->case_count + 1, sizeof *problem_of);
    extremes *found = calloc(log->case_count + 1, sizeof *found);
    bool done = index && problem_of && found && group(log, index, problem_of, found);
    for (size_t i = 0; done && i < log->case_count; i++) {
        if (problem_of[i] == SIZE_MAX) continue;
        zg_log_case *row = &log->cases[i];
        const zg_log_case *highest = &log->cases[found[problem_of[i]].highest];
        const zg_log_case *lowest = &log->cases[found[problem_of[i]].lowest];
        if (row != lowest && row->lower > lowest->upper)
            done = say(row, row, lowest);
        else if (row != highest && highest->lower > row->upper)
            done = say(row, highest, row);
    }
    json_decref(index);
    free(problem_of);
    free(found);
    return done ? ZG_OK : zg_no_memory(error);
}
