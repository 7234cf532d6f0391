/*
 * The one interface of solvers and baselines, and what they report while they work.
 *
 * A method gets a problem, option values and a control block, and fills a solution.  It reports
 * iterates through zg_report; what happens there (certification, events) is not charged to it: the
 * stopwatch stands still meanwhile.
 */
#ifndef ZG_CORE_METHOD_H
#define ZG_CORE_METHOD_H

#include "base/clock.h"
#include "core/certificate.h"
#include "core/verdict.h"

/* ---- options -------------------------------------------------------------------------------- */

typedef enum zg_option_type {
    ZG_OPTION_INTEGER,
    ZG_OPTION_NUMBER,
    ZG_OPTION_FLAG, /* true or false */
    ZG_OPTION_TEXT,
    ZG_OPTION_CHOICE, /* one of choices, comma-separated */
    ZG_OPTION_FILE,   /* a name or a path; in keys of cases its last part without the ending */
    ZG_OPTION_PLACE   /* a path that says where something lies; not in keys of cases */
} zg_option_type;

typedef struct zg_option {
    const char *name; /* as in suites, words joined by _ */
    zg_option_type type;
    const char *fallback;   /* default as text; NULL: required (TEXT) */
    const char *choices;    /* for ZG_OPTION_CHOICE */
    double lowest, highest; /* inclusive, for numbers */
    const char *help;       /* one line, with the unit */
} zg_option;

typedef struct zg_value {
    double number;    /* INTEGER, NUMBER, FLAG (0 or 1), CHOICE (index) */
    const char *text; /* as given; owned by zg_values */
} zg_value;

/* ---- reporting ------------------------------------------------------------------------------ */

#define ZG_ALL_OUTPUTS ((size_t)-1)

typedef struct zg_iterate {
    const char *unit; /* "iteration", "epoch" or "node" */
    long number;
    size_t output;      /* the scalar program it belongs to, or ZG_ALL_OUTPUTS */
    double objective;   /* of the best network found so far by the method; NAN when unknown */
    const double *dual; /* samples (one output) or outputs x samples; NULL: none */
    double bound;       /* the method's own safe lower bound, -INFINITY when it has none */
    const zg_attacks *attacks; /* of a robust problem in the place of dual; NULL: none */
    /* Conic iterates instead of an objective: blocks per group, or NULL. */
    double *const *z;
    double *const *zn;
    /* A network instead of an objective: evaluated by the receiver, or NULL. */
    const zg_network *network;
} zg_iterate;

/* Called with the method's own seconds.  false asks the method to stop as soon as it can. */
typedef struct zg_observer {
    bool (*notify)(void *context, const zg_iterate *iterate, double seconds);
    void *context;
} zg_observer;

/* Where a method's state is kept between rounds, for a process that is killed.  numbers (count) are
 * the method's own; v belongs to the problem's samples.  What comes back may be anything: a method
 * takes numbers that fit, and measures again what they are worth. */
typedef struct zg_keeper {
    void (*keep)(void *context, size_t output, size_t count, const double *numbers,
                 const double *v);
    /* *numbers (the caller's to free) and v; false: there is nothing for this output. */
    bool (*recall)(void *context, size_t output, size_t *count, double **numbers, double *v);
    void *context;
} zg_keeper;

typedef struct zg_control {
    double tolerance;            /* relative certified gap aimed at; > 0 */
    double seconds;              /* of the method's own time; 0: no limit */
    int threads;                 /* BLAS threads; 0: leave as they are */
    size_t jobs;                 /* processes for independent outputs; 0 or 1: none extra */
    const char *checkpoint;      /* file that a long search may keep its state in, and goes on from
                                    when it is there (a damaged or foreign one counts as none); the
                                    caller removes it.  NULL: none */
    const zg_keeper *keeper;     /* or NULL */
    const zg_observer *observer; /* or NULL */
    const struct zg_method *method; /* that is running, for those made while the program runs */
} zg_control;

/* Pauses the watch, notifies, resumes; false: stop. */
bool zg_report(const zg_control *control, zg_stopwatch *watch, const zg_iterate *iterate);

/* ---- result --------------------------------------------------------------------------------- */

/* Which program answered: for the record of a run, not for the key of a case. */
typedef struct zg_program_identity {
    char path[256];    /* of the file that was run, or empty */
    char version[128]; /* the line by which it introduced itself, or empty */
    char digest[65];   /* SHA-256 of that file in hexadecimal, or empty */
    char adapter[65];  /* SHA-256 of the adapter that said how to run it, or empty */
} zg_program_identity;

typedef struct zg_solution {
    zg_network *network;
    double *dual;       /* outputs x samples, or NULL */
    zg_attacks attacks; /* of a robust problem, in the place of dual */
    double bound;       /* a bound of the method's own that needs no dual (tree), or -INFINITY */
    double seconds;     /* the method's own wall-clock time */
    double processor_seconds; /* and processor time; NAN where it is not known */
    long iterations;          /* or epochs, nodes: see unit */
    const char *unit;
    long pivots; /* simplex pivots, 0 when none */
    bool has_dimacs;
    double dimacs[6]; /* DIMACS error measures 1..6, recomputed by us */
    /* What the solver itself says of its answers, before they were improved: of each output by
     * itself (claims[c] where claimed[c]), since sums would let one lie hide another.  NULL: it
     * says nothing of any. */
    bool *claimed;
    zg_claim *claims;
    zg_program_identity solver; /* the program behind the answer, where there was one */
    char message[512];          /* remarks: retries, restrictions ("optimum over the dictionary") */
} zg_solution;

void zg_solution_clear(zg_solution *solution);
/* Notes what the solver says of one of the outputs; claim is copied. */
zg_status zg_solution_claim(zg_solution *solution, size_t outputs, size_t output,
                            const zg_claim *claim);
/* For people to read, not to judge by: objectives of all outputs added up, the worst word for the
 * whole.  False where it says nothing of some output. */
bool zg_solution_total_claim(const zg_solution *solution, size_t outputs, zg_claim *total);
/* Sets both times of the solution to those of a paused watch. */
void zg_solution_charge(zg_solution *solution, const zg_stopwatch *watch);

/* ---- the registry row ------------------------------------------------------------------------ */

typedef struct zg_method {
    const char *name;
    const char *summary; /* one line */
    bool convex;         /* aims at the global optimum of the l1-penalised problem, and claims to
                            have reached it when it ends by itself: certified, or it failed */
    bool keeps_set;      /* its networks' neurons are of the problem's set, whatever that is; others
                            are given problems on the sphere only */
    const zg_option *options;
    size_t option_count;
    /* Whether it can treat the problem; the message names a method that can. */
    zg_status (*check)(const zg_problem *problem, const zg_value *values, zg_error *error);
    /* solution comes zeroed.  On ZG_TIMEOUT and ZG_STOPPED a network may be present. */
    zg_status (*solve)(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error);
    bool functionals;  /* it asks the lift for everything: rows need not be values at points */
    bool robust;       /* it can train against the worst points of balls */
    bool asked_anyway; /* it is given problems, too, that are proven to have no solution */
    /* Which program would answer, without running it: all but its version, as far as it can be
     * found.  NULL: the method is of this program. */
    void (*identify)(const zg_value *values, zg_program_identity *out);
    const char *module; /* of the program's, that it needs (base/module.h); NULL: none */
} zg_method;

/* ZG_MISSING where the method's module is not installed. */
zg_status zg_method_ready(const zg_method *method, zg_error *error);
/* Whether the method can treat the problem: its own check, and its neuron set. */
zg_status zg_method_accepts(const zg_method *method, const zg_problem *problem,
                            const zg_value *values, zg_error *error);

/* Values of a method's options, all defaults; free with zg_values_free. */
zg_status zg_values_create(const zg_method *method, zg_value **out, zg_error *error);
void zg_values_free(const zg_method *method, zg_value *values);
/* Parses and sets one option; unknown names and values out of range are refused by name. */
zg_status zg_values_set(const zg_method *method, zg_value *values, const char *name,
                        const char *text, zg_error *error);

/* Sets options from texts KEY=VALUE, each key at most once. */
zg_status zg_values_read(const zg_method *method, zg_value *values, const char *const *settings,
                         size_t count, zg_error *error);

/* For convex methods: runs solve_output for every output (in control->jobs processes when more
 * than one), merges networks and duals into the solution. */
typedef zg_status (*zg_solve_output)(const zg_problem *problem, size_t output,
                                     const zg_value *values, const zg_control *control,
                                     zg_stopwatch *watch, zg_solution *solution, zg_error *error);
zg_status zg_solve_outputs(const zg_problem *problem, const zg_value *values,
                           const zg_control *control, zg_solve_output solve_output,
                           zg_solution *solution, zg_error *error);

#endif
