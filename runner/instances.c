/* Writing the library of instances (see instances.h). */
#include "runner/instances.h"

#include "base/formats.h"
#include "base/linalg.h"
#include "base/number.h"
#include "base/replace.h"
#include "base/scratch.h"
#include "core/proof.h"
#include "core/proof_text.h"
#include "runner/checker.h"
#include "runner/instance_facts.h"
#include "runner/instance_proof.h"
#include "runner/instance_recipes.h"
#include "solvers/cbf_format.h"
#include "solvers/sdpa_format.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LICENCE "Apache-2.0"

enum { FILE_SDPA, FILE_CBF, FILE_DATA, FILE_CERTIFICATE, FILES };
static const char *const keys[FILES] = {"sdpa", "cbf", "data", "certificate"};
static const char *const endings[FILES] = {".dat-s", ".cbf", ".csv", ".certificate.json"};

typedef struct written {
    char path[PATH_MAX];
    char digest[ZG_PROOF_DIGEST_SIZE];
    long bytes;
} written;

typedef struct entry {
    const char *folder;
    zg_instance instance;
    zg_network *network; /* an optimal one, or NULL; owned unless it is the instance's */
    const double *dual;
    zg_sdp *sdp, *conic;
    zg_checked proof;
    zg_instance_facts facts;
    written files[FILES];
    bool there[FILES];
} entry;

static void clear_entry(entry *e)
{
    if (e->network != e->instance.network) zg_network_free(e->network);
    zg_instance_clear(&e->instance);
    zg_sdp_free(e->sdp);
    zg_sdp_free(e->conic);
}

/* ---- proofs ----------------------------------------------------------------------------------- */

/* An optimal network: in closed form, or by the interior-point method as exactly as it can. */
static zg_status find_optimum(entry *e, zg_error *error)
{
    static const double tolerances[] = {1e-11, 1e-9, 1e-8, 1e-7, 1e-6};
    const int count = sizeof tolerances / sizeof *tolerances;
    zg_status status = ZG_FAILED;
    if (e->instance.ray) return ZG_OK;
    e->network = e->instance.network;
    e->dual = e->instance.dual;
    if (e->network) return ZG_OK;
    for (int t = 0; t < count && status == ZG_FAILED; t++)
        status = zg_train(e->instance.problem, "ipm", tolerances[t], &e->network, error);
    if (status != ZG_OK) return status;
    e->dual = e->network->training.dual;
    return e->dual ? ZG_OK : zg_fail(error, ZG_FAILED, "the method left no dual vector");
}

static zg_status write_data(const entry *e, zg_error *error)
{
    return zg_proof_write_data(e->files[FILE_DATA].path, e->instance.dataset, error);
}

static zg_status write_certificate(const entry *e, zg_error *error)
{
    zg_proof_claim claim;
    const zg_proof proof = {.problem = e->instance.problem,
                            .dataset = e->instance.dataset,
                            .network = e->network,
                            .dual = e->dual,
                            .exact = e->instance.network != NULL,
                            .rho = e->instance.rho,
                            .data_path = e->files[FILE_DATA].path};
    zg_status status = zg_proof_write(e->files[FILE_CERTIFICATE].path, &proof, &claim, error);
    if (status == ZG_OK && strcmp(claim.data_file, e->files[FILE_DATA].path) != 0)
        return zg_fail(error, ZG_FAILED, "the rows were not found again in \"%s\"",
                       e->files[FILE_DATA].path);
    return status;
}

/* The interval is what the exact checker proves, not what was claimed. */
static zg_status check(entry *e, zg_error *error)
{
    char certificate[PATH_MAX], data[PATH_MAX];
    zg_scratch scratch = {0};
    if (!realpath(e->files[FILE_CERTIFICATE].path, certificate) ||
        !realpath(e->files[FILE_DATA].path, data))
        return zg_fail(error, ZG_IO, "cannot find what was written: %s", strerror(errno));
    zg_status status = zg_scratch_make(&scratch, error);
    if (status == ZG_OK) status = zg_checker_run(certificate, data, scratch.path, &e->proof, error);
    zg_scratch_remove(&scratch);
    if (status == ZG_OK && e->proof.judgement != ZG_JUDGED_PROVEN)
        return zg_fail(error, ZG_FAILED, "not proven: %s", e->proof.message);
    if (status == ZG_OK && !(e->proof.lower <= e->proof.upper))
        return zg_fail(error, ZG_FAILED, "no interval was proven");
    return status;
}

static zg_status check_ray(const entry *e, zg_error *error)
{
    double *y = zg_doubles(e->sdp->variables);
    bool proven = false;
    if (!y) return zg_no_memory(error);
    memcpy(y, e->instance.ray, e->instance.problem->samples * sizeof *y);
    zg_status status = zg_sdp_ray_proves(e->sdp, y, &proven);
    free(y);
    if (status != ZG_OK) return zg_no_memory(error);
    return proven ? ZG_OK : zg_fail(error, ZG_FAILED, "the ray proves nothing");
}

/* ---- files ------------------------------------------------------------------------------------ */

typedef zg_status (*writer)(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error);

static zg_status write_program(const entry *e, const zg_sdp *sdp, writer write, const char *path,
                               zg_error *error)
{
    char title[512];
    zg_replacement file;
    snprintf(title, sizeof title,
             "%s, family %s\n"
             "(D) min c'y, sum_k yk Fk - F0 in the cone; y: v (%zu), rho (%zu), epigraphs\n"
             "X of matrices 1 to %zu holds Z and Z' of every group in turn: see %s.json",
             e->instance.name, e->instance.family, sdp->samples,
             sdp->bordered ? 2 * sdp->groups : 0, 2 * sdp->groups, e->instance.name);
    zg_status status = zg_replace_begin(&file, path, error);
    if (status != ZG_OK) return status;
    return zg_replace_end(&file, write(sdp, title, file.file, error), error);
}

static zg_status pose(entry *e, zg_error *error)
{
    zg_program program = zg_problem_program(e->instance.problem, 0);
    zg_status status = zg_sdp_create(&program, ZG_SDP_PLAIN, &e->sdp, error);
    if (status == ZG_OK) status = zg_sdp_validate(e->sdp, error);
    if (status == ZG_OK) status = zg_sdp_create(&program, ZG_SDP_CONIC, &e->conic, error);
    if (status == ZG_OK)
        status = write_program(e, e->sdp, zg_sdpa_write, e->files[FILE_SDPA].path, error);
    if (status == ZG_OK)
        status = write_program(e, e->conic, zg_cbf_write, e->files[FILE_CBF].path, error);
    return status;
}

static zg_status weigh_files(entry *e, zg_error *error)
{
    zg_status status = ZG_OK;
    for (int f = 0; f < FILES && status == ZG_OK; f++) {
        struct stat info;
        written *file = &e->files[f];
        if (f == FILE_CERTIFICATE && e->instance.ray) continue;
        if (!SHA256File(file->path, file->digest))
            status = zg_fail(error, ZG_IO, "cannot read \"%s\": %s", file->path, strerror(errno));
        file->bytes = stat(file->path, &info) == 0 ? (long)info.st_size : 0;
        e->there[f] = true;
    }
    return status;
}

/* ---- the record beside an instance -------------------------------------------------------------- */

static json_t *range(size_t first, size_t last)
{
    return json_pack("[I, I]", (json_int_t)first, (json_int_t)last);
}

/* How y and X are read as a dual vector and as networks; numbers from 1. */
static json_t *map_of(const zg_sdp *sdp)
{
    json_t *map = json_object(), *cones = json_array();
    json_object_set_new(map, "v", range(1, sdp->samples));
    if (sdp->bordered)
        json_object_set_new(map, "rho", range(sdp->samples + 1, sdp->samples + 2 * sdp->groups));
    for (size_t g = 0; g < sdp->groups; g++)
        json_array_append_new(cones, range(2 * g + 1, 2 * g + 2));
    json_object_set_new(map, "cones", cones);
    json_object_set_new(map, "bordered", json_boolean(sdp->bordered));
    json_object_set_new(map, "optimum",
                        json_string("the smallest training objective with its sign changed"));
    return map;
}

static json_t *files_of(const entry *e)
{
    json_t *files = json_object();
    for (int f = 0; f < FILES; f++) {
        char name[NAME_MAX + 1];
        snprintf(name, sizeof name, "%s%s", e->instance.name, endings[f]);
        if (e->there[f])
            json_object_set_new(
                files, keys[f],
                json_pack("{s:s, s:s}", "file", name, "digest", e->files[f].digest));
    }
    return files;
}

/* lower or upper: the decimal rounded outwards, and the double itself. */
static void set_bound(json_t *object, const char *name, double value, int side)
{
    char key[16], text[ZG_NUMBER_SIZE], hex[40];
    zg_number_bound(value, 17, side, text);
    snprintf(hex, sizeof hex, "%a", value);
    snprintf(key, sizeof key, "%s_hex", name);
    json_object_set_new(object, name, json_string(text));
    json_object_set_new(object, key, json_string(hex));
}

static zg_status write_record(const entry *e, zg_error *error)
{
    char path[PATH_MAX];
    zg_replacement file;
    const zg_instance *i = &e->instance;
    json_t *root = json_pack("{s:s, s:s, s:s, s:s}", "format", ZG_INSTANCE_FORMAT, "name", i->name,
                             "family", i->family, "status", i->ray ? "x-infeasible" : "optimal");
    json_object_set_new(root, "files", files_of(e));
    if (!i->ray) {
        set_bound(root, "lower", -e->proof.upper, -1);
        set_bound(root, "upper", -e->proof.lower, 1);
    }
    json_t *ray = i->ray ? json_array() : NULL;
    for (size_t k = 0; i->ray && k < i->problem->samples; k++)
        json_array_append_new(ray, json_real(i->ray[k]));
    if (ray) json_object_set_new(root, "ray", ray);
    json_object_set_new(root, "map", map_of(e->sdp));
    json_object_set_new(root, "licence", json_string(LICENCE));
    snprintf(path, sizeof path, "%s/%s.json", e->folder, i->name);
    zg_status status = zg_replace_begin(&file, path, error);
    if (status == ZG_OK) {
        (void)json_dumpf(root, file.file, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        fputc('\n', file.file);
        status = zg_replace_end(&file, ZG_OK, error);
    }
    json_decref(root);
    return status;
}

/* ---- the table ---------------------------------------------------------------------------------- */

static const char header[] =
    "name,family,n,d,loss,activation,architecture,beta,variables,blocks,largest,entries,"
    "cbf_variables,cbf_cones,status,lower,upper,lower_hex,upper_hex,rank,pataki,strict_x,strict_y,"
    "complementarity,condition,degeneracy,licence,sdpa_bytes,cbf_bytes,sdpa_digest,cbf_digest,"
    "data_digest\n";

static void write_model(const zg_problem *p, FILE *table)
{
    char loss[64], architecture[128], beta[ZG_NUMBER_SIZE];
    zg_loss_format(p->loss, loss, sizeof loss);
    zg_architecture_format(&p->architecture, architecture, sizeof architecture);
    zg_number_format(p->beta, beta);
    fprintf(table, "%zu,%zu,%s,\"%.17g,%.17g,%.17g\",\"%s\",%s,", p->samples, p->inputs, loss,
            p->activation.a, p->activation.b, p->activation.c, architecture, beta);
}

static void write_bounds(const entry *e, FILE *table)
{
    char lower[ZG_NUMBER_SIZE], upper[ZG_NUMBER_SIZE];
    if (e->instance.ray) {
        fputs("x-infeasible,,,,,", table);
        return;
    }
    zg_number_bound(-e->proof.upper, 17, -1, lower);
    zg_number_bound(-e->proof.lower, 17, 1, upper);
    fprintf(table, "optimal,%s,%s,%a,%a,", lower, upper, -e->proof.upper, -e->proof.lower);
}

static void write_facts(const entry *e, FILE *table)
{
    const zg_instance_facts *f = &e->facts;
    if (e->network) fprintf(table, "%zu", f->rank);
    fprintf(table, ",%zu,%s,yes,%s,%.2g,", f->pataki, e->instance.ray ? "no" : "yes",
            e->instance.complementarity, f->condition);
    if (e->network) fprintf(table, "%ld", f->degeneracy);
    fprintf(table, ",%s,", LICENCE);
}

static void write_row(const entry *e, FILE *table)
{
    const zg_sdp *sdp = e->sdp;
    size_t largest = 0;
    for (size_t b = 0; b < sdp->block_count; b++)
        if (sdp->blocks[b].order > largest) largest = sdp->blocks[b].order;
    fprintf(table, "%s,%s,", e->instance.name, e->instance.family);
    write_model(e->instance.problem, table);
    fprintf(table, "%zu,%zu,%zu,%zu,%zu,%zu,", sdp->variables, sdp->block_count, largest,
            sdp->entry_count, e->conic->variables, e->conic->block_count);
    write_bounds(e, table);
    write_facts(e, table);
    fprintf(table, "%ld,%ld,%s,%s,%s\n", e->files[FILE_SDPA].bytes, e->files[FILE_CBF].bytes,
            e->files[FILE_SDPA].digest, e->files[FILE_CBF].digest, e->files[FILE_DATA].digest);
}

/* The table that is there, text of the caller's, where its columns are those of today; else NULL.
 */
static char *read_table(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "re");
    if (!file) return NULL;
    ssize_t length = getdelim(&text, &room, '\0', file);
    (void)fclose(file);
    if (length > 0 && strncmp(text, header, sizeof header - 1) == 0) return text;
    free(text);
    return NULL;
}

/* The row of an instance that is not made anew, whose files stay as they are. */
static void keep_row(const char *before, const char *name, FILE *table)
{
    size_t length = strlen(name);
    for (const char *line = before; line && *line; line += strcspn(line, "\n") + 1) {
        size_t end = strcspn(line, "\n");
        if (line[end] != '\n') return;
        if (strncmp(line, name, length) != 0 || line[length] != ',') continue;
        (void)fwrite(line, 1, end + 1, table);
        return;
    }
}

/* ---- all of it ------------------------------------------------------------------------------------ */

static zg_status make(entry *e, const zg_recipe *recipe, const zg_library_options *options,
                      zg_error *error)
{
    zg_status status =
        zg_instance_create(recipe, options->seed, options->size, &e->instance, error);
    for (int f = 0; f < FILES && status == ZG_OK; f++) {
        int length = snprintf(e->files[f].path, PATH_MAX, "%s/%s%s", e->folder, e->instance.name,
                              endings[f]);
        if (length < 0 || length >= PATH_MAX)
            status = zg_fail(error, ZG_BAD_INPUT, "the folder's path is too long");
    }
    if (status == ZG_OK) status = find_optimum(e, error);
    if (status == ZG_OK) status = write_data(e, error);
    if (status == ZG_OK) status = pose(e, error);
    if (status == ZG_OK && !e->instance.ray) status = write_certificate(e, error);
    if (status == ZG_OK) status = e->instance.ray ? check_ray(e, error) : check(e, error);
    if (status == ZG_OK) status = weigh_files(e, error);
    if (status == ZG_OK &&
        zg_instance_facts_find(e->instance.problem, e->network, e->dual, e->sdp, &e->facts))
        status = zg_no_memory(error);
    return status == ZG_OK ? write_record(e, error) : status;
}

static bool is_wanted(const zg_library_options *options, const zg_recipe *recipe)
{
    if (!options->families) return true;
    for (size_t k = 0; k < options->family_count; k++)
        if (strcmp(options->families[k], zg_recipe_family(recipe)) == 0) return true;
    return false;
}

static zg_status check_families(const zg_library_options *options, zg_error *error)
{
    size_t count;
    const char *const *names = zg_recipe_families(&count);
    for (size_t k = 0; options->families && k < options->family_count; k++) {
        size_t i = 0;
        while (i < count && strcmp(names[i], options->families[k]) != 0)
            i++;
        if (i == count) return zg_fail_unknown(error, "family", options->families[k], names, count);
    }
    return ZG_OK;
}

static zg_status write_all(const zg_library_options *options, const char *before, FILE *table,
                           size_t *count, zg_error *error)
{
    size_t recipes, total = 0;
    (void)zg_recipes(&recipes);
    for (size_t r = 0; r < recipes; r++)
        total += is_wanted(options, zg_recipe_at(r));
    fputs(header, table);
    for (size_t r = 0; r < recipes; r++) {
        if (!is_wanted(options, zg_recipe_at(r))) {
            keep_row(before, zg_recipe_name(zg_recipe_at(r)), table);
            continue;
        }
        entry *e = calloc(1, sizeof *e);
        zg_error reason = {0};
        if (!e) return zg_no_memory(error);
        e->folder = options->folder;
        zg_status status = make(e, zg_recipe_at(r), options, &reason);
        if (status == ZG_OK) write_row(e, table);
        if (status == ZG_OK && options->progress)
            options->progress(e->instance.name, *count + 1, total);
        if (status != ZG_OK)
            zg_fail(error, status, "instance %s: %s", e->instance.name ? e->instance.name : "?",
                    reason.message);
        clear_entry(e);
        free(e);
        if (status != ZG_OK) return status;
        ++*count;
    }
    return ZG_OK;
}

/* A new folder, an empty one, or one with a library in it: its files may be replaced. */
static zg_status open_folder(const char *folder, const char *table, zg_error *error)
{
    char head[sizeof header] = "";
    if (mkdir(folder, 0777) == 0) return ZG_OK;
    if (errno != EEXIST)
        return zg_fail(error, ZG_IO, "cannot make the folder \"%s\": %s", folder, strerror(errno));
    FILE *file = fopen(table, "re");
    size_t length = file ? fread(head, 1, sizeof head - 1, file) : 0;
    if (file) (void)fclose(file);
    if (length > 0 && strncmp(head, header, 14) == 0) return ZG_OK;
    if (rmdir(folder) == 0 && mkdir(folder, 0777) == 0) return ZG_OK; /* it was empty */
    return zg_fail(error, ZG_BAD_INPUT,
                   "\"%s\" is not empty and holds no library of instances; name a new folder",
                   folder);
}

zg_status zg_instances_write(const zg_library_options *options, size_t *count, zg_error *error)
{
    char path[PATH_MAX];
    zg_replacement table;
    *count = 0;
    zg_status status = check_families(options, error);
    if (status != ZG_OK) return status;
    int length = snprintf(path, sizeof path, "%s/table.csv", options->folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return zg_fail(error, ZG_BAD_INPUT, "the folder's path is too long");
    status = open_folder(options->folder, path, error);
    if (status == ZG_OK) status = zg_replace_begin(&table, path, error);
    if (status != ZG_OK) return status;
    char *before = read_table(path);
    status = write_all(options, before, table.file, count, error);
    free(before);
    return zg_replace_end(&table, status, error);
}
