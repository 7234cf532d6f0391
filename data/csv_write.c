/* Writing data sets as CSV (RFC 4180, LF line ends). */
#include "base/number.h"
#include "data/csv.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void zg_csv_write_text(FILE *stream, const char *text)
{
    if (*text && !strpbrk(text, ",\"\r\n") && !is_blank(*text) && !is_blank(text[strlen(text) - 1]))
        fputs(text, stream);
    else
        csv_fwrite(stream, text, strlen(text));
}

static void write_name(FILE *stream, char *const *names, size_t index, const char *fallback,
                       bool numbered)
{
    if (names)
        zg_csv_write_text(stream, names[index]);
    else if (numbered)
        fprintf(stream, "%s%zu", fallback, index + 1);
    else
        fputs(fallback, stream);
}

static void write_number(FILE *stream, double value)
{
    char text[ZG_NUMBER_SIZE];
    if (isnan(value)) {
        fputs("NA", stream);
        return;
    }
    size_t length = zg_number_format(value, text);
    fwrite(text, 1, length, stream);
}

zg_status zg_csv_write(FILE *stream, const zg_dataset *dataset, zg_error *error)
{
    size_t d = dataset->inputs, k = dataset->targets;
    for (size_t j = 0; j < d; j++) {
        if (j > 0) fputc(',', stream);
        write_name(stream, dataset->input_names, j, "f", true);
    }
    for (size_t c = 0; c < k; c++) {
        fputc(',', stream);
        write_name(stream, dataset->target_names, c, "target", k > 1);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < dataset->rows; i++) {
        for (size_t j = 0; j < d; j++) {
            if (j > 0) fputc(',', stream);
            write_number(stream, dataset->x[i * d + j]);
        }
        for (size_t c = 0; c < k; c++) {
            fputc(',', stream);
            if (dataset->labels)
                zg_csv_write_text(stream, dataset->labels[(size_t)dataset->t[i * k + c]]);
            else
                write_number(stream, dataset->t[i * k + c]);
        }
        fputc('\n', stream);
    }
    if (fflush(stream) != 0 || ferror(stream))
        return zg_fail(error, ZG_IO, "cannot write the data set: %s", strerror(errno));
    return ZG_OK;
}
