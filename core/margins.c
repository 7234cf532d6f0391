/* What a network keeps in balls round rows. */
#include "core/margins.h"

#include "base/linalg.h"
#include "core/ball_refine.h"
#include "core/box.h"
#include "core/safe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512 /* rows that are brought into a form's basis together */

/* Relative to the bound: what rounding may take before more digits are asked for. */
#define MOST_SLACK 2.5e-13
/* Inputs up to which they are. */
#define MOST_REFINED 128
/* Entries of all forms of classes that are held together. */
#define MOST_KEPT 5e7

size_t zg_margin_statements(const zg_encoding *encoding)
{
    return encoding->task == ZG_BINARY       ? 1
           : encoding->task == ZG_MULTICLASS ? encoding->outputs - 1
                                             : 2 * encoding->outputs;
}

size_t zg_margin_rival(size_t own, size_t k)
{
    return k + (k >= own);
}

size_t zg_margin_class(const zg_encoding *encoding, size_t n, const double *y, size_t i)
{
    return zg_predicted_class(encoding, n, y, i);
}

zg_status zg_margin_form(const zg_network *network, size_t output, const double *around,
                         zg_quadratic_form *out, zg_error *error)
{
    zg_quadratic_form own;
    if (!around) return zg_quadratic_form_create(network, output, out, error);
    zg_status status = zg_quadratic_form_create(network, output, &own, error);
    if (status != ZG_OK) return status;
    status = zg_quadratic_form_around(&own, &network->preprocess, around, out, error);
    zg_quadratic_form_clear(&own);
    return status;
}

typedef struct job {
    const zg_network *network;
    const zg_margin_options *options;
    size_t n, inputs, statements;
    bool scaled; /* rows are raw, and the network sees them scaled */
    const double *x;
    size_t *class; /* n, of classes */
    zg_margin *out;
    double *rows;  /* BLOCK x inputs */
    size_t *which; /* BLOCK: which rows these are */
    double *least; /* n: certified distances to the nearest rival so far; NULL: not asked for */
} job;

/* A rival that is no nearer than the nearest so far is known by one bound. */
static void find_distance(const job *j, const zg_ball_centres *centres, size_t i, int sign,
                          zg_ball_distance *out)
{
    double *least = j->least ? &j->least[j->which[i]] : NULL;
    if (least && isfinite(*least) && sign * centres->value[i] > 0) {
        zg_ball_minimum at = {.bound = *least > 0 ? -INFINITY : 1.0};
        if (*least > 0) zg_ball_minimise(centres, i, sign, *least, &at);
        *out = (zg_ball_distance){*least, INFINITY, at.mu};
        if (at.bound > 0) return;
    }
    zg_ball_distance_to_surface(centres, i, sign, out);
    if (least) *least = zg_lower_min(*least, out->certified);
}

static zg_status one_margin(const job *j, const zg_ball_centres *centres,
                            const zg_ball_digits *digits, size_t i, int sign, zg_margin *out)
{
    const double radius = j->options->radius;
    *out = (zg_margin){.here = sign * centres->value[i],
                       .bound = -INFINITY,
                       .mu = NAN,
                       .error = NAN,
                       .slack = NAN,
                       .distance = {NAN, NAN, NAN},
                       .name = "ball"};
    if (j->options->box) {
        zg_box_minimum box;
        zg_status status = zg_box_minimise(centres, i, sign, radius, &box);
        out->bound = box.bound;
        out->name = box.name;
        out->slack = box.slack;
        return status;
    }
    zg_ball_minimum ball;
    zg_ball_minimise(centres, i, sign, radius, &ball);
    if (digits && !(ball.slack <= MOST_SLACK * fabs(ball.bound)))
        zg_ball_refine(centres, digits, i, sign, radius, &ball);
    out->bound = ball.bound;
    out->mu = ball.mu;
    out->error = ball.error;
    out->slack = ball.slack;
    if (j->options->distances) find_distance(j, centres, i, sign, &out->distance);
    return ZG_OK;
}

/* What one form is of: an output, or by how much one exceeds another. */
typedef struct part {
    size_t output, rival; /* rival: SIZE_MAX where there is none */
} part;

/* The sign with which a row makes a statement of it, 0 where it makes none, and which one. */
static int sign_of(const job *j, const part *p, size_t i, size_t *k)
{
    *k = 0;
    if (j->network->encoding.task == ZG_BINARY) return j->class[i] ? 1 : -1;
    if (j->class[i] == p->output) {
        *k = p->rival - (p->rival > p->output);
        return 1;
    }
    if (j->class[i] != p->rival) return 0;
    *k = p->output - (p->output > p->rival);
    return -1;
}

static zg_status judge_rows(const job *j, const part *p, const zg_ball_centres *centres,
                            const zg_ball_digits *digits)
{
    bool regression = j->network->encoding.task == ZG_REGRESSION;
    zg_status status = ZG_OK;
    for (size_t b = 0; status == ZG_OK && b < centres->count; b++) {
        size_t k, i = j->which[b];
        zg_margin *of_row = j->out + i * j->statements;
        if (!regression) {
            int sign = sign_of(j, p, i, &k);
            status = one_margin(j, centres, digits, b, sign, &of_row[k]);
            continue;
        }
        status = one_margin(j, centres, digits, b, 1, &of_row[2 * p->output]);
        if (status == ZG_OK)
            status = one_margin(j, centres, digits, b, -1, &of_row[2 * p->output + 1]);
    }
    return status;
}

/* Every raw row has a form of its own, of moves from it; P is the same for all. */
static zg_status judge_scaled_form(const job *j, const part *p, const zg_quadratic_form *form,
                                   zg_error *error)
{
    const zg_preprocess *preprocess = &j->network->preprocess;
    zg_quadratic_form mean;
    zg_ball_form ball;
    size_t d = j->inputs, unused;
    double *origin = j->rows, *room = j->rows + d, *work = j->rows + 2 * d;
    memset(origin, 0, d * sizeof *origin);
    /* Linear terms at other rows are in the span of P and of this one. */
    zg_status status = zg_quadratic_form_around(form, preprocess, preprocess->mean, &mean, error);
    if (status != ZG_OK) return status;
    bool whole = j->options->box;
    status = (whole ? zg_ball_form_create : zg_ball_form_create_low_rank)(&mean, &ball, error);
    for (size_t i = 0; status == ZG_OK && i < j->n; i++) {
        zg_ball_centres centre;
        if (j->network->encoding.task != ZG_REGRESSION && sign_of(j, p, i, &unused) == 0) continue;
        zg_quadratic_form_move(form, preprocess, j->x + i * d, &ball.form, work);
        zg_ball_form_renew(&ball, room);
        j->which[0] = i;
        status = zg_ball_centres_create(&ball, 1, origin, NULL, &centre, error);
        if (status == ZG_OK && judge_rows(j, p, &centre, NULL) != ZG_OK)
            status = zg_no_memory(error);
        zg_ball_centres_clear(&centre);
    }
    zg_ball_form_clear(&ball);
    zg_quadratic_form_clear(&mean);
    return status;
}

static zg_status judge_form(const job *j, const part *p, const zg_quadratic_form *form,
                            zg_error *error)
{
    if (j->scaled) return judge_scaled_form(j, p, form, error);
    zg_ball_form ball;
    zg_ball_digits digits;
    bool refine = form->p_low != NULL;
    bool whole = refine || j->options->box;
    zg_status status =
        (whole ? zg_ball_form_create : zg_ball_form_create_low_rank)(form, &ball, error);
    if (status != ZG_OK) return status;
    if (refine && zg_ball_digits_create(&ball, &digits) != ZG_OK) status = zg_no_memory(error);
    bool regression = j->network->encoding.task == ZG_REGRESSION;
    for (size_t i = 0; status == ZG_OK && i < j->n;) {
        size_t count = 0, unused;
        for (; i < j->n && count < BLOCK; i++) {
            if (!regression && sign_of(j, p, i, &unused) == 0) continue;
            memcpy(j->rows + count * j->inputs, j->x + i * j->inputs, j->inputs * sizeof *j->rows);
            j->which[count++] = i;
        }
        zg_ball_centres centres;
        if (count == 0) break;
        status = zg_ball_centres_create(&ball, count, j->rows, NULL, &centres, error);
        if (status == ZG_OK && judge_rows(j, p, &centres, refine ? &digits : NULL) != ZG_OK)
            status = zg_no_memory(error);
        zg_ball_centres_clear(&centres);
    }
    zg_ball_form_clear(&ball);
    return status;
}

/* The form of an output, with more digits where they will be asked for. */
static zg_status form_of(const job *j, size_t output, zg_quadratic_form *out, zg_error *error)
{
    const zg_margin_options *o = j->options;
    zg_status status = zg_margin_form(j->network, output, NULL, out, error);
    bool plain = !o->refine || j->scaled || o->box || j->inputs > MOST_REFINED;
    if (status != ZG_OK || plain) return status;
    if (zg_quadratic_form_add_digits(j->network, output, out) == ZG_OK) return ZG_OK;
    zg_quadratic_form_clear(out);
    return zg_no_memory(error);
}

/* Forms of single outputs, one after the other. */
static zg_status judge_outputs(const job *j, zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t c = 0; status == ZG_OK && c < j->network->outputs; c++) {
        zg_quadratic_form form;
        status = form_of(j, c, &form, error);
        if (status != ZG_OK) break;
        status = judge_form(j, &(part){c, SIZE_MAX}, &form, error);
        zg_quadratic_form_clear(&form);
    }
    return status;
}

static zg_status judge_pair(const job *j, size_t a, size_t b, zg_quadratic_form *forms,
                            zg_error *error)
{
    zg_quadratic_form difference = {0};
    zg_status status = ZG_OK;
    if (!forms[a].p) status = form_of(j, a, &forms[a], error);
    if (status == ZG_OK && !forms[b].p) status = form_of(j, b, &forms[b], error);
    if (status == ZG_OK)
        status = zg_quadratic_form_difference(&forms[a], &forms[b], &difference, error);
    if (status == ZG_OK) status = judge_form(j, &(part){a, b}, &difference, error);
    zg_quadratic_form_clear(&difference);
    return status;
}

/* Pairs of classes.  The form of the first is kept while its rivals pass, those of the rivals where
 * there is room for all. */
static zg_status judge_pairs(const job *j, zg_error *error)
{
    size_t outputs = j->network->outputs;
    bool keep = (double)outputs * (double)j->inputs * (double)j->inputs <= MOST_KEPT;
    zg_quadratic_form *forms = calloc(outputs, sizeof *forms);
    zg_status status = forms ? ZG_OK : zg_no_memory(error);
    for (size_t a = 0; status == ZG_OK && a < outputs; a++) {
        for (size_t b = a + 1; status == ZG_OK && b < outputs; b++) {
            status = judge_pair(j, a, b, forms, error);
            if (!keep) zg_quadratic_form_clear(&forms[b]);
        }
        zg_quadratic_form_clear(&forms[a]);
    }
    for (size_t c = 0; forms && c < outputs; c++)
        zg_quadratic_form_clear(&forms[c]);
    free(forms);
    return status;
}

zg_status zg_margins(const zg_network *network, size_t n, const double *x, const double *y,
                     const zg_margin_options *options, zg_margin *out, zg_error *error)
{
    const zg_encoding *encoding = &network->encoding;
    if (encoding->task == ZG_BINARY && encoding->mean)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "the network tells its classes apart by a threshold that is not 0: margins "
                       "are not for it");
    job j = {.network = network,
             .options = options,
             .n = n,
             .inputs = network->inputs - network->preprocess.bias,
             .statements = zg_margin_statements(encoding),
             .scaled = options->raw && network->preprocess.mean,
             .x = x,
             .out = out};
    j.class = calloc(n + BLOCK, sizeof *j.class);
    j.rows = zg_doubles(BLOCK * j.inputs);
    if (options->nearest) j.least = zg_doubles(n);
    for (size_t i = 0; j.least && i < n; i++)
        j.least[i] = INFINITY;
    bool complete = j.class && j.rows && (j.least || !options->nearest);
    zg_status status = complete ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) {
        j.which = j.class + n;
        for (size_t i = 0; encoding->task != ZG_REGRESSION && i < n; i++)
            j.class[i] = zg_margin_class(encoding, n, y, i);
        bool pairs = encoding->task == ZG_MULTICLASS;
        status = (pairs ? judge_pairs : judge_outputs)(&j, error);
    }
    free(j.class);
    free(j.rows);
    free(j.least);
    return status;
}

zg_margin zg_margin_least(size_t statements, const zg_margin *of_row)
{
    zg_margin least = of_row[0];
    for (size_t k = 1; k < statements; k++) {
        if (zg_lower(of_row[k].bound) < zg_lower(least.bound)) {
            least.bound = of_row[k].bound;
            least.mu = of_row[k].mu;
            least.name = of_row[k].name;
            least.slack = of_row[k].slack;
        }
        if (of_row[k].here < least.here) least.here = of_row[k].here;
        least.distance.certified =
            zg_lower_min(least.distance.certified, of_row[k].distance.certified);
        if (of_row[k].distance.attained < least.distance.attained)
            least.distance.attained = of_row[k].distance.attained;
    }
    return least;
}
