/* What the program prints: the verdict, and what exactly was proven, so that nobody has to trust
 * the certificate's author about rows, targets, preprocessing or weights. */
#ifndef ZV_STATEMENT_H
#define ZV_STATEMENT_H

#include "claim.h"

#include <stdio.h>

/* The verdict in one line, or as one JSON object; where it is "proven", with the statement. */
void zv_print(FILE *file, bool json, zv_session *s, const zv_claim *c);

#endif
