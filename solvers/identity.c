/* Which program answered (see identity.h). */
#include "solvers/identity.h"

#include <ctype.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the file --------------------------------------------------------------------------------- */

/* Copies the next blank-separated word without quotes around it; returns what follows, or NULL. */
static const char *next_word(const char *text, char *word, size_t size)
{
    text += strspn(text, " \t\n");
    size_t length = strcspn(text, " \t\n;|&<>()");
    if (length == 0 || length >= size) return NULL;
    bool quoted = length > 1 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
    snprintf(word, size, "%.*s", (int)(quoted ? length - 2 : length), text + quoted);
    return text + length;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* The file of a program: by its path, or the first in PATH that can be run. */
static bool find_program(const char *name, char *path, size_t size)
{
    if (strchr(name, '/')) {
        snprintf(path, size, "%s", name);
        return is_file(path);
    }
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t length = strcspn(at, ":");
        int used = snprintf(path, size, "%.*s/%s", (int)length, at, name);
        if (used > 0 && (size_t)used < size && is_file(path) && access(path, X_OK) == 0)
            return true;
        at += length;
        at += *at == ':';
    }
    return false;
}

static bool is_interpreter(const char *path)
{
    static const char *const names[] = {"sh",   "bash", "dash",  "env",    "python", "python3",
                                        "perl", "ruby", "julia", "octave", "nice",   "timeout"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

/* The first word that is no assignment, and behind an interpreter the first that is a file. */
static bool find_file(const char *command, char *path, size_t size)
{
    char word[256], first[256] = "";
    while ((command = next_word(command, word, sizeof word))) {
        if (!first[0] && strchr(word, '=')) continue;
        bool found = find_program(word, path, size);
        if (first[0] && found && strchr(word, '/')) return true;
        if (first[0]) continue;
        if (!found) return false;
        if (!is_interpreter(path)) return true;
        memcpy(first, path, sizeof first);
    }
    snprintf(path, size, "%s", first);
    return first[0] != '\0';
}

/* ---- how it introduces itself ----------------------------------------------------------------- */

/* "6.2.0" or "v7.3" in a word of its own, and only one of them: several make a row of a table. */
static bool has_number(const char *line)
{
    size_t numbers = 0, words = 0;
    for (const char *at = line + strspn(line, " \t"); *at; at += strspn(at, " \t")) {
        size_t length = strcspn(at, " \t");
        words++;
        size_t start = at[0] == 'v' || at[0] == '(';
        const char *point = memchr(at, '.', length);
        numbers += point && point > at + start && isdigit((unsigned char)at[start]) &&
                   isdigit((unsigned char)point[-1]) && isdigit((unsigned char)point[1]);
        at += length;
    }
    return words > 1 && numbers == 1 && isalpha((unsigned char)line[strspn(line, " \t")]);
}

static bool names_version(const char *line)
{
    for (; *line; line++)
        if (strncasecmp(line, "version", 7) == 0) return true;
    return false;
}

static void find_version(const char *directory, char *version, size_t size)
{
    char path[512], line[512];
    snprintf(path, sizeof path, "%.480s/output", directory);
    FILE *file = fopen(path, "r");
    for (int k = 0; file && k < 40 && fgets(line, sizeof line, file); k++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!names_version(line) && !has_number(line)) continue;
        char *time = strstr(line, " start at "); /* SDPA's line goes on with the time */
        if (time) *time = '\0';
        for (char *c = line; *c; c++)
            if (!isprint((unsigned char)*c)) *c = '?';
        snprintf(version, size, "%.*s", (int)(size - 1), line + strspn(line, " \t"));
        break;
    }
    if (file) (void)fclose(file);
}

void zg_solver_identify(const char *command, const char *directory, zg_program_identity *out)
{
    *out = (zg_program_identity){0};
    if (!command || !find_file(command, out->path, sizeof out->path)) out->path[0] = '\0';
    if (out->path[0] && !SHA256File(out->path, out->digest)) out->digest[0] = '\0';
    find_version(directory, out->version, sizeof out->version);
}

void zg_solver_identify_file(const char *path, zg_program_identity *out)
{
    snprintf(out->path, sizeof out->path, "%s", path);
    if (!SHA256File(path, out->digest)) out->digest[0] = '\0';
}

void zg_solver_first_line(const char *path, char *line, size_t size)
{
    char text[512];
    line[0] = '\0';
    FILE *file = fopen(path, "r");
    while (file && !line[0] && fgets(text, sizeof text, file)) {
        text[strcspn(text, "\r\n")] = '\0';
        for (char *c = text; *c; c++)
            if (!isprint((unsigned char)*c)) *c = '?';
        snprintf(line, size, "%.*s", (int)(size - 1), text + strspn(text, " "));
    }
    if (file) (void)fclose(file);
}

void zg_solver_last_line(const char *path, char *last, size_t size)
{
    char line[160];
    last[0] = '\0';
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[strspn(line, " \t")] != '\0') snprintf(last, size, "%s", line);
    }
    if (file) (void)fclose(file);
    for (char *c = last; *c; c++)
        if (!isprint((unsigned char)*c)) *c = '?';
}
