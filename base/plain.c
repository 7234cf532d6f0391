/* Text without control characters (see plain.h). */
#include "base/plain.h"

#include <stddef.h>
#include <string.h>

/* Bytes of the control character that text begins with; 0 when it is none. */
static size_t control_length(const unsigned char *text)
{
    if (text[0] < 0x20 || text[0] == 0x7f) return 1;
    if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f) return 2; /* C1 */
    if (text[0] == 0xd8 && text[1] == 0x9c) return 2;                    /* U+061C */
    if (text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf) return 3; /* U+FEFF */
    if (text[0] != 0xe2) return 0;
    unsigned char last = text[1] ? text[2] : 0;
    if (text[1] == 0x80 && (last == 0x8e || last == 0x8f)) return 3; /* U+200E, F */
    if (text[1] == 0x80 && last >= 0xa8 && last <= 0xae) return 3;   /* U+2028 to 202E */
    if (text[1] == 0x81 && last >= 0xa6 && last <= 0xa9) return 3;   /* U+2066 to 2069 */
    return 0;
}

bool zg_is_plain(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        if (control_length(at) > 0) return false;
    return true;
}

void zg_make_plain(char *text)
{
    const char *from = text;
    char *to = text;
    while (*from) {
        size_t length = control_length((const unsigned char *)from);
        *to++ = length > 0 ? '?' : *from;
        from += length > 0 ? length : 1;
    }
    *to = '\0';
}
