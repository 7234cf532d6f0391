/* Fields of tables as numbers, in the notations that people's programs write. */
#include "data/notation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_LIMIT                                                                               \
    400 /* bytes of a number that has to be rewritten; longer ones are no numbers */

/* ---- words for a missing value ------------------------------------------------------------- */

static zg_status add_word(zg_notation *notation, const char *text, size_t length, zg_error *error)
{
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    char *word = strndup(text, length);
    if (!word) return zg_no_memory(error);
    double value;
    bool number = zg_number_classify(word, &value) == ZG_NUMBER_FINITE;
    notation->words[notation->word_count] = word;
    notation->codes[notation->word_count++] = number ? value : NAN;
    return ZG_OK;
}

zg_status zg_notation_create(char decimal, char thousands, const char *words, zg_notation *out,
                             zg_error *error)
{
    *out = (zg_notation){.decimal = decimal ? decimal : '.', .thousands = thousands};
    if (out->decimal == thousands)
        return zg_fail(
            error, ZG_BAD_INPUT,
            "expected a decimal sign and a thousands separator that differ, found \"%c\" "
            "for both",
            thousands);
    if (!words) words = ZG_MISSING_WORDS;
    size_t count = 1;
    for (const char *p = words; *p; p++)
        count += *p == ',';
    out->words = calloc(count, sizeof *out->words);
    out->codes = calloc(count, sizeof *out->codes);
    zg_status status = out->words && out->codes ? ZG_OK : zg_no_memory(error);
    for (const char *p = words; status == ZG_OK && *p;) {
        size_t length = strcspn(p, ",");
        status = add_word(out, p, length, error);
        p += length;
        p += *p == ',';
    }
    if (status != ZG_OK) zg_notation_clear(out);
    return status;
}

void zg_notation_clear(zg_notation *notation)
{
    for (size_t i = 0; i < notation->word_count; i++)
        free(notation->words[i]);
    free(notation->words);
    free(notation->codes);
    *notation = (zg_notation){0};
}

static bool is_missing(const zg_notation *notation, const char *text)
{
    if (*text == '\0') return true;
    for (size_t i = 0; i < notation->word_count; i++)
        if (strcmp(notation->words[i], text) == 0) return true;
    return false;
}

static bool is_missing_code(const zg_notation *notation, double value)
{
    for (size_t i = 0; i < notation->word_count; i++)
        if (notation->codes[i] == value) return true;
    return false;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Bytes of the separator at text, 0 when there is none: a blank may be a no-break one (U+00A0,
 * U+202F), as spreadsheets write it. */
static size_t separator_length(const char *text, char separator)
{
    if (*text == '\0') return 0;
    if (*text == separator) return 1;
    if (separator != ' ') return 0;
    if (strncmp(text, "\xc2\xa0", 2) == 0) return 2;
    return strncmp(text, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

/* Copies the digits of a whole part grouped by separators without them: one to three digits, then
 * groups of exactly three.  NULL when it is not so grouped; otherwise where it ends. */
static const char *copy_groups(const char *p, char separator, char *out, size_t *length)
{
    size_t digits = strspn(p, "0123456789");
    bool first = true;
    for (;; first = false) {
        memcpy(out + *length, p, digits);
        *length += digits;
        p += digits;
        size_t skip = separator ? separator_length(p, separator) : 0;
        if (skip == 0) return p;
        if (first && (digits < 1 || digits > 3)) return NULL;
        digits = strspn(p + skip, "0123456789");
        if (digits != 3) return NULL;
        p += skip;
    }
}

/* The number in plain notation; false when text is none in this one. */
static bool rewrite(const zg_notation *notation, const char *text, char out[NUMBER_LIMIT + 1])
{
    size_t length = 0;
    if (strlen(text) >= NUMBER_LIMIT) return false;
    if (*text == '-' || *text == '+') out[length++] = *text++;
    text = copy_groups(text, notation->thousands, out, &length);
    if (!text) return false;
    if (*text == notation->decimal) {
        out[length++] = '.';
        text++;
    } else if (*text == '.') {
        return false;
    }
    memcpy(out + length, text, strlen(text) + 1); /* fits: never longer than what was read */
    return strchr(text, '.') == NULL;
}

bool zg_notation_is_plain(const zg_notation *notation)
{
    for (size_t i = 0; i < notation->word_count; i++)
        if (!isnan(notation->codes[i])) return false;
    return notation->decimal == '.' && notation->thousands == 0;
}

zg_field_kind zg_notation_classify(const zg_notation *notation, const char *text, double *value)
{
    char plain[NUMBER_LIMIT + 1];
    if (is_missing(notation, text)) return ZG_FIELD_MISSING;
    if (notation->decimal != '.' || notation->thousands) {
        double word;
        if (!rewrite(notation, text, plain))
            return zg_number_classify(text, &word) == ZG_NUMBER_NOT_FINITE ? ZG_FIELD_NOT_FINITE
                                                                           : ZG_FIELD_TEXT;
        text = plain;
    }
    switch (zg_number_classify(text, value)) {
    case ZG_NUMBER_FINITE:
        return is_missing_code(notation, *value) ? ZG_FIELD_MISSING : ZG_FIELD_NUMBER;
    case ZG_NUMBER_NOT_FINITE:
        return ZG_FIELD_NOT_FINITE;
    case ZG_NUMBER_TEXT:
        break;
    }
    return ZG_FIELD_TEXT;
}

/* ---- what the user may have meant ---------------------------------------------------------- */

static bool reads_as(char decimal, char thousands, const char *text)
{
    double value;
    const zg_notation notation = {.decimal = decimal, .thousands = thousands};
    return zg_notation_classify(&notation, text, &value) == ZG_FIELD_NUMBER;
}

zg_evidence zg_notation_evidence(const char *text)
{
    if (!strchr(text, ',')) return ZG_EVIDENCE_NONE;
    bool decimal = reads_as(',', 0, text);
    if (reads_as('.', ',', text)) return decimal ? ZG_EVIDENCE_EITHER : ZG_EVIDENCE_THOUSANDS;
    if (decimal) return ZG_EVIDENCE_DECIMAL;
    return reads_as(',', '.', text) ? ZG_EVIDENCE_GROUPED : ZG_EVIDENCE_NONE;
}

/* Words that people write where a value is missing, but that may be class labels as well. */
static bool is_suspicious(const char *text)
{
    static const char *const words[] = {
        "none",      "missing", "-",       "--",      "---",   "n.a.",   "na",     "unknown",
        "undefined", "nil",     "#div/0!", "#value!", "#ref!", "#name?", "#num!",  "*",
        "**",        "..",      "...",     "(null)",  "nd",    "n.d.",   "#null!", "void"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], text) == 0) return true;
    for (const char *usual = ZG_MISSING_WORDS; usual; usual = strchr(usual, ',')) {
        usual += *usual == ',';
        size_t length = strcspn(usual, ",");
        if (strlen(text) == length && strncmp(usual, text, length) == 0) return true;
    }
    return false;
}

/* The separator of thousands with which text is a number, or 0. */
static char find_thousands(char decimal, const char *text)
{
    static const char separators[] = ",.' _";
    for (const char *s = separators; *s; s++)
        if (*s != decimal && reads_as(decimal, *s, text)) return *s;
    return 0;
}

/* Day, month and year, or the other way round, between points, hyphens or slashes; perhaps a time
 * behind them. */
static bool is_date(const char *text)
{
    size_t length[3];
    const char *at = text;
    char separator = '\0';
    for (size_t k = 0; k < 3; k++) {
        length[k] = strspn(at, "0123456789");
        at += length[k];
        if (k == 0) separator = *at;
        if (k < 2 && (*at++ != separator || !separator || !strchr(".-/", separator))) return false;
    }
    bool small = length[1] == 1 || length[1] == 2;
    bool year_first = length[0] == 4 && (length[2] == 1 || length[2] == 2);
    bool year_last = (length[0] == 1 || length[0] == 2) && (length[2] == 2 || length[2] == 4);
    return small && (year_first || year_last) && (*at == '\0' || *at == ' ' || *at == 'T');
}

/* What stands before or behind a number and is no part of it: "$", "%"; NULL when there is none. */
static const char *find_unit(const zg_notation *notation, const char *text)
{
    static const char *const units[] = {"$", "%", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\x80"};
    char number[64];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const char *at = strstr(text, units[i]);
        if (!at || strlen(text) >= sizeof number) continue;
        const char *behind = at + strlen(units[i]);
        snprintf(number, sizeof number, "%.*s%s", (int)(at - text), text, behind);
        size_t begin = strspn(number, " \xc2\xa0"), end = strlen(number);
        while (end > begin && strchr(" \xc2\xa0", number[end - 1]))
            number[--end] = '\0';
        if (reads_as(notation->decimal, notation->thousands, number + begin) ||
            find_thousands(notation->decimal, number + begin))
            return i == 5 ? units[2] : units[i]; /* as Windows-1252 writes it */
    }
    return NULL;
}

const char *zg_notation_hint(const zg_notation *notation, const char *text, char *out, size_t size)
{
    *out = '\0';
    char own = find_thousands(notation->decimal, text), other = find_thousands(',', text);
    bool comma = notation->decimal != ',' && reads_as(',', 0, text);
    if (is_suspicious(text))
        snprintf(out, size, "if that stands for a missing value: --missing-values \"%s\"", text);
    else if (comma)
        snprintf(out, size, "--decimal , makes its comma the decimal sign%s",
                 own == ',' ? ", --thousands , the separator of thousands" : "");
    else if (own && own != notation->thousands)
        snprintf(out, size, "--thousands \"%c\" reads it as one number", own);
    else if (other && notation->decimal != ',')
        snprintf(out, size, "--decimal , --thousands \"%c\" would read it", other);
    else if (is_date(text))
        snprintf(out, size,
                 "it looks like a date: --drop the column, or write what matters of it as numbers");
    else if (find_unit(notation, text))
        snprintf(out, size, "it has a unit: take the %s out of the column",
                 find_unit(notation, text));
    return out;
}
