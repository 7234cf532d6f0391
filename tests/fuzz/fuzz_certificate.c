/* The exact checker.  An input is a certificate, a NUL byte, and a data file.  Like the checker it
 * shares nothing with the library. */
#include "proof.h"

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
    const char *right = strstr(s.message, " digest is ");
    if (right && digest && strlen(digest) > 75) {
        memcpy(digest + 11, right + 11, 64);
        judge(&s, certificate, first, data, second, size % 2);
    }
    free(certificate);
    return 0;
}
