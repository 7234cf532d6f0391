/*
 * zerogap-verify judges certificates (docs/certificate.md) and shares no code with the library.
 *
 * How it argues: doubles are rationals, and GMP computes with those exactly; roots and logarithms
 * are replaced by rational bounds on the side that makes the claim harder to prove.
 */
#ifndef ZG_VERIFY_H
#define ZG_VERIFY_H

#include <gmp.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- session: memory, complaints, verdict; and the JSON reader (reader.c) ------------------- */

typedef enum zg_verdict { ZG_PROVEN, ZG_NOT_PROVEN, ZG_REFUTED, ZG_BAD_FILE } zg_verdict;

typedef struct zg_session {
    jmp_buf escape;      /* where zg_refuse goes */
    void *blocks;        /* all memory taken, freed together */
    size_t used, limit;  /* bytes of it */
    bool exact;          /* asked for, or needed by some question */
    zg_verdict verdict;  /* the worst so far, and why */
    char message[512];   /* empty while proven */
    double lower, upper; /* the enclosure of p* that was computed, rounded outward */
} zg_session;

/* Zeroed memory for count items; refuses beyond the cap. */
void *zg_take(zg_session *s, size_t count, size_t size);
mpq_t *zg_rationals(zg_session *s, size_t count); /* zeros */
void zg_release(zg_session *s);
/* The files are bad, for the reason given: leaves by s->escape. */
_Noreturn void zg_refuse(zg_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Makes the verdict worse, unless it is already, with its reason. */
void zg_note(zg_session *s, zg_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A certificate is one flat object with fields in a fixed order: it is read from front to back. */
typedef struct zg_reader {
    zg_session *session;
    char *text; /* size bytes and a NUL; strings are NUL-terminated in place */
    size_t size, at;
    bool begun; /* behind the opening brace */
} zg_reader;

_Noreturn void zg_expected(const zg_reader *r, const char *what);
bool zg_skip(zg_reader *r, char c);               /* whether c came next, and was skipped */
bool zg_optional(zg_reader *r, const char *name); /* whether this field comes next */
void zg_field(zg_reader *r, const char *name);
size_t zg_items(zg_reader *r); /* length of the array that comes next */
bool zg_flag(zg_reader *r);
char *zg_string(zg_reader *r);
double zg_real(zg_reader *r); /* a string that holds a hexadecimal float, exact */
size_t zg_whole(zg_reader *r, size_t low, size_t high);
size_t zg_choice(zg_reader *r, size_t count, const char *const *names);
/* Arrays of exactly count of them, in session memory. */
char **zg_strings(zg_reader *r, size_t count);
double *zg_reals(zg_reader *r, size_t count);
uint32_t *zg_wholes(zg_reader *r, size_t count, size_t low, size_t high);

/* ---- numbers (rational.c): GMP's rationals, exact; side 1 asks for an upper, -1 a lower bound */

/* out = a formula in reverse Polish notation, of depth 4 at most: x and d take the next argument,
 * an mpq_t or a double; + - * / and | (absolute value) work on what was taken. */
void zg_formula(mpq_t out, const char *steps, ...);
/* The least exponent e for which all of x are whole multiples of 2^e; and x as such a multiple. */
long zg_exponent(const double *x, size_t count);
void zg_integer(mpz_t out, double x, long exponent);
void zg_round(mpq_t x, int side); /* to a multiple of 2^-512 */
/* x^(p[0] / p[1]) for x >= 0, to a multiple of 2^-192; exact where that is possible. */
void zg_power(mpq_t out, const mpq_t x, const uint32_t p[2], int side);
void zg_entropy(mpq_t out, const mpq_t t);  /* -t log t - (1-t) log(1-t) from below, 0 <= t <= 1 */
void zg_softplus(mpq_t out, const mpq_t t); /* log(1 + exp(-t)) from above */
double zg_double(const mpq_t x, int side);  /* x itself where it is a double */

/* ---- the claim (table.c, claim.c) ----------------------------------------------------------- */

typedef enum zg_loss {
    ZG_SQUARED,
    ZG_ABSOLUTE,
    ZG_HUBER,
    ZG_HINGE,
    ZG_SQUARED_HINGE,
    ZG_LOGISTIC,
    ZG_INTERPOLATE
} zg_loss;

typedef struct zg_claim {
    zg_session *session;
    size_t n, d, outputs;
    double *x, *y, *weights;       /* n x d preprocessed, outputs x n encoded, n or NULL */
    double a, b, c, beta, delta;   /* delta: 1 where there is none */
    size_t groups, patches, width; /* patches of width inputs each; dense: one that is the sample */
    uint32_t *inputs;              /* groups x patches x width */
    zg_loss loss;
    bool labels; /* the loss is of targets -1 and 1 */
    bool tree, nonnegative, has_upper;
    const uint32_t *power; /* tree: the penalty is beta |alpha|^(power[0] / power[1]) */
    double lower, upper, gap;
    size_t neurons;
    uint32_t *group;    /* neurons */
    double *u, *alpha;  /* neurons x width, neurons x outputs */
    bool border;        /* of the cones; then there is rho */
    double *v, *rho;    /* outputs x n (tree: duals x n), outputs x groups x 2 */
    double *low, *high; /* tree: neurons each, the root box */
    size_t pair_count, dual_count, node_count;
    uint32_t *pairs;    /* tree: leader, follower, sample */
    uint32_t *node;     /* the variable that is split, or neurons + the leaf's dual vector */
    double *node_value; /* where it is split, or the leaf's bound */
} zg_claim;

/* Reads the fields on the data, and the rows they name out of the data file. */
void zg_table_read(zg_claim *c, zg_reader *r, char *text, size_t size);
void zg_claim_read(zg_claim *c, zg_reader *r, char *data, size_t size);

/* ---- the judgement (cones.c, objective.c, tree.c, verify.c) --------------------------------- */

/* A lower bound of D(v) = -loss*(-v) of one output (n numbers v), exact without weights but for the
 * logistic loss; false: v is outside the domain. */
bool zg_dual_value(const zg_claim *c, size_t output, const double *v, mpq_t out);
/* Per sample the mean over the patches of sigma(patch . u / |u|), off by at most error (n each). */
void zg_response(const zg_claim *c, size_t neuron, mpq_t *out, mpq_t *error);
void zg_penalty(const zg_claim *c, const mpq_t alpha, int side, mpq_t out); /* beta |alpha|^p */
/* Each computes its bound of p* and notes what its part of the claim lacks. */
void zg_judge_cones(zg_claim *c, mpq_t bound);
void zg_judge_network(zg_claim *c, mpq_t bound);
void zg_judge_tree(zg_claim *c, mpq_t bound);
/* Notes a sentence and by how much, if excess > 0; verdict: what that means. */
void zg_judge_excess(zg_session *s, const mpq_t excess, zg_verdict verdict, const char *sentence);
/* All of it; texts are overwritten.  The result is in s, whose memory zg_release frees. */
void zg_judge(zg_session *s, char *certificate, size_t size, char *data, size_t data_size);

#endif
