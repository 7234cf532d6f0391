/* The program: arguments, files, verdict, exit status. */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT (1L << 30)

/* size bytes and a NUL; NULL when the file cannot be read or is too large. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long end = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (end >= 0 && end <= FILE_LIMIT) text = malloc((size_t)end + 1);
    if (text) {
        rewind(file);
        *size = fread(text, 1, (size_t)end, file);
        text[*size] = '\0';
    }
    if (!text) fprintf(stderr, "zerogap-verify: cannot read %s, or it exceeds 1 GiB\n", path);
    if (file) fclose(file);
    return text;
}

static void print_result(const zg_session *s, bool json)
{
    static const char *const names[] = {"proven", "not proven", "refuted", "bad file"};
    const char *tier = s->exact ? "exact" : "fast";
    if (!json) {
        printf("%s", names[s->verdict]);
        if (*s->message) printf(": %s", s->message);
        if (s->verdict == ZG_PROVEN)
            printf(": %.17g <= p* <= %.17g (%s)", s->lower, s->upper, tier);
        printf("\n");
        return;
    }
    printf("{\"verdict\": \"%s\", \"message\": \"", names[s->verdict]);
    for (const char *p = s->message; *p; p++)
        printf(*p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
    printf("\", \"tier\": \"%s\"", tier);
    if (isfinite(s->lower)) printf(", \"lower\": %.17g", s->lower);
    if (isfinite(s->upper)) printf(", \"upper\": %.17g", s->upper);
    printf("}\n");
}

static int usage(void)
{
    fprintf(stderr, "usage: zerogap-verify CERTIFICATE --data FILE.csv [--exact] [--json]\n"
                    "exit status: 0 proven, 1 not proven or refuted, 4 bad file or usage\n");
    return 4;
}

int main(int argc, char **argv)
{
    const char *path[2] = {NULL, NULL};
    char *text[2] = {NULL, NULL};
    size_t size[2];
    bool json = false;
    zg_session s = {.limit = (size_t)4 << 30};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--exact") == 0)
            s.exact = true;
        else if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            path[1] = argv[++i];
        else if (argv[i][0] != '-' && !path[0])
            path[0] = argv[i];
        else
            return usage();
    }
    if (!path[0] || !path[1]) return usage();
    for (int i = 0; i < 2; i++)
        text[i] = read_file(path[i], &size[i]);
    if (text[0] && text[1]) {
        zg_judge(&s, text[0], size[0], text[1], size[1]);
        print_result(&s, json);
    }
    bool read = text[0] && text[1];
    zg_release(&s);
    free(text[0]);
    free(text[1]);
    return !read || s.verdict == ZG_BAD_FILE ? 4 : s.verdict == ZG_PROVEN ? 0 : 1;
}
