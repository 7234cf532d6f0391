/*
 * zerogap: global optima of two-layer polynomial-activation networks, with proofs.
 *
 * The public interface.  Conventions, valid everywhere unless a function says otherwise:
 *  - A sample matrix X is n x d, row-major: sample i is the d consecutive doubles x + i * d.
 *  - Per-sample vectors with C outputs (targets Y, predictions F, dual vectors V) are
 *    output-major: output c is the n consecutive doubles y + c * n.
 *  - Symmetric matrices are stored in full, order x order.
 *  - A function that can fail returns zg_status and takes a zg_error last, which may be NULL; on
 *    failure its message is one complete sentence and nothing that was allocated leaks.
 *  - What a *_create, *_load or *_copy returns belongs to the caller and goes to *_free;
 *    *_free(NULL) does nothing.  The library never prints, never exits and has no global state.
 *
 * Mathematics: B. Bartan, M. Pilanci, "Neural Spectrahedra and Semidefinite Lifts",
 * arXiv:2101.02429.  docs/mathematics.md has every formula with the names used here.
 */
#ifndef ZEROGAP_H
#define ZEROGAP_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- outcomes --------------------------------------------------------------------------- */

typedef enum zg_status {
    ZG_OK = 0,
    ZG_BAD_INPUT,   /* arguments, data or files that cannot be right; nothing was done */
    ZG_IO,          /* the operating system refused to read or write */
    ZG_NO_MEMORY,   /* an allocation failed */
    ZG_UNSUPPORTED, /* this method cannot treat this problem; the message names one that can */
    ZG_MISSING,     /* a program, package or data set that would be needed is not there */
    ZG_FAILED,      /* the method broke down; the message says how */
    ZG_TIMEOUT,     /* the time limit ended it; a partial result may be present */
    ZG_STOPPED,     /* the observer asked to stop; a partial result may be present */
    ZG_INFEASIBLE,  /* no network does what was asked, with the reason: targets out of reach */
    ZG_STATUS_COUNT
} zg_status;

/* One short English phrase per status; never NULL. */
const char *zg_status_message(zg_status status);

typedef struct zg_error {
    zg_status status;
    char message[1024]; /* one sentence; "file:line:column: " in front where a file is at fault */
} zg_error;

/* ---- the small vocabulary ---------------------------------------------------------------- */

/* Activation sigma(t) = a t^2 + b t + c. */
typedef struct zg_activation {
    double a, b, c;
} zg_activation;

/* "relu2" (0.09, 0.5, 0.47), "quadratic" (1, 0, 0), or "A,B,C". */
zg_status zg_activation_parse(const char *text, zg_activation *out, zg_error *error);

typedef enum zg_loss_kind {
    ZG_LOSS_SQUARED,       /* 1/2 (f - y)^2 */
    ZG_LOSS_ABSOLUTE,      /* |f - y| */
    ZG_LOSS_HUBER,         /* r^2/2 if |r| <= delta, else delta |r| - delta^2/2 */
    ZG_LOSS_HINGE,         /* max(0, 1 - y f), y = -1 or +1 */
    ZG_LOSS_SQUARED_HINGE, /* 1/2 max(0, 1 - y f)^2 */
    ZG_LOSS_LOGISTIC,      /* log(1 + exp(-y f)) */
    ZG_LOSS_INTERPOLATE,   /* 0 if f = y, infinite otherwise */
    ZG_LOSS_COUNT
} zg_loss_kind;

typedef struct zg_loss {
    zg_loss_kind kind;
    double delta; /* Huber's threshold, > 0; ignored by the others */
} zg_loss;

/* "squared", "absolute", "huber" (delta 1), "huber:DELTA", "hinge", "squared-hinge", "logistic",
 * "interpolate". */
zg_status zg_loss_parse(const char *text, zg_loss *out, zg_error *error);
/* Writes the text that zg_loss_parse reads back to the same loss. */
void zg_loss_format(zg_loss loss, char *text, size_t size);

typedef enum zg_architecture_kind { ZG_DENSE, ZG_CONV1D, ZG_CONV2D } zg_architecture_kind;

typedef enum zg_pool_kind { ZG_POOL_NONE, ZG_POOL_GLOBAL, ZG_POOL_SIZE } zg_pool_kind;

/* Which inputs a neuron sees.  A convolution slides a filter over `channels` planes (channel-major
 * inputs: all of channel 0 first) and averages sigma over the patches of one pool. */
typedef struct zg_architecture {
    zg_architecture_kind kind;
    size_t height, width, channels; /* of one sample; conv1d has height 1 */
    size_t filter[2], stride[2];    /* rows, columns; conv1d has rows 1 */
    zg_pool_kind pool;
    size_t pool_size[2]; /* in patches: rows, columns; only for ZG_POOL_SIZE */
} zg_architecture;

/* "dense", "conv1d:filter=F,stride=S,pool=P[,channels=K]",
 * "conv2d:height=H,width=W,filter=FxG,stride=SxT,pool=PxQ[,channels=K]"; pool is none (default),
 * global or a size; stride defaults to 1.  inputs resolves conv1d's width; 0 leaves it open. */
zg_status zg_architecture_parse(const char *text, size_t inputs, zg_architecture *out,
                                zg_error *error);
/* Writes the text that zg_architecture_parse reads back. */
void zg_architecture_format(const zg_architecture *architecture, char *text, size_t size);

typedef enum zg_task {
    ZG_REGRESSION,
    ZG_BINARY,     /* two labels, -1 and +1 in sorted order */
    ZG_MULTICLASS, /* one output per label in sorted order, one-hot 0/1 */
    ZG_TASK_AUTO   /* texts: binary when there are two, else multiclass; otherwise regression */
} zg_task;

/* ---- data -------------------------------------------------------------------------------- */

typedef struct zg_dataset zg_dataset;

typedef enum zg_header { ZG_HEADER_DETECT, ZG_HEADER_YES, ZG_HEADER_NO } zg_header;

typedef enum zg_missing {
    ZG_MISSING_ERROR,
    ZG_MISSING_MEAN, /* the column's mean over the rows that have it */
    ZG_MISSING_DROP, /* the whole row goes */
    ZG_MISSING_KEEP, /* NaN stays in its place, in inputs and targets */
    /* NaN stays in inputs until it is known which rows train: their means stand in */
    ZG_MISSING_TRAINING_MEAN
} zg_missing;

/* Columns of words that a model was trained with, each as one input per word. */
typedef struct zg_one_hot zg_one_hot;

/* How a file is read.  Zero-initialised means the defaults.  Lists of columns hold names, globs and
 * 1-based indices, separated by commas. */
typedef struct zg_data_options {
    const char
        *target; /* column names or 1-based indices, comma-separated, or "last"; NULL: last */
    zg_header header;
    zg_missing missing;
    char separator;             /* ',', ';', '\t', '|' or ' ' (blanks); 0: told by the first rows */
    char decimal;               /* '.' or ','; 0: '.', or ',' where the first rows leave no doubt */
    char thousands;             /* ',', '.', ' ', '\'' or '_' between thousands; 0: likewise */
    const char *missing_values; /* words, comma-separated; NULL: NA, NaN, NULL, ? and the like */
    const char *columns;        /* inputs to keep; NULL: all */
    const char *drop;           /* columns to leave out; NULL: none */
    const char *one_hot; /* columns of words, one 0/1 input for each word; "words": all of them */
    bool unknown_zero;   /* a word that the schema does not know is 0 in each input, no error */
    bool zero_based;     /* LIBSVM: indices begin at 0 */
    size_t size_limit;   /* bytes that the numbers may take in memory; 0: 1 GiB, and unpacked files
                          * at most 200 times what they are packed (64 MiB are always allowed) */
    const struct zg_schema *schema; /* the columns that a model needs, or NULL: any */
} zg_data_options;

/* Reads a file: CSV (RFC 4180) and its relatives, LIBSVM text, IDX or NPY, told apart by name and
 * content; "-" is standard input.  Errors name file:line:column. */
zg_status zg_dataset_load(const char *path, const zg_data_options *options, zg_dataset **out,
                          zg_error *error);
/* Copies x (n x d, row-major) and targets t (n x k, row-major). */
zg_status zg_dataset_create(size_t n, size_t d, const double *x, size_t k, const double *t,
                            zg_dataset **out, zg_error *error);
void zg_dataset_free(zg_dataset *dataset);
size_t zg_dataset_rows(const zg_dataset *dataset);
size_t zg_dataset_inputs(const zg_dataset *dataset);

/* ---- problem, network, certificate ------------------------------------------------------- */

typedef struct zg_problem zg_problem;
typedef struct zg_network zg_network;

/* What is to be trained.  Zero-initialised fields mean: dense, squared, regression. */
typedef struct zg_model_options {
    zg_activation activation;
    zg_architecture architecture;
    zg_loss loss;
    zg_task task;
    double beta;      /* > 0; weight of the penalty */
    bool standardize; /* by the training rows' means and population standard deviations */
    bool bias;        /* the input 1 stands behind the others, not standardised */
} zg_model_options;

/* The training problem over all rows of the data set (copied). */
zg_status zg_problem_create(const zg_dataset *dataset, const zg_model_options *options,
                            zg_problem **out, zg_error *error);
void zg_problem_free(zg_problem *problem);

/* Trains with a method of `zerogap list solvers`; NULL is "auto".  The network is the caller's.
 * ZG_FAILED, and no network, when the result is wrong or a global method is not certified to the
 * tolerance, which is above 0 and at most 1; what a local method finds is returned as it is
 * (zg_certify says how far it is).  Where OpenBLAS runs kernels much slower than the processor
 * allows, ZG_OK comes with a warning in the error's message, whose status is ZG_OK. */
zg_status zg_train(const zg_problem *problem, const char *method, double tolerance,
                   zg_network **out, zg_error *error);

typedef enum zg_bound_source {
    ZG_BOUND_ZERO,     /* v = 0: the loss cannot be below zero */
    ZG_BOUND_RESIDUAL, /* v from the network's own residual: first-order good only */
    ZG_BOUND_DUAL,     /* v handed over by a solver or kept in the model */
    ZG_BOUND_TIGHT,    /* v from a solve made for the certificate */
    ZG_BOUND_TREE      /* branch and bound, safe linear-programming bounds */
} zg_bound_source;

typedef struct zg_certificate {
    double objective; /* of the network, re-evaluated from the raw data: an upper bound on p* */
    double bound;     /* certified lower bound on p* */
    double gap;       /* (objective - bound) / max(1, |objective|), not below 0; NAN when the two
                         contradict each other or one is not finite: it compares as no success */
    zg_bound_source source;
    double rounding; /* the objective is off by at most this: a bound above it by more is wrong */
} zg_certificate;

/* What a result is worth.  Only the second is a proof. */
typedef enum zg_decision {
    ZG_DECISION_FAILED,      /* nothing was measured, or a global method missed its optimum */
    ZG_DECISION_CERTIFIED,   /* globally optimal up to the tolerance */
    ZG_DECISION_UNCERTIFIED, /* a network and a bound, with a gap between them */
    ZG_DECISION_WRONG        /* objective and bound, or a claim and both, contradict each other */
} zg_decision;

/* The verdict on a certified network: the one that `train`, `certify` and suites give.  With a
 * tolerance that is not from 0 to 1 nothing is certified. */
zg_decision zg_certificate_decide(const zg_certificate *certificate, double tolerance);

/* Proves how far the network is from the global optimum; solves no SDP.  Uses the dual vector
 * kept with the network when there is one, and the residual in any case; the better bound counts.
 */
zg_status zg_certify(const zg_problem *problem, const zg_network *network, zg_certificate *out,
                     zg_error *error);

/* Model files: format "zerogap-model/1". */
zg_status zg_network_load(const char *path, zg_network **out, zg_error *error);
zg_status zg_network_save(const zg_network *network, const char *path, zg_error *error);
void zg_network_free(zg_network *network);
size_t zg_network_neurons(const zg_network *network);
size_t zg_network_outputs(const zg_network *network);
/* f (n x outputs, output-major) from raw inputs x (n x d); preprocessing included.  A NaN stands
 * for a missing value where the model keeps means to fill gaps with ("fill"), and gives NaN
 * elsewhere. */
zg_status zg_network_predict(const zg_network *network, size_t n, const double *x, double *f,
                             zg_error *error);

#ifdef __cplusplus
}
#endif

#endif
