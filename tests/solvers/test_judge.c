/* Programs read back, rigorous bounds and rays, and verdicts on answers. */
#include "solvers/cbf_format.h"
#include "solvers/judge.h"
#include "solvers/sdpa_format.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/zg-judge-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 || close(file) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void save(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Small programs are texts. */
static const char *const program =
    "\"a comment\n* another\n2 = mDIM\n2 = nBLOCK\n(2, -2)\n{1, 1}\n"
    "0 1 1 1 1\n0 1 1 2 2\n0 1 2 2 1.0\n1 1 1 1 1\n2 1 2 2 1\n1 2 1 1 1\n2 2 2 2 1\n";
/* min y1 + y2: [y1 - 1, -2; -2, y2 - 1] >= 0, y >= 0.  The optimum is 6, at y = (3, 3). */

static zg_sdp *read_program(const char *text, bool cbf)
{
    zg_sdp *sdp;
    zg_error error = {0};
    save(text);
    assert_ok((cbf ? zg_cbf_read : zg_sdpa_read)(path, &sdp, &error), &error);
    return sdp;
}

/* ---- files --------------------------------------------------------------------------------------- */

static void assert_same(const zg_sdp *a, const zg_sdp *b)
{
    assert_int_equal(a->variables, b->variables);
    assert_int_equal(a->block_count, b->block_count);
    assert_int_equal(a->piece_count, b->piece_count);
    assert_int_equal(a->entry_count, b->entry_count);
    assert_memory_equal(a->cost, b->cost, a->variables * sizeof *a->cost);
    assert_memory_equal(a->value, b->value, a->entry_count * sizeof *a->value);
    assert_memory_equal(a->row, b->row, a->entry_count * sizeof *a->row);
    assert_memory_equal(a->column, b->column, a->entry_count * sizeof *a->column);
    for (size_t k = 0; k < a->block_count; k++) {
        assert_int_equal(a->blocks[k].order, b->blocks[k].order);
        assert_int_equal(a->blocks[k].diagonal, b->blocks[k].diagonal);
        assert_int_equal(a->blocks[k].conic, b->blocks[k].conic);
    }
    for (size_t k = 0; k < a->piece_count; k++) {
        assert_int_equal(a->pieces[k].matrix, b->pieces[k].matrix);
        assert_int_equal(a->pieces[k].block, b->pieces[k].block);
        assert_int_equal(a->pieces[k].first, b->pieces[k].first);
        assert_int_equal(a->pieces[k].count, b->pieces[k].count);
    }
}

static void both_formats_give_back_what_was_written(void **state)
{
    (void)state;
    static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 0},       {ZG_LOSS_ABSOLUTE, 0},
                                     {ZG_LOSS_HUBER, 0.5},       {ZG_LOSS_HINGE, 0},
                                     {ZG_LOSS_SQUARED_HINGE, 0}, {ZG_LOSS_INTERPOLATE, 0}};
    zg_random random;
    zg_random_seed(&random, 3);
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
        for (int conic = 0; conic < 2; conic++) {
            zg_problem *problem =
                test_random_problem(&random, 7, 3, TEST_RELU2, "dense", losses[l], 0.3);
            zg_program posed = zg_problem_program(problem, 0);
            zg_sdp *sdp, *back;
            zg_error error = {0};
            zg_sdp_scaling scaling = conic ? ZG_SDP_CONIC : ZG_SDP_PLAIN;
            assert_ok(zg_sdp_create(&posed, scaling, &sdp, &error), &error);
            FILE *file = fopen(path, "w");
            assert_non_null(file);
            assert_ok((conic ? zg_cbf_write : zg_sdpa_write)(sdp, "two\nlines", file, &error),
                      &error);
            fclose(file);
            assert_ok((conic ? zg_cbf_read : zg_sdpa_read)(path, &back, &error), &error);
            assert_same(sdp, back);
            zg_sdp_free(back);
            zg_sdp_free(sdp);
            zg_problem_free(problem);
        }
}

typedef struct malformed {
    const char *text, *complaint;
} malformed;

static void refuse_all(const malformed *texts, size_t count, bool cbf)
{
    for (size_t k = 0; k < count; k++) {
        zg_sdp *sdp = NULL;
        zg_error error = {0};
        save(texts[k].text);
        zg_status status = (cbf ? zg_cbf_read : zg_sdpa_read)(path, &sdp, &error);
        if (status == ZG_OK || !strstr(error.message, texts[k].complaint))
            fail_msg("\"%s\" gave status %d, \"%s\"; expected \"%s\"", texts[k].text, (int)status,
                     error.message, texts[k].complaint);
    }
}

static void malformed_sdpa_programs_are_refused_by_place(void **state)
{
    (void)state;
    static const malformed texts[] = {
        {"", "1:1: expected the number of variables, found the end"},
        {"* only this\n", "2:1: expected the number of variables"},
        {"0\n1\n2\n", "1:1: expected the number of variables"},
        {"99999999999999999999\n1\n2\n", "expected the number of variables"},
        {"1\nx\n", "2:1: expected the number of blocks"},
        {"1\n1\n0\n1\n", "3:1: expected the order of a block"},
        {"1\n1\n2.5\n1\n", "3:1: expected the order of a block"},
        {"1\n1\n1e9\n1\n", "3:1: expected the order of a block"},
        {"2\n1\n2\n1\n", "expected a finite number, the cost"},
        {"1\n2\n46340 -5\n1\n", "X would have 2147395605 entries"},
        {"1\n1\n2\nnan\n", "4:1: expected a finite number, the cost"},
        {"1\n1\n2\n1e999\n", "4:1: expected a finite number, the cost"},
        {"1\n1\n2\n1\n2 1 1 1 1\n", "5:1: expected a matrix"},
        {"1\n1\n2\n1\n1 2 1 1 1\n", "5:3: expected a block"},
        {"1\n1\n2\n1\n1 1 3 1 1\n", "5:5: expected a row"},
        {"1\n1\n2\n1\n1 1 1 0 1\n", "5:7: expected a column"},
        {"1\n1\n-2\n1\n1 1 1 2 1\n", "expected a diagonal entry"},
        {"1\n1\n2\n1\n1 1 1 1 inf\n", "5:9: expected a finite number"},
        {"1\n1\n2\n1\n1 1 1 1\n", "expected a finite number"},
        {"1\n1\n2\n1\n1 1 1 2 1\n1 1 2 1 1\n", "listed twice"},
    };
    refuse_all(texts, sizeof texts / sizeof *texts, false);
}

#define CBF_HEAD "VER\n3\nOBJSENSE\nMIN\nVAR\n2 1\nF 2\n"

static void malformed_cbf_programs_are_refused_by_place(void **state)
{
    (void)state;
    static const malformed texts[] = {
        {"", "expected OBJSENSE, VAR"},
        {"OBJSENSE\nMIN\n", "1:1: expected VER, the first keyword"},
        {"VER\n9\n", "expected a version of the format from 1 to 4"},
        {"VER\n3\nOBJSENSE\nMAX\n", "4:1: expected MIN"},
        {"VER\n3\nOBJSENSE\nMIN\nVAR\n2 1\nL+ 2\n", "7:1: expected F"},
        {"VER\n3\nOBJSENSE\nMIN\nVAR\n2 1\nF 1\n", "expected cones of all variables"},
        {CBF_HEAD "VAR\n2 1\nF 2\n", "expected VAR once only"},
        {CBF_HEAD "PSDVAR\n1\n2\n", "8:1: expected one of VER"},
        {CBF_HEAD "INT\n1\n0\n", "8:1: expected one of VER"},
        {CBF_HEAD "PSDCON\n1\n0\n", "expected the order of a matrix"},
        {CBF_HEAD "CON\n2 1\nEXP 2\n", "10:1: expected L+ or Q"},
        {CBF_HEAD "CON\n2 1\nQ 1\n", "expected cones of all rows"},
        {CBF_HEAD "CON\n2 1\nQ 3\n", "expected the size of a cone"},
        {CBF_HEAD "HCOORD\n1\n0 0 0 0 1\n", "expected a matrix of PSDCON"},
        {CBF_HEAD "PSDCON\n1\n2\nHCOORD\n1\n0 2 0 0 1\n", "expected a variable"},
        {CBF_HEAD "PSDCON\n1\n2\nHCOORD\n1\n0 1 0 1 1\n", "expected a column of the lower"},
        {CBF_HEAD "PSDCON\n1\n2\nHCOORD\n2\n0 1 0 0 1\n", "expected a matrix of PSDCON"},
        {CBF_HEAD "PSDCON\n1\n2\nDCOORD\n1\n0 0 0 nan\n", "expected a finite number"},
        {CBF_HEAD "PSDCON\n1\n2\nHCOORD\n2\n0 1 0 0 1\n0 1 0 0 1\n", "listed twice"},
        {CBF_HEAD "OBJACOORD\n1\n5 1\n", "expected a variable"},
    };
    refuse_all(texts, sizeof texts / sizeof *texts, true);
}

/* ---- bounds and rays -------------------------------------------------------------------------------- */

static void no_point_gives_a_bound_below_the_optimum(void **state)
{
    (void)state;
    zg_sdp *sdp = read_program(program, false);
    zg_random random;
    zg_random_seed(&random, 5);
    int found = 0, rounds = test_rounds(2000);
    for (int k = 0; k < rounds; k++) {
        double size = pow(10, -17 + 20 * zg_random_uniform(&random)), bound;
        const double y[] = {3 + size * zg_random_normal(&random),
                            3 + size * zg_random_normal(&random)};
        assert_int_equal(zg_sdp_bound_above(sdp, y, &bound), ZG_OK);
        assert_true(bound >= 6);
        found += isfinite(bound);
        if (size < 1e-9) assert_true(bound <= 6 + 1e-7);
    }
    assert_true(found > rounds / 2);
    zg_sdp_free(sdp);
}

static void second_order_cones_are_bounded_too(void **state)
{
    (void)state;
    /* min y1: |(3, 4 y2)| <= y1 - 0, y2 >= 1: the optimum is 5. */
    zg_sdp *sdp = read_program(CBF_HEAD "CON\n4 2\nQ 3\nL+ 1\nOBJACOORD\n1\n0 1\nACOORD\n3\n0 0 1\n"
                                        "2 1 4\n3 1 1\nBCOORD\n2\n1 3\n3 -1\n",
                               true);
    const double offsets[] = {0, 1e-16, -1e-16, 1e-9, -1e-9, -1e-3};
    for (size_t k = 0; k < sizeof offsets / sizeof *offsets; k++) {
        const double y[] = {5 + offsets[k], 1};
        double bound;
        assert_int_equal(zg_sdp_bound_above(sdp, y, &bound), ZG_OK);
        assert_true(bound >= 5 && bound < 5.1);
    }
    zg_sdp_free(sdp);
}

static void a_ray_proves_only_what_it_meets_exactly(void **state)
{
    (void)state;
    /* [y1 - y2, 0; 0, y2 - y1] >= 0 and y3 free of it: rays have y1 = y2. */
    zg_sdp *sdp =
        read_program("3\n1\n2\n-1 -1 0.25\n0 1 1 1 -1\n0 1 2 2 -1\n1 1 1 1 1\n1 1 2 2 -1\n"
                     "2 1 1 1 -1\n2 1 2 2 1\n3 1 1 2 1e-30\n",
                     false);
    const struct {
        double y[3];
        bool proves;
    } rays[] = {{{1, 1, 0}, true},
                {{3, 3, 0}, true},
                {{0, 0, 0}, false},
                {{-1, -1, 0}, false},
                {{1, 1 + 1e-15, 0}, false},
                {{1, 1, 1e-20}, false},
                {{1e-320, 1e-320, 0}, false},
                {{1, NAN, 0}, false},
                {{INFINITY, INFINITY, 0}, false}};
    for (size_t k = 0; k < sizeof rays / sizeof *rays; k++) {
        bool proven;
        assert_int_equal(zg_sdp_ray_proves(sdp, rays[k].y, &proven), ZG_OK);
        if (proven != rays[k].proves) fail_msg("ray %zu", k);
    }
    zg_sdp_free(sdp);
}

/* Sums and products that rounding makes zero, off the diagonal, where nothing else is allowed. */
static void a_ray_that_only_rounding_makes_one_proves_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "3\n1\n2\n-1 0 0\n1 1 1 2 1\n2 1 1 2 1e-20\n3 1 1 2 -1\n",
        "3\n1\n2\n-1 0 0\n1 1 1 2 1.0000000000000002\n2 1 1 2 -1.0000000009313228\n3 1 1 2 0\n",
        "3\n1\n2\n-1 0 0\n1 1 1 2 1e-200\n2 1 1 1 1\n3 1 2 2 0\n",
    };
    const double first[] = {1, 1 + 0x1p-30, 1e-200};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        zg_sdp *sdp = read_program(texts[k], false);
        const double y[] = {first[k], 1, 1};
        bool proven;
        assert_int_equal(zg_sdp_ray_proves(sdp, y, &proven), ZG_OK);
        if (proven) fail_msg("text %zu", k);
        zg_sdp_free(sdp);
    }
}

/* ---- verdicts ----------------------------------------------------------------------------------------- */

static const zg_known unknown = {NAN, NAN, false};
static const zg_known six = {6, 6, false};

/* The verdict on a solution text about `program`. */
static zg_opinion judge(const char *text, zg_claim_kind claim, const zg_known *known)
{
    zg_sdp *sdp = read_program(program, false);
    zg_answer answer;
    zg_opinion opinion = {0};
    zg_error complaint = {0}, error = {0};
    save(text);
    zg_status status = zg_answer_read(path, ZG_ANSWER_DETECT, sdp, &answer, &complaint);
    if (claim == ZG_CLAIM_NONE) claim = answer.claim;
    assert_ok(zg_answer_judge(sdp, &answer, claim, status ? complaint.message : NULL, known, 5,
                              &opinion, &error),
              &error);
    zg_answer_clear(&answer);
    zg_sdp_free(sdp);
    return opinion;
}

/* X = [1, 1; 1, 1], 0; Z = [2, -2; -2, 2], (3, 3). */
#define X "\"X\": [[[1, 1], [1, 1]], [0, 0]]"
#define Z "\"Z\": [[2, -2, -2, 2], [3, 3]]"

static void honest_answers_are_right_in_every_format(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"y\": [3, 3], " X ", " Z "}",
        "{\"y\": [3, 3], " X "}",
        "3 3\n1 1 1 1 2\n1 1 1 2 -2\n1 1 2 2 2\n1 2 1 1 3\n1 2 2 2 3\n2 1 1 1 1\n2 1 1 2 1\n"
        "2 1 2 2 1\n2 2 1 1 1e-30\n",
        "objValPrimal = 6.0\nobjValDual = 6.0\nxVec = \n{3,3}\nxMat = \n{{{2,-2},{-2,2}}{3,3}}\n"
        "yMat = \n{{{1,1},{1,1}}{0,0}}\n",
        "# as CBLIB's tools write it\nCLAIM\nOPTIMAL\n\nPRIMVAR\n3\n3\n\nDUALVAR\n0\n0\n\n"
        "DUALPSDVAR\n1\n1\n1\n",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        zg_opinion o = judge(texts[k], ZG_CLAIM_NONE, &six);
        if (o.kind != ZG_OPINION_RIGHT || o.digits < 14)
            fail_msg("text %zu: %s, %s", k, zg_opinion_name(o.kind), o.reason);
        assert_int_equal(judge(texts[k], ZG_CLAIM_NONE, &unknown).kind, ZG_OPINION_UNDECIDED);
    }
}

static void half_an_answer_is_judged_by_that_half(void **state)
{
    (void)state;
    zg_opinion o = judge("{\"y\": [3, 3]}", ZG_CLAIM_NONE, &six);
    assert_int_equal(o.kind, ZG_OPINION_RIGHT);
    assert_non_null(strstr(o.reason, "there is no X"));
    assert_true(isnan(o.dimacs[0]) && isnan(o.dimacs[4]) && o.dimacs[2] == 0);
    o = judge("{" X "}", ZG_CLAIM_NONE, &six);
    assert_int_equal(o.kind, ZG_OPINION_RIGHT);
    assert_non_null(strstr(o.reason, "there is no y"));
    assert_int_equal(judge("{\"y\": [2.9, 2.9]}", ZG_CLAIM_NONE, &six).kind, ZG_OPINION_WRONG);
    assert_int_equal(judge("{\"primal\": 6, \"dual\": 6}", ZG_CLAIM_NONE, &six).kind,
                     ZG_OPINION_WRONG);
}

static void two_triangles_that_differ_are_no_matrix(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"y\": [3, 3], \"X\": [[1, 1, 1.001, 1], [0, 0]]}",
        "{\"y\": [3, 3], " X ", \"Z\": [[2, -2, -2.001, 2], [3, 3]]}",
        "xVec = \n{3,3}\nxMat = \n{{{2,-2},{-2,2}}{3,3}}\nyMat = \n{{{1,1.001},{1,1}}{0,0}}\n",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        zg_opinion o = judge(texts[k], ZG_CLAIM_NONE, &six);
        if (o.kind != ZG_OPINION_WRONG || !strstr(o.reason, "not symmetric"))
            fail_msg("text %zu: %s, %s", k, zg_opinion_name(o.kind), o.reason);
    }
}

static void lies_are_wrong(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"y\": [3.001, 3], " X "}",                              /* a thousandth off */
        "{\"y\": [3, 3], " X ", \"primal\": 6.1}",                 /* prints another one */
        "{\"y\": [3, 3], " X ", \"dual\": -6}",                    /* with the other sign */
        "{\"y\": [3, 3], \"X\": [[1, 1, 1, 1], [0.1, 0]]}",        /* X does not fit */
        "{\"y\": [3, 3], \"X\": [[1, 1.1, 1.1, 1], [0, 0]]}",      /* X is not semidefinite */
        "{\"y\": [3, 3], \"X\": [[1, 1, 3, 1], [0, 0]]}",          /* nor symmetric */
        "{\"y\": [3, 3], " X ", \"Z\": [[2, -2, -2, 2], [3, 4]]}", /* Z is not that of y */
        "{\"y\": [4, 2], " X "}",                                  /* y is not feasible */
        "{\"y\": [3, 3], \"X\": [[1, 1, 1, 1]]}",                  /* too few */
        "{\"y\": [3, 3, 3], " X "}",                               /* too many */
        "{\"y\": [3, NaN], " X "}",
        "{\"y\": [3, 1e999], " X "}",
        "{\"y\": [3, \"3\"], " X "}",
        "{\"y\": [3, 3], " X ", \"primal\": \"6\"}",
        "{\"y\": [3, 3], " X ", \"claim\": 1}",
        "objValPrimal = nan\nobjValDual = 6\nxVec = \n{3,3}\nxMat = \n{{{2,-2},{-2,2}}{3,3}}\n"
        "yMat = \n{{{1,1},{1,1}}{0,0}}\n",
        "objValPrimal = 6\nobjValDual = -inf\nxVec = \n{3,3}\nxMat = \n{{{2,-2},{-2,2}}{3,3}}\n"
        "yMat = \n{{{1,1},{1,1}}{0,0}}\n",
        "{\"y\": [1e308, 1e308], " X "}",
        "{\"y\": [3, 3], " X,
        "{}",
        "",
        "3 3\n",
        "3 nan\n1 1 1 1 2\n",
        "xVec = \n{3,3}\n",
        "PRIMVAR\n3\ninf\n",
        "PRIMVAR\n3\n3\nPRIMVAR\n3\n3\n",
        "DUALVAR\n0\n0\n",
    };
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        for (int known = 0; known < 2; known++) {
            zg_opinion o = judge(texts[k], ZG_CLAIM_OPTIMAL, known ? &six : &unknown);
            bool fine = o.kind == ZG_OPINION_WRONG || (!known && o.kind == ZG_OPINION_UNDECIDED);
            if (!fine) fail_msg("text %zu: %s, %s", k, zg_opinion_name(o.kind), o.reason);
        }
}

static void claims_of_infeasibility_need_a_proof(void **state)
{
    (void)state;
    static const zg_known none = {NAN, NAN, true};
    static const zg_claim_kind claims[] = {ZG_CLAIM_INFEASIBLE, ZG_CLAIM_X_INFEASIBLE,
                                           ZG_CLAIM_Y_INFEASIBLE};
    for (size_t k = 0; k < 3; k++) {
        bool about_y = claims[k] == ZG_CLAIM_Y_INFEASIBLE;
        assert_int_equal(judge("", claims[k], &six).kind, ZG_OPINION_CLAIM_FALSE);
        assert_int_equal(judge("", claims[k], &none).kind,
                         about_y ? ZG_OPINION_CLAIM_FALSE : ZG_OPINION_CLAIM_TRUE);
        assert_int_equal(judge("", claims[k], &unknown).kind,
                         about_y ? ZG_OPINION_CLAIM_FALSE : ZG_OPINION_UNDECIDED);
    }
    assert_int_equal(judge("{\"y\": [3, 3], " X "}", ZG_CLAIM_OPTIMAL, &none).kind,
                     ZG_OPINION_WRONG);
    assert_int_equal(judge("{\"claim\": \"infeasible\"}", ZG_CLAIM_NONE, &six).kind,
                     ZG_OPINION_CLAIM_FALSE);
    assert_int_equal(judge("phase.value = pUNBD\n", ZG_CLAIM_NONE, &six).kind,
                     ZG_OPINION_CLAIM_FALSE);
    assert_int_equal(judge("CLAIM\nDUAL_INFEASIBLE\n", ZG_CLAIM_NONE, &six).kind,
                     ZG_OPINION_CLAIM_FALSE);
}

static void an_interval_that_is_too_wide_decides_nothing(void **state)
{
    (void)state;
    static const zg_known wide = {5.99, 6.01, false}, tight = {6 - 1e-9, 6 + 1e-9, false};
    assert_int_equal(judge("{\"y\": [3, 3], " X "}", ZG_CLAIM_NONE, &wide).kind,
                     ZG_OPINION_UNDECIDED);
    zg_opinion o = judge("{\"y\": [3, 3], " X "}", ZG_CLAIM_NONE, &tight);
    assert_int_equal(o.kind, ZG_OPINION_RIGHT);
    assert_int_equal(o.digits, 9);
}

static void an_interval_below_a_proven_bound_is_refused(void **state)
{
    (void)state;
    static const zg_known above = {6.5, 6.6, false};
    zg_sdp *sdp = read_program(program, false);
    zg_answer answer;
    zg_opinion opinion;
    zg_error error = {0};
    save("{\"y\": [3, 3], " X "}");
    assert_ok(zg_answer_read(path, ZG_ANSWER_DETECT, sdp, &answer, &error), &error);
    assert_int_equal(
        zg_answer_judge(sdp, &answer, ZG_CLAIM_NONE, NULL, &above, 5, &opinion, &error),
        ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "contradicts"));
    zg_answer_clear(&answer);
    zg_sdp_free(sdp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats_give_back_what_was_written),
        cmocka_unit_test(malformed_sdpa_programs_are_refused_by_place),
        cmocka_unit_test(malformed_cbf_programs_are_refused_by_place),
        cmocka_unit_test(no_point_gives_a_bound_below_the_optimum),
        cmocka_unit_test(second_order_cones_are_bounded_too),
        cmocka_unit_test(a_ray_proves_only_what_it_meets_exactly),
        cmocka_unit_test(a_ray_that_only_rounding_makes_one_proves_nothing),
        cmocka_unit_test(honest_answers_are_right_in_every_format),
        cmocka_unit_test(half_an_answer_is_judged_by_that_half),
        cmocka_unit_test(two_triangles_that_differ_are_no_matrix),
        cmocka_unit_test(lies_are_wrong),
        cmocka_unit_test(claims_of_infeasibility_need_a_proof),
        cmocka_unit_test(an_interval_that_is_too_wide_decides_nothing),
        cmocka_unit_test(an_interval_below_a_proven_bound_is_refused),
    };
    return cmocka_run_group_tests_name("judge", tests, make_file, remove_file);
}
