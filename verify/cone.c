/*
 * The cones: that S+ = beta E + rho+ R - T and S- = beta E + rho- R + T are positive semidefinite.
 *
 * Then |sum_i v_i sigma(x_i, u)| <= beta for every unit u: with z = (u, 1), z' E z = 1, z' R z = 0
 * and z' T z is the sum, so that beta -+ the sum = z' S z >= 0.  By weak duality, p* is at least
 * the dual value.
 *
 * Binary neurons, u_j^2 = 1 / width, have a multiplier each: with Diag(rho, beta - sum rho / width)
 * in the place of beta E + rho R, z' S z is the same.  Without border there are Diag(rho) -+ T and
 * sum rho <= width beta, u' Diag(rho) u being sum rho / width; with the same rho for both signs
 * this holds for pairs (u, w), too, as 2 u'T w <= u' Diag(rho) u + w' Diag(rho) w.
 *
 * Matrices hold whole numbers, in units that make all entries whole; only their lower triangles are
 * used.
 */
#include "proof.h"

void zv_form_gram(const zv_claim *c, const double *v, size_t group, size_t order, mpz_t *gram,
                  mpz_t *row)
{
    int unit = c->session->unit;
    mpz_t factor;
    mpz_init(factor);
    for (size_t k = 0; k < order * order; k++)
        mpz_set_ui(gram[k], 0);
    for (size_t e = 0; e < c->rows * c->patches; e++) {
        size_t i = e / c->patches, patch = group * c->patches + e % c->patches;
        const uint32_t *input = c->inputs + patch * c->width;
        if (v[i] == 0) continue;
        for (size_t a = 0; a < order; a++) {
            zv_scaled(row[a], a < c->width ? c->xs[i * c->d + input[a]] : 1, unit);
            zv_scaled(factor, v[i], unit);
            mpz_mul(factor, factor, row[a]);
            for (size_t b = 0; b <= a; b++)
                mpz_addmul(gram[a * order + b], factor, row[b]);
        }
    }
    mpz_clear(factor);
}

/* `times` S is formed: the width with multipliers, whose sum is divided by it. */
static unsigned long times_of(const zv_claim *c)
{
    return c->multipliers ? c->width : 1;
}

/* times (beta E + rho R), or times Diag(rho, beta - sum rho / width), in units of 2^-(unit + 1);
 * returns the sign of the corner. */
static int form_diagonal(const zv_claim *c, const double *rho, mpz_t *diagonal)
{
    int unit = c->session->unit;
    mpz_ptr corner = diagonal[c->width];
    zv_scaled(corner, c->beta, unit + 1);
    mpz_mul_ui(corner, corner, times_of(c));
    for (size_t a = 0; a < c->width; a++) {
        mpz_ptr entry = diagonal[a];
        zv_scaled(entry, c->multipliers ? rho[a] : rho[0], unit + 1);
        if (c->multipliers || a == 0) mpz_sub(corner, corner, entry);
        mpz_mul_ui(entry, entry, times_of(c));
    }
    return mpz_sgn(corner);
}

/* The Gram matrix is in units of 2^-(so many unit): coefficients of functionals are one more, and
 * sums one less than products of two inputs. */
static int gram_units(const zv_claim *c)
{
    return c->functional ? 4 : c->sums ? 2 : 3;
}

/* s = patches times S in units of 2^-((gram_units + 1) unit + 1), sign = 1 for S+ and -1 for S-,
 * from the Gram matrix G:
 *
 *   with border     patches T = [a G, (b/2) g; (b/2) g', c g_0],  G = [G, g; g', g_0],
 *                   beta E + rho R = diag(rho, .., rho, beta - rho)
 *   without border  patches T = a G,  b = c = 0,  and beta I in the place of beta E + rho R,
 *                   as z' I z = 1, too: rho is beta. */
static void form_cone(const zv_claim *c, mpz_t *gram, size_t order, int sign, mpz_t *diagonal,
                      mpz_t *s)
{
    int unit = c->session->unit;
    mpz_t factor;
    mpz_init(factor);
    mpz_set_ui(factor, c->patches);
    mpz_mul_2exp(factor, factor, (mp_bitcnt_t)(gram_units(c) * unit));
    for (size_t a = 0; a < order; a++) {
        for (size_t b = 0; b <= a; b++) {
            mpz_ptr entry = s[a * order + b];
            if (a < c->width)
                zv_scaled(entry, -sign * c->activation[0], unit + 1);
            else if (b < c->width)
                zv_scaled(entry, -sign * c->activation[1], unit); /* b / 2 */
            else
                zv_scaled(entry, -sign * c->activation[2], unit + 1);
            mpz_mul(entry, entry, gram[a * order + b]);
            mpz_mul_ui(entry, entry, times_of(c));
            if (a == b) mpz_addmul(entry, diagonal[a], factor);
        }
    }
    mpz_clear(factor);
}

/* s, work and diagonal are work space. */
static void judge_cone(const zv_claim *c, mpz_t *gram, size_t order, int sign, const double *rho,
                       mpz_t *s, mpz_t *work, mpz_t *diagonal, const char *name)
{
    zv_session *session = c->session;
    mpq_t pivot; /* over what it is a minor over */
    mpq_init(pivot);
    int corner = form_diagonal(c, rho, diagonal);
    if (c->multipliers && order == c->width && corner < 0)
        zv_note(session, ZV_REFUTED, "the multipliers of %s add up to more than width times beta",
                name);
    form_cone(c, gram, order, sign, diagonal, s);
    size_t bad = zv_bad_pivot(session, s, work, order, pivot);
    if (bad == ZV_UNDECIDED) {
        zv_note(session, ZV_NOT_PROVEN, "%s is too close to singular for its size", name);
    } else if (bad < order) {
        mpq_div_2exp(pivot, pivot, (mp_bitcnt_t)((gram_units(c) + 1) * session->unit + 1));
        zv_note(session, ZV_REFUTED, "%s is not positive semidefinite: pivot %zu is %.3e", name,
                bad + 1, zv_double(pivot, 1) / (double)c->patches / (double)times_of(c));
    }
    mpq_clear(pivot);
}

void zv_judge_definite(const zv_claim *c)
{
    bool border = c->multipliers ? c->activation[1] != 0 || c->activation[2] != 0 : c->rho != NULL;
    size_t order = c->width + (border ? 1 : 0), count = 3 * order * order + 2 * order + 1;
    size_t each = c->multipliers ? c->width : 1; /* multipliers of a cone */
    zv_account(c->session, count, zv_digits_bytes(c->session));
    mpz_t *gram = zv_take(c->session, count, sizeof *gram);
    mpz_t *s = gram + order * order, *work = s + order * order, *row = work + order * order;
    mpz_t *diagonal = row + order; /* with a corner, border or not */
    for (size_t k = 0; k < count; k++)
        mpz_init(gram[k]);
    for (size_t output = 0; output < c->outputs; output++) {
        const double *v = c->v + output * c->rows;
        for (size_t group = 0; group < c->groups; group++) {
            if (c->functional)
                zv_form_functional_gram(c, v, order, gram, row);
            else if (c->sums)
                zv_form_sums_gram(c, output, order, gram);
            else
                zv_form_gram(c, v, group, order, gram, row);
            for (size_t side = 0; side < 2; side++) {
                size_t k = output * c->groups + group;
                if (!c->multipliers || c->set != ZV_SET_BILINEAR) k = 2 * k + side;
                char name[128];
                snprintf(name, sizeof name, "cone S%c of group %zu, output %zu", side ? '-' : '+',
                         group, output);
                judge_cone(c, gram, order, side ? -1 : 1, c->rho ? c->rho + k * each : &c->beta, s,
                           work, diagonal, name);
            }
        }
    }
    for (size_t k = 0; k < count; k++)
        mpz_clear(gram[k]);
}

void zv_judge_cones(const zv_claim *c, zv_number *bound)
{
    zv_judge_definite(c);
    for (size_t output = 0; output < c->outputs; output++) {
        if (c->robust)
            zv_add_copies_value(c, bound);
        else if (c->sums)
            zv_add_sums_value(c, output, bound);
        else
            zv_add_dual_value(c, output, c->v + output * c->rows, bound);
    }
    zv_need(c->lower, ZV_AT_MOST, bound, "the claimed lower bound exceeds the dual value");
}
