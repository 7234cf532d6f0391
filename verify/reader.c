/* The session's memory and verdict, and a strict JSON reader that goes once from front to back. */
#include "verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct block {
    struct block *next;
    size_t rationals; /* how many of them the data are */
    max_align_t data[];
} block;

void *zg_take(zg_session *s, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > s->limit - s->used)
        zg_refuse(s, "the files ask for more than %zu MiB of memory", s->limit >> 20);
    block *b = calloc(1, sizeof *b + bytes);
    if (!b) zg_refuse(s, "out of memory");
    b->next = s->blocks;
    s->blocks = b;
    s->used += bytes;
    return b->data;
}

mpq_t *zg_rationals(zg_session *s, size_t count)
{
    mpq_t *x = zg_take(s, count, sizeof *x);
    for (block *b = s->blocks; b->rationals < count; b->rationals++)
        mpq_init(x[b->rationals]);
    return x;
}

void zg_release(zg_session *s)
{
    for (block *b = s->blocks, *next; b; b = next) {
        next = b->next;
        for (size_t k = 0; k < b->rationals; k++)
            mpq_clear(((mpq_t *)b->data)[k]);
        free(b);
    }
    s->blocks = NULL;
}

static void put_message(zg_session *s, zg_verdict verdict, const char *format, va_list arguments)
{
    vsnprintf(s->message, sizeof s->message, format, arguments);
    for (char *p = s->message; *p; p++) {
        if (*p > 0 && *p < ' ') *p = '.'; /* what is quoted may be anything */
    }
    s->verdict = verdict;
}

void zg_refuse(zg_session *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_message(s, ZG_BAD_FILE, format, arguments);
    va_end(arguments);
    longjmp(s->escape, 1);
}

void zg_note(zg_session *s, zg_verdict verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (verdict > s->verdict) put_message(s, verdict, format, arguments);
    va_end(arguments);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

void zg_expected(const zg_reader *r, const char *what)
{
    size_t line = 1;
    for (size_t i = 0; i < r->at; i++)
        line += r->text[i] == '\n';
    zg_refuse(r->session, "certificate:%zu: expected %s, found \"%.20s\"", line, what,
              r->text + r->at);
}

bool zg_skip(zg_reader *r, char c)
{
    while (r->text[r->at] == ' ' || (r->text[r->at] >= '\t' && r->text[r->at] <= '\r'))
        r->at++; /* ends at the closing NUL at the latest */
    if (r->text[r->at] != c) return false;
    r->at += c != '\0';
    return true;
}

static void expect(zg_reader *r, char c)
{
    if (!zg_skip(r, c)) zg_expected(r, (char[]){c, '\0'});
}

bool zg_optional(zg_reader *r, const char *name)
{
    size_t before = r->at, length = strlen(name);
    if (zg_skip(r, r->begun ? ',' : '{') && zg_skip(r, '"') &&
        strncmp(r->text + r->at, name, length) == 0 && r->text[r->at + length] == '"') {
        r->at += length + 1;
        r->begun = true;
        expect(r, ':');
        return true;
    }
    r->at = before;
    return false;
}

void zg_field(zg_reader *r, const char *name)
{
    if (!zg_optional(r, name)) zg_expected(r, name);
}

size_t zg_items(zg_reader *r)
{
    if (!zg_skip(r, '[')) zg_expected(r, "[");
    size_t at = r->at, commas = 0;
    bool empty = zg_skip(r, ']');
    r->at = at - 1; /* on the bracket again */
    for (; r->text[at] && r->text[at] != ']'; at += r->text[at] != '\0') {
        commas += r->text[at] == ',';
        if (r->text[at] == '"') at += 1 + strcspn(r->text + at + 1, "\"");
    }
    return empty ? 0 : commas + 1;
}

/* Before item k of count there is a bracket or a comma; behind the last one, k = count, a bracket.
 */
static bool next_item(zg_reader *r, size_t k, size_t count)
{
    if (k == 0) expect(r, '[');
    if (k == count || k > 0) expect(r, k == count ? ']' : ',');
    return k < count;
}

/* The escapes are \" and \\ and \/ only; all other characters stand for themselves. */
char *zg_string(zg_reader *r)
{
    expect(r, '"');
    char *start = r->text + r->at, *end = start;
    for (; r->text[r->at] != '"'; r->at++) {
        bool escape = r->text[r->at] == '\\';
        if (escape && !strchr("\"\\/", r->text[++r->at])) zg_expected(r, "another escape");
        if (r->at >= r->size) zg_expected(r, "a closing quotation mark");
        *end++ = r->text[r->at];
    }
    r->at++;
    *end = '\0';
    return start;
}

bool zg_flag(zg_reader *r)
{
    bool value = zg_skip(r, 't');
    const char *rest = value ? "rue" : "false";
    if (strncmp(r->text + r->at, rest, strlen(rest)) != 0) zg_expected(r, "true or false");
    r->at += strlen(rest);
    return value;
}

size_t zg_whole(zg_reader *r, size_t low, size_t high)
{
    size_t value = 0;
    if (zg_skip(r, '-') || !strchr("0123456789", r->text[r->at]) || r->at == r->size)
        zg_expected(r, "a whole number");
    for (; r->text[r->at] >= '0' && r->text[r->at] <= '9'; r->at++) {
        value = value * 10 + (size_t)(r->text[r->at] - '0');
        if (value > high) zg_expected(r, "a smaller number");
    }
    if (value < low) zg_expected(r, "a larger number");
    return value;
}

/* [-]0xH[.HHH]p[+-]D with H 0 or 1, at most 13 digits after the point and an exponent in
 * [-1022, 1023]: every such text is a double exactly. */
double zg_real(zg_reader *r)
{
    const char *text = zg_string(r), *p = text + (*text == '-');
    bool fine = strncmp(p, "0x0", 3) == 0 || strncmp(p, "0x1", 3) == 0;
    p += fine ? 3 : 0;
    size_t digits = *p == '.' ? strspn(p + 1, "0123456789abcdef") : 0;
    fine = fine && (*p != '.' || (digits >= 1 && digits <= 13));
    p += *p == '.' ? digits + 1 : 0;
    fine = fine && *p == 'p';
    p += fine ? 1 + (p[1] == '-' || p[1] == '+') : 0;
    digits = strspn(p, "0123456789");
    long exponent = digits <= 4 ? (p[-1] == '-' ? -1 : 1) * strtol(p, NULL, 10) : 9999;
    if (!fine || digits < 1 || p[digits] || exponent < -1022 || exponent > 1023)
        zg_expected(r, "a string like \"0x1.8p-3\" just before");
    return strtod(text, NULL);
}

double *zg_reals(zg_reader *r, size_t count)
{
    double *out = zg_take(r->session, count, sizeof *out);
    for (size_t k = 0; next_item(r, k, count); k++)
        out[k] = zg_real(r);
    return out;
}

uint32_t *zg_wholes(zg_reader *r, size_t count, size_t low, size_t high)
{
    uint32_t *out = zg_take(r->session, count, sizeof *out);
    for (size_t k = 0; next_item(r, k, count); k++)
        out[k] = (uint32_t)zg_whole(r, low, high);
    return out;
}

char **zg_strings(zg_reader *r, size_t count)
{
    char **out = zg_take(r->session, count, sizeof *out);
    for (size_t k = 0; next_item(r, k, count); k++)
        out[k] = zg_string(r);
    return out;
}

size_t zg_choice(zg_reader *r, size_t count, const char *const *names)
{
    const char *text = zg_string(r);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) return i;
    }
    zg_expected(r, "a known name just before");
}
