/*
 * One run of the checker: its memory, its limits, and its verdict.
 *
 * zerogap-verify judges certificates (docs/certificate.md) and shares no code with the library that
 * writes them.  Every number is enclosed between two rationals (number.h), and no inequality is
 * decided in floating point.
 */
#ifndef ZV_SESSION_H
#define ZV_SESSION_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZV_FILE_LIMIT (1L << 30) /* bytes of either file */
/* Bytes for what is read and for the digits computed: 4 GiB, or what 32 bits address. */
#define ZV_MEMORY_LIMIT (UINT64_C(4) << 30 < SIZE_MAX ? (size_t)(UINT64_C(4) << 30) : SIZE_MAX)
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

/* What the rows of the problem are of the data: their values; slopes, differences or a contrast,
 * which are made from them; or functionals that stand in the certificate alone. */
typedef enum zv_rows {
    ZV_ROWS_OF_DATA, /* any of the next five */
    ZV_ROWS_VALUES,
    ZV_ROWS_SLOPES,
    ZV_ROWS_VALUES_AND_SLOPES,
    ZV_ROWS_FISHER,
    ZV_ROWS_CONTRAST,
    ZV_ROWS_CERTIFICATE
} zv_rows;

typedef struct zv_session {
    size_t memory_limit;
    double work_limit;   /* 0: none */
    bool salted;         /* digests have the salt in front */
    uint64_t salt[4];    /* most significant byte first */
    bool exact;          /* the exact tier was asked for, or some cone needed it */
    zv_rows rows;        /* what the rows have to be of the data */
    zv_verdict verdict;  /* the worst so far */
    char message[512];   /* its reason; empty while proven */
    double lower, upper; /* proven enclosure of p*, rounded outwards; infinite where none */

    jmp_buf escape;          /* where zv_stop goes */
    struct zv_block *blocks; /* all memory taken, freed together */
    size_t memory_used;
    int unit, bits; /* every double that was read is a multiple of 2^-unit and below 2^bits */

    struct zv_number *temporary; /* what functions of number.h return */
    size_t used;                 /* so many of them */
} zv_session;

/* Counts so much memory as used; stops beyond the limit. */
void zv_account(zv_session *s, size_t count, size_t size);
/* Zeroed memory, accounted for, which belongs to the session. */
void *zv_take(zv_session *s, size_t count, size_t size);
void zv_release(zv_session *s);

/* Makes the verdict worse, with its reason, unless it is as bad already. */
void zv_note(zv_session *s, zv_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* zv_note, and the run ends here. */
_Noreturn void zv_stop(zv_session *s, zv_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
