/* The program: arguments, files, verdict, exit status. */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT (1L << 30)

/* size bytes and a NUL. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long end = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end >= 0 && end <= FILE_LIMIT ? malloc((size_t)end + 1) : NULL;
    if (!text) {
        fprintf(stderr, "zerogap-verify: cannot read %s, or it exceeds 1 GiB\n", path);
        exit(4);
    }
    rewind(file);
    *size = fread(text, 1, (size_t)end, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static void print_result(const zg_session *s, bool json)
{
    static const char *const names[] = {"proven", "not proven", "refuted", "bad file"};
    const char *tier = s->exact ? "exact" : "fast";
    printf(json ? "{\"verdict\": \"%s\", \"message\": \"" : "%s: ", names[s->verdict]);
    for (const char *p = s->message; *p; p++)
        printf(json && (*p == '"' || *p == '\\') ? "\\%c" : "%c", *p);
    if (json) printf("\", \"tier\": \"%s\"", tier);
    if (json && isfinite(s->lower)) printf(", \"lower\": %.17g", s->lower);
    if (json && isfinite(s->upper)) printf(", \"upper\": %.17g", s->upper);
    if (!json && s->verdict == ZG_PROVEN)
        printf("%.17g <= p* <= %.17g (%s)", s->lower, s->upper, tier);
    printf(json ? "}\n" : "\n");
}

int main(int argc, char **argv)
{
    const char *path[2] = {NULL, NULL};
    char *text[2];
    size_t size[2];
    bool json = false, usage = false;
    zg_session s = {.limit = (size_t)4 << 30, .work = 2e12};
    for (int i = 1; i < argc; i++) {
        bool data = strcmp(argv[i], "--data") == 0;
        if (strcmp(argv[i], "--exact") == 0)
            s.exact = true;
        else if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (data ? i + 1 < argc : argv[i][0] != '-' && !path[0])
            path[data] = argv[data ? ++i : i];
        else
            usage = true;
    }
    if (usage || !path[0] || !path[1]) {
        fprintf(stderr, "usage: zerogap-verify CERTIFICATE --data FILE.csv [--exact] [--json]\n"
                        "exit status: 0 proven, 1 not proven or refuted, 4 bad file or usage\n");
        return 4;
    }
    for (int i = 0; i < 2; i++)
        text[i] = read_file(path[i], &size[i]);
    zg_judge(&s, text[0], size[0], text[1], size[1]);
    print_result(&s, json);
    zg_release(&s);
    free(text[0]);
    free(text[1]);
    return s.verdict == ZG_BAD_FILE ? 4 : s.verdict != ZG_PROVEN;
}
