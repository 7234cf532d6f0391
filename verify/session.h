/*
 * One run of the checker: its memory, its limits, and its verdict.
 *
 * zerogap-verify judges certificates (docs/certificate.md) and shares no code with the library that
 * writes them.  Doubles are rational numbers, and GMP computes with rationals exactly; what is
 * irrational (lengths, powers, logarithms) is replaced by a rational bound on the side that makes
 * the claim harder to prove.  No inequality is decided in floating point.
 */
#ifndef ZV_SESSION_H
#define ZV_SESSION_H

#include <gmp.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZV_FILE_LIMIT (1L << 30)          /* bytes of either file */
#define ZV_MEMORY_LIMIT ((size_t)4 << 30) /* bytes for what is read and for the digits computed */
#define ZV_WORK_LIMIT 2e12                /* multiplications of one proof */
#define ZV_EXTENT_LIMIT ((size_t)1 << 20) /* columns of the data, extents of an image */
#define ZV_FACTOR_LIMIT 2e11              /* of one exact factorisation, in about nanoseconds */

/* From best to worst.  A session starts as proven, and each step of the proof can only make the
 * verdict worse. */
typedef enum zv_verdict {
    ZV_PROVEN,
    ZV_NOT_PROVEN, /* nothing was found to be false, but a step could not be decided */
    ZV_REFUTED,    /* an inequality that the claim needs is false */
    ZV_BAD_FILE    /* no certificate, or not of these data */
} zv_verdict;

typedef struct zv_session {
    size_t memory_limit;
    double work_limit;   /* 0: none */
    bool exact;          /* the exact tier was asked for, or some cone needed it */
    zv_verdict verdict;  /* the worst so far */
    char message[512];   /* its reason; empty while proven */
    double lower, upper; /* proven enclosure of p*, rounded outwards; infinite where none */

    jmp_buf escape;          /* where zv_stop goes */
    struct zv_block *blocks; /* all memory taken, freed together */
    size_t memory_used;
    int unit, bits; /* every double that was read is a multiple of 2^-unit and below 2^bits */
} zv_session;

/* All memory is zeroed, belongs to the session and is accounted for; beyond the limit they stop. */
void *zv_take(zv_session *s, size_t count, size_t size);
/* count zeros, with room accounted for the longest numbers that a proof makes of what was read. */
mpq_t *zv_rationals(zv_session *s, size_t count);
mpz_t *zv_integers(zv_session *s, size_t count);
void zv_release(zv_session *s);

/* Makes the verdict worse, with its reason, unless it is as bad already. */
void zv_note(zv_session *s, zv_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* zv_note, and the run ends here. */
_Noreturn void zv_stop(zv_session *s, zv_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes the sentence, and by how much, unless claimed >= bound (ZV_AT_LEAST), or claimed <= bound.
 */
enum { ZV_AT_LEAST = 1, ZV_AT_MOST = -1 };
void zv_need(zv_session *s, double claimed, int side, const mpq_t bound, zv_verdict verdict,
             const char *sentence);

#endif
