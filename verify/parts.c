/*
 * What a claim is about besides the data file: numbers that the certificate alone has.  Each part
 * is named by SHA-256 of its numbers as doubles, behind the salt, in the order of
 * docs/certificate.md; they are those that the proof worked with, so that nobody has to believe
 * what a file says of itself.
 */
#include "proof.h"

typedef struct writer {
    zv_part *parts;
    size_t count;
    const uint64_t *salt;
    zv_sha256 message;
} writer;

static void begin(writer *w, const char *name)
{
    w->parts[w->count].name = name;
    w->message = zv_sha256_begin(w->salt);
}

static void end(writer *w, bool alone)
{
    zv_part *part = &w->parts[w->count++];
    part->alone = alone;
    zv_sha256_end(&w->message, part->digest);
}

static void add_reals(writer *w, const double *x, size_t count)
{
    for (size_t k = 0; k < count; k++)
        zv_sha256_real(&w->message, x[k]);
}

static void add_wholes(writer *w, const uint32_t *x, size_t count)
{
    for (size_t k = 0; k < count; k++)
        zv_sha256_real(&w->message, x[k]);
}

static void add_functionals(writer *w, const zv_claim *c)
{
    size_t terms = 0;
    for (size_t i = 0; i < c->n; i++)
        terms += c->row_terms[i];
    begin(w, "functionals");
    add_wholes(w, c->row_terms, c->n);
    add_wholes(w, c->term_point, terms);
    add_wholes(w, c->term_kind, terms);
    add_reals(w, c->coefficient, terms);
    add_reals(w, c->y, c->n);
    add_reals(w, c->weights, c->n);
    if (c->has_exact) zv_sha256_real(&w->message, (double)c->exact);
    end(w, c->rows_kind == ZV_ROWS_CERTIFICATE);
}

static void add_neurons(writer *w, const zv_claim *c)
{
    size_t width = c->lyapunov ? c->d : c->u_width;
    if (c->group) add_wholes(w, c->group, c->neurons);
    add_reals(w, c->u, c->neurons * width);
}

static void add_networks(writer *w, const zv_claim *c)
{
    if (c->tree) {
        begin(w, "dictionary");
        add_neurons(w, c);
        end(w, true);
    }
    if (!c->alpha) return;
    size_t outputs = c->lyapunov ? 1 : c->outputs;
    begin(w, "network");
    add_neurons(w, c);
    add_reals(w, c->alpha, c->neurons * outputs);
    end(w, true);
}

static void add_points(writer *w, const zv_claim *c)
{
    begin(w, "points");
    add_reals(w, c->raw_point, c->points * c->d);
    end(w, true);
    begin(w, "bands");
    add_reals(w, c->band, c->points);
    end(w, false);
}

size_t zv_list_parts(const zv_claim *c, zv_part parts[ZV_PARTS])
{
    writer w = {.parts = parts, .salt = c->session->salted ? c->session->salt : NULL};
    size_t columns = c->parted ? c->parted : c->d;
    if (c->mean) {
        begin(&w, "preprocessing");
        add_reals(&w, c->mean, columns);
        add_reals(&w, c->scale, columns);
        end(&w, true);
    }
    if (c->weighted) {
        begin(&w, "weights");
        add_reals(&w, c->weights, c->n);
        end(&w, true);
    }
    if (c->functional) add_functionals(&w, c);
    add_networks(&w, c);
    if (c->worst_case) {
        begin(&w, "margins");
        add_reals(&w, c->margin, c->n * c->statements);
        end(&w, false);
    }
    if (c->points) add_points(&w, c);
    return w.count;
}
