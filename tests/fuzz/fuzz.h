/*
 * Fuzz targets: each is one function that gets bytes from anywhere and must stand them.
 *
 * libFuzzer drives it (meson -Dfuzz=true with clang, scripts/fuzz); replay.c drives it with the
 * kept corpus under any compiler.
 */
#ifndef ZG_TESTS_FUZZ_H
#define ZG_TESTS_FUZZ_H

#include "zerogap.h"

#include <stdint.h>

/* The target: returns 0, or aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* Aborts, and says what was found, unless the condition holds. */
void fuzz_demand(bool condition, const char *what);

/* A refusal has one of these statuses and a sentence: the caller's fault, no memory, or a failure
 * of the other program whose file it is. */
void fuzz_refusal(zg_status status, const zg_error *error);

/* The path of a file in memory with this content, for readers that take paths; it is good until the
 * next call. */
const char *fuzz_file(const void *content, size_t size);

/* A copy with a NUL behind it, of exactly that size, so that sanitizers see each byte read too
 * far; free it. */
unsigned char *fuzz_copy(const void *content, size_t size);

/* What every data set must be, however it came about: rows, inputs, finite numbers, labels that
 * exist.  Frees it. */
void fuzz_dataset(zg_dataset *data);

/* The end of a reader of data sets: a good one, or a refusal. */
void fuzz_read(zg_status status, zg_dataset *data, const zg_error *error);

#endif
