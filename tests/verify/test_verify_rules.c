/* Every rule of a proof by itself: a certificate of one or two numbers that keeps it, and one that
 * breaks it by as little as a double can. */
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

#define E1 "\"0x1p+0\", \"0x0p+0\""
#define DIAGONAL "\"0x1p+0\", \"0x1p+0\""
#define ONE "\"0x1p+0\""

/* head: from "columns" to "samples"; tail: from "task" on.  The digest is what the checker says. */
static zv_verdict judge(const char *data, const char *head, const char *tail, zv_session *s)
{
    char digest[80] = "";
    for (int round = 0; round < 2; round++) {
        char certificate[8192], copy[8192];
        int length = snprintf(certificate, sizeof certificate,
                              "{\"format\": \"zerogap-certificate/1\", \"header\": false, %s, "
                              "\"digest\": \"%s\", %s}",
                              head, digest, tail);
        assert_true(length > 0 && (size_t)length < sizeof certificate);
        snprintf(copy, sizeof copy, "%s", data);
        zv_claim claim;
        *s = (zv_session){.memory_limit = (size_t)1 << 28};
        zv_judge(s, &claim, certificate, strlen(certificate), copy, strlen(copy));
        zv_release(s);
        const char *told = strstr(s->message, "their digest is ");
        if (told) snprintf(digest, sizeof digest, "%.64s", told + strlen("their digest is "));
    }
    return s->verdict;
}

static void expect(const char *what, zv_verdict verdict, zv_verdict wanted, const zv_session *s,
                   const char *message)
{
    if (verdict != wanted || !strstr(s->message, message))
        print_error("%s: %d, \"%s\", not %d with \"%s\"\n", what, (int)verdict, s->message,
                    (int)wanted, message);
    assert_true(verdict == wanted && strstr(s->message, message));
}

/* ---- domains of the dual ----------------------------------------------------------------------- */

static void test_the_dual_stays_in_its_domain(void **state)
{
    static const double ulp = 0x1p-52, least = 0x1p-1074;
    const struct {
        const char *loss;
        double y, weight, v;
        zv_verdict verdict;
    } cases[] = {
        {"absolute\"", 5, 1, 1, ZV_PROVEN},
        {"absolute\"", 5, 1, 1 + ulp, ZV_REFUTED},
        {"absolute\"", 5, 1, -1, ZV_PROVEN},
        {"absolute\"", 5, 1, -1 - ulp, ZV_REFUTED},
        {"absolute\"", 5, 0.5, 0.5, ZV_PROVEN},
        {"absolute\"", 5, 0.5, 0.5 + ulp, ZV_REFUTED},
        {"huber\", \"delta\": \"0x1p-2\"", 5, 2, 0.5, ZV_PROVEN},
        {"huber\", \"delta\": \"0x1p-2\"", 5, 2, 0.5 + ulp, ZV_REFUTED},
        {"huber\", \"delta\": \"0x1p-2\"", 5, 2, -0.5 - ulp, ZV_REFUTED},
        {"hinge\"", -1, 1, -1, ZV_PROVEN},
        {"hinge\"", -1, 1, -1 - ulp, ZV_REFUTED},
        {"hinge\"", -1, 1, least, ZV_REFUTED},
        {"squared-hinge\"", 1, 1, 1.5, ZV_PROVEN},
        {"squared-hinge\"", 1, 1, -least, ZV_REFUTED},
        {"logistic\"", 1, 1, 1, ZV_PROVEN},
        {"logistic\"", 1, 1, 1 + ulp, ZV_REFUTED},
        {"logistic\"", 1, 1, -least, ZV_REFUTED},
        {"squared\"", 1, 1, -5, ZV_PROVEN},
        {"interpolate\"", 1, 1, 7, ZV_PROVEN},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char tail[1024], data[64];
        zv_session s;
        snprintf(data, sizeof data, "0,%g\n", cases[k].y);
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"%s, \"beta\": \"0x1p+3\", \"weights\": "
                 "[\"%a\"], \"lower\": \"-0x1p+60\", \"dual\": [\"%a\"], \"rho\": [\"0x0p+0\", "
                 "\"0x0p+0\"]",
                 cases[k].loss, cases[k].weight, cases[k].v);
        zv_verdict verdict =
            judge(data, "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect(cases[k].loss, verdict, cases[k].verdict, &s,
               cases[k].verdict == ZV_PROVEN ? "" : "outside the loss's domain");
    }
}

/* The double next below D is proven, the one next above it refuted: by each loss's own formula, and
 * with weights that no binary fraction has. */
static void test_the_dual_value_is_no_better_than_it_is(void **state)
{
    static const double log_2 = 0.69314718055994529, five_sixths = 0.83333333333333326;
    const struct {
        const char *loss;
        double y, weight, v, below;
    } cases[] = {
        {"squared\"", 1, 3, 1, five_sixths}, /* 1 - 1/6 */
        {"squared\"", 1, 1, 1, 0.5},
        {"absolute\"", 5, 0.5, 0.5, 2.5},
        {"huber\", \"delta\": \"0x1p-2\"", 5, 2, 0.5, 2.4375},
        {"hinge\"", -1, 1, -1, 1},
        {"squared-hinge\"", 1, 3, 1, five_sixths},
        {"logistic\"", 1, 1, 0.5, log_2},
        {"logistic\"", -1, 2, -1, 2 * log_2},
        {"interpolate\"", 1, 1, 7, 7},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double below = cases[k].below;
        for (int more = 0; more < 2; more++) {
            char tail[1024], data[64];
            zv_session s;
            snprintf(data, sizeof data, "0,%g\n", cases[k].y);
            snprintf(
                tail, sizeof tail,
                "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], "
                "\"architecture\": \"dense\", \"loss\": \"%s, \"beta\": \"0x1p+3\", \"weights\": "
                "[\"%a\"], \"lower\": \"%a\", \"dual\": [\"%a\"], \"rho\": [\"0x0p+0\", "
                "\"0x0p+0\"]",
                cases[k].loss, cases[k].weight, more ? nextafter(below, INFINITY) : below,
                cases[k].v);
            zv_verdict verdict =
                judge(data, "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
            expect(cases[k].loss, verdict, more ? ZV_REFUTED : ZV_PROVEN, &s,
                   more ? "exceeds the dual value" : "");
            if (!more) assert_true(s.lower == below);
        }
    }
}

/* ---- cones ------------------------------------------------------------------------------------- */

/* 2 E -+ v in the corner: each sign of v breaks one of the two. */
static void test_both_cones_count(void **state)
{
    static const struct {
        const char *v, *message;
        zv_verdict verdict;
    } cases[] = {{"0x1p+1", "", ZV_PROVEN},
                 {"-0x1p+1", "", ZV_PROVEN},
                 {"0x1.0000000000001p+1", "cone S+", ZV_REFUTED},
                 {"-0x1.0000000000001p+1", "cone S-", ZV_REFUTED}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char tail[1024];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+1\", "
                 "\"lower\": \"-0x1p+60\", \"dual\": [\"%s\"], \"rho\": [\"0x0p+0\", \"0x0p+0\"]",
                 cases[k].v);
        zv_verdict verdict =
            judge("0,1\n", "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect(cases[k].v, verdict, cases[k].verdict, &s, cases[k].message);
    }
}

/* T = v [1, 1; 1, 1]: for v = 1/2 S+ is singular, for v = 1 its pivot is 0 and more is below it. */
static void test_a_zero_pivot_needs_a_zero_column(void **state)
{
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        char tail[1024];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", "
                 "\"lower\": \"-0x1p+60\", \"dual\": [\"%s\"]",
                 bad ? "0x1p+0" : "0x1p-1");
        zv_verdict verdict =
            judge("1,1,1\n", "\"columns\": 3, \"targets\": [2], \"samples\": 1", tail, &s);
        expect("a zero pivot", verdict, bad ? ZV_REFUTED : ZV_PROVEN, &s, bad ? "pivot 1" : "");
        assert_true(s.exact);
    }
}

/* v = 1 is feasible for the first of two groups (or outputs), where all is 0, not for the second.
 */
static void test_every_group_and_output_has_its_cones(void **state)
{
    static const char convolution[] =
        "\"convolution\", \"height\": 1, \"width\": 2, \"channels\": "
        "1, \"filter\": [1, 1], \"stride\": [1, 1], \"pool\": \"none\"";
    static const struct {
        const char *targets, *architecture, *dual, *message;
        zv_verdict verdict;
    } cases[] = {{"[2]", convolution, "\"0x1p-1\"", "", ZV_PROVEN},
                 {"[2]", convolution, ONE, "group 1, output 0", ZV_REFUTED},
                 {"[1, 2]", "\"dense\"", "\"0x0p+0\", \"0x0p+0\"", "", ZV_PROVEN},
                 {"[0, 2]", "\"dense\"", "\"0x0p+0\", " ONE, "group 0, output 1", ZV_REFUTED}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char head[128], tail[1024];
        zv_session s;
        snprintf(head, sizeof head, "\"columns\": 3, \"targets\": %s, \"samples\": 1",
                 cases[k].targets);
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
                 "\"architecture\": %s, \"loss\": \"squared\", \"beta\": \"0x1p-1\", "
                 "\"lower\": \"-0x1p+60\", \"dual\": [%s]",
                 cases[k].architecture, cases[k].dual);
        zv_verdict verdict = judge("0,1,1\n", head, tail, &s);
        expect(cases[k].architecture, verdict, cases[k].verdict, &s, cases[k].message);
    }
}

/* Singular, of order 80, with numbers from 2^-1074 on: the exact tier would take hours. */
static void test_large_singular_cones_are_left_open(void **state)
{
    (void)state;
    char data[1024] = "1", head[128];
    zv_session s;
    for (int row = 0; row < 2; row++) {
        if (row) strcat(data, "\n4.9406564584124654e-324");
        for (int k = 1; k < 80; k++)
            strcat(data, ",0");
        strcat(data, ",5");
    }
    snprintf(head, sizeof head, "\"columns\": 81, \"targets\": [80], \"samples\": 2");
    zv_verdict verdict =
        judge(data, head,
              "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
              "\"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", "
              "\"lower\": \"0x0p+0\", \"dual\": [\"0x1p+0\", \"0x0p+0\"]",
              &s);
    expect("order 80", verdict, ZV_NOT_PROVEN, &s, "too close to singular");
}

/* ---- networks ---------------------------------------------------------------------------------- */

/* One row (1, 1) with target y; directions are e1, or (1, 1) of irrational length, whose responses
 * 1 and 2 are whole. */
static zv_verdict judge_network(const char *loss, double y, double upper, const char *groups,
                                const char *neurons, const char *alpha, zv_session *s)
{
    char tail[2048], data[64];
    snprintf(data, sizeof data, "1,1,%g\n", y);
    snprintf(tail, sizeof tail,
             "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
             "\"architecture\": \"dense\", \"loss\": \"%s\", \"beta\": \"0x1p+0\", \"lower\": "
             "\"0x0p+0\", \"upper\": \"%a\", \"gap\": \"0x1p+9\", \"groups\": [%s], \"neurons\": "
             "[%s], \"alpha\": [%s], \"dual\": [\"0x0p+0\"]",
             loss, upper, groups, neurons, alpha);
    return judge(data, "\"columns\": 3, \"targets\": [2], \"samples\": 1", tail, s);
}

static void test_networks_are_no_better_than_they_are(void **state)
{
    static const struct {
        const char *loss;
        double y, upper;
        const char *groups, *neurons, *alpha;
        zv_verdict verdict;
        const char *message;
    } cases[] = {
        {"squared", 4, 5.5, "0", E1, ONE, ZV_PROVEN, ""}, /* 3^2 / 2 + 1 */
        {"squared", 4, 5.5 - 0x1p-50, "0", E1, ONE, ZV_REFUTED, "exceeds the claimed upper"},
        /* 2^2 / 2 + 1: from above by rounding, which refutes nothing */
        {"squared", 4, 3, "0", DIAGONAL, ONE, ZV_NOT_PROVEN, "exceeds the claimed upper"},
        {"interpolate", 1, 9, "0", E1, ONE, ZV_PROVEN, ""},
        {"interpolate", 1, 9, "0", E1, "\"0x1.0000000000001p+0\"", ZV_NOT_PROVEN, "does not fit"},
        /* two that cancel: right, but not to be decided from enclosures */
        {"interpolate", 0, 9, "0, 0", DIAGONAL ", " DIAGONAL, ONE ", \"-0x1p+0\"", ZV_NOT_PROVEN,
         "does not fit"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        zv_session s;
        zv_verdict verdict = judge_network(cases[k].loss, cases[k].y, cases[k].upper,
                                           cases[k].groups, cases[k].neurons, cases[k].alpha, &s);
        expect(cases[k].loss, verdict, cases[k].verdict, &s, cases[k].message);
    }
}

/* w loss(f, y) + |f| for a neuron that is 1 everywhere: a bound that is less by a double. */
static void test_networks_pay_every_loss_and_weight(void **state)
{
    static const struct {
        const char *loss;
        double y, f, objective;
    } cases[] = {
        {"squared\"", 4, 1, 14.5},                         /* 3 3^2 / 2 + 1 */
        {"absolute\"", 4, 1, 10},                          /* 3 3 + 1 */
        {"huber\", \"delta\": \"0x1p-2\"", 4, 1, 3.15625}, /* 3 (3 - 1/8) / 4 + 1 */
        {"huber\", \"delta\": \"0x1p+2\"", 4, 1, 14.5},
        {"hinge\"", -1, 1, 7}, /* 3 2 + 1 */
        {"hinge\"", 1, 2, 2},
        {"squared-hinge\"", -1, 1, 7}, /* 3 2^2 / 2 + 1 */
        {"squared-hinge\"", 1, 2, 2},
        {"logistic\"", 1, 0, 2.0794415416798362}, /* 3 log 2 = 2.07944154167983592.. */
        {"interpolate\"", 1, 1, 1},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int less = 0; less < 2; less++) {
            char tail[1024], data[64];
            zv_session s;
            snprintf(data, sizeof data, "0,%g\n", cases[k].y);
            snprintf(tail, sizeof tail,
                     "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", "
                     "\"0x1p+0\"], \"architecture\": \"dense\", \"loss\": \"%s, \"beta\": " ONE
                     ", \"weights\": [\"0x1.8p+1\"], \"lower\": \"0x0p+0\", \"upper\": \"%a\", "
                     "\"gap\": \"0x1p+9\", \"groups\": [0], \"neurons\": [" ONE "], \"alpha\": "
                     "[\"%a\"], \"dual\": [\"0x0p+0\"], \"rho\": [\"0x0p+0\", \"0x0p+0\"]",
                     cases[k].loss, less ? nextafter(cases[k].objective, 0) : cases[k].objective,
                     cases[k].f);
            zv_verdict verdict =
                judge(data, "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
            expect(cases[k].loss, verdict, less ? ZV_REFUTED : ZV_PROVEN, &s,
                   less ? "exceeds the claimed upper" : "");
            if (!less) assert_true(s.upper == cases[k].objective);
        }
    }
}

/* U - L <= gap max(1, |U|), to the last digit, on either side of 1. */
static void test_the_gap_is_relative_to_one_at_least(void **state)
{
    static const double uppers[] = {0.5, 5.5}, gaps[] = {0.5, 1};
    (void)state;
    for (int k = 0; k < 4; k++) {
        char tail[1024];
        zv_session s;
        double gap = gaps[k / 2];
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"squared\", \"beta\": " ONE
                 ", \"lower\": "
                 "\"0x0p+0\", \"upper\": \"%a\", \"gap\": \"%a\", \"groups\": [], \"neurons\": [], "
                 "\"alpha\": [], \"dual\": [\"0x0p+0\"]",
                 uppers[k / 2], k % 2 ? nextafter(gap, 0) : gap);
        zv_verdict verdict =
            judge("0,1\n", "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect("gap", verdict, k % 2 ? ZV_REFUTED : ZV_PROVEN, &s, k % 2 ? "the claimed gap" : "");
    }
}

/* Cones without rho are for t^2 alone; a tree is for one output. */
static void test_short_forms_are_for_what_they_prove(void **state)
{
    static const struct {
        const char *targets, *tail, *message;
    } cases[] = {
        {"[1]",
         "\"activation\": [" ONE ", " ONE ", \"0x0p+0\"], \"architecture\": \"dense\", \"loss\": "
         "\"squared\", \"beta\": " ONE ", \"lower\": \"0x0p+0\", \"dual\": [\"0x0p+0\"]",
         "rho, as the activation"},
        {"[1]",
         "\"activation\": [" ONE ", \"0x0p+0\", " ONE "], \"architecture\": \"dense\", \"loss\": "
         "\"squared\", \"beta\": " ONE ", \"lower\": \"0x0p+0\", \"dual\": [\"0x0p+0\"]",
         "rho, as the activation"},
        {"[1, 2]",
         "\"activation\": [" ONE ", \"0x0p+0\", " ONE "], \"architecture\": \"dense\", \"loss\": "
         "\"squared\", \"beta\": " ONE ", \"power\": [1, 2], \"nonnegative\": false, \"lower\": "
         "\"0x0p+0\", \"groups\": [0], \"neurons\": [" ONE "], \"alpha\": [" ONE ", " ONE "], "
         "\"low\": [\"0x0p+0\"], \"high\": [" ONE "], \"duals\": [\"0x0p+0\"], \"nodes\": [1], "
         "\"node_values\": [\"0x0p+0\"]",
         "one output"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char head[128], tail[1024];
        zv_session s;
        snprintf(head, sizeof head, "\"columns\": %d, \"targets\": %s, \"samples\": 1",
                 k < 2 ? 2 : 3, cases[k].targets);
        snprintf(tail, sizeof tail, "\"task\": \"regression\", %s", cases[k].tail);
        zv_verdict verdict = judge(k < 2 ? "0,1\n" : "0,1,1\n", head, tail, &s);
        expect(cases[k].message, verdict, ZV_BAD_FILE, &s, cases[k].message);
    }
}

/* fl((x - mean) / scale) that is infinite. */
static void test_preprocessing_stays_finite(void **state)
{
    (void)state;
    for (int tiny = 0; tiny < 2; tiny++) {
        char tail[1024];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"mean\": [\"0x0p+0\"], \"scale\": [\"%s\"], "
                 "\"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], \"architecture\": "
                 "\"dense\", \"loss\": \"squared\", \"beta\": \"0x1p+0\", \"lower\": \"0x0p+0\", "
                 "\"dual\": [\"0x0p+0\"]",
                 tiny ? "0x1p-1022" : "0x1p+0");
        zv_verdict verdict =
            judge("1e300,1\n", "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect("scale", verdict, tiny ? ZV_BAD_FILE : ZV_PROVEN, &s,
               tiny ? "keep the inputs finite" : "");
    }
}

/* ---- trees ------------------------------------------------------------------------------------- */

typedef struct tree_case {
    const char *what, *nonnegative, *lower, *alpha, *low, *high, *nodes, *values;
    zv_verdict verdict;
    const char *message;
} tree_case;

/* min |w - 10| + |w|^(1/2) is the root of 10 = 3.162.., at 10: the root box [-200, 200] is split
 * there, and v = 1 and -1 prove the halves. */
static void test_trees_cover_what_they_claim(void **state)
{
#define T "false", "0x1.9p+1", "0x0p+0", "-0x1.9p+7", "0x1.9p+7"
#define HALVES "\"0x1.4p+3\", \"0x1.9p+1\", \"0x1.9p+1\""
    static const tree_case cases[] = {
        {"the tree", T, "0, 1, 2", HALVES, ZV_PROVEN, ""},
        {"a leaf less", T, "0, 1", "\"0x1.4p+3\", \"0x1.9p+1\"", ZV_REFUTED, "not covered"},
        {"a leaf more", T, "0, 1, 2, 2", HALVES ", \"0x1p+0\"", ZV_REFUTED, "nodes follow"},
        {"a leaf too good", T, "0, 1, 2", "\"0x1.4p+3\", \"0x1.9p+1\", \"0x1.ap+1\"", ZV_REFUTED,
         "a leaf's bound"},
        {"a bound too good", "false", "0x1.ap+1", "0x0p+0", "-0x1.9p+7", "0x1.9p+7", "0, 1, 2",
         HALVES, ZV_REFUTED, "exceeds a leaf's"},
        {"the other half's vector", T, "0, 1, 1", "\"0x1.4p+3\", \"0x1.9p+1\", \"-0x1p+9\"",
         ZV_REFUTED, "exceeds a leaf's"},
        {"a split outside", T, "0, 1, 2", "\"0x1.4p+8\", \"-0x1p+9\", \"-0x1p+9\"", ZV_REFUTED,
         "split 0"},
        {"a negative weight", "true", "0x1.9p+1", "-0x1p+0", "0x0p+0", "0x1.9p+7", "0, 1, 2",
         HALVES, ZV_REFUTED, "negative"},
        {"a weight", "true", "0x1.9p+1", "0x1p+0", "0x0p+0", "0x1.9p+7", "0, 1, 2", HALVES,
         ZV_PROVEN, ""},
    };
#undef T
#undef HALVES
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const tree_case *c = &cases[k];
        char tail[2048];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"absolute\", \"beta\": \"0x1p+0\", "
                 "\"power\": [1, 2], \"nonnegative\": %s, \"lower\": \"%s\", \"groups\": [0], "
                 "\"neurons\": [\"0x1p+0\"], \"alpha\": [\"%s\"], \"low\": [\"%s\"], \"high\": "
                 "[\"%s\"], \"duals\": [\"0x1p+0\", \"-0x1p+0\"], \"nodes\": [%s], "
                 "\"node_values\": [%s]",
                 c->nonnegative, c->lower, c->alpha, c->low, c->high, c->nodes, c->values);
        zv_verdict verdict =
            judge("0,10\n", "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect(c->what, verdict, c->verdict, &s, c->message);
        if (c->verdict == ZV_PROVEN) assert_true(s.lower <= sqrt(10) && s.lower > 3.1622776);
    }
}

/* The response of (1, 1) is 2, from below by rounding: over w in [0, 4] the bound of |2 w - 10| +
 * w^(1/2) by v = 1 is 10 + 2 - 8 = 4, which rounding leaves open. */
static void test_rounded_responses_count_in_trees(void **state)
{
    (void)state;
    for (int less = 0; less < 2; less++) {
        char tail[2048];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"absolute\", \"beta\": \"0x1p+0\", "
                 "\"power\": [1, 2], \"nonnegative\": true, \"lower\": \"0x1p+0\", \"groups\": "
                 "[0], \"neurons\": [" DIAGONAL "], \"alpha\": [\"0x0p+0\"], \"low\": [\"0x0p+0\"],"
                 " \"high\": [\"0x1p+2\"], \"duals\": [\"0x1p+0\"], \"nodes\": [1], "
                 "\"node_values\": [\"%a\"]",
                 less ? 4 - 0x1p-50 : 4);
        zv_verdict verdict =
            judge("1,1,10\n", "\"columns\": 3, \"targets\": [2], \"samples\": 1", tail, &s);
        expect("4", verdict, less ? ZV_PROVEN : ZV_NOT_PROVEN, &s, less ? "" : "a leaf's bound");
    }
}

/* A leaf that stays open ends the search, and says no more: not that boxes are left, as they are.
 */
static void test_an_open_leaf_refutes_nothing(void **state)
{
    (void)state;
    zv_session s;
    zv_verdict verdict =
        judge("1,1,10\n", "\"columns\": 3, \"targets\": [2], \"samples\": 1",
              "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
              "\"architecture\": \"dense\", \"loss\": \"absolute\", \"beta\": \"0x1p+0\", "
              "\"power\": [1, 2], \"nonnegative\": true, \"lower\": \"0x1p+0\", \"groups\": "
              "[0], \"neurons\": [" DIAGONAL "], \"alpha\": [\"0x0p+0\"], \"low\": [\"0x0p+0\"],"
              " \"high\": [\"0x1p+2\"], \"duals\": [\"0x1p+0\"], \"nodes\": [0, 1, 1], "
              "\"node_values\": [\"0x1p+2\", \"0x1p+2\", \"0x0p+0\"]",
              &s);
    expect("4", verdict, ZV_NOT_PROVEN, &s, "a leaf's bound");
}

/* Over [-1, 1] |w|^(1/2) is 1 at both ends, and 0 between them. */
static void test_the_least_of_a_box_may_be_inside(void **state)
{
    (void)state;
    for (int high = 0; high < 2; high++) {
        char tail[1024];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x0p+0\", \"0x0p+0\", \"0x1p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"absolute\", \"beta\": \"0x1p+0\", "
                 "\"power\": [1, 2], \"nonnegative\": false, \"lower\": \"0x0p+0\", \"groups\": "
                 "[0], \"neurons\": [" ONE "], \"alpha\": [\"0x0p+0\"], \"low\": [\"-0x1p+0\"], "
                 "\"high\": [" ONE "], \"duals\": [\"0x0p+0\"], \"nodes\": [1], "
                 "\"node_values\": [\"%s\"]",
                 high ? "0x1p-1000" : "0x0p+0");
        zv_verdict verdict =
            judge("0,10\n", "\"columns\": 2, \"targets\": [1], \"samples\": 1", tail, &s);
        expect("0", verdict, high ? ZV_REFUTED : ZV_PROVEN, &s, high ? "a leaf's bound" : "");
    }
}

/* min w_0^(1/2) + w_1^(1/2) with w_0 + w_1 = 1, w >= 0, is 1: at w_0 = 0 or where w_1 is 0. */
static void test_pairs_are_pairs(void **state)
{
    static const char two[] = E1 ", \"0x0p+0\", \"0x1p+0\"";
    static const struct {
        const char *what, *pairs, *neurons, *nodes, *values;
        zv_verdict verdict;
        const char *message;
    } cases[] = {
        {"the pair", "0, 1, 0", two, "2", "\"0x1p+0\"", ZV_PROVEN, ""},
        {"a pair twice", "0, 1, 0, 0, 1, 0", two, "2", "\"0x1p+0\"", ZV_REFUTED, "pair 1"},
        {"a follower that leads", "0, 1, 0, 1, 0, 0", two, "2", ONE, ZV_REFUTED, "pair 1"},
        {"a rounded response", "0, 1, 0", E1 ", " DIAGONAL, "2", ONE, ZV_REFUTED, "pair 0"},
        {"a follower that is split", "0, 1, 0", two, "1, 2, 2", "\"0x1p-1\", " ONE ", " ONE,
         ZV_REFUTED, "split 0"},
        {"halves", "0, 1, 0", two, "0, 2, 2", "\"0x1p-1\", " ONE ", " ONE, ZV_PROVEN, ""},
        {"a half whose follower passes 0", "0, 1, 0", two, "0, 2, 2",
         "\"0x1p-1\", " ONE ", \"0x1.3p+0\"", ZV_REFUTED, "a leaf's bound"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char tail[2048];
        zv_session s;
        snprintf(tail, sizeof tail,
                 "\"task\": \"regression\", \"activation\": [\"0x1p+0\", \"0x0p+0\", \"0x0p+0\"], "
                 "\"architecture\": \"dense\", \"loss\": \"interpolate\", \"beta\": \"0x1p+0\", "
                 "\"power\": [1, 2], \"nonnegative\": true, \"lower\": \"0x1p+0\", \"groups\": "
                 "[0, 0], \"neurons\": [%s], \"alpha\": [\"0x1p+0\", \"0x0p+0\"], \"pairs\": [%s],"
                 " \"low\": [\"0x0p+0\", \"0x0p+0\"], \"high\": [\"0x1p+1\", \"0x1p+1\"], "
                 "\"duals\": [\"0x0p+0\"], \"nodes\": [%s], \"node_values\": [%s]",
                 cases[k].neurons, cases[k].pairs, cases[k].nodes, cases[k].values);
        zv_verdict verdict =
            judge("1,1,1\n", "\"columns\": 3, \"targets\": [2], \"samples\": 1", tail, &s);
        expect(cases[k].what, verdict, cases[k].verdict, &s, cases[k].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dual_stays_in_its_domain),
        cmocka_unit_test(test_the_dual_value_is_no_better_than_it_is),
        cmocka_unit_test(test_both_cones_count),
        cmocka_unit_test(test_a_zero_pivot_needs_a_zero_column),
        cmocka_unit_test(test_every_group_and_output_has_its_cones),
        cmocka_unit_test(test_large_singular_cones_are_left_open),
        cmocka_unit_test(test_networks_are_no_better_than_they_are),
        cmocka_unit_test(test_networks_pay_every_loss_and_weight),
        cmocka_unit_test(test_the_gap_is_relative_to_one_at_least),
        cmocka_unit_test(test_short_forms_are_for_what_they_prove),
        cmocka_unit_test(test_preprocessing_stays_finite),
        cmocka_unit_test(test_trees_cover_what_they_claim),
        cmocka_unit_test(test_rounded_responses_count_in_trees),
        cmocka_unit_test(test_an_open_leaf_refutes_nothing),
        cmocka_unit_test(test_the_least_of_a_box_may_be_inside),
        cmocka_unit_test(test_pairs_are_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
