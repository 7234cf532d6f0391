/* Texts in other encodings than UTF-8, over iconv. */
#ifndef ZG_DATA_UTF8_H
#define ZG_DATA_UTF8_H

#include "base/bytes.h"

bool zg_utf8_valid(const char *text);

/* A copy (malloc) in UTF-8: of text itself when that is UTF-8, otherwise as if it were in
 * Windows-1252, which spreadsheets of western Europe write; *foreign is set then and left alone
 * otherwise.  NULL: no memory. */
char *zg_utf8_copy(const char *text, bool *foreign);

/* Whether data begins with the byte-order mark of UTF-16. */
bool zg_utf16_detect(const unsigned char *data, size_t size);
/* The same text in UTF-8, zero-terminated; what is no UTF-16 is ZG_BAD_INPUT. */
zg_status zg_utf16_convert(const zg_bytes *bytes, const char *name, zg_bytes *out, zg_error *error);

#endif
