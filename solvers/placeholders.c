/* Shell commands with place-holders (see placeholders.h). */
#include "solvers/placeholders.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST 8

/* The length of "{word}" at text, or 0. */
static size_t braced_word(const char *text)
{
    size_t length = 1;
    if (*text != '{') return 0;
    while (isalpha((unsigned char)text[length]) || text[length] == '_')
        length++;
    return text[length] == '}' && length > 1 ? length + 1 : 0;
}

static const zg_placeholder *find(const char *text, size_t length, const zg_placeholder *list,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) == length - 2 && strncmp(text + 1, list[i].name, length - 2) == 0)
            return &list[i];
    return NULL;
}

/* A braced word that is no place-holder is the shell's business, unless it looks like one. */
static zg_status check_word(const char *text, size_t length, const zg_placeholder *list,
                            size_t count, zg_error *error)
{
    char word[64];
    const char *names[MOST];
    if (length - 2 >= sizeof word) return ZG_OK;
    memcpy(word, text + 1, length - 2);
    word[length - 2] = '\0';
    for (size_t i = 0; i < count && i < MOST; i++)
        names[i] = list[i].name;
    if (!zg_nearest(word, names, count)) return ZG_OK;
    return zg_fail_unknown(error, "placeholder of command", word, names, count);
}

/* text NULL only measures and checks.  Returns the length. */
static size_t substitute(const char *command, const zg_placeholder *list, size_t count, char *text,
                         bool used[MOST], zg_error *error, zg_status *status)
{
    size_t length = 0;
    while (*command) {
        size_t word = braced_word(command);
        const zg_placeholder *found = word ? find(command, word, list, count) : NULL;
        if (found) {
            size_t size = strlen(found->text);
            if (text) memcpy(text + length, found->text, size);
            length += size;
            used[found - list] = true;
            command += word;
            continue;
        }
        if (word && *status == ZG_OK) *status = check_word(command, word, list, count, error);
        if (text) text[length] = *command;
        length++;
        command++;
    }
    if (text) text[length] = '\0';
    return length;
}

zg_status zg_placeholders_fill(const char *command, const zg_placeholder *list, size_t count,
                               char **out, zg_error *error)
{
    bool used[MOST] = {false};
    zg_status status = ZG_OK;
    size_t length = substitute(command, list, count, NULL, used, error, &status);
    for (size_t i = 0; i < count && status == ZG_OK; i++)
        if (list[i].required && !used[i])
            status = zg_fail(error, ZG_BAD_INPUT, "the command \"%.200s\" does not say {%s}",
                             command, list[i].name);
    if (status != ZG_OK || !out) return status;
    *out = malloc(length + 1);
    if (!*out) return zg_no_memory(error);
    substitute(command, list, count, *out, used, NULL, &status);
    return ZG_OK;
}

char *zg_shell_word(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+-,:@";
    if (*path && path[strspn(path, plain)] == '\0') return strdup(path);
    char *word = malloc(4 * strlen(path) + 3), *at = word;
    if (!word) return NULL;
    *at++ = '\'';
    for (; *path; path++) {
        if (*path != '\'') {
            *at++ = *path;
            continue;
        }
        memcpy(at, "'\\''", 4);
        at += 4;
    }
    *at++ = '\'';
    *at = '\0';
    return word;
}
