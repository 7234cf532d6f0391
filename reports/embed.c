/* Build tool: writes files as C arrays.  Usage: embed OUT.h NAME FILE [NAME FILE]... */
#include <stdio.h>

static int embed(FILE *out, const char *name, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in) return 1;
    fprintf(out, "static const char %s[] = {", name);
    int c;
    for (size_t i = 0; (c = getc(in)) != EOF; i++)
        fprintf(out, "%s'\\x%02x',", i % 16 ? "" : "\n", c);
    fprintf(out, "0};\n");
    fclose(in);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 1;
    FILE *out = fopen(argv[1], "wb");
    if (!out) return 1;
    int failed = 0;
    for (int i = 2; i + 1 < argc; i += 2)
        failed |= embed(out, argv[i], argv[i + 1]);
    return fclose(out) != 0 || failed;
}
