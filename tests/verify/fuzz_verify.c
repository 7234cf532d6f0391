/* Fuzz target of the checker.  An input is a certificate, a NUL byte, and a data file.  With
 * libFuzzer (meson -Dfuzz=true, clang) LLVMFuzzerTestOneInput is driven by it; otherwise main
 * replays the files of the directories that are its arguments, as the tests do with the kept
 * corpus. */
#include "proof.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* Judges copies of the two texts. */
static void judge(zv_session *s, const char *certificate, size_t first, const char *data,
                  size_t second, bool exact)
{
    char *a = malloc(first + 1), *b = malloc(second + 1);
    zv_claim claim;
    *s = (zv_session){.exact = exact, .memory_limit = (size_t)1 << 26, .work_limit = 1e7};
    if (a && b) {
        memcpy(a, certificate, first);
        memcpy(b, data, second);
        a[first] = b[second] = '\0';
        zv_judge(s, &claim, a, first, b, second);
        if (s->verdict == ZV_PROVEN ? *s->message : !*s->message) abort(); /* a reason, or none */
        zv_release(s);
    }
    free(a);
    free(b);
}

/* A wrong digest is put right once, or no fuzzer would get any further. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const uint8_t *nul = memchr(input, 0, size);
    size_t first = nul ? (size_t)(nul - input) : size, second = nul ? size - first - 1 : 0;
    const char *data = nul ? (const char *)nul + 1 : "";
    char *certificate = malloc(first + 1);
    zv_session s;
    if (!certificate) return 0;
    memcpy(certificate, input, first);
    certificate[first] = '\0';
    judge(&s, certificate, first, data, second, size % 2);
    char *digest = strstr(certificate, "\"digest\": \"");
    const char *right = strstr(s.message, "their digest is ");
    if (right && digest && strlen(digest) > 75) {
        memcpy(digest + 11, right + 16, 64);
        judge(&s, certificate, first, data, second, size % 2);
    }
    free(certificate);
    return 0;
}

#ifndef ZG_FUZZ
static int replay(const char *directory, unsigned *files)
{
    DIR *entries = opendir(directory);
    if (!entries) return 1;
    for (struct dirent *entry; (entry = readdir(entries));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        FILE *file = *entry->d_name == '.' ? NULL : fopen(path, "rb");
        if (!file) continue;
        static uint8_t text[1 << 20];
        size_t size = fread(text, 1, sizeof text, file);
        fclose(file);
        LLVMFuzzerTestOneInput(text, size);
        ++*files;
    }
    closedir(entries);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    int failed = argc < 2;
    for (int k = 1; k < argc; k++)
        failed |= replay(argv[k], &files);
    printf("1..1\n%s 1 - replayed %u inputs\n", failed || !files ? "not ok" : "ok", files);
    return failed || !files;
}
#endif
