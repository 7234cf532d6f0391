/* The reader of the flat JSON object. */
#include "json.h"

#include "number.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n\r"

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
    bool value = strncmp(j->at, "true", 4) == 0;
    if (!value && strncmp(j->at, "false", 5) != 0) zv_json_expected(j, "true or false");
    j->at += value ? 4 : 5;
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
    bool padded = *start == '0' && j->at > start + 1;
    if (j->at == start || padded) zv_json_expected(j, "a whole number");
    if (value > high) zv_json_expected(j, "a smaller number");
    if (value < low) zv_json_expected(j, "a larger number");
    return value;
}

/* [-]0xH[.HHH]p[+-]D with H 0 or 1, at most 13 digits behind the point and an exponent from -1022
 * to 1023: a whole number below 2^53 times 2^(exponent - 52), which is a double exactly. */
static bool is_real(const char *p)
{
    if (*p == '-') p++;
    if (strncmp(p, "0x0", 3) != 0 && strncmp(p, "0x1", 3) != 0) return false;
    p += 3;
    if (*p == '.') {
        size_t digits = strspn(++p, "0123456789abcdef");
        if (digits == 0 || digits > 13) return false;
        p += digits;
    }
    if (*p++ != 'p') return false;
    long exponent = strtol(p, NULL, 10);
    if (*p == '-' || *p == '+') p++;
    size_t length = strspn(p, "0123456789");
    return length > 0 && length < 6 && !p[length] && exponent >= -1022 && exponent <= 1023;
}

double zv_json_real(zv_json *j, const char *name)
{
    const char *text = zv_json_string(j, name);
    if (!is_real(text)) zv_json_expected(j, "a string like \"0x1.8p-3\" just before");
    return zv_seen(j->session, strtod(text, NULL));
}

size_t zv_json_count(zv_json *j, const char *name)
{
    begin(j, name);
    const char *p = j->at;
    if (*p != '[') return 0;
    p += 1 + strspn(p + 1, BLANKS);
    if (*p == ']') return 0;
    size_t count = 1;
    bool inside = false; /* a string */
    for (; *p && (inside || *p != ']'); p++) {
        count += *p == ',' && !inside;
        if (*p == '"') inside = !inside;
        if (*p == '\\' && p[1]) p++;
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
