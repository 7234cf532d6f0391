/*
 * The text of certificate files (docs/certificate.md): members of a JSON object one by one, numbers
 * as hexadecimal floating point, which loses nothing.
 *
 * Every function but the last writes ",\n " and a member; names and words need no escaping.  Errors
 * stay in the stream: ask ferror in the end.
 */
#ifndef ZG_CORE_PROOF_TEXT_H
#define ZG_CORE_PROOF_TEXT_H

#include "data/dataset.h"

#include <stdio.h>

void zg_put_real(FILE *file, const char *name, double value);
void zg_put_reals(FILE *file, const char *name, size_t count, const double *values);
void zg_put_size(FILE *file, const char *name, size_t value);
void zg_put_sizes(FILE *file, const char *name, size_t count, const size_t *values);
void zg_put_flag(FILE *file, const char *name, bool value);
void zg_put_word(FILE *file, const char *name, const char *word);
void zg_put_texts(FILE *file, const char *name, size_t count, char *const *texts);

/* The data set as the CSV file that a certificate is verified with. */
zg_status zg_proof_write_data(const char *path, const zg_dataset *dataset, zg_error *error);

#endif
