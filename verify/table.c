/* The data file: RFC 4180 records to rows of doubles, their digest, preprocessing and targets. */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- SHA-256 (FIPS 180-4) ------------------------------------------------------------------- */

typedef struct sha {
    uint32_t state[8];
    unsigned char block[64];
    uint64_t length;
} sha;

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static void sha_block(sha *h)
{
    uint32_t w[64], s[8];
    memcpy(s, h->state, sizeof s);
    for (int i = 0; i < 64; i++) {
        const unsigned char *p = h->block + 4 * (i & 15);
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        if (i >= 16) {
            uint32_t a = w[i - 15], b = w[i - 2];
            w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
        }
        uint32_t e = s[4], a = s[0];
        uint32_t t = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                     ((e & s[5]) ^ (~e & s[6])) + constants[i] + w[i];
        uint32_t u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                     ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t;
        s[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        h->state[i] += s[i];
}

static void sha_byte(sha *h, unsigned char byte)
{
    h->block[h->length++ % 64] = byte;
    if (h->length % 64 == 0) sha_block(h);
}

static void sha_doubles(sha *h, const double *x, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, &x[k], sizeof bits);
        for (int i = 0; i < 64; i += 8)
            sha_byte(h, (unsigned char)(bits >> i));
    }
}

/* The digest of x (n x d), then y (outputs x n), every number in little-endian order. */
static void digest(const zg_claim *c, char hex[65])
{
    sha h = {.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
                       0x1f83d9ab, 0x5be0cd19}};
    sha_doubles(&h, c->x, c->n * c->d);
    sha_doubles(&h, c->y, c->n * c->outputs);
    uint64_t bits = h.length * 8;
    sha_byte(&h, 0x80);
    while (h.length % 64 != 56)
        sha_byte(&h, 0);
    for (int i = 56; i >= 0; i -= 8)
        sha_byte(&h, (unsigned char)(bits >> i));
    for (int i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", h.state[i]);
}

/* ---- records -------------------------------------------------------------------------------- */

typedef struct table {
    zg_claim *c;
    char *text;
    size_t size, at, line;
    size_t columns, target_count;
    char **field;   /* columns, of the current record */
    size_t *target; /* columns: 1 + which target it is, 0 for inputs */
    size_t kind;    /* 0 regression, 1 binary, 2 multiclass */
    size_t label_count;
    char **labels;        /* texts, or NULL */
    const double *values; /* numbers, or NULL */
} table;

static _Noreturn void refuse(const table *t, const char *expected, const char *found)
{
    zg_refuse(t->c->session, "data:%zu: expected %s, found \"%.40s\"", t->line, expected, found);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* One field, unquoted in place and NUL-terminated; returns the character that ended it.  Blanks
 * around a field do not belong to it. */
static char read_field(table *t, char **field)
{
    char *p = t->text;
    while (blank(p[t->at]))
        t->at++;
    size_t begin = t->at, end = begin;
    if (p[t->at] == '"') {
        end = ++begin;
        for (t->at++; p[t->at] != '"' || p[t->at + 1] == '"'; t->at++) {
            if (t->at >= t->size) refuse(t, "a closing quotation mark", "the end of the file");
            t->at += p[t->at] == '"';
            p[end++] = p[t->at];
        }
        t->at++;
    }
    for (; !strchr(",\r\n", p[t->at]); t->at++) { /* the NUL at the end is found as well */
        if (blank(p[t->at])) continue;
        if (p[begin - (begin > 0)] == '"' && begin) refuse(t, "a comma", &p[t->at]);
        end = t->at + 1;
    }
    char stop = p[t->at];
    if (!stop && t->at < t->size) refuse(t, "text", "a NUL byte");
    p[end] = '\0';
    *field = p + begin;
    return stop;
}

/* The next record's fields; false at the end of the file.  Blank lines are no records. */
static bool read_record(table *t)
{
    while (blank(t->text[t->at]) || t->text[t->at] == '\r' || t->text[t->at] == '\n')
        t->line += t->text[t->at++] == '\n';
    if (t->at >= t->size) return false;
    size_t count = 0;
    for (char stop = ','; stop == ','; count++) {
        if (count == t->columns) refuse(t, "as many fields as the certificate says", "more");
        stop = read_field(t, &t->field[count]);
        t->at += stop != '\0'; /* it may have been overwritten by the field's NUL */
        t->line += stop == '\n';
    }
    if (count != t->columns) refuse(t, "as many fields as the certificate says", "fewer");
    return true;
}

/* A decimal number, correctly rounded; only its own characters, so no hexadecimal and no NaN. */
static double read_number(const table *t, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text) || *end || !isfinite(value))
        refuse(t, "a number", text);
    return value;
}

static void read_row(table *t, size_t row)
{
    zg_claim *c = t->c;
    const char *label = "";
    size_t k = 0;
    for (size_t j = 0, input = row * c->d; j < t->columns; j++) {
        const char *text = t->field[j];
        if (!t->target[j])
            c->x[input++] = read_number(t, text);
        else if (t->kind == 0)
            c->y[(t->target[j] - 1) * c->n + row] = read_number(t, text);
        else
            label = text;
    }
    if (t->kind == 0) return;
    while (k < t->label_count &&
           (t->labels ? strcmp(t->labels[k], label) != 0 : t->values[k] != read_number(t, label)))
        k++;
    if (k == t->label_count) refuse(t, "a label of the certificate", label);
    c->y[t->kind == 1 ? row : k * c->n + row] = t->kind == 1 && k == 0 ? -1 : 1;
}

/* ---- what the certificate says of the table ------------------------------------------------- */

/* The inputs are all columns but the targets, in order. */
static void read_columns(table *t, zg_reader *r)
{
    zg_field(r, "columns");
    t->columns = zg_whole(r, 2, 1 << 20);
    t->field = zg_take(r->session, t->columns, sizeof *t->field);
    t->target = zg_take(r->session, t->columns, sizeof *t->target);
    zg_field(r, "targets");
    t->target_count = zg_items(r);
    const uint32_t *column = zg_wholes(r, t->target_count, 0, t->columns - 1);
    for (uint32_t k = 0; k < t->target_count; k++) {
        if (t->target[column[k]]) zg_expected(r, "no column twice just before");
        t->target[column[k]] = k + 1;
    }
    t->c->d = t->columns - t->target_count;
    if (!t->target_count || !t->c->d) zg_expected(r, "a target and an input column");
}

/* place[record] = 1 + row, 0 for records that are not used; NULL: all are, in order. */
static uint32_t *read_rows(zg_claim *c, zg_reader *r, size_t limit)
{
    zg_field(r, "samples");
    c->n = zg_whole(r, 1, limit); /* a record takes at least a byte */
    if (!zg_optional(r, "rows")) return NULL;
    const uint32_t *record = zg_wholes(r, c->n, 0, limit - 1);
    uint32_t *place = zg_take(c->session, limit, sizeof *place);
    for (uint32_t k = 0; k < c->n; k++) {
        if (place[record[k]]) zg_expected(r, "no row twice just before");
        place[record[k]] = k + 1;
    }
    return place;
}

static void read_task(table *t, zg_reader *r)
{
    static const char *const kinds[] = {"regression", "binary", "multiclass"};
    zg_field(r, "task");
    t->kind = zg_choice(r, 3, kinds);
    t->c->outputs = t->kind == 0 ? t->target_count : 1;
    if (t->kind == 0) return;
    bool texts = zg_optional(r, "labels");
    if (!texts) zg_field(r, "values");
    t->label_count = zg_items(r);
    if (t->label_count < 2 || (t->kind == 1 && t->label_count > 2) || t->target_count != 1)
        zg_expected(r, "one target column and two labels or, in multiclass, more");
    if (t->kind == 2) t->c->outputs = t->label_count;
    if (texts) t->labels = zg_strings(r, t->label_count);
    if (!texts) t->values = zg_reals(r, t->label_count);
}

/* x <- (x - mean) / scale, two rounded operations; volatile keeps them two and in double. */
static void preprocess(zg_claim *c, zg_reader *r)
{
    if (!zg_optional(r, "mean")) return;
    const double *mean = zg_reals(r, c->d);
    zg_field(r, "scale");
    const double *scale = zg_reals(r, c->d);
    for (size_t k = 0; k < c->n * c->d; k++) {
        volatile double centred = c->x[k] - mean[k % c->d];
        volatile double scaled = centred / scale[k % c->d];
        if (!isfinite(scaled)) zg_expected(r, "scales that keep the inputs finite just before");
        c->x[k] = scaled;
    }
}

void zg_table_read(zg_claim *c, zg_reader *r, char *text, size_t size)
{
    table t = {.c = c, .size = size, .line = 1};
    char hex[65];
    size_t used = 0;
    t.text = text;
    t.at = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte-order mark */
    zg_field(r, "header");
    bool header = zg_flag(r);
    read_columns(&t, r);
    const uint32_t *place = read_rows(c, r, size);
    zg_field(r, "digest");
    const char *expected = zg_string(r);
    read_task(&t, r);
    c->x = zg_take(c->session, c->n, c->d * sizeof *c->x);
    c->y = zg_take(c->session, c->n, c->outputs * sizeof *c->y);
    if (header && !read_record(&t)) refuse(&t, "a header", "nothing");
    for (size_t record = 0; read_record(&t); record++) {
        size_t row = place ? place[record] : record + 1;
        if (row > c->n) refuse(&t, "no more samples than the certificate says", t.field[0]);
        if (row) read_row(&t, row - 1);
        used += row > 0;
    }
    if (used != c->n) zg_refuse(c->session, "the data have fewer rows than the certificate");
    digest(c, hex);
    if (strcmp(expected, hex) != 0)
        zg_refuse(c->session, "the data are not those of the certificate: their digest is %s", hex);
    preprocess(c, r);
}
