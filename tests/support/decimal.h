/* Decimal texts as exact rationals: the judge of printed bounds. */
#ifndef ZG_TESTS_DECIMAL_H
#define ZG_TESTS_DECIMAL_H

#include <gmp.h>
#include <stdbool.h>
#include <stdlib.h>

/* [-]digits[.digits][e[+-]digits], at most 60 digits; what follows a blank does not count. */
static inline void parse_decimal(mpq_t out, const char *text)
{
    char digits[64] = "";
    size_t count = 0;
    long behind = 0;
    bool point = false;
    const char *p = text + (*text == '-');
    for (; *p && *p != 'e' && *p != ' '; p++) {
        if (*p == '.')
            point = true;
        else
            digits[count++] = *p;
        behind += point && *p != '.';
    }
    long exponent = (*p == 'e' ? strtol(p + 1, NULL, 10) : 0) - behind;
    mpz_set_str(mpq_numref(out), digits, 10);
    mpz_ui_pow_ui(mpq_denref(out), 10, (unsigned long)labs(exponent));
    if (exponent > 0) {
        mpz_mul(mpq_numref(out), mpq_numref(out), mpq_denref(out));
        mpz_set_ui(mpq_denref(out), 1);
    }
    mpq_canonicalize(out);
    if (*text == '-') mpq_neg(out, out);
}

#endif
