/* Shell commands with place-holders: "csdp {problem} {solution}". */
#ifndef ZG_SOLVERS_PLACEHOLDERS_H
#define ZG_SOLVERS_PLACEHOLDERS_H

#include "base/status.h"

typedef struct zg_placeholder {
    const char *name; /* between the braces */
    const char *text; /* what stands there in its place */
    bool required;    /* a command without it is refused */
} zg_placeholder;

/* Replaces every place-holder of the command; *out (malloc) is the caller's, and may be NULL to
 * check only.  Other words in braces are the shell's business, unless they look like one of these.
 * ZG_BAD_INPUT names what is missing or misspelt. */
zg_status zg_placeholders_fill(const char *command, const zg_placeholder *placeholders,
                               size_t count, char **out, zg_error *error);

/* A copy (malloc) of a path that a shell reads as one word; NULL when there is no memory. */
char *zg_shell_word(const char *path);

#endif
