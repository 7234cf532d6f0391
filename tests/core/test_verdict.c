/*
 * The gate of verdicts: every way in which a result can be no proof, one fault at a time.
 *
 * tests/core/verdict-mutations compiles this file against mutants of core/verdict.c.
 */
#include "core/verdict.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A global method's optimum, known to 1e-12, with the bound within the tolerance. */
static zg_evidence good(void)
{
    return (zg_evidence){.end = ZG_METHOD_FINISHED,
                         .claims_optimum = true,
                         .feasible = true,
                         .objective = 10.0,
                         .rounding = 1e-12,
                         .bound = 10.0 - 1e-6,
                         .own_bound = -INFINITY,
                         .tolerance = 1e-6};
}

/* What an accurate solver says of p* = 10, with a program in which 1 stands for 2. */
static zg_claim honest(void)
{
    return (zg_claim){.primal = 10.0,
                      .dual = 10.0,
                      .stated_primal = NAN,
                      .stated_dual = NAN,
                      .unit = 2.0,
                      .limit = 1e-5,
                      .dimacs = {1e-9, 0, -1e-9, 1e-8, -1e-9, 1e-9}};
}

static void expect(zg_evidence e, zg_decision decision, const char *cause)
{
    zg_assessment found;
    assert_int_equal(zg_judge(&e, &found), decision);
    assert_int_equal(found.decision, decision);
    assert_string_equal(found.cause, cause);
    assert_true((found.cause[0] == '\0') == (found.message[0] == '\0'));
    assert_false(found.gap < 0.0);
}

static void expect_claim(zg_claim claim, zg_decision decision, const char *cause)
{
    zg_evidence e = good();
    e.claim = &claim;
    expect(e, decision, cause);
}

static double gap_of(zg_evidence e)
{
    zg_assessment found;
    (void)zg_judge(&e, &found);
    return found.gap;
}

static void test_a_gap_within_the_tolerance_is_certified(void **state)
{
    (void)state;
    expect(good(), ZG_DECISION_CERTIFIED, "");
    assert_true(fabs(gap_of(good()) - 1e-7) < 1e-15);
    zg_evidence small = good(); /* below one the gap is absolute */
    small.objective = 1e-3;
    small.bound = 1e-3 - 0.9e-6;
    expect(small, ZG_DECISION_CERTIFIED, "");
    assert_true(fabs(gap_of(small) - 0.9e-6) < 1e-15);
    zg_evidence edge = {.end = ZG_METHOD_FINISHED,
                        .feasible = true,
                        .objective = 1.5,
                        .bound = 1.0,
                        .own_bound = -INFINITY,
                        .tolerance = 0.5 / 1.5};
    expect(edge, ZG_DECISION_CERTIFIED, "");
}

static void test_a_wider_gap_is_none(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.bound = 10.0 - 1.1e-5;
    expect(e, ZG_DECISION_FAILED, "not_certified");
    assert_true(fabs(gap_of(e) - 1.1e-6) < 1e-12);
    e.claims_optimum = false; /* the normal end of a local method */
    expect(e, ZG_DECISION_UNCERTIFIED, "");
    e.tolerance = NAN;
    expect(e, ZG_DECISION_UNCERTIFIED, "");
}

static void test_rounding_counts_against_the_result(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.rounding = 0.8e-5;
    expect(e, ZG_DECISION_CERTIFIED, "");
    e.rounding = 1.2e-5; /* the gap alone would do */
    expect(e, ZG_DECISION_FAILED, "not_certified");
    e.bound = 10.0 + 1e-5; /* and a bound above it, within rounding, is not better */
    expect(e, ZG_DECISION_FAILED, "not_certified");
    e.rounding = NAN;
    expect(e, ZG_DECISION_FAILED, "garbage_result");
    e.rounding = INFINITY;
    expect(e, ZG_DECISION_FAILED, "garbage_result");
    e.rounding = -1.0;
    expect(e, ZG_DECISION_FAILED, "garbage_result");
}

static void test_a_bound_above_the_objective_is_wrong(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.bound = 10.0 + 0.9e-12;
    expect(e, ZG_DECISION_CERTIFIED, "");
    assert_true(gap_of(e) == 0.0);
    e.bound = 10.0 + 2e-12;
    expect(e, ZG_DECISION_WRONG, "contradiction");
    assert_true(isnan(gap_of(e)));
    e.bound = INFINITY;
    expect(e, ZG_DECISION_WRONG, "contradiction");
    zg_assessment found;
    e.bound = 15.0;
    (void)zg_judge(&e, &found);
    assert_non_null(strstr(found.message, "10"));
    assert_non_null(strstr(found.message, "15"));
}

static void test_a_bound_far_above_within_a_huge_rounding_has_no_gap(void **state)
{
    (void)state;
    zg_evidence e = {.end = ZG_METHOD_FINISHED,
                     .claims_optimum = true,
                     .feasible = true,
                     .objective = 0.0,
                     .rounding = 5.0,
                     .bound = 5.0,
                     .own_bound = -INFINITY,
                     .tolerance = 1e-6};
    expect(e, ZG_DECISION_FAILED, "not_certified");
    assert_true(isnan(gap_of(e)));
}

static void test_the_methods_own_bound_counts_as_a_claim(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.own_bound = 10.0;
    expect(e, ZG_DECISION_CERTIFIED, "");
    e.own_bound = 10.1;
    expect(e, ZG_DECISION_WRONG, "contradiction");
}

/* A result within ten times its size of a bound would be "optimal" otherwise. */
static void test_a_tolerance_above_one_proves_nothing(void **state)
{
    (void)state;
    const double wide[] = {1.0 + 1e-15, 10.0, 1e308, INFINITY};
    for (int k = 0; k < 4; k++) {
        zg_evidence e = good();
        e.tolerance = wide[k];
        expect(e, ZG_DECISION_FAILED, "not_certified");
        zg_certificate far = {.objective = 1.0, .bound = -1e300};
        assert_int_equal(zg_certificate_decide(&far, wide[k]), ZG_DECISION_UNCERTIFIED);
    }
}

static void test_no_bound_is_no_proof(void **state)
{
    (void)state;
    const double none[] = {NAN, -INFINITY};
    for (int k = 0; k < 2; k++) {
        zg_evidence e = good();
        e.bound = none[k];
        expect(e, ZG_DECISION_FAILED, "not_certified");
        assert_true(isnan(gap_of(e)));
        e.tolerance = INFINITY; /* -(-INFINITY) <= INFINITY would be a yes */
        e.claims_optimum = false;
        expect(e, ZG_DECISION_UNCERTIFIED, "");
    }
}

static void test_no_objective_is_no_result(void **state)
{
    (void)state;
    const double none[] = {NAN, INFINITY, -INFINITY};
    for (int k = 0; k < 3; k++) {
        zg_evidence e = good();
        e.objective = none[k];
        expect(e, ZG_DECISION_FAILED, "garbage_result");
        assert_true(isnan(gap_of(e)));
    }
}

static void test_an_infeasible_network_is_no_result(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.feasible = false;
    expect(e, ZG_DECISION_FAILED, "infeasible");
}

/* No network meets the constraints, and none was found. */
static zg_evidence impossible(void)
{
    zg_evidence e = good();
    e.objective = INFINITY;
    e.feasible = false;
    e.impossible = true;
    return e;
}

static void test_a_claim_of_no_solution_is_judged_by_whether_there_is_one(void **state)
{
    (void)state;
    zg_claim claim = {.says = ZG_SAYS_INFEASIBLE, .primal = NAN, .dual = NAN};
    zg_evidence e = impossible();
    e.claim = &claim;
    expect(e, ZG_DECISION_CERTIFIED, "infeasible");
    assert_true(isnan(gap_of(e)));
    e.impossible = false;
    expect(e, ZG_DECISION_FAILED, "infeasible");
    e.end = ZG_METHOD_NOTHING;
    expect(e, ZG_DECISION_FAILED, "infeasible");
    e = good(); /* a network is one */
    e.claim = &claim;
    expect(e, ZG_DECISION_WRONG, "claim_refuted");
    e.impossible = true; /* whatever else was proven */
    expect(e, ZG_DECISION_WRONG, "claim_refuted");
    e = good();
    e.claim = &claim;
    e.end = ZG_METHOD_NOTHING; /* place-holders are none */
    expect(e, ZG_DECISION_FAILED, "infeasible");
    e.end = ZG_METHOD_FINISHED;
    e.objective = NAN;
    expect(e, ZG_DECISION_FAILED, "infeasible");
    e.objective = 10.0;
    e.feasible = false;
    expect(e, ZG_DECISION_FAILED, "infeasible");
}

static void test_an_optimum_where_there_is_none_is_wrong(void **state)
{
    (void)state;
    zg_claim claim = honest();
    zg_evidence e = impossible();
    e.claim = &claim;
    expect(e, ZG_DECISION_WRONG, "claim_refuted");
    claim.says = ZG_SAYS_UNSURE;
    expect(e, ZG_DECISION_FAILED, "infeasible");
    e.claim = NULL;
    expect(e, ZG_DECISION_FAILED, "infeasible");
}

static void test_no_training_problem_is_unbounded(void **state)
{
    (void)state;
    zg_claim claim = {.says = ZG_SAYS_UNBOUNDED, .primal = NAN, .dual = NAN};
    zg_evidence e = impossible();
    e.claim = &claim;
    expect(e, ZG_DECISION_WRONG, "claim_refuted");
    e = good();
    e.claim = &claim;
    expect(e, ZG_DECISION_WRONG, "claim_refuted");
}

/* Two outputs, each with the evidence of good(), of which the solver claims what is given. */
static zg_assessment of_two(const zg_claim *first, const zg_claim *second, zg_assessment whole)
{
    zg_evidence outputs[] = {good(), good()};
    outputs[0].claim = first;
    outputs[1].claim = second;
    zg_decision decision = zg_judge_claims(outputs, 2, &whole);
    assert_int_equal(decision, whole.decision);
    return whole;
}

static void test_claims_of_outputs_are_judged_one_by_one(void **state)
{
    (void)state;
    const zg_assessment fine = {ZG_DECISION_CERTIFIED, 0.25, "", ""};
    zg_claim right = honest(), wrong = honest(), coarse = honest(), denial = honest();
    wrong.stated_primal = 1e3;
    coarse.dimacs[2] = 0.5;
    denial.says = ZG_SAYS_INFEASIBLE;

    zg_assessment found = of_two(NULL, NULL, fine);
    assert_int_equal(found.decision, ZG_DECISION_CERTIFIED);
    found = of_two(&right, &right, fine);
    assert_int_equal(found.decision, ZG_DECISION_CERTIFIED);
    assert_true(found.gap == 0.25);
    found = of_two(&right, &wrong, fine);
    assert_int_equal(found.decision, ZG_DECISION_WRONG);
    assert_memory_equal(found.message, "output 2: ", 10);
    assert_true(found.gap == 0.25); /* of all outputs, not of that one */
    found = of_two(NULL, &denial, fine);
    assert_int_equal(found.decision, ZG_DECISION_WRONG);
    assert_true(isnan(found.gap));
    found = of_two(&coarse, &wrong, fine); /* the worst counts, not the first */
    assert_int_equal(found.decision, ZG_DECISION_WRONG);
    found = of_two(&wrong, &coarse, fine);
    assert_int_equal(found.decision, ZG_DECISION_WRONG);
    found = of_two(&coarse, &right, fine);
    assert_int_equal(found.decision, ZG_DECISION_FAILED);
    assert_memory_equal(found.message, "output 1: ", 10);
    coarse.dimacs[4] = 0.5;
    found = of_two(&right, &coarse, fine);
    assert_int_equal(found.decision, ZG_DECISION_FAILED);
    assert_memory_equal(found.message, "output 2: ", 10);
    found = of_two(&coarse, &coarse, fine); /* the first of those that failed is told */
    assert_memory_equal(found.message, "output 1: ", 10);

    /* What is wrong or has failed without any claim stays so. */
    const zg_assessment bad = {ZG_DECISION_WRONG, NAN, "contradiction", "as a whole"};
    found = of_two(&coarse, &right, bad);
    assert_string_equal(found.message, "as a whole");
    const zg_assessment open = {ZG_DECISION_FAILED, 0.5, "not_certified", "as a whole"};
    found = of_two(&right, &right, open);
    assert_int_equal(found.decision, ZG_DECISION_FAILED);
    assert_string_equal(found.message, "as a whole");
    /* One output alone needs no number, and may have a gap that all together have not. */
    zg_evidence one = good();
    one.claim = &wrong;
    found = fine;
    zg_judge_claims(&one, 1, &found);
    assert_memory_equal(found.message, "the solver", 10);
    one.claim = &right;
    one.bound = one.objective - 1.0;
    one.claims_optimum = true;
    found = fine;
    assert_int_equal(zg_judge_claims(&one, 1, &found), ZG_DECISION_CERTIFIED);
}

static void test_a_proven_denial_counts_where_no_other_output_failed(void **state)
{
    (void)state;
    const zg_assessment none = {ZG_DECISION_FAILED, NAN, "infeasible", "no network"};
    zg_claim right = honest(), coarse = honest(), denial = honest();
    denial.says = ZG_SAYS_INFEASIBLE;
    coarse.dimacs[2] = 0.5;
    zg_evidence outputs[] = {good(), impossible(), good()};
    outputs[0].claim = &right;
    outputs[1].claim = &denial;
    zg_assessment found = none;
    assert_int_equal(zg_judge_claims(outputs, 3, &found), ZG_DECISION_CERTIFIED);
    assert_string_equal(found.cause, "infeasible");
    outputs[2].claim = &coarse;
    found = none;
    assert_int_equal(zg_judge_claims(outputs, 3, &found), ZG_DECISION_FAILED);
    outputs[0].claim = &coarse;
    outputs[2].claim = NULL;
    found = none;
    assert_int_equal(zg_judge_claims(outputs, 3, &found), ZG_DECISION_FAILED);
    assert_string_equal(found.cause, "inaccurate");
    outputs[0].claim = &denial; /* the other output has a network */
    found = none;
    assert_int_equal(zg_judge_claims(outputs, 3, &found), ZG_DECISION_WRONG);
}

/* Who does not claim an optimum is not refuted; it has missed it. */
static void test_an_unsure_answer_is_never_wrong_by_its_objectives(void **state)
{
    (void)state;
    zg_claim claim = honest();
    claim.says = ZG_SAYS_UNSURE;
    expect_claim(claim, ZG_DECISION_CERTIFIED, "");
    claim.primal = 10.1;
    expect_claim(claim, ZG_DECISION_FAILED, "inaccurate");
    claim.says = ZG_SAYS_OPTIMAL;
    expect_claim(claim, ZG_DECISION_WRONG, "claim_refuted");
}

static void test_what_a_solver_says_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(zg_says_name(ZG_SAYS_OPTIMAL), "optimal");
    assert_string_equal(zg_says_name(ZG_SAYS_UNSURE), "unsure");
    assert_string_equal(zg_says_name(ZG_SAYS_UNBOUNDED), "unbounded");
    assert_string_equal(zg_says_name(ZG_SAYS_INFEASIBLE), "infeasible");
}

static void test_place_holders_are_no_result(void **state)
{
    (void)state;
    zg_evidence e = {.objective = 0, .bound = 0, .feasible = true, .tolerance = 1e-6};
    expect(e, ZG_DECISION_FAILED, "nothing_measured");
    e = good();
    e.end = ZG_METHOD_NOTHING;
    expect(e, ZG_DECISION_FAILED, "nothing_measured");
    assert_true(isnan(gap_of(e)));
}

static void test_how_the_method_ended_counts(void **state)
{
    (void)state;
    zg_evidence e = good();
    e.end = ZG_METHOD_STOPPED; /* what it had is proven all the same */
    expect(e, ZG_DECISION_CERTIFIED, "");
    e.bound = 9.0;
    expect(e, ZG_DECISION_UNCERTIFIED, "");
    e = good();
    e.end = ZG_METHOD_FAILED;
    expect(e, ZG_DECISION_FAILED, "method_failed");
    assert_true(gap_of(e) > 0.0);
}

static void test_an_honest_claim_changes_nothing(void **state)
{
    (void)state;
    expect_claim(honest(), ZG_DECISION_CERTIFIED, "");
}

/* Slack: limit (unit + |primal| + |dual|) = 2.2e-4, and the rounding of few digits. */
static void test_a_claim_outside_the_interval_is_wrong(void **state)
{
    (void)state;
    const double inside[] = {10.0 + 2.1e-4, 10.0 - 2.1e-4};
    const double outside[] = {10.0 + 2.4e-4, 10.0 - 2.4e-4, 10.1, 9.9, -10.0, INFINITY, -INFINITY};
    for (size_t k = 0; k < sizeof inside / sizeof *inside; k++)
        for (int place = 0; place < 4; place++) {
            zg_claim claim = honest();
            double *values[] = {&claim.primal, &claim.dual, &claim.stated_primal,
                                &claim.stated_dual};
            *values[place] = inside[k];
            expect_claim(claim, ZG_DECISION_CERTIFIED, "");
        }
    for (size_t k = 0; k < 5; k++)
        for (int place = 0; place < 4; place++) {
            zg_claim claim = honest();
            double *values[] = {&claim.primal, &claim.dual, &claim.stated_primal,
                                &claim.stated_dual};
            *values[place] = outside[k];
            expect_claim(claim, ZG_DECISION_WRONG, "claim_refuted");
            claim.rounding = 30.0; /* its digits say no more */
            expect_claim(claim, ZG_DECISION_CERTIFIED, "");
        }
}

static void test_a_claim_that_is_no_number_fails(void **state)
{
    (void)state;
    for (int place = 0; place < 2; place++) {
        zg_claim claim = honest();
        *(place ? &claim.dual : &claim.primal) = NAN;
        expect_claim(claim, ZG_DECISION_FAILED, "inaccurate");
    }
}

static void test_each_dimacs_error_has_a_limit(void **state)
{
    (void)state;
    for (int k = 0; k < 6; k++) {
        zg_claim claim = honest();
        claim.dimacs[k] = 0.9e-5;
        expect_claim(claim, ZG_DECISION_CERTIFIED, "");
        claim.dimacs[k] = -1.1e-5;
        expect_claim(claim, ZG_DECISION_FAILED, "inaccurate");
        claim.dimacs[k] = NAN;
        expect_claim(claim, ZG_DECISION_FAILED, "inaccurate");
    }
}

static void test_a_refuted_claim_beats_an_inaccurate_one(void **state)
{
    (void)state;
    zg_claim claim = honest();
    claim.dimacs[2] = 1.0;
    claim.dual = 11.0;
    expect_claim(claim, ZG_DECISION_WRONG, "claim_refuted");
}

static void test_a_certificate_alone_is_judged_alike(void **state)
{
    (void)state;
    zg_certificate c = {.objective = 2.0, .bound = 2.0 - 1e-7, .rounding = 1e-15};
    assert_int_equal(zg_certificate_decide(&c, 1e-6), ZG_DECISION_CERTIFIED);
    assert_int_equal(zg_certificate_decide(&c, 1e-8), ZG_DECISION_UNCERTIFIED);
    c.bound = 2.1;
    assert_int_equal(zg_certificate_decide(&c, 1e-6), ZG_DECISION_WRONG);
    c.bound = NAN;
    assert_int_equal(zg_certificate_decide(&c, 1e-6), ZG_DECISION_UNCERTIFIED);
    c.objective = NAN;
    assert_int_equal(zg_certificate_decide(&c, 1e-6), ZG_DECISION_FAILED);
}

/* The decision about a file's claim beside a result that was decided so, within 0.26. */
static zg_decision written(zg_decision before, double lower, double upper, double lost,
                           zg_assessment *found)
{
    zg_certificate c = {.objective = 2.0, .bound = 1.5, .gap = 0.25, .rounding = 1e-15};
    *found = (zg_assessment){.decision = before, .cause = ""};
    zg_decision decision = zg_judge_written(&c, lower, upper, lost, 0.26, found);
    assert_int_equal(decision, found->decision);
    return decision;
}

static void test_a_written_claim_that_contradicts_the_result_is_wrong(void **state)
{
    (void)state;
    zg_assessment found;
    for (zg_decision before = ZG_DECISION_FAILED; before <= ZG_DECISION_WRONG; before++) {
        assert_int_equal(written(before, 1.5, 1.9, 0.0, &found), ZG_DECISION_WRONG);
        assert_string_equal(found.cause, "contradiction");
        assert_int_equal(written(before, 2.1, 2.0, 0.0, &found), ZG_DECISION_WRONG);
        assert_int_equal(written(before, 2.1, INFINITY, 0.0, &found), ZG_DECISION_WRONG);
        assert_int_equal(written(before, NAN, 2.0, 0.0, &found), ZG_DECISION_FAILED);
        assert_string_equal(found.cause, "garbage_result");
    }
}

static void test_a_written_claim_that_is_weaker_is_not_wrong(void **state)
{
    (void)state;
    const zg_decision yes = ZG_DECISION_CERTIFIED, no = ZG_DECISION_UNCERTIFIED;
    zg_assessment found;
    assert_int_equal(written(yes, 1.5, 2.0, 0.0, &found), yes);
    assert_int_equal(written(yes, 1.4, 2.0, 0.11, &found), yes); /* as was said: lost */
    assert_int_equal(written(yes, 1.5, NAN, 0.0, &found), yes);
    assert_int_equal(written(yes, 1.5, 2.02, 0.0, &found), yes); /* still within the tolerance */
    assert_int_equal(written(yes, 1.6, 2.0, 0.0, &found), yes);
    assert_string_equal(found.cause, "");
    assert_int_equal(written(yes, 1.4, 2.0, 0.09, &found), no);
    assert_string_equal(found.cause, "weak_certificate");
    assert_int_equal(written(yes, 1.4, NAN, 0.09, &found), no);
    assert_int_equal(written(yes, 1.4, 2.0, NAN, &found), no);
    assert_int_equal(written(yes, 1.5, 2.1, 0.0, &found), no);
    assert_int_equal(written(yes, 1.5, 1e300, 0.0, &found), no);
    assert_int_equal(written(yes, 1.5, INFINITY, 0.0, &found), no);
    assert_int_equal(written(yes, -INFINITY, 2.0, 0.0, &found), no);
    assert_int_equal(written(no, 1.5, 2.1, 0.0, &found), no);
    assert_string_equal(found.cause, "");
    assert_int_equal(written(ZG_DECISION_FAILED, 1.5, 2.1, 0.0, &found), ZG_DECISION_FAILED);
}

static void test_an_objective_claimed_on_the_way(void **state)
{
    (void)state;
    assert_false(zg_claim_refuted(1.0, 1.0 + 1e-10));
    assert_true(zg_claim_refuted(1.0, 1.0 + 1e-8));
    assert_true(zg_claim_refuted(-1e9, 0.0));
    assert_false(zg_claim_refuted(NAN, 0.0)); /* none was claimed */
    assert_false(zg_claim_refuted(1.0, NAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_gap_within_the_tolerance_is_certified),
        cmocka_unit_test(test_a_wider_gap_is_none),
        cmocka_unit_test(test_rounding_counts_against_the_result),
        cmocka_unit_test(test_a_bound_above_the_objective_is_wrong),
        cmocka_unit_test(test_a_bound_far_above_within_a_huge_rounding_has_no_gap),
        cmocka_unit_test(test_the_methods_own_bound_counts_as_a_claim),
        cmocka_unit_test(test_a_tolerance_above_one_proves_nothing),
        cmocka_unit_test(test_no_bound_is_no_proof),
        cmocka_unit_test(test_no_objective_is_no_result),
        cmocka_unit_test(test_an_infeasible_network_is_no_result),
        cmocka_unit_test(test_a_claim_of_no_solution_is_judged_by_whether_there_is_one),
        cmocka_unit_test(test_an_optimum_where_there_is_none_is_wrong),
        cmocka_unit_test(test_claims_of_outputs_are_judged_one_by_one),
        cmocka_unit_test(test_a_proven_denial_counts_where_no_other_output_failed),
        cmocka_unit_test(test_no_training_problem_is_unbounded),
        cmocka_unit_test(test_an_unsure_answer_is_never_wrong_by_its_objectives),
        cmocka_unit_test(test_what_a_solver_says_has_a_name),
        cmocka_unit_test(test_place_holders_are_no_result),
        cmocka_unit_test(test_how_the_method_ended_counts),
        cmocka_unit_test(test_an_honest_claim_changes_nothing),
        cmocka_unit_test(test_a_claim_outside_the_interval_is_wrong),
        cmocka_unit_test(test_a_claim_that_is_no_number_fails),
        cmocka_unit_test(test_each_dimacs_error_has_a_limit),
        cmocka_unit_test(test_a_refuted_claim_beats_an_inaccurate_one),
        cmocka_unit_test(test_a_certificate_alone_is_judged_alike),
        cmocka_unit_test(test_a_written_claim_that_contradicts_the_result_is_wrong),
        cmocka_unit_test(test_a_written_claim_that_is_weaker_is_not_wrong),
        cmocka_unit_test(test_an_objective_claimed_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
