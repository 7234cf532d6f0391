/*
 * Suites: from a YAML file to a list of cases, every one complete and keyed.
 *
 * A case is one variant of each: data, model, method.  Its key is the SHA-256 of everything that
 * determines its result; its name is what people read and what --filter matches.
 */
#ifndef ZG_RUNNER_SUITE_H
#define ZG_RUNNER_SUITE_H

#include "base/supervisor.h"
#include "core/problem.h"
#include "runner/recipe.h"
#include "solvers/plugin.h"
#include "train/stack.h"

/* What a row of `expect` demands; NAN where it demands nothing. */
typedef struct zg_expectation {
    double objective, rtol, atol; /* |objective found - objective| <= atol + rtol |objective| */
    double gap;                   /* certified gap at most this */
    double accuracy;              /* on the test rows where there are any; at least this - atol */
    double rmse;                  /* likewise; at most this + atol */
    double dimacs;                /* largest DIMACS error of a solver's own answer at most this */
    double
        closed_form; /* |objective - zg_row.closed_form| at most this times its size, at least 1 */
    double gain, riccati; /* zg_row.gain_error, riccati_error at most this */
    double free_run_fit;  /* per cent, on the test rows, at least this - atol */
    const char *diverged; /* "true" or "false": whether the free run must diverge, or NULL */
    bool infeasible;      /* the solver must say that there is no solution, and be right */
    double spread; /* objectives, claimed ones too, of later measurements differ from the first by
                      at most this, relative to objectives of at least 1 */
    double time_ratio; /* seconds over those of the method than, at most this */
    const char *than;  /* label of a method; NULL without time_ratio */
    size_t line;       /* of the row in the suite */
} zg_expectation;

typedef struct zg_case {
    const char *name; /* DATA/MODEL/METHOD */
    char key[ZG_DIGEST_SIZE];
    const char *data_label, *model_label, *method_label;
    const zg_settings *data_settings, *model_settings, *method_settings;
    zg_recipe recipe;
    zg_model_options model; /* task and standardize from the recipe */
    double beta_relative;   /* a share of beta_max, for which model.beta stands till the rows are
                             * read; 0: model.beta is beta */
    zg_penalty penalty;
    size_t layers; /* trained one on the other, all but the last with "auto"; 1: a plain network */
    zg_stack_features layer_features;
    const zg_method *method;
    zg_value *values; /* of the method's options */
    /* Cases among whose settings one is chosen have one number, from 1; 0: nothing is chosen.
     * Those of recipe.retrained are the settings' final cases, of which one runs. */
    size_t group;
    const zg_expectation **expect; /* rows that speak of this case */
    size_t expect_count;
    size_t number;  /* place among all cases of a run, from 1, whatever it selects; the runner sets
                       it */
    bool elsewhere; /* another part of the run has it */
} zg_case;

typedef struct zg_suite {
    const char *path, *name, *about;
    char digest[ZG_DIGEST_SIZE]; /* of the file's bytes */
    zg_limits limits;            /* of each repetition, data and certificate included */
    double tolerance;            /* relative certified gap aimed at */
    size_t repeat;               /* measurements of each case */
    size_t threads;              /* BLAS threads of a case */
    bool verify_exact;           /* the exact checker must confirm what is certified */
    double progress_seconds; /* least time between progress events of methods that iterate fast */
    const zg_settings **claims; /* statements that a report judges by the log */
    size_t claim_count;
    zg_plugin **plugins; /* methods of its own; owned */
    size_t plugin_count;
    zg_case *cases;
    size_t case_count;
    zg_arena arena;
} zg_suite;

/* Reads, checks and expands a suite file.  Messages name file:line:column. */
zg_status zg_suite_load(const char *path, const zg_world *world, zg_suite **out, zg_error *error);
void zg_suite_free(zg_suite *suite);

/* Whether the claim, on either of its sides, is about this case of its suite. */
bool zg_claim_speaks_of(const zg_settings *claim, const zg_case *item);

#endif
