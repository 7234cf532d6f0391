/* What a certificate claims: its data, its problem, its bounds, and what is to prove them. */
#ifndef ZV_CLAIM_H
#define ZV_CLAIM_H

#include "session.h"
#include "sha256.h"

typedef enum zv_task { ZV_REGRESSION, ZV_BINARY, ZV_MULTICLASS } zv_task;

typedef enum zv_loss {
    ZV_SQUARED,
    ZV_ABSOLUTE,
    ZV_HUBER,
    ZV_HINGE,
    ZV_SQUARED_HINGE,
    ZV_LOGISTIC,
    ZV_INTERPOLATE
} zv_loss;

/* Which neurons there may be (docs/certificate.md). */
typedef enum zv_neuron_set {
    ZV_SET_SPHERE,
    ZV_SET_BINARY,
    ZV_SET_TERNARY,
    ZV_SET_BITS,
    ZV_SET_BILINEAR
} zv_neuron_set;

/* The names of these, by which the file and the statement call them; they end in NULL. */
extern const char *const zv_task_names[], *const zv_loss_names[], *const zv_neuron_set_names[];
extern const char *const zv_rows_names[];

/* Whether it is a function of y f, with labels y = -1 or 1. */
bool zv_takes_labels(zv_loss loss);

/* Rows before columns; the pool in patches.  A dense network sees one patch, which is the whole
 * row: an image of height 1. */
typedef struct zv_architecture {
    bool dense;
    uint32_t channels, image[2], filter[2], stride[2], pool[2];
} zv_architecture;

typedef struct zv_claim {
    zv_session *session;

    /* The data: n samples with d inputs, some or all of the file's records. */
    bool header;
    size_t columns, records; /* of the file, the header not counted */
    size_t n, d, targets;
    uint32_t *target;         /* columns of the targets, from 0 */
    const char **target_name; /* as the header has them; NULL without one */
    zv_task task;
    size_t outputs, label_count;
    const char **labels; /* classes: texts, or */
    double *values;      /* numbers */
    char digest[ZV_SHA256_SIZE];
    double *mean, *scale; /* d each, NULL: no preprocessing */
    double *x, *y;        /* n x d preprocessed; outputs x n encoded */
    size_t parted;        /* 0, or what d was before half-spaces took the place of the inputs */

    /* The problem. */
    double *activation; /* a, b, c of a t^2 + b t + c */
    zv_architecture architecture;
    size_t groups, patches, width; /* patches of width inputs in each group */
    uint32_t *inputs;              /* groups x patches x width: which inputs they are */
    zv_loss loss;
    double delta, beta; /* delta: huber only, else 1 */
    double *weights;    /* n; 1 each unless they are given */
    bool weighted;      /* they are, by the certificate, and by no rule */
    zv_neuron_set set;
    uint32_t bits;    /* of ZV_SET_BITS */
    bool counting;    /* the set's neurons prove the lower bound one by one, not the cones */
    bool multipliers; /* cones prove it that know the square of each weight */
    bool tree;        /* a concave penalty, beta |alpha|^(power[0] / power[1]) */
    uint32_t *power;
    bool nonnegative; /* tree: alpha >= 0 */

    /* The bounds. */
    bool has_upper;
    double lower, upper, gap;

    /* The network that attains the upper bound; in a tree also the dictionary. */
    size_t neurons;
    uint32_t *group;   /* neurons */
    size_t u_width;    /* width; of pairs twice that: both halves */
    double *u, *alpha; /* neurons x u_width, neurons x outputs; in a finite set u is whole */

    /* What proves the lower bound of a convex problem: v belongs to the rows xs, which are the
     * samples or, in a robust problem, the copies. */
    size_t rows;
    double *xs;      /* rows x d */
    double *v, *rho; /* outputs x rows (tree: duals x n); outputs x groups x 2, or NULL; with
                      * multipliers outputs x groups x 2 x width, of pairs without the 2 */

    /* Rows that are linear functionals: n of them, of the network on so many data rows, each a sum
     * of terms (functional.c); y and weights are theirs. */
    bool functional;
    zv_rows rows_kind; /* of these, as found; ZV_ROWS_VALUES where rows are values */
    size_t data_rows;
    double *data_y; /* what y is elsewhere: the encoded targets of the data */
    uint32_t *row_terms, *term_point, *term_kind;
    double *coefficient;
    bool has_exact; /* one row is to be met exactly */
    size_t exact;

    /* A robust problem: the loss of a row is that of the worst point within the radius, and what
     * proves the lower bound are copies of the rows, inside. */
    bool robust;
    uint32_t *owner; /* rows: the sample that each is a copy of */

    /* In the place of problem and bounds: how far apart the means of a network can be on the rows
     * of two labels, of which there are so many. */
    bool discrepancy;
    size_t share[2];

    /* Likewise: what a network keeps within a radius of each row. */
    bool worst_case;
    double radius;
    size_t fixed_count;
    uint32_t *fixed;     /* inputs that stay as they are */
    size_t statements;   /* of each sample */
    double *margin, *mu; /* n x statements each */

    /* How far every optimum is from the network at points, preprocessed as the samples are. */
    size_t points;
    bool constant;                   /* the last input is 1 everywhere */
    double *point, *solution, *band; /* points x d, points x features, points */
    double *raw_point;               /* points x d, before preprocessing */
    double modulus;

    /* In the place of all of these: a Lyapunov function, whose neurons have u of d numbers. */
    bool lyapunov, quadratic; /* of a map with products */
    double *map;              /* d x columns */
    double decrease, largest, coupling, curvature,
        *curvatures; /* within the radius, if quadratic */

    /* In the place of rows: the sums of the products of two of all monomials up to degree 2 and the
     * targets, columns x columns; rows are then the coefficients of v (sums.c). */
    bool sums;
    double *moments;

    /* What proves that of a tree. */
    size_t pairs, duals, nodes;
    uint32_t *pair;     /* triples of leader, follower, sample */
    double *low, *high; /* neurons each, the root box */
    uint32_t *node;     /* the weight that is split, or neurons + the leaf's dual vector */
    double *node_value; /* where it is split, or the leaf's bound */
} zv_claim;

/* Reads the certificate, and what it names of the data; both texts are overwritten, and belong to
 * the claim from then on.  Stops the session where they are not as docs/certificate.md has them. */
void zv_claim_read(zv_claim *c, char *certificate, size_t size, char *data, size_t data_size);

#endif
