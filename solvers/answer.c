/* What a solver wrote (see answer.h): formats told apart, claims found, JSON read. */
#include "solvers/answer.h"

#include "base/memory.h"
#include "solvers/cbf_format.h"
#include "solvers/scan.h"
#include "solvers/sdpa_format.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const claims[] = {"none", "optimal", "infeasible", "x-infeasible",
                                     "y-infeasible"};
static const char *const formats[] = {"sdpa", "csdp", "cbf", "json"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static zg_status find(const char *what, const char *text, const char *const *names, size_t count,
                      size_t *out, zg_error *error)
{
    for (*out = 0; *out < count; ++*out)
        if (strcmp(names[*out], text) == 0) return ZG_OK;
    return zg_fail_unknown(error, what, text, names, count);
}

const char *zg_claim_kind_name(zg_claim_kind kind)
{
    return claims[kind];
}

zg_status zg_claim_kind_parse(const char *text, zg_claim_kind *out, zg_error *error)
{
    size_t index;
    zg_status status = find("claim", text, claims, COUNT(claims), &index, error);
    if (status == ZG_OK) *out = (zg_claim_kind)index;
    return status;
}

const char *zg_answer_format_name(zg_answer_format format)
{
    return format == ZG_ANSWER_DETECT ? "unknown" : formats[format];
}

zg_status zg_answer_format_parse(const char *text, zg_answer_format *out, zg_error *error)
{
    size_t index;
    zg_status status = find("format", text, formats, COUNT(formats), &index, error);
    if (status == ZG_OK) *out = (zg_answer_format)index;
    return status;
}

/* ---- formats and claims --------------------------------------------------------------------- */

static zg_answer_format detect(const char *text)
{
    const char *first = text + strspn(text, " \t\r\n");
    if (*first == '{') return ZG_ANSWER_JSON;
    if (strstr(text, "phase.value") || strstr(text, "xVec")) return ZG_ANSWER_SDPA;
    while (*first == '#') {
        first += strcspn(first, "\n");
        first += strspn(first, " \t\r\n");
    }
    static const char *const keywords[] = {"CLAIM", "PRIMVAR", "DUALVAR", "DUALPSDVAR"};
    for (size_t k = 0; k < COUNT(keywords); k++)
        if (strncmp(first, keywords[k], strlen(keywords[k])) == 0) return ZG_ANSWER_CBF;
    return ZG_ANSWER_CSDP;
}

typedef struct saying {
    const char *word;
    zg_claim_kind claim;
} saying;

static zg_claim_kind claim_of(const char *word, const saying *sayings, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(word, sayings[k].word) == 0) return sayings[k].claim;
    return ZG_CLAIM_NONE;
}

/* SDPA's primal is (D) here.  pdFEAS, pFEAS, dFEAS and noINFO claim nothing. */
static zg_claim_kind claim_of_phase(const char *text)
{
    static const saying phases[] = {
        {"pdOPT", ZG_CLAIM_OPTIMAL},      {"pdINF", ZG_CLAIM_INFEASIBLE},
        {"pUNBD", ZG_CLAIM_X_INFEASIBLE}, {"pFEAS_dINF", ZG_CLAIM_X_INFEASIBLE},
        {"dUNBD", ZG_CLAIM_Y_INFEASIBLE}, {"pINF_dFEAS", ZG_CLAIM_Y_INFEASIBLE},
    };
    const char *found = strstr(text, "phase.value");
    char word[16] = "";
    if (!found) return ZG_CLAIM_NONE;
    found += strlen("phase.value");
    found += strspn(found, " \t=");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(found, " \t\r\n"), found);
    return claim_of(word, phases, COUNT(phases));
}

/* The words of the Conic Benchmark Format's claims are about its own primal, which is (D) here. */
static zg_claim_kind claim_of_cbf(const char *word)
{
    static const saying sayings[] = {
        {"OPTIMAL", ZG_CLAIM_OPTIMAL},
        {"INFEASIBLE", ZG_CLAIM_INFEASIBLE},
        {"PRIMAL_INFEASIBLE", ZG_CLAIM_Y_INFEASIBLE},
        {"DUAL_INFEASIBLE", ZG_CLAIM_X_INFEASIBLE},
    };
    return claim_of(word, sayings, COUNT(sayings));
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static zg_status refuse(const char *path, const char *what, zg_error *error)
{
    return zg_fail(error, ZG_FAILED, "%s: %s", path, what);
}

/* Appends the numbers of nested arrays; false where something else is among them, or too many. */
static bool flatten(const json_t *value, size_t depth, double *out, size_t room, size_t *used)
{
    size_t index;
    json_t *item;
    if (json_is_number(value)) {
        double number = json_number_value(value);
        if (*used == room || !isfinite(number)) return false;
        out[(*used)++] = number;
        return true;
    }
    if (!json_is_array(value) || depth == 0) return false;
    json_array_foreach(value, index,
                       item) if (!flatten(item, depth - 1, out, room, used)) return false;
    return true;
}

/* "y": a list; "X", "Z": a list per block, of its numbers (vectors, full matrices by rows). */
static zg_status read_member(const char *path, const json_t *root, const char *key, double *out,
                             size_t count, bool *has, zg_error *error)
{
    size_t used = 0;
    char what[96];
    const json_t *value = json_object_get(root, key);
    *has = value != NULL;
    if (!value || (flatten(value, 3, out, count, &used) && used == count)) return ZG_OK;
    snprintf(what, sizeof what, "expected %zu finite numbers in arrays as \"%s\"", count, key);
    return refuse(path, what, error);
}

static zg_status read_numbers(const char *path, const json_t *root, const zg_sdp *sdp,
                              zg_answer *out, zg_error *error)
{
    size_t values = sdp->block_values;
    zg_sdp_point *p = &out->point;
    zg_status status = read_member(path, root, "y", p->y, sdp->variables, &out->has_y, error);
    if (status == ZG_OK) status = read_member(path, root, "X", p->x, values, &out->has_x, error);
    if (status == ZG_OK) status = read_member(path, root, "Z", p->z, values, &out->has_z, error);
    if (status == ZG_OK && !(zg_sdp_symmetrise(sdp, p->x) && zg_sdp_symmetrise(sdp, p->z)))
        return refuse(path, "a matrix of X or Z is not symmetric", error);
    return status;
}

/* An objective as the solver printed it, where it did. */
static zg_status read_stated(const char *path, const json_t *root, const char *key, double *out,
                             zg_error *error)
{
    const json_t *value = json_object_get(root, key);
    if (value && !json_is_number(value)) return refuse(path, "an objective is no number", error);
    if (value) *out = json_number_value(value);
    return ZG_OK;
}

static zg_status read_json(const char *path, const char *text, const zg_sdp *sdp, zg_answer *out,
                           zg_error *error)
{
    json_error_t place;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &place);
    if (!root)
        return zg_fail(error, ZG_FAILED, "%s:%d:%d: %s", path, place.line, place.column,
                       place.text);
    const json_t *claim = json_object_get(root, "claim");
    const char *word = json_string_value(claim);
    zg_status status = ZG_OK;
    if (claim && (!word || zg_claim_kind_parse(word, &out->claim, NULL) != ZG_OK))
        status = refuse(path,
                        "expected none, optimal, infeasible, x-infeasible or y-infeasible as "
                        "\"claim\"",
                        error);
    if (status == ZG_OK) status = read_stated(path, root, "primal", &out->stated_primal, error);
    if (status == ZG_OK) status = read_stated(path, root, "dual", &out->stated_dual, error);
    if (status == ZG_OK) status = read_numbers(path, root, sdp, out, error);
    json_decref(root);
    return status;
}

/* ---- all formats ---------------------------------------------------------------------------- */

static zg_status read_cbf(const char *path, const zg_sdp *sdp, zg_answer *out, zg_error *error)
{
    char claim[ZG_CBF_CLAIM_SIZE];
    zg_status status = zg_cbf_read_solution(path, sdp, &out->point, &out->has_y, &out->has_x, claim,
                                            &out->digits, error);
    out->claim = claim_of_cbf(claim);
    return status;
}

static zg_status read_vectors(const char *path, const zg_sdp *sdp, zg_answer *out, zg_error *error)
{
    bool sdpa = out->format == ZG_ANSWER_SDPA;
    zg_status status = zg_solution_read(sdpa ? ZG_FORMAT_SDPA : ZG_FORMAT_CSDP, path, sdp,
                                        &out->point, &out->digits, error);
    zg_stated matrix = {.value = NAN}, vector = {.value = NAN};
    if (sdpa) /* its primal is (D) */
        zg_solution_stated(path, "objValDual", "objValPrimal", &matrix, &vector);
    out->stated_primal = matrix.value;
    out->stated_dual = vector.value;
    bool numbers = matrix.printed == (bool)isfinite(matrix.value) &&
                   vector.printed == (bool)isfinite(vector.value);
    if (status == ZG_OK && !numbers)
        status = zg_fail(error, ZG_FAILED, "%s: an objective is no number", path);
    out->has_y = out->has_x = out->has_z = status == ZG_OK;
    return status;
}

zg_status zg_answer_read(const char *path, zg_answer_format format, const zg_sdp *sdp,
                         zg_answer *out, zg_error *error)
{
    *out = (zg_answer){.format = format, .stated_primal = NAN, .stated_dual = NAN};
    zg_scan scan = {.path = path, .bad = ZG_FAILED, .error = error};
    zg_status status = zg_scan_load(&scan, "the solver left no solution file");
    if (status == ZG_OK) {
        if (format == ZG_ANSWER_DETECT) out->format = detect(scan.text);
        if (out->format == ZG_ANSWER_SDPA) out->claim = claim_of_phase(scan.text);
        if (zg_sdp_point_create(sdp, &out->point) != ZG_OK) status = zg_no_memory(error);
    }
    if (status == ZG_OK && out->format == ZG_ANSWER_JSON)
        status = read_json(path, scan.text, sdp, out, error);
    else if (status == ZG_OK && out->format == ZG_ANSWER_CBF)
        status = read_cbf(path, sdp, out, error);
    else if (status == ZG_OK)
        status = read_vectors(path, sdp, out, error);
    if (status != ZG_OK) out->has_y = out->has_x = out->has_z = false;
    zg_scan_clear(&scan);
    return status;
}

void zg_answer_clear(zg_answer *answer)
{
    zg_sdp_point_clear(&answer->point);
}
