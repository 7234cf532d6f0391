/*
 * The lower bound of a convex problem: v is in the domain of the dual, every cone matrix is
 * positive semidefinite, and the dual value is at least the claim's.
 *
 * A positive definite matrix is proven to be one by a Cholesky factorisation in truncated integers;
 * where that does not decide, or with --exact, by the LDL' without fractions or truncation.
 */
#include "verify.h"

#include <math.h>
#include <stdio.h>

#define WORK_LIMIT 2e11 /* of the LDL' in about nanoseconds */

/* G = sum of v x x' (order x order, lower triangle) over the samples and their patches, where the
 * border is one more coordinate that is always 1: integers times 2^(ev + 2 ex). */
static void gram(const zg_claim *c, const double *v, size_t group, size_t order, mpq_t *g, mpq_t *x)
{
    long ev = zg_exponent(v, c->n), ex = zg_exponent(c->x, c->n * c->d);
    mpz_t t; /* x, too, is integers: numerators only */
    mpz_init(t);
    for (size_t e = 0; e < order * order; e++)
        mpq_set_ui(g[e], 0, 1);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t p = 0; p < c->patches && v[i] != 0; p++) {
            const uint32_t *inputs = c->inputs + (group * c->patches + p) * c->width;
            for (size_t a = 0; a < order; a++)
                zg_integer(mpq_numref(x[a]), a < c->width ? c->x[i * c->d + inputs[a]] : 1, ex);
            for (size_t a = 0; a < order; a++) {
                zg_integer(t, v[i], ev);
                mpz_mul(t, t, mpq_numref(x[a]));
                for (size_t b = 0; b <= a; b++)
                    mpz_addmul(mpq_numref(g[a * order + b]), t, mpq_numref(x[b]));
            }
        }
    }
    for (size_t e = 0; e < order * order; e++)
        mpq_div_2exp(g[e], g[e], (mp_bitcnt_t)(-ev - 2 * ex));
    mpz_clear(t);
}

/* s = patches * S, S = beta E + rho R - sign T: with a border E = e e', e the last unit vector,
 * R = diag(1, .., 1, -1), T = [a G, (b/2) g; (b/2) g', c g_0]; without, E = I, no rho, T = a G. */
static void build(const zg_claim *c, mpq_t *g, size_t order, int sign, double rho, mpq_t *s)
{
    for (size_t a = 0; a < order; a++) {
        bool edge = a == c->width;
        for (size_t b = 0; b <= a; b++) {
            double factor = !edge          ? c->a
                            : b < c->width ? c->b
                                           : c->c,
                   part = edge && b < a ? 0.5 : 1;
            zg_formula(s[a * order + b], "xd*d*", g[a * order + b], factor, -sign * part);
        }
        mpq_t *entry = &s[a * order + a];
        zg_formula(*entry, "xdd+d*+", *entry, edge || !c->border ? c->beta : 0.0,
                   !c->border ? 0.0
                   : edge     ? -rho
                              : rho,
                   (double)c->patches);
    }
}

/* All entries to integers in units of 2^-(result), which the numerators then are. */
static mp_bitcnt_t to_integers(mpq_t *s, size_t order)
{
    mp_bitcnt_t most = 0;
    for (size_t e = 0; e < order * order; e++) {
        mp_bitcnt_t bits = mpz_scan1(mpq_denref(s[e]), 0); /* sums of doubles: powers of 2 */
        most = bits > most ? bits : most;
    }
    for (size_t e = 0; e < order * order; e++) {
        mpz_mul_2exp(mpq_numref(s[e]), mpq_numref(s[e]), most - mpz_scan1(mpq_denref(s[e]), 0));
        mpz_set_ui(mpq_denref(s[e]), 1);
    }
    return most;
}

/* A Cholesky factorisation F F' of S - m I in integers, all in units of 2^-half.  Quotients and
 * roots are cut off, and what they leave over, less than the pivot, is all by which F F' is off: S
 * - F F' has at least m on its diagonal, and off it entries below the largest pivot, at most the
 * root of the largest diagonal entry.  With m = order times that root it is diagonally dominant,
 * and so S is positive semidefinite if all pivots are positive. */
static bool factor_proves(mpq_t *s, size_t order, mp_bitcnt_t bits, mpq_t *f)
{
    mp_bitcnt_t half = (bits > 256 ? bits : 256) / 2 + 1;
    mpz_t t, m; /* f is integers: numerators only */
    bool positive = true;
    mpz_inits(t, m, NULL);
    for (size_t a = 0; a < order; a++) {
        mpz_mul_2exp(t, mpq_numref(s[a * order + a]), 2 * half - bits);
        if (mpz_cmp(t, m) > 0) mpz_set(m, t);
    }
    mpz_sqrt(m, m);
    mpz_add_ui(m, m, 1);
    mpz_mul_ui(m, m, order);
    for (size_t e = 0; e < order * order && positive; e++) {
        size_t a = e / order, b = e % order;
        if (b > a) continue;
        mpz_mul_2exp(t, mpq_numref(s[e]), 2 * half - bits);
        if (a == b) mpz_sub(t, t, m);
        for (size_t k = 0; k < b; k++)
            mpz_submul(t, mpq_numref(f[a * order + k]), mpq_numref(f[b * order + k]));
        positive = a != b || mpz_sgn(t) > 0;
        if (a == b && positive) mpz_sqrt(mpq_numref(f[e]), t);
        if (a != b) mpz_tdiv_q(mpq_numref(f[e]), t, mpq_numref(f[b * order + b]));
    }
    mpz_clears(t, m, NULL);
    return positive;
}

/* The LDL' of integers without fractions (Bareiss 1968): after step k the entry (i, j) is the minor
 * of the rows and columns so far with i and j, pivot k of the LDL' is entry (k, k) over the last
 * pivot's.  A zero pivot is fine if its column is zero: semidefinite.  Returns the first index that
 * is not, with its pivot (negative or zero); order when there is none. */
static size_t ldl(mpq_t *s, size_t order, mpq_t pivot)
{
    mpz_t last;
    size_t k;
    mpz_init_set_ui(last, 1);
    for (k = 0; k < order; k++) {
        mpz_ptr d = mpq_numref(s[k * order + k]);
        mpq_set_num(pivot, d);
        mpq_set_den(pivot, last);
        bool column = false;
        for (size_t i = k + 1; i < order; i++)
            column = column || mpq_sgn(s[i * order + k]) != 0;
        if (mpz_sgn(d) < 0 || (mpz_sgn(d) == 0 && column)) break;
        if (mpz_sgn(d) == 0) continue;
        for (size_t i = k + 1; i < order; i++) {
            for (size_t j = k + 1; j <= i; j++) {
                mpz_ptr entry = mpq_numref(s[i * order + j]);
                mpz_mul(entry, entry, d);
                mpz_submul(entry, mpq_numref(s[i * order + k]), mpq_numref(s[j * order + k]));
                mpz_divexact(entry, entry, last);
            }
        }
        mpz_set(last, d);
    }
    mpq_canonicalize(pivot);
    mpz_clear(last);
    return k;
}

static void judge_cone(const zg_claim *c, mpq_t *s, size_t order, mpq_t *f, const char *name)
{
    size_t longest = 1;
    mp_bitcnt_t bits = to_integers(s, order);
    if (!c->session->exact && factor_proves(s, order, bits, f)) return;
    c->session->exact = true;
    for (size_t e = 0; e < order * order; e++) {
        size_t size = mpz_sizeinbase(mpq_numref(s[e]), 2);
        longest = size > longest ? size : longest;
    }
    if (pow((double)order, 3) * pow((double)(order * longest) / 64, 1.6) > WORK_LIMIT) {
        zg_note(c->session, ZG_NOT_PROVEN, "%s is too close to singular for its size", name);
        return;
    }
    mpq_t pivot;
    mpq_init(pivot);
    size_t k = ldl(s, order, pivot);
    mpq_div_2exp(pivot, pivot, bits);
    if (k < order)
        zg_note(c->session, ZG_REFUTED, "%s is not positive semidefinite: pivot %zu is %.3e", name,
                k + 1, zg_double(pivot, 1) / (double)c->patches);
    mpq_clear(pivot);
}

void zg_judge_cones(zg_claim *c, mpq_t bound)
{
    size_t order = c->width + c->border;
    mpq_t *g = zg_rationals(c->session, 3 * order * order), *s = g + order * order,
          *f = s + order * order, value;
    mpq_init(value);
    mpq_set_ui(bound, 0, 1);
    for (size_t k = 0; k < c->outputs * c->groups; k++) {
        gram(c, c->v + k / c->groups * c->n, k % c->groups, order, g, f);
        for (int sign = 1; sign >= -1; sign -= 2) {
            char name[96];
            snprintf(name, sizeof name, "cone S%c of group %zu, output %zu", sign > 0 ? '+' : '-',
                     k % c->groups, k / c->groups);
            build(c, g, order, sign, c->border ? c->rho[2 * k + (sign < 0)] : 0, s);
            judge_cone(c, s, order, f, name);
        }
    }
    for (size_t o = 0; o < c->outputs; o++) {
        if (!zg_dual_value(c, o, c->v + o * c->n, value))
            zg_note(c->session, ZG_REFUTED, "v of output %zu is outside the loss's domain", o);
        mpq_add(bound, bound, value);
    }
    zg_formula(value, "dx-", c->lower, bound);
    bool sure = !c->weights && c->loss != ZG_LOGISTIC;
    zg_judge_excess(c->session, value, sure ? ZG_REFUTED : ZG_NOT_PROVEN,
                    "the claimed lower bound exceeds the dual value");
    mpq_clear(value);
}
