/* Certificates of robust problems: proven as they are written, and never wrongly so when a digit is
 * changed or a number is forged.  The opinion about a changed claim is that of another solver. */
#include "proof.h"

#include "core/certificate.h"
#include "core/proof.h"
#include "core/verdict.h"
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 9, D = 2 };

static const zg_loss losses[] = {{ZG_LOSS_HINGE, 1.0},    {ZG_LOSS_SQUARED, 1.0},
                                 {ZG_LOSS_ABSOLUTE, 1.0}, {ZG_LOSS_HUBER, 0.5},
                                 {ZG_LOSS_LOGISTIC, 1.0}, {ZG_LOSS_SQUARED_HINGE, 1.0}};
enum { LOSSES = sizeof losses / sizeof *losses };

typedef struct sample {
    char *certificate, *data;
    double x[N * D], y[N];
    double lower, upper; /* of the problem as it is */
} sample;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    assert_true(file && text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static void train(const zg_problem *problem, const zg_method *method, zg_training *out)
{
    zg_value *values;
    zg_error error = {0};
    zg_control control = {.tolerance = 1e-7};
    assert_ok(zg_values_create(method, &values, &error), &error);
    (void)zg_training_run(problem, method, values, &control, 0.0, INFINITY, NULL, NULL, out,
                          &error);
    zg_values_free(method, values);
}

static void make(size_t which, zg_activation activation, sample *out)
{
    zg_random random;
    zg_problem *problem;
    zg_dataset *dataset;
    zg_error error = {0};
    zg_random_seed(&random, 21 + (uint32_t)which);
    test_normals(&random, N * D, out->x);
    test_normals(&random, N, out->y);
    for (size_t i = 0; i < N && zg_loss_has(losses[which].kind, ZG_LOSS_LABELLED); i++)
        out->y[i] = out->y[i] < 0 ? -1 : 1;
    assert_ok(zg_dataset_create(N, D, out->x, 1, out->y, &dataset, &error), &error);
    assert_ok(zg_problem_from_arrays(N, D, out->x, 1, out->y, NULL, activation, NULL, losses[which],
                                     (zg_penalty){ZG_PENALTY_L1, 0}, 0.25, &problem, &error),
              &error);
    assert_ok(zg_problem_make_robust(problem, 0.25, &error), &error);
    zg_training training;
    train(problem, &zg_method_ipm, &training);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    char path[] = "/tmp/zg-robust-XXXXXX", data[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    zg_proof proof = {.problem = problem, .dataset = dataset, .network = training.solution.network};
    zg_proof_claim claim;
    assert_ok(zg_proof_write(path, &proof, &claim, &error), &error);
    snprintf(data, sizeof data, "%s.csv", path);
    out->certificate = read_file(path);
    out->data = read_file(data);
    out->lower = training.certificate.bound;
    out->upper = training.certificate.objective;
    unlink(path);
    unlink(data);
    zg_training_clear(&training);
    zg_dataset_free(dataset);
    zg_problem_free(problem);
}

static void sample_free(sample *s)
{
    free(s->certificate);
    free(s->data);
}

static zv_verdict judge(const char *certificate, const char *data, bool exact, zv_session *s)
{
    char *a = strdup(certificate), *b = strdup(data);
    zv_claim claim;
    *s = (zv_session){.exact = exact, .memory_limit = (size_t)1 << 28};
    zv_judge(s, &claim, a, strlen(a), b, strlen(b));
    zv_release(s);
    free(a);
    free(b);
    return s->verdict;
}

static double real_of(const json_t *root, const char *key, size_t k)
{
    const json_t *value = json_object_get(root, key);
    if (json_is_array(value)) value = json_array_get(value, k);
    return value ? strtod(json_string_value(value), NULL) : NAN;
}

/* Whether the interval that was proven can be true of the problem that the certificate is about:
 * the optimum of that problem by exchange. */
static bool is_plausible(const char *certificate, const sample *s, const zv_session *proven)
{
    json_t *root = json_loads(certificate, 0, NULL);
    zg_problem *problem;
    zg_training training = {0};
    zg_error error = {0};
    zg_loss loss;
    assert_non_null(root);
    zg_activation act = {real_of(root, "activation", 0), real_of(root, "activation", 1),
                         real_of(root, "activation", 2)};
    assert_ok(zg_loss_parse(json_string_value(json_object_get(root, "loss")), &loss, &error),
              &error);
    double beta = real_of(root, "beta", 0), radius = real_of(root, "radius", 0);
    if (loss.kind == ZG_LOSS_HUBER) loss.delta = real_of(root, "delta", 0);
    bool same = act.a == 0.09 && act.b == 0.5 && act.c == 0.47 && beta == 0.25 && radius == 0.25 &&
                loss.kind != ZG_LOSS_HUBER;
    double lower = s->lower, upper = s->upper;
    if (!same) {
        assert_ok(zg_problem_from_arrays(N, D, s->x, 1, s->y, NULL, act, NULL, loss,
                                         (zg_penalty){ZG_PENALTY_L1, 0}, beta, &problem, &error),
                  &error);
        assert_ok(zg_problem_make_robust(problem, radius, &error), &error);
        train(problem, &zg_method_exchange, &training);
        lower = training.certificate.bound;
        upper = training.certificate.objective;
        zg_training_clear(&training);
        zg_problem_free(problem);
    }
    json_decref(root);
    double slack = 1e-9 * fmax(1.0, upper);
    return proven->lower <= upper + slack &&
           (isinf(proven->upper) || proven->upper >= lower - slack);
}

static void certificates_are_proven_in_both_tiers_alike(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2 * LOSSES; k++) {
        sample s;
        zv_session session[2];
        make(k % LOSSES, k < LOSSES ? TEST_RELU2 : TEST_QUADRATIC, &s);
        for (int exact = 0; exact < 2; exact++) {
            zv_verdict verdict = judge(s.certificate, s.data, exact, &session[exact]);
            if (verdict != ZV_PROVEN) print_error("%zu: %s\n", k, session[exact].message);
            assert_int_equal(verdict, ZV_PROVEN);
            assert_close(session[exact].lower, s.lower, 1e-8);
            assert_close(session[exact].upper, s.upper, 1e-8);
        }
        assert_true(session[0].lower == session[1].lower);
        assert_true(session[0].upper == session[1].upper);
        sample_free(&s);
    }
}

static bool in_number(const char *text, size_t at)
{
    if (!isxdigit((unsigned char)text[at])) return false;
    size_t b = at;
    while (b > 0 && (isalnum((unsigned char)text[b - 1]) || strchr("+-.", text[b - 1])))
        b--;
    if (text[b] == '-') b++;
    return isdigit((unsigned char)text[b]);
}

static void no_digit_can_be_wrong(void **state)
{
    (void)state;
    size_t step = test_rounds(1) >= 8 ? 1 : 7, tried = 0, proven = 0;
    for (size_t which = 0; which < LOSSES; which++) {
        sample s;
        make(which, TEST_RELU2, &s);
        const char *digest = strstr(s.certificate, "\"digest\": \"");
        size_t seen = 0, from = (size_t)(digest - s.certificate);
        for (size_t at = 0; s.certificate[at]; at++) {
            if (!in_number(s.certificate, at) || (at > from && at < from + 80)) continue;
            if (seen++ % step != which % step) continue;
            char saved = s.certificate[at];
            zv_session session;
            s.certificate[at] = (char)(saved == '9' ? '0' : saved == 'f' ? 'e' : saved + 1);
            tried++;
            if (judge(s.certificate, s.data, false, &session) == ZV_PROVEN) {
                proven++;
                if (!is_plausible(s.certificate, &s, &session))
                    print_error("loss %zu, byte %zu: wrongly proven\n", which, at);
                assert_true(is_plausible(s.certificate, &s, &session));
            }
            s.certificate[at] = saved;
        }
        sample_free(&s);
    }
    print_message("# %zu mutations, %zu proven and true\n", tried, proven);
    assert_true(tried > 500 && proven > 0 && proven < tried);
}

/* text with the first number behind a key replaced, in new memory. */
static char *with_number(const char *text, const char *key, const char *number)
{
    char name[64];
    snprintf(name, sizeof name, "\"%s\": ", key);
    const char *at = strstr(text, name);
    assert_non_null(at);
    at += strlen(name);
    at += *at == '[';
    size_t length = *at == '"' ? strcspn(at + 1, "\"") + 2 : strcspn(at, ",]");
    char *out = malloc(strlen(text) + strlen(number) + 1);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, number, at + length);
    return out;
}

typedef struct forgery {
    const char *key, *number;
    zv_verdict verdict;
    const char *message;
} forgery;

static const forgery forgeries[] = {
    {"lower", "\"0x1p+10\"", ZV_REFUTED, "exceeds the dual value"},
    {"upper", "\"0x0p+0\"", ZV_REFUTED, "robust objective exceeds"},
    {"gap", "\"0x0p+0\"", ZV_REFUTED, "exceeds the claimed gap"},
    {"radius", "\"0x1p-10\"", ZV_REFUTED, "is not within the radius"},
    {"radius", "\"0x1p+3\"", ZV_NOT_PROVEN, "does not prove the margin"},
    {"radius", "\"0x0p+0\"", ZV_BAD_FILE, "radius above 0"},
    {"radius", "\"-0x1p-2\"", ZV_BAD_FILE, "radius above 0"},
    {"margins", "\"0x1p+20\"", ZV_REFUTED, "exceeds the output at the row"},
    {"multipliers", "\"-0x1p+0\"", ZV_BAD_FILE, "no negative multiplier"},
    {"owners", "8", ZV_REFUTED, ""},
    {"owners", "9", ZV_BAD_FILE, ""},
    {"copies", "\"0x1p+600\"", ZV_REFUTED, "is not within the radius"},
    {"copies", "\"nan\"", ZV_BAD_FILE, ""},
    {"dual", "\"0x1p+9\"", ZV_REFUTED, ""},
    {"dual", "\"inf\"", ZV_BAD_FILE, ""},
    {"format", "\"zerogap-certificate/1\"", ZV_BAD_FILE, ""},
    {"format", "\"zerogap-margins/1\"", ZV_BAD_FILE, ""},
    {"format", "\"zerogap-certificate/3\"", ZV_BAD_FILE, ""},
};

static void forged_numbers_are_seen(void **state)
{
    (void)state;
    sample s;
    make(0, TEST_RELU2, &s);
    for (size_t k = 0; k < sizeof forgeries / sizeof *forgeries; k++) {
        const forgery *f = &forgeries[k];
        char *text = with_number(s.certificate, f->key, f->number);
        zv_session session;
        zv_verdict verdict = judge(text, s.data, false, &session);
        if (verdict != f->verdict || !strstr(session.message, f->message))
            print_error("%s = %s: %d, %s\n", f->key, f->number, verdict, session.message);
        assert_int_equal(verdict, f->verdict);
        assert_non_null(strstr(session.message, f->message));
        free(text);
    }
    sample_free(&s);
}

/* A plain certificate's claim says less than a robust one, and must not pass for it. */
static void a_robust_claim_without_its_copies_is_no_certificate(void **state)
{
    (void)state;
    static const char *const keys[] = {"radius", "margins", "multipliers",
                                       "owners", "copies",  "dual"};
    sample s;
    make(0, TEST_RELU2, &s);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        char name[32], *text = strdup(s.certificate);
        snprintf(name, sizeof name, "\"%s\": ", keys[k]);
        char *at = strstr(text, name), *end = strchr(at, '\n');
        memmove(at, end + 1, strlen(end));
        zv_session session;
        assert_int_equal(judge(text, s.data, false, &session), ZV_BAD_FILE);
        free(text);
    }
    sample_free(&s);
}

/* A certificate of a network that nobody trained, on rows of this size.  Hard: rows along one of
 * two orthogonal neurons, whose worst points go along the other one, to either side. */
static void check_magnitude(zg_random *random, bool hard, zg_loss loss, double size, double radius,
                            double alpha)
{
    zg_problem *problem;
    zg_dataset *dataset;
    zg_network *network;
    zg_error error = {0};
    double x[N * D], y[N];
    test_normals(random, N * D, x);
    test_normals(random, N, y);
    double turn = zg_random_uniform(random), way[D] = {cos(turn), sin(turn)};
    for (size_t i = 0; i < N; i++) {
        double along = x[i * D];
        for (size_t k = 0; k < D; k++)
            x[i * D + k] = size * (hard ? along * way[k] : x[i * D + k]);
    }
    for (size_t i = 0; i < N && zg_loss_has(loss.kind, ZG_LOSS_LABELLED); i++)
        y[i] = y[i] < 0 ? -1 : 1;
    assert_ok(zg_dataset_create(N, D, x, 1, y, &dataset, &error), &error);
    assert_ok(zg_problem_from_arrays(N, D, x, 1, y, NULL, hard ? TEST_QUADRATIC : TEST_RELU2, NULL,
                                     loss, (zg_penalty){ZG_PENALTY_L1, 0}, 0.25, &problem, &error),
              &error);
    assert_ok(zg_problem_make_robust(problem, radius, &error), &error);
    assert_ok(zg_network_create(problem, &network, &error), &error);
    for (int j = 0; j < 2 + !hard && alpha > 0; j++) {
        double angle = hard ? turn + j * 1.5707963267948966 : zg_random_uniform(random);
        double u[D] = {cos(angle), sin(angle)};
        assert_int_equal(zg_network_add(network, 0, u, 0, (j % 2 ? -alpha : alpha) * (1 + j)),
                         ZG_OK);
    }
    char path[] = "/tmp/zg-robust-XXXXXX", data[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    snprintf(data, sizeof data, "%s.csv", path);
    zg_proof proof = {.problem = problem, .dataset = dataset, .network = network};
    zg_proof_claim claim;
    zg_certificate certificate;
    assert_ok(zg_certify(problem, network, &certificate, &error), &error);
    assert_ok(zg_proof_write(path, &proof, &claim, &error), &error);
    char *text = read_file(path), *rows = read_file(data);
    zv_session session;
    zv_verdict verdict = judge(text, rows, false, &session);
    if (verdict != ZV_PROVEN)
        print_error("size %g, radius %g, weights %g: %s\n", size, radius, alpha, session.message);
    assert_int_equal(verdict, ZV_PROVEN);
    /* What margins are lowered by is some units of the terms of f, which |f| is at the worst point
     * here but for a factor; the loss is at most quadratic in it. */
    double upper = certificate.objective;
    assert_true(claim.upper >= upper * (1 - 1e-13) && claim.upper <= upper * (1 + 1e-11) + 1e-11);
    zg_assessment found = {.decision = ZG_DECISION_CERTIFIED, .cause = ""};
    assert_int_equal(
        zg_judge_written(&certificate, claim.lower, claim.upper, claim.lost, 0, &found),
        ZG_DECISION_CERTIFIED);
    free(text);
    free(rows);
    unlink(path);
    unlink(data);
    zg_network_free(network);
    zg_dataset_free(dataset);
    zg_problem_free(problem);
}

static void certificates_are_proven_and_tight_at_extreme_radii_and_magnitudes(void **state)
{
    (void)state;
    static const double sizes[] = {1e-20, 1e-3, 1, 1e6}, alphas[] = {0, 1e-30, 1, 1e5},
                        radii[] = {1e-90, 1e-20, 1e-6, 1, 1e8, 1e25, 1e60};
    zg_random random;
    zg_random_seed(&random, 77);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof alphas / sizeof *alphas; j++)
            for (size_t k = 0; k < sizeof radii / sizeof *radii; k++)
                if (alphas[j] == 0 || radii[k] < 1e20)
                    check_magnitude(&random, (i + k) % 2, losses[(i + j + k) % LOSSES], sizes[i],
                                    radii[k], alphas[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_proven_and_tight_at_extreme_radii_and_magnitudes),
        cmocka_unit_test(certificates_are_proven_in_both_tiers_alike),
        cmocka_unit_test(no_digit_can_be_wrong),
        cmocka_unit_test(forged_numbers_are_seen),
        cmocka_unit_test(a_robust_claim_without_its_copies_is_no_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
