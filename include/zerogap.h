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
 *  - A structure whose first member is `size` may grow in later versions: the caller sets size to
 *    its sizeof, zeroes the rest and sets what it needs.  A library that is older than the caller
 *    refuses options that it does not know, and leaves results that it does not know as they are.
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
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the library that runs, as in "0.1.0". */
const char *zg_version(void);

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
    ZG_LOSS_FISHER,        /* 1/2 variance within two classes whose means are 1 apart */
    ZG_LOSS_COUNT
} zg_loss_kind;

typedef struct zg_loss {
    zg_loss_kind kind;
    double delta; /* Huber's threshold, > 0; ignored by the others */
} zg_loss;

/* "squared", "absolute", "huber" (delta 1), "huber:DELTA", "hinge", "squared-hinge", "logistic",
 * "interpolate", "fisher". */
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

typedef enum zg_neuron_set_kind {
    ZG_SET_SPHERE,  /* every unit vector */
    ZG_SET_BINARY,  /* weights -1 and 1, scaled to unit length */
    ZG_SET_TERNARY, /* -1, 0 and 1, not all of them 0 */
    ZG_SET_BITS,    /* the 2^bits odd numbers from 1 - 2^bits to 2^bits - 1 */
    ZG_SET_BILINEAR /* pairs of binary neurons, a (x'u) (x'v); needs b = c = 0 */
} zg_neuron_set_kind;

/* Which neurons a network may have. */
typedef struct zg_neuron_set {
    zg_neuron_set_kind kind;
    unsigned bits; /* of ZG_SET_BITS, 2 to 8; ignored by the others */
} zg_neuron_set;

/* "sphere", "binary", "ternary", "bits:K" or "bilinear". */
zg_status zg_neuron_set_parse(const char *text, zg_neuron_set *out, zg_error *error);

/* What the rows of a problem say of the network; see docs/functionals.md. */
typedef enum zg_row_kind {
    ZG_ROWS_VALUES,            /* its values: one target an output */
    ZG_ROWS_SLOPES,            /* its derivatives along each input, the targets in their order */
    ZG_ROWS_VALUES_AND_SLOPES, /* its value, then its derivatives */
    ZG_ROWS_CONTRAST /* one row: its mean where the target is above 0, less that elsewhere, is 1 */
} zg_row_kind;

/* "values", "slopes", "values+slopes" or "contrast". */
zg_status zg_row_kind_parse(const char *text, zg_row_kind *out, zg_error *error);

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
    const struct zg_lags *lags;     /* the table is a time series, or NULL: its rows are samples */
    bool no_target;                 /* every column is an input (tables with columns only) */
    bool weighted; /* the last of two or more targets holds weights of the rows: where there are
                    * two, the first may hold class labels that are texts, as a single one may */
} zg_data_options;

/* Reads a file: CSV (RFC 4180) and its relatives, LIBSVM text, IDX or NPY, told apart by name and
 * content; "-" is standard input.  Errors name file:line:column. */
zg_status zg_dataset_load(const char *path, const zg_data_options *options, zg_dataset **out,
                          zg_error *error);
/* Copies x (n x d, row-major) and targets t (n x k, row-major). */
zg_status zg_dataset_create(size_t n, size_t d, const double *x, size_t k, const double *t,
                            zg_dataset **out, zg_error *error);
/* The same, but x stays where it is: it must outlive the data set and all problems over it, and not
 * change.  t is copied. */
zg_status zg_dataset_borrow(size_t n, size_t d, const double *x, size_t k, const double *t,
                            zg_dataset **out, zg_error *error);
/* Names the columns (copied): d inputs, k targets; NULL leaves either as it is.  No name is empty
 * and no two are the same.  Networks keep the names. */
zg_status zg_dataset_set_names(zg_dataset *dataset, const char *const *inputs,
                               const char *const *targets, zg_error *error);
/* Says that the only target is a class by a text: t holds indices into labels (count, copied),
 * which are sorted bytewise and distinct. */
zg_status zg_dataset_set_labels(zg_dataset *dataset, size_t count, const char *const *labels,
                                zg_error *error);
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
    double robust; /* >= 0: trained against the worst point of the ball of this radius (l2) around
                      each row, in the units that the network sees; one output only */
    zg_neuron_set neuron_set; /* zero-initialised: sphere */
    zg_row_kind rows;         /* zero-initialised: values; others: dense, one output */
    bool halfspaces; /* the network gets 1{x'u >= 0} for every way in which a hyperplane parts the
                        rows, x standardised and with the bias; up to three numbers in x.  The
                        activation quadratic and conv1d:filter=1 then make threshold units. */
} zg_model_options;

/* The training problem over all rows of the data set (copied). */
zg_status zg_problem_create(const zg_dataset *dataset, const zg_model_options *options,
                            zg_problem **out, zg_error *error);

typedef struct zg_problem_options {
    size_t size;
    const double *weights;     /* of the rows, each > 0 (copied); NULL: 1 */
    const char *class_weights; /* "balanced", or "LABEL=W,LABEL=W" with 1 for others; NULL: none */
    bool standardize_target;   /* of a regression, by the rows' means and standard deviations */
} zg_problem_options;

/* The same with options (NULL: none).  Inputs that are used as they are, neither standardised nor
 * with a bias, are not copied: the data set must outlive the problem. */
zg_status zg_problem_create_with(const zg_dataset *dataset, const zg_model_options *model,
                                 const zg_problem_options *options, zg_problem **out,
                                 zg_error *error);
/* What a network is measured on: rows that are prepared as the network's inputs and targets are,
 * and its activation, architecture and penalty.  loss NULL and beta 0 are those that it was trained
 * with.  The data set must outlive the problem.  Columns are taken by position. */
zg_status zg_problem_for_network(const zg_dataset *dataset, const zg_network *network,
                                 const char *loss, double beta, const zg_problem_options *options,
                                 zg_problem **out, zg_error *error);
void zg_problem_free(zg_problem *problem);
size_t zg_problem_outputs(const zg_problem *problem);
/* The least beta at which the zero network is optimal, of the output where it is largest. */
zg_status zg_problem_beta_max(const zg_problem *problem, double *out, zg_error *error);

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

/* ---- training with options ---------------------------------------------------------------- */

/* How far a method has come. */
typedef struct zg_progress {
    const char *unit; /* "iteration", "epoch" or "node" */
    long number;
    double seconds;               /* of the method alone */
    double objective;             /* best so far, of a real network, summed over outputs */
    double bound;                 /* certified, best so far */
    double gap;                   /* NAN when the two contradict each other */
    double certification_seconds; /* total spent on certificates so far */
} zg_progress;

typedef struct zg_train_options {
    size_t size;
    const char *method;          /* as `zerogap list solvers` and `list baselines` name it; NULL:
                                  * "auto" */
    const char *const *settings; /* options of the method, each "KEY=VALUE", no key twice */
    size_t setting_count;
    double
        tolerance;  /* largest certified relative gap that counts as optimal, 1e-15 to 1; 0: 1e-6 */
    double seconds; /* limit on the method's time; 0: none */
    int threads;    /* of BLAS, for the whole process; 0: as they are */
    size_t jobs;    /* outputs at a time, each in a process of its own; 0: 1, and none extra */
    /* Called with certified progress, in the thread that trains; NULL: not.  *go_on is false at
     * first: a callback that does not set it, or breaks before it does, ends the training. */
    void (*progress)(void *context, const zg_progress *progress, bool *go_on);
    void *context;
    double progress_seconds; /* at least so long between two calls; 0: at every iterate */
} zg_train_options;

typedef struct zg_result {
    size_t size;
    zg_certificate certificate; /* all NAN when nothing was measured */
    zg_decision decision;       /* what it is worth, at this tolerance */
    double tolerance;
    double loss, penalty;     /* the two parts of the objective */
    double miss;              /* with loss interpolate: the largest |f - y| / max |y|; else NAN */
    double seconds;           /* of the method alone, wall clock */
    double processor_seconds; /* NAN where it is not known */
    double certification_seconds;
    long iterations;     /* or epochs, nodes: */
    char unit[16];       /* see zg_progress */
    size_t neuron_bound; /* some optimum has at most so many neurons, 0: not known */
    char method[64];     /* that trained */
    char cause[32];      /* a fixed word where something is wrong (docs/verdicts.md), else empty */
    char reason[320];    /* the sentence of the verdict, or empty */
    char remark[512];    /* the method's remarks, or empty */
} zg_result;

/* Trains as the program does: to the same last digit.  ZG_OK says that the network is certified,
 * or a local method's, which is returned as it is.  Every other status may come with a network,
 * too, where one was measured: when a limit or the callback ended the training, when a global
 * method did not reach the tolerance, and when the result is wrong (ZG_FAILED; see decision).  The
 * network is the caller's.  result may be NULL. */
zg_status zg_train_with(const zg_problem *problem, const zg_train_options *options,
                        zg_network **out, zg_result *result, zg_error *error);

/* zg_certify with the best bound that there is: solves the convex program for it, and keeps the
 * dual vector with the network where it is better than what is known.  Of options (NULL: none)
 * tolerance does not count. */
zg_status zg_certify_tight(const zg_problem *problem, zg_network *network,
                           const zg_train_options *options, zg_certificate *out, zg_error *error);

typedef struct zg_claim_ends {
    size_t size;
    double lower, upper,
        gap;              /* as claimed in the file; upper and gap NAN where it has no network */
    double lost;          /* of the lower bound, by rounding it to a safe distance */
    char data_file[1024]; /* to verify with */
} zg_claim_ends;

/* Writes the certificate of what zg_certify says to path, for zerogap-verify.  dataset: the rows
 * of the problem, as they were before preprocessing.  They go to "PATH.csv", unless data_path
 * (NULL: none) is a CSV file that has them; target says which column of it the target is, as
 * zg_data_options does.  ZG_FAILED where objective and bound contradict each other.  out may be
 * NULL. */
zg_status zg_certificate_save(const char *path, const zg_problem *problem,
                              const zg_dataset *dataset, const zg_network *network,
                              const char *data_path, const char *target, zg_claim_ends *out,
                              zg_error *error);

/* ---- paths of beta -------------------------------------------------------------------------- */

/* One beta of a path. */
typedef struct zg_path_point {
    double beta;
    /* Of the network trained on all training rows. */
    double objective, loss, penalty, bound, gap;
    size_t neurons;
    /* On the rows held back: the mean over the folds of the root mean squared error, or for classes
     * of the share of wrong labels; and its standard error (NAN where there is one part only).
     * score is NAN without such rows. */
    double score, error;
    /* Over this network and those of the folds: the worst gap, and how many are not certified. */
    double worst_gap;
    size_t uncertified, wrong;
} zg_path_point;

typedef struct zg_path_options {
    size_t size;
    size_t folds;            /* to choose beta by: 2 to 1000; 0: none, nothing is chosen */
    uint32_t seed;           /* of the rows' permutation that deals out the folds */
    bool one_standard_error; /* the largest beta within one standard error of the best score */
    double ratio;            /* smallest beta of a grid to its largest; 0: 1e-3 */
} zg_path_options;

/* Trains for count betas, as `zerogap train --beta-path` does: to the same last digit.  betas (in
 * any order, > 0, none twice); NULL: from the least beta at which the zero network is optimal down
 * to ratio times it, evenly in the logarithm.  points: count, by falling beta, the caller's array.
 * *chosen is the number of the point that the folds choose, SIZE_MAX without folds.  The options
 * may be NULL; model->beta does not count; jobs are parts (all rows, folds) at a time.  progress is
 * told of iterates, without objectives, and may stop all (ZG_STOPPED); not with several jobs. */
zg_status zg_train_path(const zg_dataset *dataset, const zg_model_options *model,
                        const zg_problem_options *problem, const zg_train_options *training,
                        const zg_path_options *options, size_t count, const double *betas,
                        zg_path_point *points, size_t *chosen, zg_error *error);

/* ---- networks ------------------------------------------------------------------------------- */

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

/* The class that the outputs f (as above) of each sample stand for: indices (n) into the labels.
 * ZG_BAD_INPUT for a regression, and where an output is no number. */
zg_status zg_network_classify(const zg_network *network, size_t n, const double *f, size_t *classes,
                              zg_error *error);

/* What a network is made of.  Pointers are the network's, valid until it is freed. */
typedef struct zg_network_parts {
    size_t size;
    zg_activation activation;
    zg_architecture architecture;
    zg_task task;
    bool bias;
    size_t inputs; /* of the data: without the bias */
    size_t outputs;
    size_t neurons, width;                    /* width: numbers in a u */
    const size_t *group;                      /* neurons: the pool that each belongs to */
    const double *u;                          /* neurons x width, row-major, unit norm */
    const double *alpha;                      /* neurons x outputs, row-major */
    const double *mean, *scale;               /* inputs each, or NULL: not standardised */
    const double *target_mean, *target_scale; /* outputs each, or NULL: likewise */
    const char *const *input_names;           /* inputs, or NULL: unknown */
    size_t labels;                            /* number of classes; 0: regression */
    const double *label_values;               /* labels, sorted; or NULL: */
    const char *const *label_texts;           /* labels, sorted; or NULL */
    size_t targets;                           /* number of target columns */
    const char *const *target_names;          /* targets, or NULL: unknown */
    /* How it was trained; NAN, NULL or empty where that is not known. */
    zg_loss loss;
    double beta, objective, bound, gap;
    const char *method;
    size_t samples;     /* rows, when there is a dual vector */
    const double *dual; /* outputs x samples: behind the bound */
    /* 0, or the network gets 1{z'u >= 0} of so many u, z the preprocessed inputs with the bias */
    size_t halfspaces;
    const double *directions; /* halfspaces x 2 (inputs + bias), row-major: u = high + low parts */
} zg_network_parts;

void zg_network_describe(const zg_network *network, zg_network_parts *out);

/* The network as what it is: f(x)_c = x'Px + q'x + r of one output, in the target's own units.
 * raw: of inputs as in the data, else of standardised ones.  p: inputs x inputs, symmetric; q:
 * inputs; all allocated by the caller. */
zg_status zg_network_form(const zg_network *network, size_t output, bool raw, double *p, double *q,
                          double *r, zg_error *error);

/* A network with given neurons in a problem's shape (see zg_network_parts for the arrays; width is
 * the problem's, with the bias).  group NULL: all 0.  Each u must have norm 1 within 1e-9. */
zg_status zg_network_from_neurons(const zg_problem *problem, size_t count, const size_t *group,
                                  const double *u, const double *alpha, zg_network **out,
                                  zg_error *error);

/* A network with any weights, as other programs train it:
 *     f(z)_c = constant_c + sum_j v_jc sigma(w_j' z + b_j)
 * of the dense problem's inputs z (as they are after preprocessing, without the bias; d of them),
 * before targets are scaled back.  w: count x d, b: count or NULL, v: count x outputs, constant:
 * outputs or NULL.
 *
 * Neurons that are unit neurons, or can be scaled to some, stay; the others are one quadratic per
 * output, which is decomposed into unit neurons.  Unit neurons represent it but for its constant,
 * which must be (c / a) tr P; with the problem's bias there is one for every constant (unless b = 0
 * and a + c = 0).  miss (outputs): by how much the constant of the given network is larger than
 * that of *out.  The penalty of *out is not the least that this function can have.  ZG_UNSUPPORTED
 * when the quadratic has terms that the activation has none of. */
zg_status zg_network_from_weights(const zg_problem *problem, size_t count, const double *w,
                                  const double *b, const double *v, const double *constant,
                                  double *miss, zg_network **out, zg_error *error);

#ifdef __cplusplus
}
#endif

#endif
