/* The claim of a certificate evaluated in floating point. */
#include "naive.h"

#include "base/linalg.h"
#include "core/loss.h"
#include "core/network.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct claim {
    json_t *root;
    zg_dataset *dataset;
    zg_problem *problem;
    zg_preprocess preprocess;
    zg_encoding encoding;
    zg_model_options options;
    double *weights;
} claim;

static double real(const json_t *value)
{
    const char *text = json_string_value(value);
    return text ? strtod(text, NULL) : (double)NAN;
}

static size_t whole(const claim *c, const char *name)
{
    return (size_t)json_integer_value(json_object_get(c->root, name));
}

static double number(const claim *c, const char *name)
{
    return real(json_object_get(c->root, name));
}

static const char *word(const claim *c, const char *name)
{
    const char *text = json_string_value(json_object_get(c->root, name));
    return text ? text : "";
}

/* The reals of an array, NULL when it is absent. */
static double *reals(const claim *c, const char *name, size_t *count)
{
    json_t *array = json_object_get(c->root, name);
    *count = json_array_size(array);
    double *out = array ? zg_doubles(*count + 1) : NULL;
    for (size_t k = 0; out && k < *count; k++)
        out[k] = real(json_array_get(array, k));
    return out;
}

static bool load_data(claim *c, const char *path)
{
    char target[64] = "";
    json_t *targets = json_object_get(c->root, "targets"), *rows = json_object_get(c->root, "rows");
    for (size_t k = 0; k < json_array_size(targets); k++)
        snprintf(target + strlen(target), sizeof target - strlen(target), "%s%d", k ? "," : "",
                 (int)json_integer_value(json_array_get(targets, k)) + 1);
    zg_data_options options = {
        .target = target,
        .header = json_is_true(json_object_get(c->root, "header")) ? ZG_HEADER_YES : ZG_HEADER_NO};
    if (zg_dataset_load(path, &options, &c->dataset, NULL)) return false;
    if (!rows) return c->dataset->rows == whole(c, "samples");
    size_t order[64], count = json_array_size(rows);
    for (size_t k = 0; k < count && k < 64; k++) {
        order[k] = (size_t)json_integer_value(json_array_get(rows, k));
        if (order[k] >= c->dataset->rows) return false;
    }
    zg_dataset *all = c->dataset;
    c->dataset = NULL;
    bool fine = zg_dataset_select(all, count, order, &c->dataset, NULL) == ZG_OK;
    zg_dataset_free(all);
    return fine && count == whole(c, "samples");
}

static bool load_encoding(claim *c)
{
    json_t *texts = json_object_get(c->root, "labels");
    const char *task = word(c, "task");
    c->encoding.task = strcmp(task, "binary") == 0       ? ZG_BINARY
                       : strcmp(task, "multiclass") == 0 ? ZG_MULTICLASS
                                                         : ZG_REGRESSION;
    c->encoding.values = reals(c, "values", &c->encoding.label_count);
    if (texts) {
        c->encoding.label_count = json_array_size(texts);
        c->encoding.texts = calloc(c->encoding.label_count + 1, sizeof *c->encoding.texts);
        for (size_t k = 0; k < c->encoding.label_count; k++)
            c->encoding.texts[k] = strdup(json_string_value(json_array_get(texts, k)));
    }
    c->encoding.outputs = c->encoding.task == ZG_BINARY       ? 1
                          : c->encoding.task == ZG_MULTICLASS ? c->encoding.label_count
                                                              : c->dataset->targets;
    return true;
}

static void pair(const claim *c, const char *name, size_t out[2])
{
    for (size_t k = 0; k < 2; k++)
        out[k] = (size_t)json_integer_value(json_array_get(json_object_get(c->root, name), k));
}

static void load_architecture(claim *c, zg_architecture *a)
{
    *a = (zg_architecture){.kind = ZG_DENSE};
    if (strcmp(word(c, "architecture"), "dense") == 0) return;
    *a = (zg_architecture){.kind = ZG_CONV2D,
                           .height = whole(c, "height"),
                           .width = whole(c, "width"),
                           .channels = whole(c, "channels")};
    pair(c, "filter", a->filter);
    pair(c, "stride", a->stride);
    pair(c, "pool", a->pool_size);
    const char *pool = word(c, "pool");
    a->pool = strcmp(pool, "none") == 0     ? ZG_POOL_NONE
              : strcmp(pool, "global") == 0 ? ZG_POOL_GLOBAL
                                            : ZG_POOL_SIZE;
}

static bool load_problem(claim *c)
{
    size_t count;
    double *abc = reals(c, "activation", &count);
    if (!abc || count != 3) return false;
    c->options.activation = (zg_activation){abc[0], abc[1], abc[2]};
    free(abc);
    char loss[96];
    snprintf(loss, sizeof loss, "%s", word(c, "loss"));
    if (strcmp(loss, "huber") == 0) snprintf(loss, sizeof loss, "huber:%.17g", number(c, "delta"));
    if (zg_loss_parse(loss, &c->options.loss, NULL)) return false;
    load_architecture(c, &c->options.architecture);
    c->options.beta = number(c, "beta");
    c->options.task = c->encoding.task;
    c->weights = reals(c, "weights", &count);
    if (c->weights && count != c->dataset->rows) return false;
    c->preprocess.inputs = c->dataset->inputs;
    c->preprocess.mean = reals(c, "mean", &count);
    c->preprocess.scale = reals(c, "scale", &count);
    return zg_problem_from_dataset(c->dataset, &c->preprocess, &c->encoding, c->weights,
                                   &c->options, (zg_penalty){ZG_PENALTY_L1, 1}, &c->problem,
                                   NULL) == ZG_OK;
}

/* -(least eigenvalue) of S+ or S-, from plain loops over samples and patches. */
static double cone_violation(const zg_problem *p, size_t group, const double *v, const double *rho,
                             int sign)
{
    size_t f = p->patches.width, m = f + (rho != NULL);
    double *s = zg_doubles(m * m), *w = zg_doubles(m);
    for (size_t i = 0; i < p->samples; i++)
        for (size_t q = 0; q < p->patches.patches; q++)
            for (size_t a = 0; a < m; a++)
                for (size_t b = 0; b < m; b++) {
                    const size_t *index =
                        p->patches.identity
                            ? NULL
                            : p->patches.index + (group * p->patches.patches + q) * f;
                    const double *x = p->x + i * p->inputs;
                    double xa = a < f ? x[index ? index[a] : a] : 1;
                    double xb = b < f ? x[index ? index[b] : b] : 1;
                    double factor = a < f && b < f     ? p->activation.a
                                    : a == f && b == f ? p->activation.c
                                                       : p->activation.b / 2;
                    s[a * m + b] -= sign * factor * v[i] * xa * xb / (double)p->patches.patches;
                }
    for (size_t a = 0; a < m; a++)
        s[a * m + a] += rho ? (a == f ? p->beta - *rho : *rho) : p->beta;
    double scale = fmax(p->beta, zg_norm(m * m, s)), worst = INFINITY;
    if (isfinite(scale) && zg_eigenvalues(m, s, w) == ZG_OK) worst = -w[0] / scale;
    free(s);
    free(w);
    return worst;
}

static double lower_violation(const claim *c)
{
    const zg_problem *p = c->problem;
    size_t nv, nr, groups = p->patches.groups;
    double *v = reals(c, "dual", &nv), *rho = reals(c, "rho", &nr), worst = INFINITY, sum = 0;
    bool border = p->activation.b != 0 || p->activation.c != 0;
    if (v && nv == p->outputs * p->samples && (rho ? nr == 2 * p->outputs * groups : !border)) {
        worst = -INFINITY;
        for (size_t o = 0; o < p->outputs; o++) {
            zg_program program = zg_problem_program(p, o);
            sum += zg_loss_dual(p->loss, p->samples, v + o * p->samples, program.y, p->weights);
            for (size_t g = 0; g < groups; g++)
                for (size_t k = 0; k < 2; k++)
                    worst = fmax(worst, cone_violation(p, g, v + o * p->samples,
                                                       rho ? rho + 2 * (o * groups + g) + k : NULL,
                                                       k ? -1 : 1));
        }
        double lower = number(c, "lower");
        worst = isnan(lower) || isnan(sum) ? INFINITY
                                           : fmax(worst, (lower - sum) / fmax(1, fabs(lower)));
    }
    free(v);
    free(rho);
    return worst;
}

static double upper_violation(const claim *c)
{
    const zg_problem *p = c->problem;
    json_t *groups = json_object_get(c->root, "groups");
    size_t nu, na, m = json_array_size(groups), f = p->patches.width;
    double *u = reals(c, "neurons", &nu), *alpha = reals(c, "alpha", &na), worst = INFINITY;
    double upper = number(c, "upper"), lower = number(c, "lower"), gap = number(c, "gap");
    zg_network *network = NULL;
    if (u && alpha && nu == m * f && na == m * p->outputs &&
        zg_network_create(p, &network, NULL) == ZG_OK) {
        bool fine = true;
        for (size_t j = 0; j < m; j++) {
            double length = zg_norm(f, u + j * f);
            size_t g = (size_t)json_integer_value(json_array_get(groups, j));
            fine = fine && g < p->patches.groups && length > 0;
            for (size_t k = 0; k < f; k++)
                u[j * f + k] /= length;
            for (size_t o = 0; o < p->outputs && fine; o++)
                (void)zg_network_add(network, g, u + j * f, o, alpha[j * p->outputs + o]);
        }
        double objective = INFINITY;
        if (fine) (void)zg_network_objective(network, p, &objective, NULL, NULL);
        worst = (objective - upper) / fmax(1, fabs(upper));
        worst = fmax(worst, (upper - lower - gap * fmax(1, fabs(upper))) / fmax(1, fabs(upper)));
        if (isnan(upper) || isnan(gap)) worst = INFINITY;
    }
    zg_network_free(network);
    free(u);
    free(alpha);
    return worst;
}

double naive_violation(const char *certificate, size_t size, const char *data, double known)
{
    double worst = INFINITY;
    claim c = {.root = json_loadb(certificate, size, JSON_REJECT_DUPLICATES, NULL)};
    if (c.root && json_object_get(c.root, "power")) {
        double beta = number(&c, "beta"), lower = number(&c, "lower"), upper = number(&c, "upper");
        worst = lower - beta * known;
        if (json_object_get(c.root, "upper"))
            worst = fmax(worst, fmax(beta * known - upper,
                                     upper - lower - number(&c, "gap") * fmax(1, fabs(upper))));
    } else if (c.root && load_data(&c, data) && load_encoding(&c) && load_problem(&c)) {
        worst = lower_violation(&c);
        if (json_object_get(c.root, "upper")) worst = fmax(worst, upper_violation(&c));
    }
    json_decref(c.root);
    zg_problem_free(c.problem);
    zg_dataset_free(c.dataset);
    zg_preprocess_clear(&c.preprocess);
    zg_encoding_clear(&c.encoding);
    free(c.weights);
    return worst;
}
