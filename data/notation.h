/*
 * How a table writes its values: decimal sign, thousands separator, words for a missing value.
 */
#ifndef ZG_DATA_NOTATION_H
#define ZG_DATA_NOTATION_H

#include "base/number.h"

/* The words that stand for a missing value unless zg_data_options.missing_values says otherwise;
 * an empty field always does. */
#define ZG_MISSING_WORDS                                                                           \
    "NA,N/A,n/a,#N/A,<NA>,NaN,nan,NAN,-nan,-NaN,NULL,Null,null,?,.,1.#QNAN,-1.#IND,#DIV/0!,"       \
    "#VALUE!,#REF!,#NAME?,#NUM!,#NULL!"

typedef enum zg_field_kind {
    ZG_FIELD_NUMBER,
    ZG_FIELD_MISSING,
    ZG_FIELD_NOT_FINITE,
    ZG_FIELD_TEXT
} zg_field_kind;

typedef struct zg_notation {
    char decimal;   /* '.' or ',' */
    char thousands; /* ',', '.', ' ', '\'' or '_'; 0: none */
    char **words;   /* for a missing value, besides the empty one */
    double *codes;  /* the same as numbers where they are numbers (-999), NAN otherwise */
    size_t word_count;
} zg_notation;

/* words is zg_data_options.missing_values; decimal 0 is a point.  Refuses a decimal sign that is
 * the thousands separator as well. */
zg_status zg_notation_create(char decimal, char thousands, const char *words, zg_notation *out,
                             zg_error *error);
void zg_notation_clear(zg_notation *notation);

/* What the whole of text is; *value is set for numbers. */
zg_field_kind zg_notation_classify(const zg_notation *notation, const char *text, double *value);

/* Whether every number that zg_number_scan reads means the same in this notation. */
bool zg_notation_is_plain(const zg_notation *notation);

/* What text would need, beyond the notation, to be read as a number or as a missing value, as
 * options to try: "--decimal ,", "--thousands ,", "--missing-values None" or the like; or what it
 * looks like: a date, a number with a unit; "" when nothing would do.  Returns out. */
const char *zg_notation_hint(const zg_notation *notation, const char *text, char *out, size_t size);

/* What a text with commas in it says about the notation of its file. */
typedef enum zg_evidence {
    ZG_EVIDENCE_NONE,
    ZG_EVIDENCE_DECIMAL,   /* "7,4": the comma can only be the decimal sign */
    ZG_EVIDENCE_GROUPED,   /* "1.234,5": and the point separates thousands */
    ZG_EVIDENCE_THOUSANDS, /* "1,234.5", "1,234,567": the comma separates thousands */
    ZG_EVIDENCE_EITHER     /* "1,234": one or the other */
} zg_evidence;
zg_evidence zg_notation_evidence(const char *text);

#endif
