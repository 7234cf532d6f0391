/*
 * Rows: what is known of a case when it has ended; written to the journal as case_finished and
 * read back from there by resumed runs and by watch.
 */
#ifndef ZG_LOG_ROW_H
#define ZG_LOG_ROW_H

#include "log/event.h"
#include "log/verdict.h"

#include <jansson.h>

/* How good predictions are on one set of rows; NAN where unknown. */
typedef struct zg_score {
    double loss;     /* sum over the rows */
    double accuracy; /* classification */
    double rmse;     /* regression */
    /* Of a time series, run freely: error and fit in per cent, or the row at which it diverged. */
    double free_run_rmse, free_run_fit, diverged;
    double outside; /* share of rows outside the box of the training rows */
    /* Of a robust problem with two classes: share of rows whose whole ball is decided right. */
    double robust_accuracy;
} zg_score;

#define ZG_NO_SCORE ((zg_score){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN})

#define ZG_PLANE_NEURONS 16
#define ZG_TRACE_ROWS 500
#define ZG_ROBUST_RADII 41

/* Numbers are NAN, texts empty where unknown.  Zero is not unknown: use zg_row_start. */
typedef struct zg_row {
    char suite[128], name[512], key[65];
    zg_verdict verdict;
    char cause[32]; /* a fixed word for programs: "crash", "memory_limit"; empty when all is well */
    char message[1024];
    double objective, bound, gap;
    double rounding;                     /* the objective is off by at most this */
    double claimed_primal, claimed_dual; /* objectives of a solver's own answer */
    char claimed_says[16];               /* "optimal", "unsure", "unbounded" or "infeasible" */
    /* The program that gave it: path, the line by which it introduced itself, SHA-256; and of its
     * adapter. */
    char solver_program[256], solver_version[128], solver_digest[65];
    char adapter_digest[65];
    double blas_threads;          /* that the process really had */
    double seconds;               /* of the method alone, first repetition */
    double processor_seconds;     /* likewise, all its threads and children */
    double certification_seconds; /* not part of seconds */
    double verification_seconds;  /* of the exact checker and its certificate, likewise */
    double total_seconds;         /* wall clock of the process: data, method, certificate */
    double cpu_seconds, peak_rss_bytes;
    double load; /* larger load average of one minute at the start and at the end */
    double neurons, iterations, pivots;
    char unit[16];          /* of iterations */
    double power_sum;       /* sum |w|^p, with a concave penalty */
    double residual;        /* with loss interpolate: the largest |f - y| / max |y| */
    double power_sum_bound; /* a safe lower bound on it, when the network must interpolate */
    zg_score train, validation, test;
    /* What theory says: the optimum in closed form; the distance of a policy from the next of
     * Hewer's sequence and from the optimal one. */
    double closed_form, gain_error, riccati_error;
    /* Of a setting that was chosen: mean validation score of its cases, standard error of the mean
     * over folds, and how many settings there were. */
    double selection_score, selection_error, selection_settings;
    /* Networks of two inputs and one output with few neurons: unit weights, two each, and output
     * weights; count 0: not such a network. */
    size_t plane_count;
    double plane_u[2 * ZG_PLANE_NEURONS], plane_alpha[ZG_PLANE_NEURONS];
    /* Of a robust model with two classes: share of the test rows, or where there are none of the
     * training rows, that keep their label everywhere within each radius; count 0: none. */
    size_t robust_count;
    bool robust_on_test;
    double robust_radius[ZG_ROBUST_RADII], robust_share[ZG_ROBUST_RADII];
    /* Of a time series, over the first test rows: the first output, measured and in the free run;
     * 2 trace_count numbers, owned; NULL: none. */
    size_t trace_count;
    double *trace;
    bool has_dimacs;
    double dimacs[6];
    double *samples; /* seconds of every repetition, when there were several; owned */
    size_t sample_count, sample_capacity;
    char limits_by[12]; /* "cgroup" or "sampling": what held its limits */
    char timing[8];     /* "solo", or "shared" when other cases ran beside it */
} zg_row;

void zg_row_start(zg_row *row);
void zg_row_clear(zg_row *row);
zg_status zg_row_add_sample(zg_row *row, double seconds);

/* Takes a repetition (from 0) into its case's row and leaves fresh unknown: the first as it is,
 * later ones as samples of time, one that was not measured as the verdict of all. */
zg_status zg_row_merge(zg_row *row, zg_row *fresh, size_t repetition, zg_error *error);

/* Adds the row's members to an event that was started. */
void zg_row_write(const zg_row *row, zg_event *event);
/* Reads the members of an event; what is absent stays unknown.  ZG_BAD_INPUT: its verdict is none,
 * and the row has everything else and ZG_CASE_FAILED. */
zg_status zg_row_read(zg_row *row, const json_t *event, zg_error *error);

#endif
