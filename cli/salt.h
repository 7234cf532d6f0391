/* The salt of a certificate's digest: 32 random bytes in a file of their own, as 64 hexadecimal
 * digits, which whoever published the digest keeps until an audit. */
#ifndef ZG_CLI_SALT_H
#define ZG_CLI_SALT_H

#include "core/proof.h"

/* Reads the salt from path or, where there is no such file, draws one and writes it there, for its
 * owner's eyes only. */
zg_status zg_salt_load(const char *path, unsigned char salt[ZG_PROOF_SALT_SIZE], zg_error *error);

#endif
