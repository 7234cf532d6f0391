/* zerogap-verify: arguments, files, verdict, exit status. */
#include "proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                      \
    "usage: zerogap-verify CERTIFICATE --data FILE.csv [--salt FILE] [--rows KIND] [--exact] "     \
    "[--json]\n"                                                                                   \
    "KIND of rows: values, slopes, values+slopes, fisher or contrast, made from the data; "        \
    "certificate: as "                                                                             \
    "it has them\n"                                                                                \
    "exit status: 0 proven, 1 not proven or refuted, 4 bad file or usage\n"

typedef struct arguments {
    const char *certificate, *data, *salt;
    zv_rows rows;
    bool exact, json;
} arguments;

static bool parse_rows(const char *name, zv_rows *out)
{
    for (int k = 1; zv_rows_names[k]; k++) {
        if (strcmp(name, zv_rows_names[k]) != 0) continue;
        *out = (zv_rows)k;
        return true;
    }
    return false;
}

static bool parse(int argc, char **argv, arguments *a)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--exact") == 0)
            a->exact = true;
        else if (strcmp(argv[i], "--json") == 0)
            a->json = true;
        else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            a->data = argv[++i];
        else if (strcmp(argv[i], "--salt") == 0 && i + 1 < argc)
            a->salt = argv[++i];
        else if (strcmp(argv[i], "--rows") == 0 && i + 1 < argc &&
                 parse_rows(argv[i + 1], &a->rows))
            i++;
        else if (argv[i][0] != '-' && !a->certificate)
            a->certificate = argv[i];
        else
            return false;
    }
    return a->certificate && a->data;
}

/* Its size bytes and a NUL, which the caller frees; NULL with a note where it cannot be read. */
static char *read_file(zv_session *s, const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long end = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end >= 0 && end <= ZV_FILE_LIMIT ? malloc((size_t)end + 1) : NULL;
    if (text) {
        rewind(file);
        *size = fread(text, 1, (size_t)end, file);
        text[*size] = '\0';
    }
    if (!text || ferror(file)) {
        zv_note(s, ZV_BAD_FILE, "cannot read %s, or it exceeds 1 GiB", path);
        free(text);
        text = NULL;
    }
    if (file) fclose(file);
    return text;
}

/* 64 hexadecimal digits; false with a note where the file has something else. */
static bool read_salt(zv_session *s, const char *path)
{
    size_t size = 0;
    char *text = read_file(s, path, &size);
    bool good = text && (size == 64 || (size == 65 && text[64] == '\n')) &&
                strspn(text, "0123456789abcdef") == 64;
    for (int k = 0; k < 4 && good; k++) {
        char digits[17] = "";
        memcpy(digits, text + 16 * k, 16);
        s->salt[k] = strtoull(digits, NULL, 16);
    }
    if (text && !good) zv_note(s, ZV_BAD_FILE, "%s holds no salt of 64 hexadecimal digits", path);
    free(text);
    return s->salted = good;
}

int main(int argc, char **argv)
{
    arguments a = {0};
    if (!parse(argc, argv, &a)) {
        fputs(USAGE, stderr);
        return 4;
    }
    zv_session s = {.memory_limit = ZV_MEMORY_LIMIT,
                    .work_limit = ZV_WORK_LIMIT,
                    .exact = a.exact,
                    .rows = a.rows,
                    .lower = -INFINITY,
                    .upper = INFINITY};
    zv_claim claim = {0};
    size_t size = 0, data_size = 0;
    char *certificate = read_file(&s, a.certificate, &size);
    char *data = read_file(&s, a.data, &data_size);
    bool salted = !a.salt || read_salt(&s, a.salt);
    if (certificate && data && salted) zv_judge(&s, &claim, certificate, size, data, data_size);
    zv_print(stdout, a.json, &s, &claim);
    zv_release(&s);
    free(certificate);
    free(data);
    if (fflush(stdout) != 0 || ferror(stdout))
        return 4; /* a verdict that nobody can read is none */
    if (s.verdict == ZV_BAD_FILE) return 4;
    return s.verdict == ZV_PROVEN ? 0 : 1;
}
