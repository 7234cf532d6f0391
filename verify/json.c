/* The reader of the flat JSON object. */
#include "json.h"

#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\v\f\r"

void zv_json_expected(zv_json *j, const char *what)
{
    size_t line = 1;
    for (const char *p = j->text; p < j->at; p++)
        line += *p == '\n';
    zv_stop(j->session, ZV_BAD_FILE, "certificate:%zu: expected %s, found \"%.20s\"", line, what,
            j->at);
}

static void skip_blanks(zv_json *j)
{
    j->at += strspn(j->at, BLANKS);
}

/* Whether this character comes next, which is then read. */
static bool next_is(zv_json *j, char c)
{
    skip_blanks(j);
    if (*j->at != c) return false;
    j->at++;
    return true;
}

static void expect(zv_json *j, char c)
{
    if (!next_is(j, c)) zv_json_expected(j, (char[]){c, '\0'});
}

bool zv_json_has(zv_json *j, const char *name)
{
    char *before = j->at;
    size_t length = strlen(name);
    char opening = before == j->text ? '{' : ',';
    bool found = next_is(j, opening) && next_is(j, '"') && strncmp(j->at, name, length) == 0 &&
                 j->at[length] == '"';
    if (!found) {
        j->at = before;
        return false;
    }
    j->at += length + 1;
    expect(j, ':');
    return true;
}

static void begin(zv_json *j, const char *name)
{
    if (name && !zv_json_has(j, name)) zv_json_expected(j, name);
    skip_blanks(j);
}

bool zv_json_flag(zv_json *j, const char *name)
{
    begin(j, name);
    bool value = *j->at == 't';
    const char *word = value ? "true" : "false";
    if (strncmp(j->at, word, strlen(word)) != 0) zv_json_expected(j, "true or false");
    j->at += strlen(word);
    return value;
}

/* The text is moved together over its escapes. */
const char *zv_json_string(zv_json *j, const char *name)
{
    begin(j, name);
    expect(j, '"');
    char *start = j->at, *end = start;
    while (*j->at != '"') {
        if (*j->at == '\\' && !strchr("\"\\/", *++j->at)) zv_json_expected(j, "another escape");
        if (!*j->at) zv_json_expected(j, "a closing quotation mark");
        *end++ = *j->at++;
    }
    j->at++;
    *end = '\0';
    return start;
}

size_t zv_json_choice(zv_json *j, const char *name, const char *const *choices)
{
    const char *text = zv_json_string(j, name);
    for (size_t k = 0; choices[k]; k++) {
        if (strcmp(text, choices[k]) == 0) return k;
    }
    zv_json_expected(j, "a known name just before");
}

size_t zv_json_whole(zv_json *j, const char *name, size_t low, size_t high)
{
    size_t value = 0;
    begin(j, name);
    const char *start = j->at;
    for (; *j->at >= '0' && *j->at <= '9' && value <= high; j->at++)
        value = value * 10 + (size_t)(*j->at - '0');
    if (j->at == start) zv_json_expected(j, "a whole number");
    if (value > high) zv_json_expected(j, "a smaller number");
    if (value < low) zv_json_expected(j, "a larger number");
    return value;
}

static int hexadecimal_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* [-]0xH[.HHH]p[+-]D with H 0 or 1, at most 13 digits behind the point and an exponent from -1022
 * to 1023.  The digits are a whole number below 2^53, and its multiple by 2^(exponent - 52) is a
 * double exactly. */
static bool parse_real(const char *p, double *out)
{
    uint64_t mantissa = 0;
    int digits = 0, exponent = 0, length = 0;
    bool negative = *p == '-';
    p += negative;
    if (p[0] != '0' || p[1] != 'x' || (p[2] != '0' && p[2] != '1')) return false;
    mantissa = (uint64_t)(p[2] - '0');
    p += 3;
    if (*p == '.') {
        for (p++; hexadecimal_digit(*p) >= 0 && digits < 13; p++, digits++)
            mantissa = mantissa << 4 | (uint64_t)hexadecimal_digit(*p);
        if (digits == 0) return false;
    }
    mantissa <<= 4 * (13 - digits);
    if (*p++ != 'p') return false;
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++;
    for (; *p >= '0' && *p <= '9' && length < 5; p++, length++)
        exponent = exponent * 10 + (*p - '0');
    if (minus) exponent = -exponent;
    if (length == 0 || *p || exponent < -1022 || exponent > 1023) return false;
    *out = ldexp((double)mantissa, exponent - 52);
    if (negative) *out = -*out;
    return true;
}

double zv_json_real(zv_json *j, const char *name)
{
    double value;
    if (!parse_real(zv_json_string(j, name), &value))
        zv_json_expected(j, "a string like \"0x1.8p-3\" just before");
    return zv_seen(j->session, value);
}

size_t zv_json_count(zv_json *j, const char *name)
{
    begin(j, name);
    const char *p = j->at;
    if (*p != '[') return 0;
    p += 1 + strspn(p + 1, BLANKS);
    if (*p == ']') return 0;
    size_t count = 1;
    for (; *p && *p != ']'; p++) {
        count += *p == ',';
        if (*p != '"') continue;
        for (p++; *p && *p != '"'; p++) { /* to the closing quotation mark */
            if (*p == '\\' && p[1]) p++;
        }
        if (!*p) break;
    }
    return count;
}

/* Goes to item k of an array of exactly count items; false behind its last one. */
static bool next_item(zv_json *j, const char *name, size_t k, size_t count)
{
    if (k == 0) {
        begin(j, name);
        expect(j, '[');
    }
    if (k == count)
        expect(j, ']');
    else if (k > 0)
        expect(j, ',');
    return k < count;
}

double *zv_json_reals(zv_json *j, const char *name, size_t count)
{
    double *out = zv_take(j->session, count, sizeof *out);
    for (size_t k = 0; next_item(j, name, k, count); k++)
        out[k] = zv_json_real(j, NULL);
    return out;
}

uint32_t *zv_json_wholes(zv_json *j, const char *name, size_t count, size_t low, size_t high)
{
    uint32_t *out = zv_take(j->session, count, sizeof *out);
    for (size_t k = 0; next_item(j, name, k, count); k++)
        out[k] = (uint32_t)zv_json_whole(j, NULL, low, high);
    return out;
}

const char **zv_json_strings(zv_json *j, const char *name, size_t count)
{
    const char **out = zv_take(j->session, count, sizeof *out);
    for (size_t k = 0; next_item(j, name, k, count); k++)
        out[k] = zv_json_string(j, NULL);
    return out;
}

void zv_json_end(zv_json *j)
{
    bool closed = next_is(j, '}');
    skip_blanks(j);
    if (!closed || j->at != j->text + j->size)
        zv_json_expected(j, "a closing brace, and nothing behind it");
}
