/* The text of certificate files. */
#include "core/proof_text.h"

#include "base/replace.h"
#include "data/csv.h"

#include <string.h>

/* What stands in front of entry k of an array with `width` entries a line. */
static const char *between(size_t k, size_t width)
{
    return k == 0 ? "" : k % width == 0 ? ",\n  " : ", ";
}

void zg_put_real(FILE *file, const char *name, double value)
{
    fprintf(file, ",\n \"%s\": \"%a\"", name, value);
}

void zg_put_reals(FILE *file, const char *name, size_t count, const double *values)
{
    fprintf(file, ",\n \"%s\": [", name);
    for (size_t k = 0; k < count; k++)
        fprintf(file, "%s\"%a\"", between(k, 8), values[k]);
    fputc(']', file);
}

void zg_put_size(FILE *file, const char *name, size_t value)
{
    fprintf(file, ",\n \"%s\": %zu", name, value);
}

void zg_put_sizes(FILE *file, const char *name, size_t count, const size_t *values)
{
    fprintf(file, ",\n \"%s\": [", name);
    for (size_t k = 0; k < count; k++)
        fprintf(file, "%s%zu", between(k, 24), values[k]);
    fputc(']', file);
}

void zg_put_flag(FILE *file, const char *name, bool value)
{
    fprintf(file, ",\n \"%s\": %s", name, value ? "true" : "false");
}

void zg_put_word(FILE *file, const char *name, const char *word)
{
    fprintf(file, ",\n \"%s\": \"%s\"", name, word);
}

void zg_put_texts(FILE *file, const char *name, size_t count, char *const *texts)
{
    fprintf(file, ",\n \"%s\": [", name);
    for (size_t k = 0; k < count; k++) {
        fputs(k ? ", \"" : "\"", file);
        for (const char *p = texts[k]; *p; p++)
            fprintf(file, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
        fputc('"', file);
    }
    fputc(']', file);
}

zg_status zg_proof_write_data(const char *path, const zg_dataset *dataset, zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    return zg_replace_end(&replacement, zg_csv_write(replacement.file, dataset, error), error);
}
