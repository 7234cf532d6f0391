/* The table of settings and their parsing. */
#include "data/settings.h"

#include "base/size_limit.h"
#include "data/notation.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    MISSING,
    MISSING_VALUES,
    SEPARATOR,
    DECIMAL,
    THOUSANDS,
    COLUMNS,
    DROP,
    ONE_HOT,
    ONE_HOT_UNKNOWN,
    ZERO_BASED,
    MAX_DATA_MB
};

#define TEXT_OF(number) #number
#define DIGITS_OF(macro) TEXT_OF(macro)

const zg_data_setting zg_data_settings[ZG_DATA_SETTINGS] = {
    [MISSING] = {"missing", "missing", ZG_SETTING_CHOICE, "HOW", "error,mean,drop",
                 "Missing values: error (default), mean (of the column) or drop (the row)."},
    [MISSING_VALUES] =
        {"missing_values", "missing-values", ZG_SETTING_LIST, "WORDS", NULL,
         "Words and numbers that stand for a missing value, comma-separated, besides "
         "the empty field (default: NA, N/A, NaN, NULL, ?, . and the like)."},
    [SEPARATOR] = {"separator", "separator", ZG_SETTING_TEXT, "S", NULL,
                   "What separates fields: comma, semicolon, tab, blank, pipe, the character "
                   "itself, or auto (default: the first lines tell)."},
    [DECIMAL] = {"decimal", "decimal", ZG_SETTING_TEXT, "D", NULL,
                 "Decimal sign: point, comma, the character itself, or auto (default: a point, or "
                 "a comma where the first rows leave no doubt)."},
    [THOUSANDS] = {"thousands", "thousands", ZG_SETTING_TEXT, "T", NULL,
                   "What separates thousands: comma, point, blank, quote, underscore, the "
                   "character itself, or auto (default: none, unless the first rows leave no "
                   "doubt)."},
    [COLUMNS] = {"columns", "columns", ZG_SETTING_LIST, "LIST", NULL,
                 "Inputs to keep: names, globs and 1-based indices, comma-separated (default: "
                 "all)."},
    [DROP] = {"drop", "drop", ZG_SETTING_LIST, "LIST", NULL,
              "Columns to leave out, likewise (default: none)."},
    [ONE_HOT] = {"one_hot", "one-hot", ZG_SETTING_LIST, "LIST", NULL,
                 "Columns of words, likewise: each becomes one 0/1 input per word; \"words\" takes "
                 "every input column that holds words."},
    [ONE_HOT_UNKNOWN] = {"one_hot_unknown", "one-hot-unknown", ZG_SETTING_CHOICE, "HOW",
                         "error,zero",
                         "A word that was not trained on: error (default), or zero in each of the "
                         "column's inputs."},
    [ZERO_BASED] = {"zero_based", "zero-based", ZG_SETTING_FLAG, NULL, NULL,
                    "LIBSVM text: indices begin at 0 (default: at 1)."},
    [MAX_DATA_MB] = {"max_data_mb", "max-data-mb", ZG_SETTING_NUMBER, "MB", NULL,
                     "Most memory for the numbers of one file, and most that a packed file may "
                     "unpack to (default " DIGITS_OF(ZG_SIZE_LIMIT_MB) ")."},
};

/* ---- characters ---------------------------------------------------------------------------- */

typedef struct word {
    const char *name;
    char character; /* 0: told from the data */
} word;

/* The character that text names, or is. */
static zg_status parse_character(const char *option, const char *text, const word *words,
                                 size_t count, char *out, zg_error *error)
{
    const char *names[16];
    for (size_t i = 0; i < count; i++) {
        const char c = words[i].character;
        if (strcmp(words[i].name, text) == 0 || (c && text[0] == c && text[1] == '\0')) {
            *out = c;
            return ZG_OK;
        }
        names[i] = words[i].name;
    }
    char what[64];
    snprintf(what, sizeof what, "value of --%s", option);
    return zg_fail_unknown(error, what, text, names, count);
}

static zg_status parse_separator(const char *text, char *out, zg_error *error)
{
    static const word words[] = {{"auto", 0},   {"comma", ','}, {"semicolon", ';'},
                                 {"tab", '\t'}, {"blank", ' '}, {"pipe", '|'},
                                 {"\\t", '\t'}, {"space", ' '}};
    return parse_character("separator", text, words, sizeof words / sizeof *words, out, error);
}

static zg_status parse_decimal(const char *text, char *out, zg_error *error)
{
    static const word words[] = {{"auto", 0}, {"point", '.'}, {"comma", ','}};
    return parse_character("decimal", text, words, sizeof words / sizeof *words, out, error);
}

static zg_status parse_thousands(const char *text, char *out, zg_error *error)
{
    static const word words[] = {{"auto", 0},    {"comma", ','},  {"point", '.'},
                                 {"blank", ' '}, {"quote", '\''}, {"underscore", '_'}};
    return parse_character("thousands", text, words, sizeof words / sizeof *words, out, error);
}

/* ---- choices and numbers ------------------------------------------------------------------- */

static zg_status parse_choice(const zg_data_setting *setting, const char *text, int *out,
                              zg_error *error)
{
    char list[64], what[64];
    const char *names[8];
    size_t count = 0;
    snprintf(list, sizeof list, "%s", setting->choices);
    for (char *p = list; p && count < 8; count++) {
        names[count] = p;
        p = strchr(p, ',');
        if (p) *p++ = '\0';
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) != 0) continue;
        *out = (int)i;
        return ZG_OK;
    }
    snprintf(what, sizeof what, "value of --%s", setting->option);
    return zg_fail_unknown(error, what, text, names, count);
}

static zg_status parse_megabytes(const char *text, size_t *out, zg_error *error)
{
    double value;
    if (!zg_parse_double(text, &value) || !(value > 0 && value <= 1e9))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--max-data-mb: expected a number of megabytes > 0, found \"%.80s\"", text);
    *out = (size_t)ceil(value * 1048576.0);
    return ZG_OK;
}

static zg_status parse_flag(const zg_data_setting *setting, const char *text, bool *out,
                            zg_error *error)
{
    *out = strcmp(text, "true") == 0;
    if (*out || strcmp(text, "false") == 0) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "--%s: expected true or false, found \"%.80s\"",
                   setting->option, text);
}

zg_status zg_data_setting_apply(size_t index, const char *text, zg_data_options *options,
                                zg_error *error)
{
    const zg_data_setting *setting = &zg_data_settings[index];
    int choice = 0;
    zg_status status = ZG_OK;
    switch (index) {
    case MISSING:
        status = parse_choice(setting, text, &choice, error);
        options->missing = (zg_missing)choice;
        return status;
    case MISSING_VALUES:
        options->missing_values = text;
        return ZG_OK;
    case SEPARATOR:
        return parse_separator(text, &options->separator, error);
    case DECIMAL:
        return parse_decimal(text, &options->decimal, error);
    case THOUSANDS:
        return parse_thousands(text, &options->thousands, error);
    case COLUMNS:
        options->columns = text;
        return ZG_OK;
    case DROP:
        options->drop = text;
        return ZG_OK;
    case ONE_HOT:
        options->one_hot = text;
        return ZG_OK;
    case ONE_HOT_UNKNOWN:
        status = parse_choice(setting, text, &choice, error);
        options->unknown_zero = choice == 1;
        return status;
    case ZERO_BASED:
        return parse_flag(setting, text, &options->zero_based, error);
    default:
        return parse_megabytes(text, &options->size_limit, error);
    }
}
