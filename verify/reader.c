/* Both files: the certificate is one flat JSON object, read from front to back, every field of
 * docs/certificate.md in its order, checked for shape; the data are RFC 4180 records. */
#include "verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTENT_LIMIT ((size_t)1 << 20)

/* Of JSON, values have the name given; NULL: it is behind already, or there is none. */

static _Noreturn void expected(zg_session *s, const char *what)
{
    size_t line = 1;
    for (const char *p = s->text; p < s->at; p++)
        line += *p == '\n';
    zg_stop(s, ZG_BAD_FILE, "certificate:%zu: expected %s, found \"%.20s\"", line, what, s->at);
}

/* Whether c comes next, which is then skipped. */
static bool skip(zg_session *s, char c)
{
    s->at += strspn(s->at, " \t\n\v\f\r");
    if (*s->at != c) return false;
    s->at++;
    return true;
}

static void expect(zg_session *s, char c)
{
    if (!skip(s, c)) expected(s, (char[]){c, '\0'});
}

/* Goes behind this name and its colon if they come next. */
static bool field(zg_session *s, const char *name)
{
    char *before = s->at;
    size_t length = strlen(name);
    bool found = skip(s, before > s->text ? ',' : '{') && skip(s, '"') &&
                 strncmp(s->at, name, length) == 0 && s->at[length] == '"';
    s->at = found ? s->at + length + 1 : before;
    if (found) expect(s, ':');
    return found;
}

static char *begin(zg_session *s, const char *name)
{
    if (name && !field(s, name)) expected(s, name);
    return s->at += strspn(s->at, " \t\n\v\f\r");
}

/* The length of the array, which is not read yet; 0 for other values. */
static size_t items(zg_session *s, const char *name)
{
    char *before = begin(s, name);
    size_t count = skip(s, '[') && !skip(s, ']');
    for (const char *p = s->at; count && *p && *p != ']'; p += *p != '\0') {
        count += *p == ',';
        if (*p != '"') continue;
        for (p++; *p && *p != '"'; p++) /* to the closing quotation mark */
            p += *p == '\\' && p[1];
    }
    s->at = before;
    return count;
}

static bool flag(zg_session *s, const char *name)
{
    const char *word = *begin(s, name) == 't' ? "true" : "false";
    if (strncmp(s->at, word, strlen(word)) != 0) expected(s, "true or false");
    s->at += strlen(word);
    return *word == 't';
}

/* The escapes are \" and \\ and \/ only; all other characters stand for themselves. */
static char *string(zg_session *s, const char *name)
{
    begin(s, name);
    expect(s, '"');
    char *start = s->at, *end = start;
    for (; *s->at != '"'; *end++ = *s->at++) {
        if (*s->at == '\\' && !strchr("\"\\/", *++s->at)) expected(s, "another escape");
        if (!*s->at) expected(s, "a closing quotation mark");
    }
    s->at++;
    *end = '\0';
    return start;
}

/* Which of the choices, each of which ends in a NUL. */
static size_t choice(zg_session *s, const char *name, const char *choices)
{
    const char *text = string(s, name);
    for (size_t i = 0; *choices; choices += strlen(choices) + 1, i++) {
        if (strcmp(text, choices) == 0) return i;
    }
    expected(s, "a known name just before");
}

static size_t whole(zg_session *s, const char *name, size_t low, size_t high)
{
    size_t value = 0;
    const char *start = begin(s, name);
    for (; *s->at >= '0' && *s->at <= '9' && value <= high; s->at++)
        value = value * 10 + (size_t)(*s->at - '0');
    if (s->at == start) expected(s, "a whole number");
    if (value > high) expected(s, "a smaller number");
    if (value < low) expected(s, "a larger number");
    return value;
}

/* [-]0xH[.HHH]p[+-]D with H 0 or 1, at most 13 digits after the point and an exponent in
 * [-1022, 1023]: every such text is a double exactly. */
static double real(zg_session *s, const char *name)
{
    const char *text = string(s, name), *p = text + (*text == '-');
    int length = 0, exponent = 0, end = 0;
    (void)sscanf(p, "0x%*1[01]%n.%*13[0-9a-f]%n", &length, &length);
    (void)sscanf(p + length, "p%5d%n", &exponent, &end);
    if (!length || !end || p[length + end] || strpbrk(p, " \t\n\v\f\r") || exponent < -1022 ||
        exponent > 1023)
        expected(s, "a string like \"0x1.8p-3\" just before");
    return zg_seen(s, strtod(text, NULL));
}

/* Goes to item k of an array of exactly count items; false behind its last one. */
static bool next_item(zg_session *s, const char *name, size_t k, size_t count)
{
    if (k == 0) begin(s, name);
    if (k == 0) expect(s, '[');
    if (k == count || k > 0) expect(s, k == count ? ']' : ',');
    return k < count;
}

static double *reals(zg_session *s, const char *name, size_t count)
{
    double *out = zg_take(s, count, sizeof *out);
    for (size_t k = 0; next_item(s, name, k, count); k++)
        out[k] = real(s, NULL);
    return out;
}

static uint32_t *wholes(zg_session *s, const char *name, size_t count, size_t low, size_t high)
{
    uint32_t *out = zg_take(s, count, sizeof *out);
    for (size_t k = 0; next_item(s, name, k, count); k++)
        out[k] = (uint32_t)whole(s, NULL, low, high);
    return out;
}

/* ---- SHA-256 (FIPS 180-4) ------------------------------------------------------------------- */

static uint32_t rotate(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

/* Of doubles, least significant byte first; message has room for 2 count + 32 words. */
static void digest(const double *x, size_t count, uint32_t *message, char hex[65])
{
    uint32_t h[8], constants[64], s[8], w[64] = {0};
    mpz_t prime, root;
    size_t words = (2 * count + 3 + 15) / 16 * 16;
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, &x[k], sizeof bits);
        message[2 * k] = __builtin_bswap32((uint32_t)bits);
        message[2 * k + 1] = __builtin_bswap32((uint32_t)(bits >> 32));
    }
    message[2 * count] = 0x80000000;
    message[words - 2] = (uint32_t)(count >> 26); /* 64 count bits */
    message[words - 1] = (uint32_t)(count << 6);
    mpz_inits(prime, root, NULL);
    for (size_t k = 0; k < 64; k++) { /* 32 bits behind the point of cube and square roots */
        mpz_nextprime(prime, prime);
        mpz_mul_2exp(root, prime, 96);
        mpz_root(root, root, 3);
        constants[k] = (uint32_t)mpz_get_ui(root);
        mpz_mul_2exp(root, prime, 64);
        mpz_sqrt(root, root);
        if (k < 8) h[k] = (uint32_t)mpz_get_ui(root);
    }
    mpz_clears(prime, root, NULL);
    for (; words > 0; words -= 16, message += 16) {
        memcpy(w, message, 16 * sizeof *w);
        memcpy(s, h, sizeof s);
        for (size_t i = 0; i < 64; i++) {
            uint32_t a = w[(i + 49) % 64], b = w[(i + 62) % 64], e = s[4];
            if (i >= 16)
                w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
                       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
            e = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
                constants[i] + w[i];
            a = s[0];
            a = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof *s);
            s[4] += e;
            s[0] = e + a;
        }
        for (size_t i = 0; i < 8; i++)
            h[i] += s[i];
    }
    for (size_t i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", h[i]);
}

typedef struct table {
    char *text, *end; /* the rest of the data file; its closing NUL */
    size_t line, columns, label_count;
    const uint32_t *target; /* columns: 1 + which target it is, 0 for inputs */
    const char **labels;    /* classes: texts, or if there are values */
    const double *values;   /* numbers */
} table;

#define bad_data(s, t, expected, found)                                                            \
    zg_stop(s, ZG_BAD_FILE, "data:%zu: expected %s, found \"%.40s\"", (t)->line, expected, found)

/* A decimal number, correctly rounded; only its own characters, so no hexadecimal and no NaN. */
static double number(zg_session *s, const table *t, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (!*text || text[strspn(text, "0123456789+-.eE")] || *end || !isfinite(value))
        bad_data(s, t, "a number", text);
    return zg_seen(s, value);
}

/* Reads a record into the row before this one of the problem, 0: nowhere; false at the end of the
 * file.  Blanks around a field do not belong to it, blank lines are no records. */
static bool read_record(zg_claim *c, table *t, size_t row)
{
    char *p = t->text, stop = ',';
    zg_session *s = c->session;
    for (; *p && strchr(" \t\r\n", *p); p++)
        t->line += *p == '\n';
    if (p == t->end) return false;
    size_t input = (row > 0 ? row - 1 : 0) * c->d;
    if (row > c->n) bad_data(s, t, "no more samples than the certificate says", p);
    for (size_t k = 0; k < t->columns; k++) {
        if (stop != ',') bad_data(s, t, "as many fields as the certificate says", "fewer");
        p += strspn(p, " \t");
        bool quoted = *p == '"';
        char *text = p += quoted, *end = text;
        for (; quoted && (*p != '"' || *++p == '"'); *end++ = *p++) /* two stand for one */
            if (!*p) bad_data(s, t, "a closing quotation mark", "the end or a NUL byte");
        for (; !strchr(",\r\n", *p); p++) {
            if (*p == ' ' || *p == '\t') continue;
            if (quoted) bad_data(s, t, "a comma", p);
            end = p + 1;
        }
        stop = *p;
        if (!stop && p < t->end) bad_data(s, t, "text", "a NUL byte");
        *end = '\0';
        p += stop != '\0';
        if (row == 0) continue;
        if (t->target[k] == 0) {
            c->x[input++] = number(s, t, text);
        } else if (t->label_count == 0) {
            c->y[(t->target[k] - 1) * c->n + row - 1] = number(s, t, text);
        } else {
            size_t l = 0;
            while (l < t->label_count && (t->values ? t->values[l] != number(s, t, text)
                                                    : strcmp(t->labels[l], text) != 0))
                l++;
            if (l == t->label_count) bad_data(s, t, "a label of the certificate", text);
            c->y[(c->outputs > 1 ? l * c->n : 0) + row - 1] = c->outputs == 1 && l == 0 ? -1 : 1;
        }
    }
    if (stop == ',') bad_data(s, t, "as many fields as the certificate says", "more");
    t->line += stop == '\n';
    t->text = p;
    return true;
}

/* place[item] = 1 + its index in the array, 0 for what is not in it; limit of them. */
static uint32_t *places(zg_session *s, size_t count, size_t limit, const char *what)
{
    const uint32_t *item = wholes(s, NULL, count, 0, limit - 1);
    uint32_t *place = zg_take(s, limit, sizeof *place);
    for (uint32_t k = 0; k < count; k++) {
        if (place[item[k]]) expected(s, what);
        place[item[k]] = k + 1;
    }
    return place;
}

static void read_labels(zg_claim *c, zg_session *s, table *t, size_t targets)
{
    size_t task = choice(s, "task", "regression\0binary\0multiclass\0");
    c->outputs = targets;
    if (task == 0) return;
    bool texts = field(s, "labels");
    t->label_count = items(s, texts ? NULL : "values");
    if (t->label_count < 2 || (task == 1 && t->label_count > 2) || targets != 1)
        expected(s, "one target column and two labels or, in multiclass, more");
    t->labels = zg_take(s, t->label_count, sizeof *t->labels);
    for (size_t k = 0; texts && next_item(s, NULL, k, t->label_count); k++)
        t->labels[k] = string(s, NULL);
    if (!texts) t->values = reals(s, NULL, t->label_count);
    if (task == 2) c->outputs = t->label_count;
}

static void read_data(zg_claim *c, zg_session *s, char *text, size_t size)
{
    table t = {.text = text, .end = text + size, .line = 1};
    char hex[65];
    bool header = flag(s, "header");
    t.columns = whole(s, "columns", 2, EXTENT_LIMIT);
    size_t targets = items(s, "targets"), used = 0;
    t.target = places(s, targets, t.columns, "no column twice just before");
    if (targets == 0 || targets == t.columns) expected(s, "a target and an input column");
    c->d = t.columns - targets;
    c->n = whole(s, "samples", 1, size); /* a record takes at least a byte */
    const uint32_t *place =
        field(s, "rows") ? places(s, c->n, size + 1, "no row twice just before") : NULL;
    const char *digits = string(s, "digest");
    read_labels(c, s, &t, targets);
    size_t inputs = c->n * c->d, numbers = inputs + c->n * c->outputs;
    c->x = zg_take(s, numbers, sizeof *c->x);
    c->y = c->x + inputs;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) t.text += 3; /* a byte-order mark */
    if (header && !read_record(c, &t, 0)) bad_data(s, &t, "a header", "nothing");
    for (size_t k = 0, row; read_record(c, &t, row = place ? place[k] : k + 1); k++)
        used += row > 0;
    if (used != c->n) zg_stop(s, ZG_BAD_FILE, "the data have fewer rows than the certificate");
    digest(c->x, numbers, zg_take(s, 2 * numbers + 32, sizeof(uint32_t)), hex);
    if (strcmp(digits, hex) != 0)
        zg_stop(s, ZG_BAD_FILE, "the data are not those of the certificate: their digest is %s",
                hex);
    if (!field(s, "mean")) return;
    const double *mean = reals(s, NULL, c->d), *scale = reals(s, "scale", c->d);
    for (size_t k = 0; k < inputs; k++) { /* rounded twice: volatile keeps it so */
        volatile double centred = c->x[k] - mean[k % c->d];
        volatile double scaled = centred / scale[k % c->d];
        if (!isfinite(scaled)) expected(s, "scales that keep the inputs finite just before");
        c->x[k] = zg_seen(s, scaled);
    }
}

/* Pools in row-major order, in each its patches in row-major order, in each patch the inputs by
 * channel, row, column.  Patches that fill no whole pool are left out.  A dense network has one
 * that is the row.  (No product overflows: all but the last are at most d.) */
static void read_architecture(zg_claim *c, zg_session *s)
{
    size_t height = 1, width = c->d, channels = 1;
    const uint32_t *filter = (const uint32_t[]){1, (uint32_t)c->d}, one[2] = {1, 1}, *stride = one;
    bool dense = choice(s, "architecture", "dense\0convolution\0") == 0;
    if (!dense) {
        height = whole(s, "height", 1, EXTENT_LIMIT);
        width = whole(s, "width", 1, EXTENT_LIMIT);
        channels = whole(s, "channels", 1, EXTENT_LIMIT);
        filter = wholes(s, "filter", 2, 1, EXTENT_LIMIT);
        stride = wholes(s, "stride", 2, 1, EXTENT_LIMIT);
    }
    if (height * width * channels != c->d || filter[0] > height || filter[1] > width)
        expected(s, "an image of as many inputs as the data have, and a filter in it");
    const uint32_t many[2] = {(uint32_t)(height - filter[0]) / stride[0] + 1,
                              (uint32_t)(width - filter[1]) / stride[1] + 1};
    const uint32_t *pool = dense ? one : many;
    if (!dense && items(s, "pool"))
        pool = wholes(s, NULL, 2, 1, EXTENT_LIMIT);
    else if (!dense && choice(s, NULL, "none\0global\0") == 0)
        pool = one;
    size_t across = many[1] / pool[1];
    c->groups = many[0] / pool[0] * across;
    if (!c->groups) expected(s, "a pool that fits just before");
    c->patches = (size_t)pool[0] * pool[1];
    c->width = (size_t)filter[0] * filter[1] * channels;
    c->inputs = zg_take(s, c->groups * c->patches * c->width, sizeof *c->inputs);
    for (size_t k = 0; k < c->groups * c->patches * c->width; k++) {
        size_t g = k / c->width / c->patches, p = k / c->width % c->patches, i = k % c->width;
        size_t row = (g / across * pool[0] + p / pool[1]) * stride[0] + i / filter[1] % filter[0];
        size_t column = (g % across * pool[1] + p % pool[1]) * stride[1] + i % filter[1];
        size_t channel = i / filter[1] / filter[0];
        c->inputs[k] = (uint32_t)((channel * height + row) * width + column);
    }
}

static void read_problem(zg_claim *c, zg_session *s)
{
    const double *abc = reals(s, "activation", 3);
    c->a = abc[0], c->b = abc[1], c->c = abc[2];
    read_architecture(c, s);
    size_t loss = choice(s, "loss",
                         "squared\0absolute\0huber\0hinge\0squared-hinge\0logistic\0"
                         "interpolate\0");
    c->curved = "1010100"[loss] == '1';
    c->limited = "0111010"[loss] == '1';
    c->labels = "0001110"[loss] == '1';
    c->logistic = loss == 5;
    c->delta = loss == 2 ? real(s, "delta") : 1;
    for (size_t k = 0; c->labels && k < c->n * c->outputs; k++) {
        if (fabs(c->y[k]) != 1) expected(s, "a loss that takes other targets than -1 and 1");
    }
    c->beta = real(s, "beta");
    c->weighted = field(s, "weights");
    c->weights = c->weighted ? reals(s, NULL, c->n) : zg_take(s, c->n, sizeof *c->weights);
    for (size_t i = 0; i < c->n; i++) {
        if (!c->weighted) c->weights[i] = 1;
        if (!(c->weights[i] > 0)) expected(s, "positive weights just before");
    }
    if (!(c->beta > 0 && c->delta > 0)) expected(s, "a positive number just before");
    c->tree = field(s, "power");
    if (!c->tree) return;
    c->power = wholes(s, NULL, 2, 1, EXTENT_LIMIT);
    if (c->power[0] >= c->power[1] || c->power[1] > 64) expected(s, "a power below 1 just before");
    c->nonnegative = flag(s, "nonnegative");
}

void zg_claim_read(zg_claim *c, char *data, size_t size)
{
    zg_session *s = c->session;
    choice(s, "format", "zerogap-certificate/1\0");
    if (field(s, "generator")) string(s, NULL);
    read_data(c, s, data, size);
    read_problem(c, s);
    c->lower = real(s, "lower");
    c->has_upper = field(s, "upper");
    if (c->has_upper) c->upper = real(s, NULL);
    if (c->has_upper) c->gap = real(s, "gap");
    if (c->has_upper || c->tree) {
        c->neurons = items(s, "groups");
        c->group = wholes(s, NULL, c->neurons, 0, c->groups - 1);
        c->u = reals(s, "neurons", c->neurons * c->width);
        c->alpha = reals(s, "alpha", c->neurons * c->outputs);
    }
    if (!c->tree) {
        c->v = reals(s, "dual", c->n * c->outputs);
        if (field(s, "rho")) c->rho = reals(s, NULL, 2 * c->groups * c->outputs);
        if (!c->rho && (c->b != 0 || c->c != 0)) expected(s, "rho, as the activation has b or c");
    } else {
        if (c->outputs != 1 || !c->neurons) expected(s, "one output and some neurons, for a tree");
        bool pairs = field(s, "pairs");
        c->pairs = pairs ? items(s, NULL) / 3 : 0;
        if (pairs) c->pair = wholes(s, NULL, 3 * c->pairs, 0, UINT32_MAX);
        c->low = reals(s, "low", c->neurons);
        c->high = reals(s, "high", c->neurons);
        c->duals = items(s, "duals") / c->n;
        c->v = reals(s, NULL, c->duals * c->n);
        c->nodes = items(s, "nodes");
        c->node = wholes(s, NULL, c->nodes, 0, c->neurons + c->duals - 1);
        c->node_value = reals(s, "node_values", c->nodes);
    }
    bool closed = skip(s, '}');
    if (!closed || begin(s, NULL) != s->text + s->size)
        expected(s, "a closing brace, and nothing behind it");
}
