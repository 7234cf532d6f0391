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

/* ---- session: memory and verdict (base.c) --------------------------------------------------- */

typedef enum zg_verdict { ZG_PROVEN, ZG_NOT_PROVEN, ZG_REFUTED, ZG_BAD_FILE } zg_verdict;

typedef struct zg_session {
    jmp_buf escape;      /* where zg_stop goes */
    void *blocks;        /* all memory taken, freed together */
    size_t used, limit;  /* bytes of it */
    double work;         /* multiplications allowed, 0: any number */
    int unit, most;      /* all that was read is in multiples of 2^-unit, and below 2^most */
    bool exact;          /* asked for, or needed by some question */
    zg_verdict verdict;  /* the worst so far, and why */
    char message[512];   /* empty while proven */
    double lower, upper; /* the enclosure of p* that was proven, rounded outward */
    char *text, *at;     /* the certificate: size bytes and a NUL; how far it is read */
    size_t size;
} zg_session;

void *zg_take(zg_session *s, size_t count, size_t size); /* zeroed; stops beyond the cap */
mpq_t *zg_rationals(zg_session *s, size_t count);        /* zeros; their digits count, too */
void zg_release(zg_session *s);
/* Makes the verdict worse, unless it is already, with its reason. */
void zg_note(zg_session *s, zg_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes the sentence and by how much, where claimed < bound (side 1) or claimed > bound (-1). */
void zg_compare(zg_session *s, int side, double claimed, const mpq_t bound, zg_verdict verdict,
                const char *sentence);
#define zg_stop(s, ...) (zg_note(s, __VA_ARGS__), longjmp((s)->escape, 1))

/* ---- numbers (base.c): GMP's rationals, exact; side 1 asks for an upper, -1 a lower bound --- */

/* out = a formula in reverse Polish notation, of depth 4 at most: x and d take the next argument,
 * an mpq_t or a double; + - * / and | (absolute value) work on what was taken. */
void zg_formula(mpq_t out, const char *steps, ...);
double zg_seen(zg_session *s, double x);        /* x, when unit and most are right for it, too */
void zg_integer(mpz_t out, double x, int unit); /* x 2^unit, where that is whole */
/* x^(p[0] / p[1]) to a multiple of 2^-256, exact where that is possible; x >= 0 or p[1] = 1. */
void zg_power(mpq_t out, const mpq_t x, const uint32_t p[2], int side);
double zg_double(const mpq_t x, int side); /* x itself where it is a double */

/* ---- the claim (reader.c), judged (proof.c) -------------------------------------------------- */

typedef struct zg_claim {
    zg_session *session;
    size_t n, d, outputs;
    double *x, *y, *weights; /* n x d preprocessed, outputs x n encoded, n */
    bool weighted;           /* not all weights are 1 */
    double a, b, c, beta, delta;
    size_t groups, patches, width;          /* patches of width inputs each */
    uint32_t *inputs;                       /* groups x patches x width */
    bool labels, curved, limited, logistic; /* the loss, see proof.c */
    bool tree, nonnegative, has_upper;
    const uint32_t *power; /* tree: the penalty is beta |alpha|^(power[0] / power[1]) */
    double lower, upper, gap;
    size_t neurons, pairs, duals, nodes;
    uint32_t *group;    /* neurons */
    double *u, *alpha;  /* neurons x width, neurons x outputs */
    double *v, *rho;    /* outputs x n (tree: duals x n), outputs x groups x 2 or NULL */
    uint32_t *pair;     /* tree: pairs of leader, follower, sample */
    double *low, *high; /* tree: neurons each, the root box */
    uint32_t *node;     /* tree: the weight that is split, or neurons + the leaf's dual vector */
    double *node_value; /* tree: where it is split, or the leaf's bound */
    const uint32_t **leads; /* judged tree: of each neuron, the pair it leads, or NULL; */
    bool *follows;          /* whether it follows in one; */
    mpq_t **phi, *q;        /* n responses, n error bounds; of all, Phi' v, then its error */
} zg_claim;

/* Reads the certificate, and what it names of the data. */
void zg_claim_read(zg_claim *c, char *data, size_t size);
/* All of it; texts are overwritten.  The result is in s, whose memory zg_release frees. */
void zg_judge(zg_session *s, char *certificate, size_t size, char *data, size_t data_size);

#endif
