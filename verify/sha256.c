/* SHA-256 as FIPS 180-4 has it; names and section numbers are that document's. */
#include "sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* 5.3.3: likewise of the square roots of the first 8 primes. */
static const uint32_t H0[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t rotr(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* 6.2.2, steps 1 to 4, of one block: 8 units of 64 bits. */
static void compress(uint32_t state[8], const uint64_t block[8])
{
    uint32_t W[64];
    for (int t = 0; t < 16; t += 2) {
        W[t] = (uint32_t)(block[t / 2] >> 32);
        W[t + 1] = (uint32_t)block[t / 2];
    }
    for (int t = 16; t < 64; t++) {
        uint32_t x = W[t - 15], y = W[t - 2];
        uint32_t sigma0 = rotr(x, 7) ^ rotr(x, 18) ^ x >> 3;
        uint32_t sigma1 = rotr(y, 17) ^ rotr(y, 19) ^ y >> 10;
        W[t] = sigma1 + W[t - 7] + sigma0 + W[t - 16];
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t Sigma1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25), Ch = (e & f) ^ (~e & g);
        uint32_t Sigma0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
        uint32_t Maj = (a & b) ^ (a & c) ^ (b & c);
        uint32_t T1 = h + Sigma1 + Ch + K[t] + W[t], T2 = Sigma0 + Maj;
        h = g, g = f, f = e, e = d + T1;
        d = c, c = b, b = a, a = T1 + T2;
    }
    const uint32_t add[8] = {a, b, c, d, e, f, g, h};
    for (int k = 0; k < 8; k++)
        state[k] += add[k];
}

static void add(zv_sha256 *m, uint64_t unit)
{
    m->block[m->length++ % 8] = unit;
    if (m->length % 8 == 0) compress(m->state, m->block);
}

zv_sha256 zv_sha256_begin(const uint64_t *salt)
{
    zv_sha256 m = {.length = 0};
    memcpy(m.state, H0, sizeof m.state);
    for (int k = 0; salt && k < 4; k++)
        add(&m, salt[k]);
    return m;
}

void zv_sha256_real(zv_sha256 *m, double x)
{
    uint64_t bits, unit = 0; /* the same bytes, the other way round */
    memcpy(&bits, &x, sizeof bits);
    for (int b = 0; b < 64; b += 8)
        unit = unit << 8 | (bits >> b & 0xff);
    add(m, unit);
}

void zv_sha256_end(zv_sha256 *m, char hex[ZV_SHA256_SIZE])
{
    uint64_t length = 64 * m->length;
    add(m, (uint64_t)1 << 63); /* 5.1.1: a one bit, zeros, and the length in bits */
    while (m->length % 8 != 7)
        add(m, 0);
    add(m, length);
    for (int k = 0; k < 8; k++)
        snprintf(hex + 8 * k, 9, "%08x", m->state[k]);
}

void zv_sha256_doubles(const uint64_t *salt, const double *x, size_t count,
                       char hex[ZV_SHA256_SIZE])
{
    zv_sha256 m = zv_sha256_begin(salt);
    for (size_t k = 0; k < count; k++)
        zv_sha256_real(&m, x[k]);
    zv_sha256_end(&m, hex);
}
