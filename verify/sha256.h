/* SHA-256 (FIPS 180-4) of numbers, by which a certificate names its data and a statement all that
 * it is about. */
#ifndef ZV_SHA256_H
#define ZV_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define ZV_SHA256_SIZE 65 /* 64 hexadecimal digits and a NUL */

typedef struct zv_sha256 {
    uint32_t state[8];
    uint64_t length, block[8]; /* units so far, and those of the block that is not full yet */
} zv_sha256;

/* With the salt in front: 4 units of 8 bytes, most significant byte first; NULL: none. */
zv_sha256 zv_sha256_begin(const uint64_t *salt);
/* Adds 8 bytes of IEEE 754 binary64, least significant byte first. */
void zv_sha256_real(zv_sha256 *m, double x);
void zv_sha256_end(zv_sha256 *m, char hex[ZV_SHA256_SIZE]);

/* Of the salt, then of count doubles. */
void zv_sha256_doubles(const uint64_t *salt, const double *x, size_t count,
                       char hex[ZV_SHA256_SIZE]);

#endif
