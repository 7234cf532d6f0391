/* Proofs beside instances (see instance_proof.h). */
#include "runner/instance_proof.h"

#include "base/linalg.h"
#include "base/scratch.h"
#include "core/proof.h"
#include "runner/checker.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 4096

__attribute__((format(printf, 2, 3))) static bool note(zg_instance_proof *out, const char *format,
                                                       ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->note, sizeof out->note, format, arguments);
    va_end(arguments);
    return false;
}

/* FOLDER/NAME + ending of an instance FOLDER/NAME.dat-s, as an absolute path; false: not there. */
static bool beside(const char *path, const char *ending, char full[PATH_ROOM])
{
    char relative[PATH_ROOM];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t stem = dot ? (size_t)(dot - path) : strlen(path);
    int length = snprintf(relative, sizeof relative, "%.*s%s", (int)stem, path, ending);
    char *found = length > 0 && (size_t)length < sizeof relative ? realpath(relative, NULL) : NULL;
    if (found) snprintf(full, PATH_ROOM, "%s", found);
    free(found);
    return found != NULL;
}

/* ---- the problem that a certificate is about ---------------------------------------------------- */

/* A hexadecimal real of a certificate; NAN where it is none. */
static double real_of(const json_t *value)
{
    const char *text = json_string_value(value);
    return text ? strtod(text, NULL) : NAN;
}

static bool read_sizes(const json_t *root, const char *key, size_t out[2])
{
    const json_t *pair = json_object_get(root, key);
    for (size_t k = 0; k < 2; k++)
        out[k] = (size_t)json_integer_value(json_array_get(pair, k));
    return json_array_size(pair) == 2;
}

static bool read_architecture(const json_t *root, zg_architecture *out)
{
    const char *kind = json_string_value(json_object_get(root, "architecture"));
    const json_t *pool = json_object_get(root, "pool");
    const char *word = json_string_value(pool);
    *out = (zg_architecture){.kind = ZG_DENSE};
    if (!kind) return false;
    if (strcmp(kind, "dense") == 0) return true;
    out->kind = ZG_CONV2D;
    out->height = (size_t)json_integer_value(json_object_get(root, "height"));
    out->width = (size_t)json_integer_value(json_object_get(root, "width"));
    out->channels = (size_t)json_integer_value(json_object_get(root, "channels"));
    out->pool = word ? (strcmp(word, "global") == 0 ? ZG_POOL_GLOBAL : ZG_POOL_NONE) : ZG_POOL_SIZE;
    return read_sizes(root, "filter", out->filter) && read_sizes(root, "stride", out->stride) &&
           (word || read_sizes(root, "pool", out->pool_size));
}

static bool read_loss(const json_t *root, zg_loss *out)
{
    const char *name = json_string_value(json_object_get(root, "loss"));
    if (!name || zg_loss_parse(name, out, NULL) != ZG_OK) return false;
    if (zg_loss_has(out->kind, ZG_LOSS_THRESHOLD))
        out->delta = real_of(json_object_get(root, "delta"));
    return true;
}

/* The problem of a certificate, as far as instances use its format. */
static bool read_model(const json_t *root, zg_model_options *out)
{
    static const char *const beyond[] = {"weights", "mean", "power", "labels", "values"};
    const json_t *activation = json_object_get(root, "activation");
    for (size_t k = 0; k < sizeof beyond / sizeof *beyond; k++)
        if (json_object_get(root, beyond[k])) return false;
    out->activation = (zg_activation){real_of(json_array_get(activation, 0)),
                                      real_of(json_array_get(activation, 1)),
                                      real_of(json_array_get(activation, 2))};
    out->beta = real_of(json_object_get(root, "beta"));
    return read_architecture(root, &out->architecture) && read_loss(root, &out->loss);
}

static bool same_digest(const json_t *root, const zg_dataset *data, const zg_problem *problem)
{
    char hex[ZG_PROOF_DIGEST_SIZE];
    const char *digest = json_string_value(json_object_get(root, "digest"));
    zg_proof_digest(problem->samples, problem->inputs, problem->outputs, data->x, problem->y, hex);
    return digest && strcmp(hex, digest) == 0;
}

/* ---- the same program ----------------------------------------------------------------------------- */

static bool same_shape(const zg_sdp *a, const zg_sdp *b)
{
    if (a->variables != b->variables || a->block_count != b->block_count ||
        a->piece_count != b->piece_count || a->entry_count != b->entry_count)
        return false;
    for (size_t k = 0; k < a->block_count; k++)
        if (a->blocks[k].order != b->blocks[k].order ||
            a->blocks[k].diagonal != b->blocks[k].diagonal ||
            a->blocks[k].conic != b->blocks[k].conic)
            return false;
    for (size_t k = 0; k < a->piece_count; k++)
        if (a->pieces[k].matrix != b->pieces[k].matrix ||
            a->pieces[k].block != b->pieces[k].block || a->pieces[k].count != b->pieces[k].count)
            return false;
    return true;
}

/* Both list the entries of their pieces in the same order. */
static bool same_program(const zg_sdp *a, const zg_sdp *b)
{
    bool same = same_shape(a, b);
    for (size_t k = 0; same && k < a->variables; k++)
        same = a->cost[k] == b->cost[k];
    for (size_t e = 0; same && e < a->entry_count; e++)
        same = a->row[e] == b->row[e] && a->column[e] == b->column[e] && a->value[e] == b->value[e];
    return same;
}

static bool is_on_grid(double value, int power, double largest)
{
    return fabs(value) <= largest && ldexp(value, power) == round(ldexp(value, power));
}

/* Whether a (x x') is a double, and so is b x / 2. */
static bool is_exact(const zg_activation *s, double x, double other)
{
    double product = x * other, all = s->a * product, border = 0.5 * s->b * x;
    return fma(x, other, -product) == 0 && fma(s->a, product, -all) == 0 &&
           fma(0.5 * s->b, x, -border) == 0;
}

/* Whether posing the program rounded nothing: the entries of lifts are means over the patches of
 * a x x', b x / 2 and c.  Of one patch each is looked at; of 2, 4, .. 32 patches the numbers must
 * be so short (18 bits in x, 12 in a, b, c, 5 for the sum) that no sum rounds. */
static bool is_posed_exactly(const zg_problem *problem)
{
    const zg_activation *s = &problem->activation;
    size_t d = problem->inputs, patches = problem->patches.patches;
    bool exact = patches <= 32 && (patches & (patches - 1)) == 0;
    if (patches > 1)
        exact =
            exact && is_on_grid(s->a, 8, 16) && is_on_grid(s->b, 7, 16) && is_on_grid(s->c, 8, 16);
    for (size_t e = 0; exact && e < problem->samples * d; e++) {
        const double *row = problem->x + e / d * d;
        exact = patches > 1 ? is_on_grid(problem->x[e], 8, 0x1p10)
                            : is_on_grid(problem->x[e], 32, 0x1p32);
        for (size_t k = 0; exact && k < d; k++)
            exact = is_exact(s, problem->x[e], row[k]);
    }
    return exact;
}

static bool is_instance(const zg_problem *problem, const zg_sdp *sdp)
{
    static const zg_sdp_scaling posed[] = {ZG_SDP_PLAIN, ZG_SDP_CONIC};
    zg_program program = zg_problem_program(problem, 0);
    bool same = false;
    for (int k = 0; k < 2 && !same; k++) {
        zg_sdp *own = NULL;
        same = zg_sdp_create(&program, posed[k], &own, NULL) == ZG_OK && same_program(own, sdp);
        zg_sdp_free(own);
    }
    return same;
}

/* Whether the certificate is about the problem whose program the instance is, to the last bit. */
static bool is_about(const char *certificate, const char *data, const zg_sdp *sdp,
                     zg_instance_proof *out)
{
    const zg_data_options reading = {.header = ZG_HEADER_YES};
    zg_model_options model = {0};
    zg_dataset *rows = NULL;
    zg_problem *problem = NULL;
    zg_error reason = {0};
    json_t *root = json_load_file(certificate, JSON_REJECT_DUPLICATES, NULL);
    bool fits = root && read_model(root, &model);
    if (!fits) (void)note(out, "\"%s\" is about no problem of this library", certificate);
    fits = fits && zg_dataset_load(data, &reading, &rows, &reason) == ZG_OK &&
           zg_problem_create(rows, &model, &problem, &reason) == ZG_OK;
    if (!fits && reason.message[0]) (void)note(out, "%.390s", reason.message);
    if (fits && !same_digest(root, rows, problem))
        fits = note(out, "\"%s\" is not about these data", certificate);
    if (fits && !is_instance(problem, sdp))
        fits = note(out, "\"%s\" is about another program", certificate);
    if (fits && !is_posed_exactly(problem))
        fits = note(out, "the program is rounded: the certificate is about nearly the same one");
    zg_problem_free(problem);
    zg_dataset_free(rows);
    json_decref(root);
    return fits;
}

/* ---- checking --------------------------------------------------------------------------------------- */

static zg_status check_certificate(const char *certificate, const char *data,
                                   zg_instance_proof *out, zg_error *error)
{
    zg_scratch scratch = {0};
    zg_checked checked = {0};
    zg_error reason = {0};
    zg_status status = zg_scratch_make(&scratch, error);
    if (status != ZG_OK) return status;
    status = zg_checker_run(certificate, data, scratch.path, &checked, &reason);
    zg_scratch_remove(&scratch);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    if (status != ZG_OK || checked.judgement != ZG_JUDGED_PROVEN) {
        note(out, "the certificate is not proven: %.300s",
             status == ZG_OK ? checked.message : reason.message);
        return ZG_OK;
    }
    /* The program's optimum is that of the training objective with its sign changed. */
    out->known.lower = -checked.upper;
    out->known.upper = -checked.lower;
    snprintf(out->certificate, sizeof out->certificate, "%.1023s", certificate);
    return ZG_OK;
}

static void check_ray(const char *record, const zg_sdp *sdp, zg_instance_proof *out)
{
    json_t *root = json_load_file(record, JSON_REJECT_DUPLICATES, NULL);
    const json_t *list = json_object_get(root, "ray");
    double *ray = zg_doubles(sdp->variables);
    for (size_t k = 0; ray && k < json_array_size(list) && k < sdp->variables; k++)
        ray[k] = json_number_value(json_array_get(list, k));
    if (!ray || zg_sdp_ray_proves(sdp, ray, &out->known.x_infeasible) != ZG_OK ||
        !out->known.x_infeasible)
        note(out, "there is no certificate, and no ray that proves infeasibility");
    free(ray);
    json_decref(root);
}

zg_status zg_instance_proof_find(const char *path, const zg_sdp *sdp, zg_instance_proof *out,
                                 zg_error *error)
{
    char certificate[PATH_ROOM], data[PATH_ROOM], record[PATH_ROOM];
    *out = (zg_instance_proof){.known = {.lower = NAN, .upper = NAN}};
    if (!beside(path, ".certificate.json", certificate)) {
        if (beside(path, ".json", record))
            check_ray(record, sdp, out);
        else
            note(out, "there is no certificate beside the instance");
        return ZG_OK;
    }
    if (!beside(path, ".csv", data)) {
        note(out, "the data of the certificate are not beside the instance");
        return ZG_OK;
    }
    return is_about(certificate, data, sdp, out) ? check_certificate(certificate, data, out, error)
                                                 : ZG_OK;
}
