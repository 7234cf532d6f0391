/*
 * Numbers as text.
 *
 * Reading: a decimal w * 10^k with w < 2^53 and |k| <= 22 is one correctly rounded operation on
 * exactly representable numbers.  Where long double has a 64-bit significand the same operation
 * done there is exact enough for w < 2^64 and |k| <= 27, unless its result lies within one unit of
 * a half-way case of double: only then, and beyond these ranges, strtod decides.
 */
#include "base/number.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS 19 /* every number of that many digits is below 2^64 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

typedef struct decimal {
    uint64_t significand;
    int exponent; /* value = significand * 10^exponent */
    bool exact;   /* all digits are in significand */
    bool negative;
} decimal;

/* Digits with an optional point; NULL when there is no digit. */
static const char *scan_digits(const char *p, decimal *out)
{
    int seen = 0, kept = 0, dropped = 0;
    bool fraction = false;
    for (;; p++) {
        if (is_digit(*p)) {
            seen = 1;
            if (kept < DIGITS) {
                out->significand = out->significand * 10 + (uint64_t)(*p - '0');
                kept += out->significand > 0;
                out->exponent -= fraction;
            } else {
                out->exact = false;
                dropped += !fraction && dropped < 100000;
            }
        } else if (*p == '.' && !fraction) {
            fraction = true;
        } else {
            break;
        }
    }
    out->exponent += dropped;
    return seen ? p : NULL;
}

static const char *scan_exponent(const char *p, decimal *out)
{
    if (*p != 'e' && *p != 'E') return p;
    const char *q = p + 1;
    bool negative = *q == '-';
    q += *q == '-' || *q == '+';
    if (!is_digit(*q)) return p; /* the letter is not part of the number */
    int exponent = 0;
    for (; is_digit(*q); q++)
        if (exponent < 100000) exponent = exponent * 10 + (*q - '0');
    out->exponent += negative ? -exponent : exponent;
    return q;
}

#if LDBL_MANT_DIG == 64
static const long double powers[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                     1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                     1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
                                     1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};

static bool convert(const decimal *d, double *value)
{
    if (d->exponent < -27 || d->exponent > 27) return false;
    long double wide = (long double)d->significand;
    wide = d->exponent < 0 ? wide / powers[-d->exponent] : wide * powers[d->exponent];
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits); /* the significand comes first in memory */
    if ((bits & 0x7ff) == 0x400) return false;
    *value = (double)wide;
    return true;
}
#else
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool convert(const decimal *d, double *value)
{
    if (d->significand >> 53 || d->exponent < -22 || d->exponent > 22) return false;
    double exact = (double)d->significand;
    *value = d->exponent < 0 ? exact / powers[-d->exponent] : exact * powers[d->exponent];
    return true;
}
#endif

const char *zg_number_scan(const char *text, double *value)
{
    decimal d = {.exact = true, .negative = *text == '-'};
    const char *start = text + (*text == '-' || *text == '+');
    const char *end = scan_digits(start, &d);
    if (!end) return NULL;
    end = scan_exponent(end, &d);
    double magnitude = 0;
    if ((d.exact && d.significand == 0) || (d.exact && convert(&d, &magnitude)))
        *value = d.negative ? -magnitude : magnitude;
    else
        *value = strtod(text, NULL);
    return end;
}

zg_number_kind zg_number_classify(const char *text, double *value)
{
    const char *end = zg_number_scan(text, value);
    if (end && *end == '\0') return isfinite(*value) ? ZG_NUMBER_FINITE : ZG_NUMBER_NOT_FINITE;
    const char *word = text + (*text == '-' || *text == '+');
    if (strcasecmp(word, "nan") == 0 || strcasecmp(word, "inf") == 0 ||
        strcasecmp(word, "infinity") == 0)
        return ZG_NUMBER_NOT_FINITE;
    return ZG_NUMBER_TEXT;
}

/* Whole numbers below 1000, the bulk of pixels, counts and labels. */
static size_t format_small(unsigned value, char *text)
{
    size_t length = value < 10 ? 1 : value < 100 ? 2 : 3;
    text[length] = '\0';
    for (size_t k = length; k-- > 0; value /= 10)
        text[k] = (char)('0' + value % 10);
    return length;
}

size_t zg_number_format(double value, char *text)
{
    if (value >= 0 && value < 1000 && value == floor(value) && !signbit(value))
        return format_small((unsigned)value, text);
    if (value == floor(value) && fabs(value) < 1e15)
        return (size_t)snprintf(text, ZG_NUMBER_SIZE, "%.0f", value);
    for (int precision = 1;; precision++) {
        int length = snprintf(text, ZG_NUMBER_SIZE, "%.*g", precision, value);
        if (precision == 17 || strtod(text, NULL) == value) return (size_t)length;
    }
}

/* Conversions honour the rounding direction (C17, F.5), which belongs to the thread. */
void zg_number_bound(double value, int digits, int side, char *text)
{
    int direction = fegetround();
    (void)fesetround(side > 0 ? FE_UPWARD : FE_DOWNWARD);
    (void)snprintf(text, ZG_NUMBER_SIZE, "%.*g", digits, value);
    (void)fesetround(direction);
}
