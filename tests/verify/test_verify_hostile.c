/* Malformed and hostile files: each refused with its message, none believed, none expensive. */
#include "proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_golden(const char *name, const char *ending)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s%s", GOLDEN, name, ending);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

/* text with its first `from` replaced, in new memory; "" replaces all of it. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = *from ? strstr(text, from) : text;
    if (!at) print_error("there is no %s\n", from);
    assert_non_null(at);
    size_t size = strlen(text) + strlen(to) + 1;
    char *out = malloc(size);
    assert_non_null(out);
    snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to, *from ? at + strlen(from) : "");
    return out;
}

static zv_verdict judge(char *certificate, char *data, zv_session *s)
{
    zv_claim claim;
    *s = (zv_session){.memory_limit = (size_t)1 << 28};
    zv_judge(s, &claim, certificate, strlen(certificate), data, strlen(data));
    zv_release(s);
    return s->verdict;
}

typedef struct change {
    const char *name, *from, *to; /* "@": in the data, behind the sign */
    zv_verdict verdict;
    const char *message; /* a part of it */
} change;

static const change changes[] = {
    {"squared", "", "", ZV_BAD_FILE, "expected format"},
    {"squared", "", "null", ZV_BAD_FILE, "expected format"},
    {"squared", "", "[]", ZV_BAD_FILE, "expected format"},
    {"squared", "", "{", ZV_BAD_FILE, "expected format"},
    {"squared", "", "{\"format\"", ZV_BAD_FILE, "expected :"},
    {"squared", "", "{\"format\": \"zerogap-certificate/1", ZV_BAD_FILE, "closing quotation"},
    {"squared", "zerogap-certificate/1", "zerogap-certificate/2", ZV_BAD_FILE, "expected radius"},
    {"squared", "zerogap-certificate/1", "zerogap-certificate/9", ZV_BAD_FILE, "known name"},
    {"squared", "zerogap-certificate/1", "zerogap\\ncertificate/1", ZV_BAD_FILE, "another escape"},
    {"squared", "\"header\": true", "\"header\": 1", ZV_BAD_FILE, "true or false"},
    {"squared", "\"header\": true,", "", ZV_BAD_FILE, "expected header"},
    {"squared", "\"header\": true,", "\"header\": true, \"header\": true,", ZV_BAD_FILE,
     "expected columns"},
    {"squared", "\"columns\": 4", "\"columns\": 5", ZV_BAD_FILE, "as many fields"},
    {"squared", "\"columns\": 4", "\"columns\": 3", ZV_BAD_FILE, "smaller number"},
    {"squared", "\"columns\": 4", "\"columns\": 1", ZV_BAD_FILE, "larger number"},
    {"squared", "\"columns\": 4", "\"columns\": -4", ZV_BAD_FILE, "whole number"},
    {"squared", "\"columns\": 4", "\"columns\":\v4", ZV_BAD_FILE, "whole number"},
    {"squared", "\"columns\": 4", "\"columns\": 04", ZV_BAD_FILE, "whole number"},
    {"squared", "\"columns\": 4", "\"columns\": 4.0", ZV_BAD_FILE, "expected targets"},
    {"squared", "\"columns\": 4", "\"columns\": 99999999999999999999999", ZV_BAD_FILE, "smaller"},
    {"squared", "\"columns\": 4", "\"columns\": \"4\"", ZV_BAD_FILE, "whole number"},
    {"squared", "\"targets\": [3]", "\"targets\": []", ZV_BAD_FILE, "a target and an input"},
    {"squared", "\"targets\": [3]", "\"targets\": [4]", ZV_BAD_FILE, "smaller number"},
    {"squared", "\"targets\": [3]", "\"targets\": [3, 3]", ZV_BAD_FILE, "no column twice"},
    {"squared", "\"targets\": [3]", "\"targets\": [0, 1, 2, 3]", ZV_BAD_FILE, "a target and an"},
    {"squared", "\"targets\": [3]", "\"targets\": [3", ZV_BAD_FILE, "expected"},
    {"squared", "\"targets\": [3]", "\"targets\": 3", ZV_BAD_FILE, "expected ["},
    {"squared", "\"targets\": [3]", "\"targets\": [2]", ZV_BAD_FILE, "digest"},
    {"squared", "\"samples\": 9", "\"samples\": 8", ZV_BAD_FILE, "no more samples"},
    {"squared", "\"samples\": 9", "\"samples\": 10", ZV_BAD_FILE, "fewer rows"},
    {"squared", "\"samples\": 9", "\"samples\": 0", ZV_BAD_FILE, "larger number"},
    {"squared", "\"samples\": 9", "\"samples\": 1000000000", ZV_BAD_FILE, "smaller number"},
    {"squared", "\"samples\": 9", "\"samples\": 2, \"rows\": [0]", ZV_BAD_FILE, "expected ,"},
    {"squared", "\"samples\": 9", "\"samples\": 2, \"rows\": [0, 0]", ZV_BAD_FILE, "no row twice"},
    {"squared", "\"samples\": 9", "\"samples\": 2, \"rows\": [0, 20]", ZV_BAD_FILE, "fewer rows"},
    {"squared", "\"task\": \"regression\"", "\"task\": \"guess\"", ZV_BAD_FILE, "known name"},
    {"hinge", "\"labels\": [", "\"labels\": [\"x\", ", ZV_BAD_FILE, "two labels"},
    {"hinge", "blue", "black", ZV_BAD_FILE, "a label of the certificate"},
    {"hinge", "\"task\": \"binary\"", "\"task\": \"multiclass\"", ZV_BAD_FILE, "digest"},
    {"absolute", "\"scale\": [\"0x1", "\"scale\": [\"0x0", ZV_REFUTED, "positive semidefinite"},
    {"squared", "\"dense\"", "\"convolution\"", ZV_BAD_FILE, "expected height"},
    {"pooled", "\"height\": 4", "\"height\": 5", ZV_BAD_FILE, "an image of as many inputs"},
    {"pooled", "\"filter\": [2, 2]", "\"filter\": [5, 2]", ZV_BAD_FILE, "a filter in it"},
    {"pooled", "\"filter\": [2, 2]", "\"filter\": [2]", ZV_BAD_FILE, "expected ,"},
    {"pooled", "\"stride\": [1, 2]", "\"stride\": [0, 2]", ZV_BAD_FILE, "larger number"},
    {"pooled", "\"pool\": [3, 1]", "\"pool\": [4, 1]", ZV_BAD_FILE, "a pool that fits"},
    {"pooled", "\"pool\": [3, 1]", "\"pool\": \"max\"", ZV_BAD_FILE, "known name"},
    {"squared", "\"loss\": \"squared\"", "\"loss\": \"cubed\"", ZV_BAD_FILE, "known name"},
    {"squared", "\"loss\": \"squared\"", "\"loss\": \"huber\"", ZV_BAD_FILE, "expected delta"},
    {"squared", "\"loss\": \"squared\"", "\"loss\": \"hinge\"", ZV_BAD_FILE, "other targets"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x0p-1\"", ZV_BAD_FILE, "a positive number"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"-0x1p-1\"", ZV_BAD_FILE, "a positive number"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": 0.5", ZV_BAD_FILE, "expected \""},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0.5\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x2p-1\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1.p-1\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1.00000000000001p-1\"", ZV_BAD_FILE,
     "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1p1024\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1p-1023\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1p\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1p-1x\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"nan\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"\"", ZV_BAD_FILE, "a string like"},
    {"squared", "\"beta\": \"0x1p-1\"", "\"beta\": \"0x1p-1\", \"weights\": [\"0x1p+0\"]",
     ZV_BAD_FILE, "expected ,"},
    {"quadratic", "\"weights\": [\"0x1p-1\"", "\"weights\": [\"0x0p-1\"", ZV_BAD_FILE,
     "positive weights"},
    {"quadratic", "\"weights\": [\"0x1p-1\"", "\"weights\": [\"-0x1p-1\"", ZV_BAD_FILE,
     "positive weights"},
    {"squared", "{\"format\"", "\xef\xbb\xbf{\"format\"", ZV_BAD_FILE, "expected format"},
    {"squared", "\"lower\":", "\"lower\": \"-0x1p+1\", \"lower\":", ZV_BAD_FILE, "expected dual"},
    {"squared", "\"beta\":", "\"beta\": \"0x1p+9\", \"beta\":", ZV_BAD_FILE, "expected lower"},
    {"squared", "\"header\": true", "\"header\": false", ZV_BAD_FILE, "a number"},
    {"absolute", "\"scale\": [\"0x1", "\"scale\": [\"0x1.5", ZV_BAD_FILE, "a string like"},
    {"pooled", "\"groups\": [0, 0, 1]", "\"groups\": [1, 0, 0]", ZV_REFUTED, "network's objective"},
    {"absolute", "\"scale\": [\"", "\"scale\": [\"0x1p-1022\", \"", ZV_BAD_FILE, "expected ]"},
    {"squared", "\"lower\": \"0x1.f8", "\"lower\": \"0x1.f9", ZV_REFUTED, "exceeds the dual value"},
    {"squared", "\"upper\": \"0x1.f8", "\"upper\": \"0x1.f7", ZV_REFUTED, "network's objective"},
    {"squared", "\"gap\": \"0x1.", "\"gap\": \"0x0.", ZV_REFUTED, "the claimed gap"},
    {"squared", "\"gap\": \"0x1.", "\"gap\": \"-0x1.", ZV_REFUTED, "the claimed gap"},
    {"squared", "\"groups\": [0", "\"groups\": [1", ZV_BAD_FILE, "smaller number"},
    {"squared", "\"groups\": [0", "\"groups\": [0, 0", ZV_BAD_FILE, "expected"},
    {"squared", "\"neurons\": [\"", "\"neurons\": [\"0x1p+0\", \"", ZV_BAD_FILE, "expected ]"},
    {"squared", "\"dual\": [\"", "\"dual\": [\"0x1p+0\", \"", ZV_BAD_FILE, "expected ]"},
    {"squared", "\"rho\": [\"", "\"rho\": [\"0x1p+1023\", \"", ZV_BAD_FILE, "expected ]"},
    {"squared", "\"rho\": [\"", "\"rho\": [\"-", ZV_REFUTED, "S+ of group 0, output 0"},
    {"squared", "\"rho\":", "\"ro\":", ZV_BAD_FILE, "rho, as the activation"},
    {"quadratic", "]}", "], \"rho\": [\"0x1p-1\"]}", ZV_BAD_FILE, "expected ,"},
    {"squared", "]}", "]", ZV_BAD_FILE, "a closing brace"},
    {"squared", "]}", "]}}", ZV_BAD_FILE, "a closing brace"},
    {"squared", "]}", "], \"more\": 1}", ZV_BAD_FILE, "a closing brace"},
    {"hinge", "\"-0x1.97448e", "\"0x1.97448e", ZV_REFUTED, "outside the loss's domain"},
    {"partition-yes", "\"power\": [2, 3]", "\"power\": [3, 2]", ZV_BAD_FILE, "a power below 1"},
    {"partition-yes", "\"power\": [2, 3]", "\"power\": [2, 65]", ZV_BAD_FILE, "a power below 1"},
    {"partition-yes", "\"pairs\": [0, 6, 0", "\"pairs\": [0, 7, 0", ZV_REFUTED, "pair 0"},
    {"partition-yes", "\"pairs\": [0, 6, 0", "\"pairs\": [0, 0, 0", ZV_REFUTED, "pair 0"},
    {"partition-yes", "\"pairs\": [0, 6, 0", "\"pairs\": [0, 6, 99999", ZV_REFUTED, "pair 0"},
    {"partition-yes", "\"pairs\": [0, 6, 0", "\"pairs\": [0, 6, 6", ZV_REFUTED, "pair 0"},
    {"partition-yes", "\"nodes\": [12]", "\"nodes\": [13]", ZV_BAD_FILE, "smaller number"},
    {"partition-yes", "\"nodes\": [12]", "\"nodes\": [0]", ZV_REFUTED, "split 0 of the tree"},
    {"partition-yes", "\"nodes\": [12]", "\"nodes\": [6]", ZV_REFUTED, "split 0 of the tree"},
    {"partition-yes", "\"nodes\": [12]", "\"nodes\": []", ZV_BAD_FILE, "expected ]"},
    {"partition-yes", "\"nonnegative\": true", "\"nonnegative\": false", ZV_REFUTED, "root box"},
    {"partition-yes", "\"high\": [\"0x1p", "\"high\": [\"0x0p", ZV_REFUTED, "root box"},
    {"partition-yes", "\"low\": [\"0x0p+0\"", "\"low\": [\"0x1p+1\"", ZV_REFUTED, "root box"},
    {"partition-yes", "\"loss\": \"interpolate\"", "\"loss\": \"absolute\"", ZV_REFUTED, "pair 0"},
    {"partition-no", "\"nodes\": [", "\"nodes\": [8, ", ZV_BAD_FILE, "expected ,"},
    {"huber", "\"delta\": \"0x", "\"delta\": \"-0x", ZV_BAD_FILE, "a positive number"},
    {"squared", "@f1,f2", "f1;f2", ZV_BAD_FILE, "as many fields"},
    {"squared", "@\n", "\n1,2,3\n", ZV_BAD_FILE, "as many fields"},
    {"squared", "@\n", "\n1,2,3,4,5\n", ZV_BAD_FILE, "found \"more\""},
    {"squared", "@\n", "\n1,2,3,nan\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,1-2\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,0x1p3\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,1e999\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,NA\n", ZV_BAD_FILE, "a number"},
    {"squared", "@\n", "\n1,2,3,\"4\n", ZV_BAD_FILE, "a closing quotation mark"},
    {"squared", "@\n", "\n1,2,3,\"4\"5\n", ZV_BAD_FILE, "a comma"},
    {"squared", "@\n", "\n1,2,3,4\n", ZV_BAD_FILE, "no more samples"},
    {"squared", "@", "", ZV_BAD_FILE, ""},
};

static void test_changes(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof changes / sizeof *changes; k++) {
        const change *c = &changes[k];
        bool in_data = c->from[0] == '@';
        char *certificate = read_golden(c->name, ".json"), *data = read_golden(c->name, ".csv");
        char *changed = replaced(in_data ? data : certificate, c->from + in_data, c->to);
        zv_session s;
        zv_verdict verdict = in_data ? judge(certificate, changed, &s) : judge(changed, data, &s);
        if (verdict != c->verdict || !strstr(s.message, c->message))
            print_error("%s: %s -> %s: %s\n", c->name, c->from, c->to, s.message);
        assert_int_equal(verdict, c->verdict);
        assert_non_null(strstr(s.message, c->message));
        free(certificate);
        free(data);
        free(changed);
    }
}

/* Spellings of the same data are the same data. */
static void test_same_data(void **state)
{
    static const char *const spellings[][2] = {
        {"\n", "\r\n"},           {"\n", "\r"},
        {"\n", "\n\n  \n"},       {",", " ,\t"},
        {"f1", "\"f \"\"1,\n\""}, {"f1", "\xef\xbb\xbf\"f\""}};
    (void)state;
    for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++) {
        char *certificate = read_golden("squared", ".json"), *data = read_golden("squared", ".csv");
        char *changed = replaced(data, spellings[k][0], spellings[k][1]);
        zv_session s;
        assert_int_equal(judge(certificate, changed, &s), ZV_PROVEN);
        free(certificate);
        free(data);
        free(changed);
    }
}

/* Every prefix of a golden certificate is refused. */
static void test_torn(void **state)
{
    (void)state;
    char *whole = read_golden("hinge", ".json");
    size_t size = strlen(whole) - 2; /* the closing brace and the line end */
    for (size_t cut = 0; cut <= size; cut++) {
        char *certificate = read_golden("hinge", ".json"), *data = read_golden("hinge", ".csv");
        zv_session s;
        certificate[cut] = '\0';
        assert_int_equal(judge(certificate, data, &s), ZV_BAD_FILE);
        free(certificate);
        free(data);
    }
    free(whole);
}

/* What asks for much memory or time is refused at once. */
static void test_expensive(void **state)
{
    (void)state;
    static const char *const starts[] = {
        "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 1048576, "
        "\"targets\": [0], \"samples\": 9",
        "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 1048576, "
        "\"targets\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    };
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        char *data = read_golden("squared", ".csv"), *certificate = strdup(starts[k]);
        zv_session s;
        assert_int_equal(judge(certificate, data, &s), ZV_BAD_FILE);
        assert_true(s.memory_used < (size_t)1 << 25);
        free(certificate);
        free(data);
    }
    char *deep = malloc(1 << 20), *data = read_golden("squared", ".csv");
    assert_non_null(deep);
    memset(deep, '[', (1 << 20) - 1);
    deep[(1 << 20) - 1] = '\0';
    zv_session s;
    assert_int_equal(judge(deep, data, &s), ZV_BAD_FILE);
    free(deep);
    free(data);
}

/* Judges a certificate that leaves its digest empty: the first round is told it. */
static zv_verdict judge_undigested(const char *certificate, const char *data, bool exact,
                                   zv_session *s)
{
    char digest[96] = "\"digest\": \"\"";
    zv_claim claim;
    for (int round = 0; round < 2; round++) {
        char *changed = replaced(certificate, "\"digest\": \"\"", digest), *copy = strdup(data);
        *s = (zv_session){.memory_limit = (size_t)1 << 28, .exact = exact};
        zv_judge(s, &claim, changed, strlen(changed), copy, strlen(copy));
        zv_release(s);
        free(changed);
        free(copy);
        const char *told = strstr(s->message, "their digest is ");
        if (told) snprintf(digest, sizeof digest, "\"digest\": \"%.64s\"", told + 16);
    }
    return s->verdict;
}

/* S+ = [1, -1 - off d; -1 - off d, 1 + off d] with d = 2^-200, as 2 I - T: singular for off = 0,
 * indefinite by 2^-201 for off = 1, where a factorisation in truncated numbers alone would pass. */
static zv_verdict judge_narrow(int off, bool exact, zv_session *s)
{
    char certificate[1024];
    snprintf(certificate, sizeof certificate,
             "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 3, "
             "\"targets\": [2], \"samples\": 4, \"digest\": \"\", "
             "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"],"
             " \"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+1\", "
             "\"lower\": \"-0x1p+4\", \"dual\": [\"0x1p+0\", \"0x%dp+0\", \"-0x%dp+0\", "
             "\"-0x%dp+1\"]}",
             off, off, off);
    return judge_undigested(certificate,
                            "1,1,0\n7.888609052210118e-31,7.888609052210118e-31,0\n"
                            "7.888609052210118e-31,0,0\n0,7.888609052210118e-31,0\n",
                            exact, s);
}

static void test_narrow_cones(void **state)
{
    (void)state;
    for (int exact = 0; exact < 2; exact++) {
        zv_session s;
        assert_int_equal(judge_narrow(0, exact, &s), ZV_PROVEN);
        assert_true(s.exact); /* singular: beyond the fast tier */
        assert_int_equal(judge_narrow(1, exact, &s), ZV_REFUTED);
        assert_non_null(strstr(s.message, "pivot 2"));
    }
}

/* Random small cones, some of them singular or nearly so, with numbers of all sizes: the truncated
 * elimination, which leaves to the exact one what it cannot decide, comes to the same verdicts. */
static void test_random_cones(void **state)
{
    (void)state;
    int seen[4] = {0};
    srand(11);
    for (int round = 0; round < 3000; round++) {
        char certificate[1024], data[64];
        int e = round % 3 ? 0 : rand() % 1900 - 1000;
        double v[3], beta = ldexp(1 + rand() % 8, -rand() % 3), rho[2];
        for (int k = 0; k < 3; k++)
            v[k] = rand() % 3 - 1 + (rand() % 4 ? 0 : ldexp(rand() % 3 - 1, -rand() % 52));
        for (int k = 0; k < 2; k++)
            rho[k] = beta / 2 + (rand() % 2 ? 0 : ldexp(rand() % 3 - 1, -rand() % 40));
        snprintf(certificate, sizeof certificate,
                 "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 3, "
                 "\"targets\": [2], \"samples\": 3, \"digest\": \"\", \"task\": \"regression\", "
                 "\"activation\": [\"%a\", \"%a\", \"%a\"], \"architecture\": \"dense\", "
                 "\"loss\": \"interpolate\", \"beta\": \"%a\", \"lower\": \"-0x1p+1023\", "
                 "\"dual\": [\"%a\", \"%a\", \"%a\"], \"rho\": [\"%a\", \"%a\"]}",
                 ldexp(1, e), ldexp(round % 2, e), ldexp(round % 2, e - 1), ldexp(beta, e), v[0],
                 v[1], v[2], ldexp(rho[0], e), ldexp(rho[1], e));
        snprintf(data, sizeof data, "%d,1,0\n1,%d,0\n%d,0,0\n", rand() % 3, rand() % 3, rand() % 2);
        zv_session s[2];
        zv_verdict fast = judge_undigested(certificate, data, false, &s[0]);
        zv_verdict exact = judge_undigested(certificate, data, true, &s[1]);
        if (fast != exact || exact > ZV_REFUTED)
            print_error("%s\n%s%s\n%s\n", certificate, data, s[0].message, s[1].message);
        assert_true(fast == exact && exact <= ZV_REFUTED);
        seen[fast]++;
        seen[3] += !s[0].exact; /* proven by the fast tier alone */
    }
    print_message("# %d proven, %d of them fast, %d refuted\n", seen[0], seen[3], seen[2]);
    assert_true(seen[ZV_PROVEN] > 300 && seen[ZV_REFUTED] > 300 && seen[3] > 100);
}

/* min |w - 10| + |w|^(1/2) is the root of 10, at w = 10.  The box [-1, 1] has a better bound, 10,
 * but beyond it the weight's own term is all there is: no more than 1 is proven. */
static void test_beyond_the_root_box(void **state)
{
    static const char certificate[] =
        "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 2, "
        "\"targets\": [1], \"samples\": 1, \"digest\": \"\", \"task\": \"regression\", "
        "\"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], \"architecture\": \"dense\", "
        "\"loss\": \"absolute\", \"beta\": \"0x1p+0\", \"power\": [1, 2], \"nonnegative\": false, "
        "\"lower\": \"0x1p+0\", \"groups\": [0], \"neurons\": [\"0x1p+0\"], "
        "\"alpha\": [\"0x0p+0\"], \"low\": [\"-0x1p+0\"], \"high\": [\"0x1p+0\"], "
        "\"duals\": [\"0x1p+0\"], \"nodes\": [1], \"node_values\": [\"0x1.4p+3\"]}";
    (void)state;
    zv_session s;
    assert_int_equal(judge_undigested(certificate, "0,10\n", false, &s), ZV_PROVEN);
    assert_true(s.lower == 1);
    char *greedy = replaced(certificate, "\"lower\": \"0x1p", "\"lower\": \"0x1.1p");
    assert_int_equal(judge_undigested(greedy, "0,10\n", false, &s), ZV_REFUTED);
    assert_non_null(strstr(s.message, "root box"));
    free(greedy);
    char *empty = replaced(certificate, "\"low\": [\"-0x1p+0\"]", "\"low\": [\"0x1p+1\"]");
    assert_int_equal(judge_undigested(empty, "0,10\n", false, &s), ZV_REFUTED);
    assert_non_null(strstr(s.message, "root box"));
    free(empty);
}

/* A network with no direction has no value; one whose length is far from 1 is refused as well. */
static void test_lengths(void **state)
{
    static const char *const lengths[] = {"0x0p+0", "0x0.0000000000001p-1022", "0x1p-1", "0x1p+1",
                                          "0x1p+1023"};
    (void)state;
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        char certificate[1024];
        zv_session s;
        snprintf(certificate, sizeof certificate,
                 "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 2, "
                 "\"targets\": [1], \"samples\": 1, \"digest\": \"\", \"task\": \"regression\", "
                 "\"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], \"architecture\": "
                 "\"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", \"lower\": \"0x0p+0\", "
                 "\"upper\": \"0x1p+9\", \"gap\": \"0x1p+0\", \"groups\": [0], \"neurons\": "
                 "[\"%s\"], \"alpha\": [\"0x0p+0\"], \"dual\": [\"0x0p+0\"]}",
                 lengths[k]);
        assert_int_equal(judge_undigested(certificate, "0,1\n", false, &s), ZV_BAD_FILE);
        assert_non_null(strstr(s.message, "unit length"));
    }
}

/* Labels are read as they are, whatever is in them; a NUL byte is in none. */
static void test_labels(void **state)
{
    static const char certificate[] =
        "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 2, "
        "\"targets\": [1], \"samples\": 2, \"digest\": \"\", \"task\": \"binary\", "
        "\"labels\": [\"],\\\",,\\\\\", \"b\"], "
        "\"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], \"architecture\": \"dense\", "
        "\"loss\": \"hinge\", \"beta\": \"0x1p+0\", \"lower\": \"0x0p+0\", "
        "\"dual\": [\"0x0p+0\", \"0x0p+0\"]}";
    (void)state;
    zv_session s;
    zv_claim claim;
    assert_int_equal(judge_undigested(certificate, "0,\"],\"\",,\\\"\n1,b\n", false, &s),
                     ZV_PROVEN);
    char *text = strdup(certificate), data[] = "0,b\n1,b\n";
    char *inside = strstr(text, "\"b\"") + 1;
    inside[0] = '\0';
    s = (zv_session){.memory_limit = (size_t)1 << 28};
    zv_judge(&s, &claim, text, sizeof certificate - 1, data, sizeof data - 1);
    zv_release(&s);
    assert_int_equal(s.verdict, ZV_BAD_FILE);
    assert_non_null(strstr(s.message, "closing quotation"));
    free(text);
    char *golden = read_golden("squared", ".json"), *rows = read_golden("squared", ".csv");
    size_t size = strlen(rows);
    rows[size - 3] = '\0';
    s = (zv_session){.memory_limit = (size_t)1 << 28};
    zv_judge(&s, &claim, golden, strlen(golden), rows, size);
    zv_release(&s);
    assert_int_equal(s.verdict, ZV_BAD_FILE);
    assert_non_null(strstr(s.message, "a NUL byte"));
    free(golden);
    free(rows);
}

/* The logistic loss of one sample whose only feature is the constant 1, against libm. */
static void test_logistic(void **state)
{
    static const double extremes[] = {0x1p-1074,   0x1p-1022,   0x1p-500, 0x1p-60,
                                      1 - 0x1p-53, 1 - 0x1p-52, 0.5,      0.5 + 0x1p-53};
    enum { EXTREMES = sizeof extremes / sizeof *extremes };
    (void)state;
    srand(13);
    for (int round = 0; round < 300; round++) {
        char certificate[1024];
        double v = (double)rand() / RAND_MAX, f = ldexp((double)rand() / RAND_MAX, rand() % 16 - 4);
        if (round < 4) v = round % 2;
        if (round >= 4 && round < 4 + EXTREMES) v = extremes[round - 4];
        if (round % 2) f = -f;
        snprintf(
            certificate, sizeof certificate,
            "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 2, "
            "\"targets\": [1], \"samples\": 1, \"digest\": \"\", \"task\": \"regression\", "
            "\"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], \"architecture\": "
            "\"dense\", \"loss\": \"logistic\", \"beta\": \"0x1p+1\", \"lower\": \"-0x1p-60\", "
            "\"upper\": \"0x1p+60\", \"gap\": \"0x1p+1\", \"groups\": [0], \"neurons\": "
            "[\"0x1p+0\"], \"alpha\": [\"%a\"], \"dual\": [\"%a\"], "
            "\"rho\": [\"0x1p-1\", \"0x1p-1\"]}",
            f, v);
        zv_session s;
        assert_int_equal(judge_undigested(certificate, "0,1\n", false, &s), ZV_PROVEN);
        double entropy = v > 0 && v < 1 ? -v * log(v) - (1 - v) * log1p(-v) : 0;
        double loss = (f < 0 ? -f : 0) + log1p(exp(-fabs(f)));
        assert_true(s.lower <= entropy * (1 + 1e-14) && s.lower >= entropy - 1e-14);
        assert_true(s.upper - 2 * fabs(f) >= loss - 1e-12 * fmax(1, fabs(f)));
        assert_true(s.upper <= (loss + 2 * fabs(f)) * (1 + 1e-14));
    }
}

/* The direction (1, 1) has an irrational length, though its response to (1, 1), 2, is whole and the
 * objective 2 + 1: what is off by rounding counts against the claim, so that 3 itself is open. */
static void test_rounding_counts(void **state)
{
    static const struct {
        double upper;
        zv_verdict verdict;
    } cases[] = {{3 - 0x1p-51, ZV_REFUTED}, {3, ZV_NOT_PROVEN}, {3 + 0x1p-51, ZV_PROVEN}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char certificate[1024];
        zv_session s;
        snprintf(certificate, sizeof certificate,
                 "{\"format\": \"zerogap-certificate/1\", \"header\": false, \"columns\": 3, "
                 "\"targets\": [2], \"samples\": 1, \"digest\": \"\", \"task\": \"regression\", "
                 "\"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], \"architecture\": "
                 "\"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", \"lower\": \"0x0p+0\", "
                 "\"upper\": \"%a\", \"gap\": \"0x1p+0\", \"groups\": [0], \"neurons\": "
                 "[\"0x1p+0\", \"0x1p+0\"], \"alpha\": [\"0x1p+0\"], \"dual\": [\"0x0p+0\"]}",
                 cases[k].upper);
        assert_int_equal(judge_undigested(certificate, "1,1,0\n", false, &s), cases[k].verdict);
    }
}

/* More work than is allowed is refused before it begins. */
static void test_work(void **state)
{
    (void)state;
    char *certificate = read_golden("squared", ".json"), *data = read_golden("squared", ".csv");
    zv_session s = {.memory_limit = (size_t)1 << 28, .work_limit = 10};
    zv_claim claim;
    zv_judge(&s, &claim, certificate, strlen(certificate), data, strlen(data));
    zv_release(&s);
    assert_int_equal(s.verdict, ZV_NOT_PROVEN);
    assert_non_null(strstr(s.message, "multiplications"));
    free(certificate);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_same_data),
        cmocka_unit_test(test_torn),
        cmocka_unit_test(test_expensive),
        cmocka_unit_test(test_narrow_cones),
        cmocka_unit_test(test_random_cones),
        cmocka_unit_test(test_beyond_the_root_box),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_logistic),
        cmocka_unit_test(test_rounding_counts),
        cmocka_unit_test(test_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
