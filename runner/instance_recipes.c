/* The recipes and what they draw or construct (see instance_recipes.h). */
#include "runner/instance_recipes.h"

#include "base/linalg.h"
#include "data/planted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind {
    DRAWN,     /* a planted network and noise, rounded */
    SPARSE,    /* the same with three nonzero inputs a row */
    SEPARABLE, /* orthogonal rows: a scalar problem each, solved in closed form */
    PLANTED,   /* a chosen optimum: network and multipliers first, then the targets */
    DEPENDENT  /* interpolation of rows whose lifts are dependent, and targets that are not */
} kind;

struct zg_recipe {
    const char *family, *name;
    kind kind;
    size_t n, d;
    const char *loss, *activation, *architecture;
    double beta;
    /* DRAWN: columns are multiplied by 2^-spread to 2^spread.  SEPARABLE: rows by 2^-spread.
     * PLANTED: how many axes are active.  DEPENDENT: which dependence. */
    int spread;
    /* DRAWN: targets are multiplied by 2^option.  SEPARABLE: 1, every other target at the
     * threshold. PLANTED: 0, one neuron with a margin; 1, neurons on all active directions; 2, on
     * one only; plus 10: the rows twice. */
    int option;
};

#define FITTED "0.09375,0.5,0.46875" /* the least-squares fit of max(0, t) on [-5, 5] */
#define POWERS "0.25,0.5,0.5"
#define SQUARE "1,0,0"
#define DENSE "dense"

/* clang-format off */
static const zg_recipe recipes[] = {
    {"exact", "exact-squared-4", SEPARABLE, 4, 4, "squared", SQUARE, DENSE, 0.5, 0, 0},
    {"exact", "exact-squared-5", SEPARABLE, 5, 5, "squared", SQUARE, DENSE, 0.75, 0, 0},
    {"exact", "exact-squared-16", SEPARABLE, 16, 16, "squared", SQUARE, DENSE, 1, 0, 0},
    {"exact", "exact-absolute-4", SEPARABLE, 4, 4, "absolute", SQUARE, DENSE, 0.5, 0, 0},
    {"exact", "exact-absolute-5", SEPARABLE, 5, 5, "absolute", SQUARE, DENSE, 2, 0, 0},
    {"exact", "exact-absolute-16", SEPARABLE, 16, 16, "absolute", SQUARE, DENSE, 0.25, 0, 0},
    {"exact", "exact-huber-4", SEPARABLE, 4, 4, "huber:2", SQUARE, DENSE, 0.5, 0, 0},
    {"exact", "exact-huber-5", SEPARABLE, 5, 5, "huber:0.5", SQUARE, DENSE, 0.75, 0, 0},
    {"exact", "exact-huber-16", SEPARABLE, 16, 16, "huber:2", SQUARE, DENSE, 1, 0, 0},
    {"exact", "exact-hinge-4", SEPARABLE, 4, 4, "hinge", SQUARE, DENSE, 0.5, 0, 0},
    {"exact", "exact-hinge-5", SEPARABLE, 5, 5, "hinge", SQUARE, DENSE, 0.75, 0, 0},
    {"exact", "exact-hinge-16", SEPARABLE, 16, 16, "hinge", SQUARE, DENSE, 0.25, 0, 0},
    {"exact", "exact-squared-hinge-4", SEPARABLE, 4, 4, "squared-hinge", SQUARE, DENSE, 0.5, 0, 0},
    {"exact", "exact-squared-hinge-5", SEPARABLE, 5, 5, "squared-hinge", SQUARE, DENSE, 0.75, 0, 0},
    {"exact", "exact-squared-hinge-16", SEPARABLE, 16, 16, "squared-hinge", SQUARE, DENSE, 0.25, 0, 0},
    {"exact", "exact-interpolate-4", SEPARABLE, 4, 4, "interpolate", SQUARE, DENSE, 1, 0, 0},
    {"exact", "exact-interpolate-5", SEPARABLE, 5, 5, "interpolate", SQUARE, DENSE, 0.5, 1, 0},
    {"exact", "exact-interpolate-16", SEPARABLE, 16, 16, "interpolate", SQUARE, DENSE, 1, 0, 0},
    {"exact", "exact-planted-squared-2", PLANTED, 0, 2, "squared", POWERS, DENSE, 0, 2, 1},
    {"exact", "exact-planted-squared-3", PLANTED, 0, 3, "squared", POWERS, DENSE, 0, 2, 1},
    {"exact", "exact-planted-interpolate-2", PLANTED, 0, 2, "interpolate", POWERS, DENSE, 0, 2, 1},
    {"exact", "exact-planted-interpolate-3", PLANTED, 0, 3, "interpolate", POWERS, DENSE, 0, 1, 1},

    {"easy", "easy-squared-1", DRAWN, 12, 2, "squared", FITTED, DENSE, 0.5, 0, 0},
    {"easy", "easy-squared-2", DRAWN, 20, 3, "squared", FITTED, DENSE, 1, 0, 0},
    {"easy", "easy-squared-3", DRAWN, 30, 4, "squared", FITTED, DENSE, 2, 0, 0},
    {"easy", "easy-absolute-1", DRAWN, 12, 2, "absolute", FITTED, DENSE, 0.5, 0, 0},
    {"easy", "easy-absolute-2", DRAWN, 20, 3, "absolute", FITTED, DENSE, 1, 0, 0},
    {"easy", "easy-absolute-3", DRAWN, 30, 4, "absolute", FITTED, DENSE, 2, 0, 0},
    {"easy", "easy-huber-1", DRAWN, 12, 2, "huber:1", FITTED, DENSE, 0.5, 0, 0},
    {"easy", "easy-huber-2", DRAWN, 20, 3, "huber:0.25", FITTED, DENSE, 1, 0, 0},
    {"easy", "easy-huber-3", DRAWN, 30, 4, "huber:1", FITTED, DENSE, 2, 0, 0},
    {"easy", "easy-hinge-1", DRAWN, 12, 2, "hinge", FITTED, DENSE, 0.25, 0, 0},
    {"easy", "easy-hinge-2", DRAWN, 20, 3, "hinge", FITTED, DENSE, 0.5, 0, 0},
    {"easy", "easy-hinge-3", DRAWN, 30, 4, "hinge", FITTED, DENSE, 1, 0, 0},
    {"easy", "easy-squared-hinge-1", DRAWN, 12, 2, "squared-hinge", FITTED, DENSE, 0.25, 0, 0},
    {"easy", "easy-squared-hinge-2", DRAWN, 20, 3, "squared-hinge", FITTED, DENSE, 0.5, 0, 0},
    {"easy", "easy-squared-hinge-3", DRAWN, 30, 4, "squared-hinge", FITTED, DENSE, 1, 0, 0},
    {"easy", "easy-square", DRAWN, 20, 4, "squared", SQUARE, DENSE, 1, 0, 0},

    {"ill-scaled", "ill-scaled-squared-4", DRAWN, 20, 3, "squared", FITTED, DENSE, 1, 4, 0},
    {"ill-scaled", "ill-scaled-squared-8", DRAWN, 20, 3, "squared", FITTED, DENSE, 1, 8, 0},
    {"ill-scaled", "ill-scaled-absolute-4", DRAWN, 20, 3, "absolute", FITTED, DENSE, 1, 4, 0},
    {"ill-scaled", "ill-scaled-absolute-8", DRAWN, 20, 3, "absolute", FITTED, DENSE, 1, 8, 0},
    {"ill-scaled", "ill-scaled-hinge-4", DRAWN, 20, 3, "hinge", FITTED, DENSE, 0.5, 4, 0},
    {"ill-scaled", "ill-scaled-hinge-8", DRAWN, 20, 3, "hinge", FITTED, DENSE, 0.5, 8, 0},
    {"ill-scaled", "ill-scaled-targets-squared", DRAWN, 20, 3, "squared", FITTED, DENSE, 1, 0, 10},
    {"ill-scaled", "ill-scaled-targets-huber", DRAWN, 20, 3, "huber:1", FITTED, DENSE, 1, 0, 10},
    {"ill-scaled", "ill-scaled-small-beta", DRAWN, 20, 3, "squared", FITTED, DENSE, 0x1p-10, 0, 0},
    {"ill-scaled", "ill-scaled-small-beta-absolute", DRAWN, 20, 3, "absolute", FITTED, DENSE, 0x1p-10, 0, 0},
    {"ill-scaled", "ill-scaled-large-beta", DRAWN, 20, 3, "squared", FITTED, DENSE, 16, 0, 4},
    {"ill-scaled", "ill-scaled-square", DRAWN, 20, 4, "squared", SQUARE, DENSE, 1, 6, 0},

    {"degenerate", "degenerate-squared-3", PLANTED, 0, 3, "squared", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-squared-4", PLANTED, 0, 4, "squared", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-squared-5", PLANTED, 0, 5, "squared", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-squared-6", PLANTED, 0, 6, "squared", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-interpolate-3", PLANTED, 0, 3, "interpolate", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-interpolate-4", PLANTED, 0, 4, "interpolate", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-interpolate-5", PLANTED, 0, 5, "interpolate", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-interpolate-6", PLANTED, 0, 6, "interpolate", POWERS, DENSE, 0, 1, 0},
    {"degenerate", "degenerate-twice-3", PLANTED, 0, 3, "interpolate", POWERS, DENSE, 0, 1, 10},
    {"degenerate", "degenerate-twice-4", PLANTED, 0, 4, "interpolate", POWERS, DENSE, 0, 1, 10},

    {"not-strict", "not-strict-squared-4", SEPARABLE, 4, 4, "squared", SQUARE, DENSE, 0.5, 0, 1},
    {"not-strict", "not-strict-squared-5", SEPARABLE, 5, 5, "squared", SQUARE, DENSE, 1, 0, 1},
    {"not-strict", "not-strict-squared-16", SEPARABLE, 16, 16, "squared", SQUARE, DENSE, 2, 0, 1},
    {"not-strict", "not-strict-huber-4", SEPARABLE, 4, 4, "huber:4", SQUARE, DENSE, 0.5, 0, 1},
    {"not-strict", "not-strict-huber-16", SEPARABLE, 16, 16, "huber:4", SQUARE, DENSE, 1, 0, 1},
    {"not-strict", "not-strict-planted-squared-2", PLANTED, 0, 2, "squared", POWERS, DENSE, 0, 2, 2},
    {"not-strict", "not-strict-planted-squared-3", PLANTED, 0, 3, "squared", POWERS, DENSE, 0, 2, 2},
    {"not-strict", "not-strict-planted-squared-4", PLANTED, 0, 4, "squared", POWERS, DENSE, 0, 3, 2},
    {"not-strict", "not-strict-planted-interpolate-3", PLANTED, 0, 3, "interpolate", POWERS, DENSE, 0, 2, 2},
    {"not-strict", "not-strict-planted-interpolate-4", PLANTED, 0, 4, "interpolate", POWERS, DENSE, 0, 3, 2},

    {"near-infeasible", "near-infeasible-4-3", SEPARABLE, 4, 4, "interpolate", SQUARE, DENSE, 1, 3, 0},
    {"near-infeasible", "near-infeasible-4-5", SEPARABLE, 4, 4, "interpolate", SQUARE, DENSE, 1, 5, 0},
    {"near-infeasible", "near-infeasible-4-8", SEPARABLE, 4, 4, "interpolate", SQUARE, DENSE, 1, 8, 0},
    {"near-infeasible", "near-infeasible-5-3", SEPARABLE, 5, 5, "interpolate", SQUARE, DENSE, 1, 3, 0},
    {"near-infeasible", "near-infeasible-5-5", SEPARABLE, 5, 5, "interpolate", SQUARE, DENSE, 1, 5, 0},
    {"near-infeasible", "near-infeasible-16-3", SEPARABLE, 16, 16, "interpolate", SQUARE, DENSE, 1, 3, 0},
    {"near-infeasible", "near-infeasible-planted-6", PLANTED, 0, 3, "interpolate", "0.015625,0.5,0.5", DENSE, 0, 1, 0},
    {"near-infeasible", "near-infeasible-planted-10", PLANTED, 0, 3, "interpolate", "0.0009765625,0.5,0.5", DENSE, 0, 1, 0},

    {"infeasible", "infeasible-twice-1", DEPENDENT, 4, 1, "interpolate", POWERS, DENSE, 1, 0, 0},
    {"infeasible", "infeasible-twice-2", DEPENDENT, 5, 2, "interpolate", POWERS, DENSE, 1, 0, 0},
    {"infeasible", "infeasible-twice-3", DEPENDENT, 8, 3, "interpolate", POWERS, DENSE, 1, 0, 0},
    {"infeasible", "infeasible-line-1", DEPENDENT, 4, 1, "interpolate", POWERS, DENSE, 1, 1, 0},
    {"infeasible", "infeasible-line-2", DEPENDENT, 6, 2, "interpolate", POWERS, DENSE, 1, 1, 0},
    {"infeasible", "infeasible-line-4", DEPENDENT, 8, 4, "interpolate", POWERS, DENSE, 1, 1, 0},
    {"infeasible", "infeasible-sign-2", DEPENDENT, 4, 2, "interpolate", SQUARE, DENSE, 1, 2, 0},
    {"infeasible", "infeasible-sign-3", DEPENDENT, 6, 3, "interpolate", SQUARE, DENSE, 1, 2, 0},

    {"sparse", "sparse-squared-24", SPARSE, 20, 24, "squared", FITTED, DENSE, 1, 0, 0},
    {"sparse", "sparse-squared-48", SPARSE, 40, 48, "squared", FITTED, DENSE, 1, 0, 0},
    {"sparse", "sparse-absolute-24", SPARSE, 20, 24, "absolute", FITTED, DENSE, 1, 0, 0},
    {"sparse", "sparse-hinge-24", SPARSE, 20, 24, "hinge", FITTED, DENSE, 0.5, 0, 0},
    {"sparse", "sparse-convolution-16", DRAWN, 16, 16, "squared", FITTED, "conv1d:filter=3,stride=2", 1, 0, 0},
    {"sparse", "sparse-convolution-pool-16", DRAWN, 20, 17, "squared", FITTED, "conv1d:filter=3,stride=2,pool=4", 1, 0, 0},

    {"dense", "dense-squared-60", DRAWN, 60, 3, "squared", FITTED, DENSE, 1, 0, 0},
    {"dense", "dense-squared-100", DRAWN, 100, 2, "squared", FITTED, DENSE, 1, 0, 0},
    {"dense", "dense-absolute-60", DRAWN, 60, 3, "absolute", FITTED, DENSE, 1, 0, 0},
    {"dense", "dense-huber-60", DRAWN, 60, 3, "huber:1", FITTED, DENSE, 1, 0, 0},
    {"dense", "dense-hinge-60", DRAWN, 60, 3, "hinge", FITTED, DENSE, 1, 0, 0},
    {"dense", "dense-square-60", DRAWN, 60, 3, "squared", SQUARE, DENSE, 1, 0, 0},

    {"paper", "paper-squared-low", DRAWN, 25, 4, "squared", FITTED, DENSE, 0.125, -1, 0},
    {"paper", "paper-squared", DRAWN, 25, 4, "squared", FITTED, DENSE, 1, -1, 0},
    {"paper", "paper-squared-high", DRAWN, 25, 4, "squared", FITTED, DENSE, 8, -1, 0},
    {"paper", "paper-absolute", DRAWN, 25, 4, "absolute", FITTED, DENSE, 0.125, -1, 0},
    {"paper", "paper-huber", DRAWN, 25, 4, "huber:1", FITTED, DENSE, 0.125, -1, 0},
    {"paper", "paper-square", DRAWN, 25, 4, "squared", SQUARE, DENSE, 1, -1, 0},
};
/* clang-format on */
enum { RECIPES = sizeof recipes / sizeof *recipes };

const zg_recipe *zg_recipes(size_t *count)
{
    *count = RECIPES;
    return recipes;
}

const zg_recipe *zg_recipe_at(size_t index)
{
    return &recipes[index];
}

const char *zg_recipe_family(const zg_recipe *recipe)
{
    return recipe->family;
}

const char *zg_recipe_name(const zg_recipe *recipe)
{
    return recipe->name;
}

const char *const *zg_recipe_families(size_t *count)
{
    static const char *const names[] = {
        "exact",           "easy",       "ill-scaled", "degenerate", "not-strict",
        "near-infeasible", "infeasible", "sparse",     "dense",      "paper"};
    *count = sizeof names / sizeof *names;
    return names;
}

/* ---- drawn ------------------------------------------------------------------------------------ */

/* To a multiple of 1/64, at most 2^14 in size: 20 bits. */
static double rounded(double value)
{
    return fmax(-16384, fmin(16384, round(value * 64) / 64));
}

static bool is_labelled(const char *loss)
{
    return strstr(loss, "hinge") != NULL;
}

/* Leaves three inputs of a row, those that follow k. */
static void thin_out(zg_dataset *set, size_t row)
{
    size_t d = set->inputs, k = row * 7 % d;
    for (size_t j = 0; j < d; j++)
        if (j != k && j != (k + 3) % d && j != (k + 10) % d) set->x[row * d + j] = 0;
}

static zg_status draw(const zg_recipe *r, uint32_t seed, size_t size, zg_dataset **out,
                      zg_error *error)
{
    zg_planted planted = {.n = r->n * size,
                          .d = strcmp(r->architecture, DENSE) == 0 ? r->d * size : r->d,
                          .neurons = 3,
                          .noise = 0.25,
                          .features = r->spread < 0 ? ZG_FEATURES_GAUSSIAN4 : ZG_FEATURES_GAUSSIAN,
                          .seed = seed * RECIPES + (uint32_t)(r - recipes)};
    zg_status status = zg_activation_parse(r->activation, &planted.activation, error);
    if (status == ZG_OK) status = zg_planted_create(&planted, out, error);
    if (status != ZG_OK) return status;
    zg_dataset *set = *out;
    size_t d = set->inputs;
    for (size_t i = 0; i < set->rows; i++) {
        if (r->kind == SPARSE) thin_out(set, i);
        for (size_t k = 0; k < d; k++) {
            int power = r->spread > 0 ? (int)(k % 3) * r->spread - r->spread : 0;
            set->x[i * d + k] = ldexp(rounded(set->x[i * d + k]), power);
        }
        double y = rounded(set->t[i]);
        set->t[i] = is_labelled(r->loss) ? (y > 0 ? 1 : -1) : ldexp(y, r->option);
    }
    return ZG_OK;
}

/* ---- separable: rows e_i, or those of an orthogonal Hadamard matrix, times 2^-spread ------------ */

/* Row i of the orthogonal matrix of order d: (-1)^popcount(i & k) / sqrt d for d = 4 and 16. */
static double basis(size_t d, size_t i, size_t k)
{
    if (d != 4 && d != 16) return i == k;
    size_t common = i & k;
    bool odd = false;
    for (; common; common &= common - 1)
        odd = !odd;
    return (odd ? -1 : 1) / sqrt((double)d);
}

/* Of min_g loss(g, y) + threshold |g|: the multiplier v and the optimal g. */
static void solve_scalar(zg_loss loss, double y, double threshold, double *v, double *g)
{
    double sign = y < 0 ? -1 : 1, size = fabs(y);
    bool moves = true; /* away from g = 0, where it meets the loss's steepest slope */
    switch (loss.kind) {
    case ZG_LOSS_SQUARED:
        *v = sign * fmin(size, threshold);
        *g = y - *v;
        return;
    case ZG_LOSS_HUBER:
        moves = threshold < loss.delta;
        *v = sign * fmin(size, moves ? threshold : loss.delta);
        *g = moves ? y - *v : 0;
        return;
    case ZG_LOSS_SQUARED_HINGE:
        *v = sign * fmin(1, threshold);
        *g = y - *v;
        return;
    case ZG_LOSS_INTERPOLATE:
        *v = sign * threshold;
        *g = y;
        return;
    default: /* absolute and hinge: slope one */
        moves = threshold < 1;
        *v = sign * (moves ? threshold : 1);
        *g = moves ? y : 0;
    }
}

/* 3, -5/4, 7, -5/2, ..: or, where `at` says so, at the threshold. */
static double separable_target(const zg_recipe *r, size_t i, double threshold)
{
    double sign = i % 2 ? -1 : 1;
    if (is_labelled(r->loss)) return sign;
    if (r->option == 1 && i % 2) return sign * threshold;
    return sign * (i % 2 ? 1 + 0.25 * (double)i : 3 + 2 * (double)i);
}

static zg_status make_separable(const zg_recipe *r, zg_dataset **out, zg_error *error)
{
    size_t d = r->d;
    zg_status status = zg_dataset_alloc(d, d, 1, out, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < d; i++) {
        for (size_t k = 0; k < d; k++)
            (*out)->x[i * d + k] = ldexp(basis(d, i, k), -r->spread);
        (*out)->t[i] = separable_target(r, i, ldexp(r->beta, 2 * r->spread));
    }
    return ZG_OK;
}

static zg_status solve_separable(const zg_recipe *r, zg_instance *out)
{
    size_t d = r->d;
    double threshold = ldexp(r->beta, 2 * r->spread), *u = zg_doubles(d);
    out->dual = zg_doubles(d);
    zg_status status = u && out->dual ? ZG_OK : ZG_NO_MEMORY;
    for (size_t i = 0; i < d && status == ZG_OK; i++) {
        double g;
        solve_scalar(out->problem->loss, out->problem->y[i], threshold, &out->dual[i], &g);
        for (size_t k = 0; k < d; k++)
            u[k] = basis(d, i, k);
        if (g != 0) status = zg_network_add(out->network, 0, u, 0, ldexp(g, 2 * r->spread));
    }
    out->complementarity = r->option == 1 ? "not strict" : "strict";
    free(u);
    return status;
}

/* ---- planted: T = sum v_i M_i is chosen, then v, then the targets -------------------------------- */

/* Rows 0, e_k, -e_k, e_k + e_l; M_i of these are a basis, and v follows from T by divisions by a, b
 * and c alone. */
static size_t planted_rows(size_t d)
{
    return 1 + 2 * d + d * (d - 1) / 2;
}

static void fill_planted_rows(size_t d, double *x)
{
    size_t row = 1;
    for (size_t k = 0; k < d; k++, row += 2) {
        x[row * d + k] = 1;
        x[(row + 1) * d + k] = -1;
    }
    for (size_t k = 0; k < d; k++)
        for (size_t l = k + 1; l < d; l++, row++)
            x[row * d + k] = x[row * d + l] = 1;
}

/* T: 1/2 on the diagonal of active axes, else 1/8, with 1/32 between those; (1/4 in the border of
 * the first axis,) 1/4 in the corner. */
static double form(const zg_recipe *r, size_t k, size_t l)
{
    size_t active = (size_t)r->spread;
    if (k == l) return k < active ? 0.5 : 0.125;
    return k >= active && l >= active ? 0.03125 : 0;
}

static bool has_margin(const zg_recipe *r)
{
    return r->option % 10 == 0;
}

static void planted_dual(const zg_recipe *r, zg_activation s, double *v)
{
    size_t d = r->d, row = 1 + 2 * d;
    double rest = 0.25 / s.c;
    for (size_t k = 0; k < d; k++)
        for (size_t l = k + 1; l < d; l++, row++)
            v[row] = form(r, k, l) / s.a;
    for (size_t k = 0; k < d; k++) {
        double others = 0, border = has_margin(r) && k == 0 ? 0.25 : 0;
        for (size_t l = 0; l < d; l++)
            if (l != k) others += form(r, k, l) / s.a;
        double sum = form(r, k, k) / s.a - others, difference = 2 * border / s.b - others;
        v[1 + 2 * k] = (sum + difference) / 2;
        v[2 + 2 * k] = (sum - difference) / 2;
    }
    for (size_t i = 1; i < planted_rows(d); i++)
        rest -= v[i];
    v[0] = rest;
}

/* beta: the largest value of T on the sphere. */
static double planted_beta(const zg_recipe *r)
{
    return has_margin(r) ? 1.25 : 0.75;
}

static zg_status add_axis(zg_instance *out, size_t d, size_t axis, double sign, double alpha)
{
    double *u = zg_doubles(d);
    if (!u) return ZG_NO_MEMORY;
    u[axis] = sign;
    zg_status status = zg_network_add(out->network, 0, u, 0, alpha);
    free(u);
    return status;
}

static zg_status planted_network(const zg_recipe *r, zg_instance *out)
{
    zg_status status = add_axis(out, r->d, 0, 1, 2);
    if (r->option % 10 != 1) return status;
    for (size_t k = 0; k < (size_t)r->spread && status == ZG_OK; k++) {
        if (k > 0) status = add_axis(out, r->d, k, 1, 1 + 0.5 * (double)k);
        if (status == ZG_OK) status = add_axis(out, r->d, k, -1, 1.5);
    }
    return status;
}

static zg_status make_planted(const zg_recipe *r, zg_dataset **out, zg_error *error)
{
    size_t n = planted_rows(r->d), times = r->option >= 10 ? 2 : 1;
    zg_status status = zg_dataset_alloc(times * n, r->d, 1, out, error);
    for (size_t t = 0; t < times && status == ZG_OK; t++)
        fill_planted_rows(r->d, (*out)->x + t * n * r->d);
    return status;
}

/* The multipliers, rho too; and the targets f + v, or f where they are to be met. */
static zg_status plant(const zg_recipe *r, zg_instance *out)
{
    size_t rows = out->problem->samples, n = planted_rows(r->d);
    double *f = zg_doubles(rows), half = rows > n ? 0.5 : 1;
    out->dual = zg_doubles(rows);
    out->rho = zg_doubles(2);
    zg_status status = f && out->dual && out->rho ? planted_network(r, out) : ZG_NO_MEMORY;
    if (status == ZG_OK) status = zg_network_evaluate(out->network, rows, out->problem->x, f);
    if (status == ZG_OK) {
        planted_dual(r, out->problem->activation, out->dual);
        for (size_t i = rows; i-- > 0;)
            out->dual[i] = half * out->dual[i % n];
        out->rho[0] = has_margin(r) ? 0.75 : 0.5;
        out->rho[1] = has_margin(r) ? 0.5 : 0;
        bool met = zg_loss_has(out->problem->loss.kind, ZG_LOSS_EXACT);
        for (size_t i = 0; i < rows; i++)
            out->problem->y[i] = out->dataset->t[i] = f[i] + (met ? 0 : out->dual[i]);
        out->complementarity = r->option % 10 == 2 ? "not strict" : "strict";
    }
    free(f);
    return status;
}

/* ---- dependent: no network meets the targets ------------------------------------------------------- */

/* Integer rows; the ray sums lifts to zero: 0, the last row is the first again (1, -1); 1, four
 * rows on a line (third differences 1, -3, 3, -1 of a quadratic vanish); 2, a row and its negative,
 * for activations without a linear term. */
static zg_status make_dependent(const zg_recipe *r, zg_dataset **out, zg_error *error)
{
    size_t n = r->n, d = r->d;
    zg_status status = zg_dataset_alloc(n, d, 1, out, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < n; i++) {
        double *x = (*out)->x + i * d;
        for (size_t k = 0; k < d; k++)
            x[k] = (double)((3 * i * i + 5 * i * k + 2 * k + 1) % 7) - 3;
        if (r->spread == 1 && i < 4)
            for (size_t k = 0; k < d; k++)
                x[k] = (double)i * (double)(k + 1) - 1;
        (*out)->t[i] = (double)(i % 3) - 1;
    }
    for (size_t k = 0; k < d && r->spread != 1; k++)
        (*out)->x[(n - 1) * d + k] = (r->spread == 2 ? -1 : 1) * (*out)->x[k];
    if (r->spread != 1) (*out)->t[n - 1] = (*out)->t[0] - 2;
    if (r->spread == 1) (*out)->t[3] = 4;
    return ZG_OK;
}

static zg_status find_ray(const zg_recipe *r, zg_instance *out)
{
    static const double differences[] = {1, -3, 3, -1};
    size_t n = out->problem->samples;
    out->ray = zg_doubles(n);
    if (!out->ray) return ZG_NO_MEMORY;
    if (r->spread == 1) memcpy(out->ray, differences, sizeof differences);
    if (r->spread != 1) out->ray[0] = 1;
    if (r->spread != 1) out->ray[n - 1] = -1;
    double value = zg_dot(n, out->ray, out->problem->y);
    for (size_t i = 0; i < n && value < 0; i++)
        out->ray[i] = -out->ray[i];
    return ZG_OK;
}

/* ---- instances ------------------------------------------------------------------------------------ */

static zg_status make_rows(const zg_recipe *r, uint32_t seed, size_t size, zg_dataset **out,
                           zg_error *error)
{
    switch (r->kind) {
    case SEPARABLE:
        return make_separable(r, out, error);
    case PLANTED:
        return make_planted(r, out, error);
    case DEPENDENT:
        return make_dependent(r, out, error);
    default:
        return draw(r, seed, size, out, error);
    }
}

static zg_status make_problem(const zg_recipe *r, zg_instance *out, zg_error *error)
{
    zg_model_options options = {.beta = r->kind == PLANTED ? planted_beta(r) : r->beta};
    zg_status status = zg_activation_parse(r->activation, &options.activation, error);
    if (status == ZG_OK) status = zg_loss_parse(r->loss, &options.loss, error);
    if (status == ZG_OK)
        status = zg_architecture_parse(r->architecture, out->dataset->inputs, &options.architecture,
                                       error);
    if (status == ZG_OK) status = zg_problem_create(out->dataset, &options, &out->problem, error);
    return status;
}

zg_status zg_instance_create(const zg_recipe *recipe, uint32_t seed, size_t size, zg_instance *out,
                             zg_error *error)
{
    *out = (zg_instance){.name = recipe->name, .family = recipe->family, .complementarity = ""};
    bool solved = recipe->kind == SEPARABLE || recipe->kind == PLANTED;
    zg_status status = make_rows(recipe, seed, size, &out->dataset, error);
    if (status == ZG_OK) status = make_problem(recipe, out, error);
    if (status == ZG_OK && solved) status = zg_network_create(out->problem, &out->network, error);
    if (status != ZG_OK) return status;
    if (recipe->kind == SEPARABLE) status = solve_separable(recipe, out);
    if (recipe->kind == PLANTED) status = plant(recipe, out);
    if (recipe->kind == DEPENDENT) status = find_ray(recipe, out);
    return status == ZG_OK ? ZG_OK : zg_fail(error, status, "%s", zg_status_message(status));
}

void zg_instance_clear(zg_instance *instance)
{
    zg_dataset_free(instance->dataset);
    zg_problem_free(instance->problem);
    zg_network_free(instance->network);
    free(instance->dual);
    free(instance->rho);
    free(instance->ray);
    *instance = (zg_instance){0};
}
