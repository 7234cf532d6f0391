/* Exact extremes of quadratics on finite sets of neurons (see set_enumeration.h). */
#include "core/set_enumeration.h"

#include "base/linalg.h"
#include "base/parallel.h"
#include "base/vectorised.h"
#include "core/neuron_set.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 8         /* a block is a multiple of it */
#define BLOCK 512       /* neurons of a block at most: its rows stay in the first cache */
#define PAIR_BLOCK 3072 /* sums of a block of pairs, a row of them a weight */
#define BLOCK_WEIGHTS 9 /* at most: 2^9 is BLOCK */
#define WHOLE_BITS 51   /* sums of rounded coefficients stay below 2^51 */
#define PARALLEL 1e6    /* neurons from which threads are worth starting */

/* ---- candidates ------------------------------------------------------------------------------ */

zg_status zg_candidates_create(size_t most, size_t width, zg_candidates *out)
{
    *out = (zg_candidates){.most = most,
                           .width = width,
                           .value = zg_doubles(most + 1),
                           .levels = calloc(most * width + 1, sizeof(int))};
    if (out->value && out->levels) return ZG_OK;
    zg_candidates_clear(out);
    return ZG_NO_MEMORY;
}

void zg_candidates_clear(zg_candidates *candidates)
{
    free(candidates->value);
    free(candidates->levels);
    *candidates = (zg_candidates){0};
}

/* What a candidate must exceed. */
static double threshold_of(const zg_candidates *c)
{
    if (!c) return INFINITY;
    return c->count < c->most ? -INFINITY : c->most ? fabs(c->value[c->count - 1]) : INFINITY;
}

void zg_candidates_offer(zg_candidates *c, double value, const int *levels)
{
    if (!(fabs(value) > threshold_of(c))) return;
    size_t at = c->count < c->most ? c->count++ : c->count - 1, width = c->width;
    for (; at > 0 && fabs(c->value[at - 1]) < fabs(value); at--) {
        c->value[at] = c->value[at - 1];
        memcpy(c->levels + at * width, c->levels + (at - 1) * width, width * sizeof *levels);
    }
    c->value[at] = value;
    memcpy(c->levels + at * width, levels, width * sizeof *levels);
}

/* ---- the plan of an enumeration -------------------------------------------------------------- */

/* What all threads read. */
typedef struct plan {
    zg_neuron_set set;
    zg_levels levels;
    size_t width, low, high; /* weights; of the block; of the Gray code (pairs: one less) */
    size_t count, block;     /* neurons of a block, and with padding */
    uint64_t steps;          /* blocks: levels^high */
    bool uniform, pairs;     /* |l| is the same for all */
    double *quad;   /* width x width, whole: the coefficients of l_i l_j, each off the diagonal once
                     * at (i, j) and (j, i); pairs: plain */
    double *line;   /* width, whole: of l_i */
    double unit[2]; /* of quad and line */
    double corner;
    double slack;                    /* what rounding can have done to a response */
    double *base, *base_line, *norm; /* block: its own part of quad, line and |l|^2 */
    double *cross;                   /* high x block: sum_i quad_ij l_i */
    double *inverse[2];              /* by |l|^2: unit[0] / |l|^2 and unit[1] / |l| */
    size_t norms;
} plan;

double zg_set_size(zg_neuron_set set, size_t width)
{
    double weights = (double)width - (set.kind == ZG_SET_BILINEAR ? 1.0 : 0.0);
    return pow(zg_neuron_set_levels(set).count, weights);
}

bool zg_set_enumerable(zg_neuron_set set, size_t width)
{
    return zg_neuron_set_finite(set) && zg_set_size(set, width) <= ZG_ENUMERATION_LIMIT;
}

static int level_of(const plan *p, size_t digit)
{
    return p->levels.first + p->levels.step * (int)digit;
}

/* Level of weight i in neuron l of the block; padding repeats neuron 0. */
static int block_level(const plan *p, size_t l, size_t i)
{
    size_t rest = l < p->count ? l : 0, r = (size_t)p->levels.count;
    while (i-- > 0)
        rest /= r;
    return level_of(p, rest % r);
}

static double largest_level(const plan *p)
{
    return -p->levels.first;
}

/* count coefficients to whole multiples of *unit, a power of two, such that `most` times the sum of
 * their sizes is at most 2^WHOLE_BITS.  False where that sum is not finite. */
static bool make_whole(size_t count, double *c, double most, double *unit)
{
    double sum = 0.0;
    int exponent = 0;
    for (size_t k = 0; k < count; k++)
        sum += most * fabs(c[k]);
    *unit = 0.0;
    if (!(sum > 0.0)) return sum == 0.0;
    if (!isfinite(sum)) return false;
    (void)frexp(sum, &exponent);
    int shift = WHOLE_BITS - 1 - exponent;
    if (shift > 1000) shift = 1000; /* smaller numbers go to zero, by less than the unit */
    for (size_t k = 0; k < count; k++)
        c[k] = rint(scalbn(c[k], shift));
    *unit = scalbn(1.0, -shift);
    return true;
}

/* quad and line before rounding; a coefficient off the diagonal holds both of its places, but in a
 * pair, whose halves differ. */
static void take_coefficients(plan *p, const zg_set_form *form)
{
    size_t w = p->width, m = form->order;
    double square = p->uniform ? (double)w : 1.0, root = sqrt(square);
    for (size_t j = 0; j < w; j++)
        for (size_t i = 0; i < w; i++)
            p->quad[j * w + i] = (i == j || p->pairs ? 1.0 : 2.0) * form->t[j * m + i] / square;
    for (size_t i = 0; form->bordered && i < w; i++)
        p->line[i] = 2.0 * form->t[w * m + i] / root;
    p->corner = form->bordered ? form->t[m * m - 1] : 0.0;
}

static double size_of(const zg_set_form *form)
{
    return zg_norm(form->order * form->order, form->t);
}

/* Coefficients as whole numbers, and the slack: half a unit of each coefficient times the levels
 * that it meets, over |l|^2 or |l| (by Cauchy and Schwarz at most the width, or its root); units of
 * the last place in the coefficients and in a value; and what t is off by, |(u; 1)|^2 = 2. */
static bool round_coefficients(plan *p, const zg_set_form *form)
{
    double most = largest_level(p), w = (double)p->width, square = w * w;
    double *all = p->quad;
    size_t count = p->width * (p->width + 1);
    bool fits;
    if (p->uniform) {
        fits = make_whole(count, all, 1.0, &p->unit[0]); /* one unit: levels are -1 and 1 */
        p->unit[1] = p->unit[0];
    } else {
        fits = make_whole(p->width * p->width, all, most * most, &p->unit[0]) &&
               make_whole(p->width, p->line, most, &p->unit[1]);
    }
    double halves = p->uniform ? (square + w) * p->unit[0] : w * p->unit[0] + w * p->unit[1];
    double size = 2.0 * size_of(form) + fabs(p->corner); /* of a response's parts, or more */
    p->slack = halves + 16.0 * DBL_EPSILON * size + (form->bordered ? 2.0 : 1.0) * form->error;
    return fits && isfinite(p->slack);
}

/* Coefficient of l_i l_j, each unordered pair once. */
static double pair_coefficient(const plan *p, size_t i, size_t j)
{
    return p->quad[j * p->width + i];
}

static void fill_block(plan *p)
{
    size_t w = p->width;
    double level[BLOCK_WEIGHTS];
    for (size_t l = 0; l < p->block; l++) {
        double own = 0.0, line = 0.0, norm = 0.0;
        for (size_t i = 0; i < p->low; i++) {
            level[i] = block_level(p, l, i);
            for (size_t j = 0; j <= i; j++)
                own += pair_coefficient(p, i, j) * level[i] * level[j];
            line += p->line[i] * level[i];
            norm += level[i] * level[i];
        }
        p->base[l] = own + (p->uniform ? line : 0.0);
        p->base_line[l] = line;
        p->norm[l] = norm;
        for (size_t j = p->low; j < w; j++) {
            double sum = 0.0;
            for (size_t i = 0; i < p->low; i++)
                sum += pair_coefficient(p, i, j) * level[i];
            p->cross[(j - p->low) * p->block + l] = sum;
        }
    }
}

static void fill_inverses(plan *p)
{
    for (size_t k = 1; k < p->norms; k++) {
        p->inverse[0][k] = p->unit[0] / (double)k;
        p->inverse[1][k] = p->unit[1] / sqrt((double)k);
    }
}

static void plan_clear(plan *p)
{
    double *owned[] = {p->quad,  p->base,       p->base_line, p->norm,
                       p->cross, p->inverse[0], p->inverse[1]};
    for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
        free(owned[k]);
}

static void split_weights(plan *p)
{
    size_t r = (size_t)p->levels.count, free_weights = p->width - (p->pairs ? 1 : 0);
    p->count = 1;
    size_t widest = p->pairs ? PAIR_BLOCK / p->width + 2 : BLOCK;
    while (p->low < free_weights && p->count * r <= widest) {
        p->count *= r;
        p->low++;
    }
    p->block = (p->count + LANES - 1) / LANES * LANES;
    p->high = free_weights - p->low;
    p->steps = 1;
    for (size_t k = 0; k < p->high; k++)
        p->steps *= r;
    double most = largest_level(p);
    p->norms = p->uniform ? 0 : (size_t)((double)p->width * most * most) + 1;
}

static zg_status plan_create(zg_neuron_set set, const zg_set_form *form, plan *p)
{
    size_t w = form->order - (form->bordered ? 1 : 0);
    *p = (plan){.set = set,
                .levels = zg_neuron_set_levels(set),
                .width = w,
                .uniform = zg_neuron_set_levels(set).count == 2,
                .pairs = set.kind == ZG_SET_BILINEAR};
    split_weights(p);
    p->quad = zg_doubles(w * (w + 1));
    p->line = p->quad ? p->quad + w * w : NULL;
    p->base = zg_doubles(p->block);
    p->base_line = zg_doubles(p->block);
    p->norm = zg_doubles(p->block);
    p->cross = zg_doubles((w - p->low + 1) * p->block);
    p->inverse[0] = zg_doubles(p->norms + 1);
    p->inverse[1] = zg_doubles(p->norms + 1);
    if (!p->quad || !p->base || !p->base_line || !p->norm || !p->cross || !p->inverse[0] ||
        !p->inverse[1])
        return ZG_NO_MEMORY;
    take_coefficients(p, form);
    if (!round_coefficients(p, form)) return ZG_FAILED;
    if (!p->pairs) fill_block(p);
    fill_inverses(p);
    return ZG_OK;
}

/* ---- one thread's walk ----------------------------------------------------------------------- */

/* Extremes of values without the corner, lane by lane. */
typedef struct extremes {
    double top[LANES], bottom[LANES];
} extremes;

typedef struct walk {
    const plan *plan;
    uint64_t first, last;                    /* steps of the Gray code */
    size_t *digit;                           /* high */
    double *block;                           /* values; pairs: width x block sums */
    double *line, *value;                    /* block: the linear part; what is compared */
    double *gradient;                        /* high: of the scalar part, uniform */
    double scalar, scalar_line, scalar_norm; /* the part of the Gray code's weights alone */
    extremes found;
    zg_candidates best;
    int *levels; /* of a candidate */
    bool wanted; /* candidates are */
    zg_status status;
} walk;

static void extremes_start(extremes *e)
{
    for (size_t k = 0; k < LANES; k++) {
        e->top[k] = -INFINITY;
        e->bottom[k] = INFINITY;
    }
}

static double top_of(const extremes *e)
{
    double top = -INFINITY;
    for (size_t k = 0; k < LANES; k++)
        top = zg_upper_max(top, e->top[k]);
    return top;
}

static double bottom_of(const extremes *e)
{
    double bottom = INFINITY;
    for (size_t k = 0; k < LANES; k++)
        bottom = zg_lower_min(bottom, e->bottom[k]);
    return bottom;
}

/* Compilers compare doubles one by one unless they are told of vectors; half the lanes fit one. */
#define HALF (LANES / 2)
typedef double half __attribute__((vector_size(HALF * sizeof(double)), may_alias));
typedef int64_t mask __attribute__((vector_size(HALF * sizeof(int64_t)), may_alias));

#define CHOOSE(condition, a, b) ((half)(((condition) & (mask)(a)) | (~(condition) & (mask)(b))))

/* a += delta row; the extremes of a.  Both are aligned, as parts of whole blocks. */
VECTORISED
static void step_uniform(size_t n, double *restrict a, const double *restrict row, double delta,
                         extremes *restrict e)
{
    half top[2], bottom[2];
    memcpy(top, e->top, sizeof top);
    memcpy(bottom, e->bottom, sizeof bottom);
    for (size_t l = 0; l < n; l += LANES)
        for (size_t k = 0; k < 2; k++) {
            half *at = (half *)(a + l) + k;
            half value = *at + delta * ((const half *)(row + l))[k];
            *at = value;
            top[k] = CHOOSE(value > top[k], value, top[k]);
            bottom[k] = CHOOSE(value < bottom[k], value, bottom[k]);
        }
    memcpy(e->top, top, sizeof top);
    memcpy(e->bottom, bottom, sizeof bottom);
}

/* The same, where |l| differs: value = (a + scalar) / |l|^2 + (line + scalar_line) / |l|. */
VECTORISED
static void step_weighted(size_t n, double *restrict a, const double *restrict row, double delta,
                          const double *restrict line, const double *restrict norm,
                          const double *restrict inverse, const double *restrict inverse_root,
                          const double scalar[3], double *restrict value, extremes *restrict e)
{
    for (size_t l = 0; l < n; l++)
        a[l] += delta * row[l];
    for (size_t l = 0; l < n; l++) {
        size_t k = (size_t)(norm[l] + scalar[2]);
        value[l] = (a[l] + scalar[0]) * inverse[k] + (line[l] + scalar[1]) * inverse_root[k];
    }
    for (size_t l = 0; l < n; l += LANES)
        for (size_t k = 0; k < LANES; k++) {
            e->top[k] = value[l + k] > e->top[k] ? value[l + k] : e->top[k];
            e->bottom[k] = value[l + k] < e->bottom[k] ? value[l + k] : e->bottom[k];
        }
}

/* sums (width x n) of the first half's products: sum_i += delta c_i; value = sum_i |sum_i|. */
VECTORISED
static void step_pairs(size_t n, size_t width, double *restrict sums, const double *restrict c,
                       double delta, double *restrict value, extremes *restrict e)
{
    memset(value, 0, n * sizeof *value);
    for (size_t i = 0; i < width; i++) {
        double change = delta * c[i], *restrict sum = sums + i * n;
        for (size_t l = 0; l < n; l++) {
            sum[l] += change;
            value[l] += fabs(sum[l]);
        }
    }
    for (size_t l = 0; l < n; l += LANES)
        for (size_t k = 0; k < LANES; k++)
            e->top[k] = value[l + k] > e->top[k] ? value[l + k] : e->top[k];
}

/* ---- Gray code ------------------------------------------------------------------------------- */

/* The digits of one step: reflected, so that consecutive ones differ in one digit by one. */
static void gray_digits(const plan *p, uint64_t step, size_t *digit)
{
    uint64_t r = (uint64_t)p->levels.count;
    for (size_t k = 0; k < p->high; k++) {
        uint64_t plain = step % r;
        step /= r;
        digit[k] = (size_t)(step % 2 ? r - 1 - plain : plain);
    }
}

/* The digit that changes from step - 1 to step, and by what. */
static size_t gray_change(const plan *p, uint64_t step, int *change)
{
    uint64_t r = (uint64_t)p->levels.count;
    size_t k = 0;
    while (step % r == 0) {
        step /= r;
        k++;
    }
    *change = step / r % 2 ? -1 : 1;
    return k;
}

static double high_level(const walk *w, size_t j)
{
    return level_of(w->plan, w->digit[j]);
}

/* d scalar / d l_j of the Gray code's weights, the square's share apart. */
static double slope_of(const walk *w, size_t j)
{
    const plan *p = w->plan;
    double sum = p->uniform ? p->line[p->low + j] : 0.0;
    for (size_t i = 0; i < p->high; i++)
        if (i != j) sum += pair_coefficient(p, p->low + i, p->low + j) * high_level(w, i);
    return sum;
}

/* Everything anew at step w->first. */
static void start_forms(walk *w)
{
    const plan *p = w->plan;
    memcpy(w->block, p->base, p->block * sizeof *w->block);
    w->scalar = w->scalar_line = w->scalar_norm = 0.0;
    for (size_t j = 0; j < p->high; j++) {
        double level = high_level(w, j);
        zg_axpy(p->block, level, p->cross + j * p->block, w->block);
        for (size_t i = 0; i <= j; i++)
            w->scalar += pair_coefficient(p, p->low + i, p->low + j) * level * high_level(w, i);
        w->scalar += p->uniform ? p->line[p->low + j] * level : 0.0;
        w->scalar_line += p->line[p->low + j] * level;
        w->scalar_norm += level * level;
    }
}

static void start_pairs(walk *w)
{
    const plan *p = w->plan;
    for (size_t i = 0; i < p->width; i++)
        for (size_t l = 0; l < p->block; l++) {
            double sum = p->quad[(p->width - 1) * p->width + i]; /* the last weight is 1 */
            for (size_t j = 0; j < p->low; j++)
                sum += p->quad[j * p->width + i] * block_level(p, l, j);
            for (size_t j = 0; j < p->high; j++)
                sum += p->quad[(p->low + j) * p->width + i] * high_level(w, j);
            w->block[i * p->block + l] = sum;
        }
}

/* ---- visiting -------------------------------------------------------------------------------- */

static void candidate_levels(walk *w, size_t l)
{
    const plan *p = w->plan;
    for (size_t i = 0; i < p->low; i++)
        w->levels[i] = block_level(p, l, i);
    for (size_t j = 0; j < p->high; j++)
        w->levels[p->low + j] = level_of(p, w->digit[j]);
    if (!p->pairs) return;
    w->levels[p->width - 1] = 1;
    for (size_t i = 0; i < p->width; i++)
        w->levels[p->width + i] = w->block[i * p->block + l] < 0 ? -1 : 1;
}

/* Offers the block's neurons, whose values are shift + unit value[l]. */
static void offer_block(walk *w, const double *value, double unit, double shift)
{
    const plan *p = w->plan;
    for (size_t l = 0; l < p->count; l++) {
        double response = unit * value[l] + shift;
        if (!(fabs(response) > threshold_of(&w->best))) continue;
        candidate_levels(w, l);
        zg_candidates_offer(&w->best, response, w->levels);
    }
}

/* Takes the extremes of a block into those of the walk. */
static void conclude_block(walk *w, const extremes *e, const double *value, double unit,
                           double shift)
{
    double top = unit * top_of(e) + shift, bottom = unit * bottom_of(e) + shift;
    if (top > w->found.top[0]) w->found.top[0] = top;
    if (bottom < w->found.bottom[0]) w->found.bottom[0] = bottom;
    double corner = w->plan->corner, least = threshold_of(&w->best);
    if (w->wanted && (top + corner > least || -bottom - corner > least))
        offer_block(w, value, unit, shift + corner);
}

/* The block with the neuron 0, which is none: a NaN is neither an extreme nor offered. */
static void leave_zero_out(const plan *p, double *value, extremes *e)
{
    extremes_start(e);
    for (size_t l = 0; l < p->block; l++) {
        if (p->norm[l] == 0.0) value[l] = NAN;
        if (value[l] > e->top[0]) e->top[0] = value[l];
        if (value[l] < e->bottom[0]) e->bottom[0] = value[l];
    }
}

/* After the weight j of the Gray code has moved by delta (0: nothing has). */
static void visit(walk *w, size_t j, double delta)
{
    const plan *p = w->plan;
    extremes e;
    extremes_start(&e);
    const double *row = p->cross + j * p->block;
    if (p->pairs) {
        step_pairs(p->block, p->width, w->block, p->quad + (p->low + j) * p->width, delta, w->value,
                   &e);
        e.bottom[0] = -top_of(&e);
        conclude_block(w, &e, w->value, p->unit[0], 0.0);
    } else if (p->uniform) {
        step_uniform(p->block, w->block, row, delta, &e);
        conclude_block(w, &e, w->block, p->unit[0], p->unit[0] * w->scalar);
    } else {
        const double scalar[3] = {w->scalar, w->scalar_line, w->scalar_norm};
        step_weighted(p->block, w->block, row, delta, p->base_line, p->norm, p->inverse[0],
                      p->inverse[1], scalar, w->value, &e);
        if (w->scalar_norm == 0.0) leave_zero_out(p, w->value, &e);
        conclude_block(w, &e, w->value, 1.0, 0.0);
    }
}

static void move(walk *w, size_t j, int change)
{
    const plan *p = w->plan;
    double before = high_level(w, j), slope = p->pairs ? 0.0 : slope_of(w, j);
    w->digit[j] = (size_t)((int)w->digit[j] + change);
    double after = high_level(w, j), delta = after - before;
    if (!p->pairs) {
        double square = after * after - before * before;
        w->scalar += slope * delta + pair_coefficient(p, p->low + j, p->low + j) * square;
        w->scalar_line += p->line[p->low + j] * delta;
        w->scalar_norm += square;
    }
    visit(w, j, delta);
}

static void walk_steps(void *walks, size_t k)
{
    walk *w = (walk *)walks + k;
    const plan *p = w->plan;
    gray_digits(p, w->first, w->digit);
    (p->pairs ? start_pairs : start_forms)(w);
    visit(w, 0, 0.0);
    for (uint64_t step = w->first + 1; step < w->last; step++) {
        int change;
        size_t j = gray_change(p, step, &change);
        move(w, j, change);
    }
}

static zg_status walk_create(const plan *p, size_t most, walk *w)
{
    size_t width = zg_neuron_set_width(p->set, p->width);
    *w = (walk){.plan = p,
                .digit = calloc(p->high + 1, sizeof *w->digit),
                .block = zg_doubles(p->block * (p->pairs ? p->width : 1)),
                .value = zg_doubles(p->block),
                .levels = calloc(width, sizeof *w->levels),
                .wanted = most > 0};
    extremes_start(&w->found);
    if (!w->digit || !w->block || !w->value || !w->levels) return ZG_NO_MEMORY;
    return zg_candidates_create(most, width, &w->best);
}

static void walk_clear(walk *w)
{
    free(w->digit);
    free(w->block);
    free(w->value);
    free(w->levels);
    zg_candidates_clear(&w->best);
}

/* ---- all together ---------------------------------------------------------------------------- */

static size_t threads_for(const plan *p)
{
    double neurons = (double)p->steps * (double)p->count;
    int blas = zg_blas_threads();
    size_t threads = blas < 1 ? 1 : blas > ZG_MOST_PARTS ? ZG_MOST_PARTS : (size_t)blas;
    if (neurons < PARALLEL) return 1;
    return p->steps < threads ? (size_t)p->steps : threads;
}

/* Largest responses of both signs, slack and corner included. */
static void collect(const plan *p, const walk *walks, size_t count, double value[2],
                    zg_candidates *best)
{
    double top = -INFINITY, bottom = INFINITY;
    for (size_t k = 0; k < count; k++) {
        top = zg_upper_max(top, walks[k].found.top[0]);
        bottom = zg_lower_min(bottom, walks[k].found.bottom[0]);
        for (size_t c = 0; best && c < walks[k].best.count; c++)
            zg_candidates_offer(best, walks[k].best.value[c],
                                walks[k].best.levels + c * best->width);
    }
    value[0] = top + p->corner;
    value[1] = -bottom - p->corner;
    for (int sign = 0; sign < 2; sign++)
        value[sign] = zg_upper(value[sign] + p->slack * (1.0 + 1e-12));
}

static zg_status enumerate(const plan *p, double value[2], zg_candidates *best)
{
    size_t count = threads_for(p);
    walk *walks = calloc(count, sizeof *walks);
    zg_status status = walks ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; k < count && status == ZG_OK; k++) {
        status = walk_create(p, best ? best->most : 0, &walks[k]);
        walks[k].first = p->steps / count * k;
        walks[k].last = k + 1 == count ? p->steps : p->steps / count * (k + 1);
    }
    if (status == ZG_OK) {
        zg_parallel(count, walk_steps, walks);
        collect(p, walks, count, value, best);
    }
    for (size_t k = 0; walks && k < count; k++)
        walk_clear(&walks[k]);
    free(walks);
    return status;
}

zg_status zg_set_enumerate(zg_neuron_set set, const zg_set_form *form, double value[2],
                           zg_candidates *best)
{
    plan p;
    size_t m = form->order;
    value[0] = value[1] = INFINITY;
    if (!zg_set_enumerable(set, m - (form->bordered ? 1 : 0))) return ZG_UNSUPPORTED;
    if (!zg_all_finite(m * m, form->t)) return ZG_FAILED;
    zg_status status = plan_create(set, form, &p);
    if (status == ZG_OK) status = enumerate(&p, value, best);
    if (status == ZG_FAILED) status = ZG_OK; /* beyond the range: no bound */
    plan_clear(&p);
    return status;
}
