/* The certificate: every field of docs/certificate.md in its order, checked for shape. */
#include "verify.h"

#include <math.h>

#define ENTRY_LIMIT ((size_t)1 << 28) /* of any table whose size is a product of numbers read */
#define EXTENT_LIMIT ((size_t)1 << 20)

static size_t product(const zg_claim *c, size_t a, size_t b)
{
    if (b && a > ENTRY_LIMIT / b) zg_refuse(c->session, "the problem is too large");
    return a * b;
}

static double positive(zg_reader *r, const char *name)
{
    zg_field(r, name);
    double x = zg_real(r);
    if (!(x > 0)) zg_expected(r, "a positive number just before");
    return x;
}

static const uint32_t *read_pair(zg_reader *r, const char *name)
{
    if (name) zg_field(r, name);
    return zg_wholes(r, 2, 1, EXTENT_LIMIT);
}

/* Pools in row-major order, in each its patches in row-major order, in each patch the inputs by
 * channel, row, column.  Patches that fill no whole pool are left out. */
static void read_convolution(zg_claim *c, zg_reader *r)
{
    static const char *const names[] = {"height", "width", "channels"},
                             *pools[] = {"none", "global"};
    size_t extent[3], pool[2] = {1, 1}, many[2];
    for (int k = 0; k < 3; k++) {
        zg_field(r, names[k]);
        extent[k] = zg_whole(r, 1, EXTENT_LIMIT);
    }
    const uint32_t *filter = read_pair(r, "filter"), *stride = read_pair(r, "stride");
    size_t plane = product(c, extent[0], extent[1]);
    if (product(c, plane, extent[2]) != c->d || filter[0] > extent[0] || filter[1] > extent[1])
        zg_expected(r, "an image of as many inputs as the data have, and a filter in it");
    for (int k = 0; k < 2; k++)
        many[k] = (extent[k] - filter[k]) / stride[k] + 1;
    zg_field(r, "pool");
    if (zg_skip(r, '[')) {
        r->at--;
        const uint32_t *pair = read_pair(r, NULL);
        pool[0] = pair[0], pool[1] = pair[1];
    } else if (zg_choice(r, 2, pools) == 1) {
        pool[0] = many[0], pool[1] = many[1];
    }
    size_t across = many[1] / pool[1];
    c->groups = many[0] / pool[0] * across;
    if (!c->groups) zg_expected(r, "a pool that fits just before");
    c->patches = product(c, pool[0], pool[1]);
    c->width = product(c, product(c, filter[0], filter[1]), extent[2]);
    size_t count = product(c, product(c, c->groups, c->patches), c->width);
    c->inputs = zg_take(c->session, count, sizeof *c->inputs);
    for (size_t k = 0; k < count; k++) {
        size_t g = k / c->width / c->patches, p = k / c->width % c->patches, i = k % c->width;
        size_t row = (g / across * pool[0] + p / pool[1]) * stride[0] + i / filter[1] % filter[0];
        size_t column = (g % across * pool[1] + p % pool[1]) * stride[1] + i % filter[1];
        c->inputs[k] = (uint32_t)(i / filter[1] / filter[0] * plane + row * extent[1] + column);
    }
}

static void read_architecture(zg_claim *c, zg_reader *r)
{
    static const char *const kinds[] = {"dense", "convolution"};
    zg_field(r, "architecture");
    if (zg_choice(r, 2, kinds) == 1) {
        read_convolution(c, r);
        return;
    }
    c->groups = c->patches = 1;
    c->width = c->d;
    c->inputs = zg_take(c->session, c->d, sizeof *c->inputs);
    for (uint32_t k = 0; k < c->d; k++)
        c->inputs[k] = k;
}

static void read_loss(zg_claim *c, zg_reader *r)
{
    static const char *const kinds[] = {"squared",       "absolute", "huber",      "hinge",
                                        "squared-hinge", "logistic", "interpolate"};
    zg_field(r, "loss");
    c->loss = (zg_loss)zg_choice(r, 7, kinds);
    c->delta = c->loss == ZG_HUBER ? positive(r, "delta") : 1;
    c->labels = c->loss == ZG_HINGE || c->loss == ZG_SQUARED_HINGE || c->loss == ZG_LOGISTIC;
    for (size_t k = 0; c->labels && k < c->n * c->outputs; k++) {
        if (fabs(c->y[k]) != 1) zg_expected(r, "a loss that takes other targets than -1 and 1");
    }
}

static void read_problem(zg_claim *c, zg_reader *r)
{
    zg_field(r, "activation");
    const double *abc = zg_reals(r, 3);
    c->a = abc[0], c->b = abc[1], c->c = abc[2];
    read_architecture(c, r);
    read_loss(c, r);
    c->beta = positive(r, "beta");
    if (zg_optional(r, "weights")) c->weights = zg_reals(r, c->n);
    for (size_t i = 0; c->weights && i < c->n; i++) {
        if (!(c->weights[i] > 0)) zg_expected(r, "positive weights just before");
    }
    c->tree = zg_optional(r, "power");
    if (!c->tree) return;
    c->power = read_pair(r, NULL);
    if (c->power[0] >= c->power[1] || c->power[1] > 64)
        zg_expected(r, "a power below 1 just before");
    zg_field(r, "nonnegative");
    c->nonnegative = zg_flag(r);
}

static void read_network(zg_claim *c, zg_reader *r)
{
    zg_field(r, "groups");
    c->neurons = zg_items(r);
    c->group = zg_wholes(r, c->neurons, 0, c->groups - 1);
    zg_field(r, "neurons");
    c->u = zg_reals(r, product(c, c->neurons, c->width));
    for (size_t k = 0; k < c->neurons; k++) {
        double square = 0;
        for (size_t l = 0; l < c->width; l++)
            square += c->u[k * c->width + l] * c->u[k * c->width + l];
        if (!(square > 0.5 && square < 2)) zg_expected(r, "neurons of about unit length");
    }
    zg_field(r, "alpha");
    c->alpha = zg_reals(r, product(c, c->neurons, c->outputs));
}

static void read_dual(zg_claim *c, zg_reader *r)
{
    zg_field(r, "dual");
    c->v = zg_reals(r, product(c, c->n, c->outputs));
    c->border = zg_optional(r, "rho");
    if (c->border) c->rho = zg_reals(r, product(c, c->groups, 2 * c->outputs));
    if (!c->border && (c->b != 0 || c->c != 0)) zg_expected(r, "rho, as the activation has b or c");
}

static void read_tree(zg_claim *c, zg_reader *r)
{
    if (c->outputs != 1 || !c->neurons) zg_expected(r, "one output and some neurons, for a tree");
    if (zg_optional(r, "pairs")) {
        c->pair_count = zg_items(r) / 3;
        c->pairs = zg_wholes(r, 3 * c->pair_count, 0, ENTRY_LIMIT);
    }
    zg_field(r, "low");
    c->low = zg_reals(r, c->neurons);
    zg_field(r, "high");
    c->high = zg_reals(r, c->neurons);
    zg_field(r, "duals");
    c->dual_count = zg_items(r) / c->n;
    c->v = zg_reals(r, c->dual_count * c->n);
    zg_field(r, "nodes");
    c->node_count = zg_items(r);
    c->node = zg_wholes(r, c->node_count, 0, c->neurons + c->dual_count - 1);
    zg_field(r, "node_values");
    c->node_value = zg_reals(r, c->node_count);
}

void zg_claim_read(zg_claim *c, zg_reader *r, char *data, size_t size)
{
    static const char *const formats[] = {"zerogap-certificate/1"};
    zg_field(r, "format");
    zg_choice(r, 1, formats);
    if (zg_optional(r, "generator")) zg_string(r);
    zg_table_read(c, r, data, size);
    read_problem(c, r);
    zg_field(r, "lower");
    c->lower = zg_real(r);
    c->has_upper = zg_optional(r, "upper");
    if (c->has_upper) {
        c->upper = zg_real(r);
        zg_field(r, "gap");
        c->gap = zg_real(r);
    }
    if (c->has_upper || c->tree) read_network(c, r);
    (c->tree ? read_tree : read_dual)(c, r);
    if (!zg_skip(r, '}') || !zg_skip(r, '\0') || r->at != r->size)
        zg_expected(r, "a closing brace, and nothing behind it");
}
