/* SHA-256 (FIPS 180-4) of the data, by which a certificate names them. */
#ifndef ZV_SHA256_H
#define ZV_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define ZV_SHA256_SIZE 65 /* 64 hexadecimal digits and a NUL */

/* Of the salt (4 units of 8 bytes, most significant byte first; NULL: none), then of count doubles,
 * each as 8 bytes of IEEE 754 binary64, least significant byte first. */
void zv_sha256_doubles(const uint64_t *salt, const double *x, size_t count,
                       char hex[ZV_SHA256_SIZE]);

#endif
