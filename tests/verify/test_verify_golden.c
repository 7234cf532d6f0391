/* Golden certificates: proven as they are, in both tiers alike; never wrongly so when any digit of
 * any number, or any byte, is changed. */
#include "naive.h"
#include "partition.h"
#include "proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct golden {
    const char *name;
    double known; /* trees: the optimum for beta = 1, from above where it is not exact */
} golden;

static const golden all[] = {
    {"squared", 0},    {"absolute", 0},      {"huber", 0},         {"hinge", 0},
    {"logistic", 0},   {"squared-hinge", 0}, {"pooled", 0},        {"channels", 0},
    {"multiclass", 0}, {"quadratic", 0},     {"partition-yes", 6}, {"partition-no", 0},
};
#define COUNT (sizeof all / sizeof *all)

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    *size = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

static char *read_golden(const char *name, const char *ending, size_t *size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", GOLDEN, name, ending);
    return read_all(path, size);
}

/* Judges copies; the texts stay as they are. */
static zv_verdict judge(const char *certificate, size_t size, const char *data, size_t data_size,
                        bool exact, zv_session *s)
{
    char *a = malloc(size + 1), *b = malloc(data_size + 1);
    zv_claim claim;
    assert_true(a && b);
    memcpy(a, certificate, size + 1);
    memcpy(b, data, data_size + 1);
    *s = (zv_session){.exact = exact, .memory_limit = (size_t)1 << 28};
    zv_judge(s, &claim, a, size, b, data_size);
    zv_release(s);
    free(a);
    free(b);
    return s->verdict;
}

static void test_proven_in_both_tiers(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT; k++) {
        size_t size, data_size;
        zv_session s[2];
        char *certificate = read_golden(all[k].name, ".json", &size);
        char *data = read_golden(all[k].name, ".csv", &data_size);
        for (int exact = 0; exact < 2; exact++) {
            zv_verdict verdict = judge(certificate, size, data, data_size, exact, &s[exact]);
            if (verdict != ZV_PROVEN) print_error("%s: %s\n", all[k].name, s[exact].message);
            assert_int_equal(verdict, ZV_PROVEN);
        }
        assert_true(s[0].lower == s[1].lower && s[0].upper == s[1].upper);
        free(certificate);
        free(data);
    }
}

/* The naive opinion must be able to tell the goldens from wrong ones, or it decides nothing. */
static void test_naive_agrees(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT; k++) {
        size_t size;
        char path[512], *certificate = read_golden(all[k].name, ".json", &size);
        snprintf(path, sizeof path, "%s/%s.csv", GOLDEN, all[k].name);
        if (strcmp(all[k].name, "partition-no") != 0)
            assert_true(naive_violation(certificate, size, path, all[k].known) < 1e-11);
        char *lower = strstr(certificate, "\"lower\": \"0x1.") + 14;
        assert_non_null(strstr(certificate, "\"lower\": \"0x1."));
        lower[0] = lower[1] = 'f'; /* a larger lower bound */
        assert_true(naive_violation(certificate, size, path, 4.0) > 1e-6);
        free(certificate);
    }
}

/* The optimum of partition-no by brute force over the vertices: each feasible vertex has at most
 * one fractional x_j. */
static double partition_optimum(const long *numbers, size_t count)
{
    double best = INFINITY, total = 0;
    for (size_t j = 0; j < count; j++)
        total += (double)numbers[j];
    for (size_t f = 0; f < count; f++)
        for (unsigned mask = 0; mask < 1U << count; mask++) {
            double sum = 0;
            for (size_t j = 0; j < count; j++)
                if (j != f && (mask >> j & 1)) sum += (double)numbers[j];
            double x = (total / 2 - sum) / (double)numbers[f];
            if (x < 0 || x > 1) continue;
            best = fmin(best, (double)count - 1 + cbrt(x * x) + cbrt((1 - x) * (1 - x)));
        }
    return best;
}

static bool in_number(const char *text, size_t at)
{
    if (!isxdigit((unsigned char)text[at])) return false;
    size_t b = at;
    while (b > 0 && (isalnum((unsigned char)text[b - 1]) || strchr("+-.", text[b - 1])))
        b--;
    if (text[b] == '-') b++;
    return isdigit((unsigned char)text[b]); /* "0x..", or a whole number: no word begins so */
}

static bool in_digest(const char *text, size_t at)
{
    const char *digest = strstr(text, "\"digest\": \"");
    return digest && text + at > digest && text + at < digest + 80;
}

static void mutate(const golden *g, size_t first, size_t step, size_t *proven, size_t *tried)
{
    size_t size, data_size, seen = 0;
    char path[512], *certificate = read_golden(g->name, ".json", &size);
    char *data = read_golden(g->name, ".csv", &data_size);
    snprintf(path, sizeof path, "%s/%s.csv", GOLDEN, g->name);
    double known = g->known ? g->known : partition_optimum((const long[]){5, 3, 4, 1}, 4);
    for (size_t at = 0; at < size; at++) {
        if (!in_number(certificate, at)) continue;
        if (in_digest(certificate, at) || seen++ % step != first % step) continue;
        char saved = certificate[at];
        for (int other = 0; other < 2; other++) {
            zv_session s;
            certificate[at] = other ? (saved == '9' ? '0' : (char)(saved == 'f' ? 'e' : saved + 1))
                                    : (char)(saved == '0'   ? '1'
                                             : saved == 'a' ? '9'
                                                            : saved - 1);
            ++*tried;
            if (judge(certificate, size, data, data_size, false, &s) != ZV_PROVEN) continue;
            ++*proven;
            double violation = naive_violation(certificate, size, path, known);
            if (!(violation < 1e-11))
                print_error("%s: byte %zu (%c for %c): proven, violated by %g\n", g->name, at,
                            certificate[at], saved, violation);
            assert_true(violation < 1e-11);
        }
        certificate[at] = saved;
    }
    free(certificate);
    free(data);
}

/* Every digit of every number with ZEROGAP_TEST_MULTIPLIER >= 8, else one in eight. */
static void test_no_digit_can_be_wrong(void **state)
{
    (void)state;
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    size_t multiplier = text ? (size_t)atoi(text) : 1, proven = 0, tried = 0;
    size_t step = multiplier >= 8 ? 1 : 8 / (multiplier ? multiplier : 1);
    for (size_t k = 0; k < COUNT; k++)
        mutate(&all[k], k, step, &proven, &tried);
    print_message("# %zu mutations, %zu proven and true\n", tried, proven);
    assert_true(tried > 1000 && proven > 0 && proven < tried);
}

/* ---- forgeries: several numbers at a time, by what else is there ------------------------------- */

typedef struct token {
    size_t at, length; /* between the quotation marks of a real */
} token;

static size_t find_reals(const char *text, token *out, size_t most)
{
    size_t count = 0;
    for (const char *p = text; (p = strstr(p, "0x")) && count < most; p++) {
        const char *start = p[-1] == '-' ? p - 1 : p;
        if (start[-1] != '"') continue;
        out[count++] = (token){(size_t)(start - text), strcspn(start, "\"")};
    }
    return count;
}

/* Another number for the token: one of the file's, its multiple, a near one, or a special one. */
static void forge(const char *text, const token *tokens, size_t count, size_t k, char *out,
                  size_t size)
{
    static const char *const special[] = {"0x0p+0",   "-0x0p+0",   "0x1p+0",
                                          "-0x1p+0",  "0x1p-1022", "0x0.0000000000001p-1022",
                                          "0x1p+500", "-0x1p+500", "0x1.fffffffffffffp+1023"};
    const token *other = &tokens[(size_t)rand() % count];
    double value = strtod(text + tokens[k].at, NULL);
    switch (rand() % 5) {
    case 0:
        snprintf(out, size, "%.*s", (int)other->length, text + other->at);
        break;
    case 1:
        snprintf(out, size, "%s", special[(size_t)rand() % (sizeof special / sizeof *special)]);
        break;
    case 2:
        snprintf(out, size, "%a", ldexp(value, rand() % 9 - 4));
        break;
    case 3:
        snprintf(out, size, "%a", -value);
        break;
    default:
        snprintf(out, size, "%a",
                 value * (1 + ldexp((double)rand() / RAND_MAX - 0.5, -rand() % 60)));
    }
    if (strstr(out, "0x0.") && !strstr(out, "p-1022")) snprintf(out, size, "0x0p+0");
}

/* Returns the text with one real replaced; frees the old one. */
static char *replace_real(char *text, size_t *size)
{
    static token tokens[4096];
    char number[64];
    size_t count = find_reals(text, tokens, 4096), k = (size_t)rand() % count;
    if (rand() % 3 == 0) k = rand() % 6 < (int)count ? (size_t)(rand() % 6) : 0; /* the first few */
    forge(text, tokens, count, k, number, sizeof number);
    char *out = calloc(1, *size + sizeof number + 1);
    assert_non_null(out);
    *size = (size_t)sprintf(out, "%.*s%s%s", (int)tokens[k].at, text, number,
                            text + tokens[k].at + tokens[k].length);
    free(text);
    return out;
}

/* Whether the part of the text from this name on, to the closing bracket or the end, is the same.
 */
static bool same_part(const char *a, const char *b, const char *from, const char *to)
{
    const char *p = *from ? strstr(a, from) : a, *q = *from ? strstr(b, from) : b;
    if (!p || !q) return p == q;
    size_t length = (size_t)(strstr(p, to) - p);
    return strncmp(p, q, length) == 0;
}

/* A tree's optimum is known as long as its problem is the golden one's. */
static bool is_known(const golden *g, const char *certificate)
{
    size_t size;
    char *text = read_golden(g->name, ".json", &size);
    bool known = same_part(text, certificate, "", "\"lower\"") &&
                 same_part(text, certificate, "\"neurons\"", "]");
    free(text);
    return known;
}

/* Random changes of one to four numbers: what is proven is true, as far as doubles can tell. */
static void test_no_forgery_is_proven(void **state)
{
    (void)state;
    const char *text = getenv("ZEROGAP_TEST_MULTIPLIER");
    size_t rounds = 1000 * (text && atoi(text) > 0 ? (size_t)atoi(text) : 1), seen[4] = {0};
    srand(23);
    for (size_t round = 0; round < rounds; round++) {
        const golden *g = &all[round % COUNT];
        size_t size, data_size;
        char path[512], *certificate = read_golden(g->name, ".json", &size);
        char *data = read_golden(g->name, ".csv", &data_size);
        snprintf(path, sizeof path, "%s/%s.csv", GOLDEN, g->name);
        for (int changes = 1 + rand() % 4; changes > 0; changes--)
            certificate = replace_real(certificate, &size);
        bool tree = strstr(certificate, "\"power\"") != NULL;
        zv_session s;
        zv_verdict verdict = judge(certificate, size, data, data_size, rand() % 2, &s);
        seen[verdict]++;
        if (verdict == ZV_PROVEN && (!tree || is_known(g, certificate))) {
            double known = g->known ? g->known : partition_optimum((const long[]){5, 3, 4, 1}, 4);
            double violation = naive_violation(certificate, size, path, known);
            if (!(violation < 1e-11))
                print_error("%s: proven, violated by %g\n%s\n", g->name, violation, certificate);
            assert_true(violation < 1e-11);
        }
        free(certificate);
        free(data);
    }
    print_message("# %zu proven and true, %zu open, %zu refuted, %zu bad\n", seen[0], seen[1],
                  seen[2], seen[3]);
    assert_true(seen[ZV_PROVEN] > 0 && seen[ZV_REFUTED] > 0);
}

/* Any byte of the data that changes a number that is used changes the digest. */
static void test_data_are_bound(void **state)
{
    (void)state;
    size_t size, data_size;
    zv_session s;
    char *certificate = read_golden("squared", ".json", &size);
    char *data = read_golden("squared", ".csv", &data_size);
    size_t changed = 0;
    for (size_t at = strcspn(data, "\n") + 1; at < data_size; at++) {
        if (!isdigit((unsigned char)data[at])) continue;
        data[at] = (char)(data[at] == '9' ? '8' : data[at] + 1);
        assert_int_equal(judge(certificate, size, data, data_size, false, &s), ZV_BAD_FILE);
        data[at] = (char)(data[at] == '8' ? '9' : data[at] - 1);
        changed++;
        if (changed % 2) continue;
        free(data);
        data = read_golden("squared", ".csv", &data_size);
    }
    assert_true(changed > 50);
    free(certificate);
    free(data);
}

static void write_and_judge(const long *numbers, size_t count, double lower, bool drop, double lift,
                            zv_session *s)
{
    char data_path[] = "/tmp/zerogap-partition-data-XXXXXX",
         path[] = "/tmp/zerogap-partition-XXXXXX";
    bool side[PARTITION_LIMIT];
    int files[] = {mkstemp(data_path), mkstemp(path)};
    assert_true(files[0] >= 0 && files[1] >= 0);
    long difference = partition_decide(count, numbers, side);
    size_t leaves = partition_write(data_path, path, count, numbers, difference ? NULL : side,
                                    lower, drop, lift);
    assert_true(leaves > 0);
    size_t size, data_size;
    char *certificate = read_all(path, &size), *data = read_all(data_path, &data_size);
    judge(certificate, size, data, data_size, false, s);
    free(certificate);
    free(data);
    remove(data_path);
    remove(path);
}

/* Yes-instances have optimum n exactly, no-instances more; a missing leaf or a bound that is 1e-9
 * too good is refuted. */
static void test_partition(void **state)
{
    (void)state;
    static const long instances[][12] = {
        {3, 1, 1, 2, 2, 1},
        {7, 11, 13, 5, 9, 2},
        {8, 7, 6, 5, 4, 3, 2, 1},
        {7, 11, 13, 5, 9, 2, 17, 19, 4, 6},
        {51, 62, 38, 90, 23, 75, 40, 87, 66, 13, 29, 95},
        {51, 62, 38, 90, 23, 75, 40, 87, 66, 13, 29, 94},
    };
    for (size_t k = 0; k < sizeof instances / sizeof *instances; k++) {
        size_t n = 0;
        while (n < 12 && instances[k][n])
            n++;
        bool yes = partition_decide(n, instances[k], NULL) == 0;
        double lower = (double)n + (yes ? -1e-9 : 1e-6);
        zv_session s;
        write_and_judge(instances[k], n, lower, false, 0, &s);
        if (s.verdict != ZV_PROVEN) print_error("instance %zu: %s\n", k, s.message);
        assert_int_equal(s.verdict, ZV_PROVEN);
        assert_true(s.lower >= lower && (!yes || s.upper == (double)n));
        write_and_judge(instances[k], n, lower, true, 0, &s);
        assert_int_equal(s.verdict, ZV_REFUTED);
        write_and_judge(instances[k], n, lower, false, 1e-9, &s);
        assert_int_equal(s.verdict, ZV_REFUTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proven_in_both_tiers),  cmocka_unit_test(test_naive_agrees),
        cmocka_unit_test(test_no_digit_can_be_wrong), cmocka_unit_test(test_no_forgery_is_proven),
        cmocka_unit_test(test_data_are_bound),        cmocka_unit_test(test_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
