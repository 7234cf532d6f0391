/* Text from strangers, for people to read: what a terminal or an editor would obey is taken out. */
#ifndef ZG_BASE_PLAIN_H
#define ZG_BASE_PLAIN_H

#include <stdbool.h>

/* Whether a UTF-8 text has none of: control characters (C0, DEL, C1), line and paragraph
 * separators, marks and controls of writing direction, byte order marks. */
bool zg_is_plain(const char *text);

/* Replaces each of them by ?, in place. */
void zg_make_plain(char *text);

#endif
