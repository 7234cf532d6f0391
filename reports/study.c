/* What a log is about: problems, methods, best certified bounds. */
#include "reports/study.h"

#include "base/gap.h"
#include "log/provenance.h"
#include "reports/parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- parameters ----------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *leaf_text(const json_t *value)
{
    if (json_is_string(value)) return strdup(json_string_value(value));
    if (json_is_real(value)) {
        zg_text text = {0};
        zg_text_number(&text, json_real_value(value));
        return text.bytes;
    }
    return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
}

static bool visit_object(const json_t *object, const char *prefix, zg_leaf_visitor visit,
                         void *context)
{
    size_t count = json_object_size(object), at = 0;
    const char **names = calloc(count + 1, sizeof *names), *name;
    json_t *value;
    bool done = names != NULL;
    json_object_foreach((json_t *)object, name, value)
    {
        if (names) names[at++] = name;
    }
    if (names) qsort(names, at, sizeof *names, by_name);
    for (size_t i = 0; done && i < at; i++) {
        value = json_object_get(object, names[i]);
        zg_text path = {0};
        zg_text_format(&path, "%s%s%s", prefix, *prefix ? "." : "", names[i]);
        if (json_is_object(value)) {
            done = !path.failed && visit_object(value, path.bytes, visit, context);
        } else {
            char *text = leaf_text(value);
            done = text && !path.failed;
            if (done) visit(context, path.bytes, text);
            free(text);
        }
        zg_text_clear(&path);
    }
    free(names);
    return done;
}

bool zg_study_leaves(const json_t *object, zg_leaf_visitor visit, void *context)
{
    if (json_is_string(object)) {
        visit(context, "method", json_string_value(object)); /* a bare name */
        return true;
    }
    return visit_object(object, "", visit, context);
}

double zg_study_number(const zg_log_case *row, const char *part, const char *name)
{
    const json_t *value = zg_log_member(json_object_get(row->started, part), name);
    double number;
    if (json_is_number(value)) return json_number_value(value);
    if (json_is_string(value) && zg_parse_double(json_string_value(value), &number)) return number;
    return NAN;
}

/* ---- names ---------------------------------------------------------------------------------- */

static const json_t *part_of(const zg_log_case *row, const char *part)
{
    return json_object_get(row->started, part);
}

/* What people call a data set or a method. */
static const char *part_name(const json_t *part)
{
    /* A method's "method" before its "name", which may tell seeds apart. */
    static const char *const names[] = {"method", "name", "source", "generator", "file"};
    if (json_is_string(part)) return json_string_value(part);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = zg_log_text(part, names[i]);
        if (name) return name;
    }
    return NULL;
}

static bool is_name(const char *leaf)
{
    return strcmp(leaf, "name") == 0 || strcmp(leaf, "method") == 0 || strcmp(leaf, "label") == 0;
}

static bool is_seed(const char *leaf)
{
    size_t length = strlen(leaf);
    return strcmp(leaf, "seed") == 0 || (length > 5 && strcmp(leaf + length - 5, ".seed") == 0);
}

typedef struct leaves {
    json_t *into;    /* object: leaf -> text, or leaf -> false where it varies */
    bool skip_seeds; /* of methods */
    bool merge;
    bool failed;
} leaves;

static void collect_leaf(void *context, const char *name, const char *value)
{
    leaves *in = context;
    if (is_name(name) || (in->skip_seeds && is_seed(name))) return;
    const json_t *seen = json_object_get(in->into, name);
    if (!seen || !in->merge) {
        if (json_object_set_new(in->into, name, json_string(value)) != 0) in->failed = true;
    } else if (json_is_string(seen) && strcmp(json_string_value(seen), value) != 0) {
        if (json_object_set_new(in->into, name, json_false()) != 0) in->failed = true;
    }
}

/* Per name of the part, which of its leaves vary within the log: {name: {leaf: text | false}}. */
static json_t *varying_leaves(const zg_log *log, const char *part, bool skip_seeds,
                              bool by_part_name)
{
    json_t *all = json_object();
    bool failed = !all;
    for (size_t i = 0; !failed && i < log->case_count; i++) {
        const json_t *object = part_of(&log->cases[i], part);
        const char *name = by_part_name ? part_name(object) : "";
        if (!object || !name) continue;
        json_t *known = json_object_get(all, name);
        if (!known) {
            known = json_object();
            failed = json_object_set_new(all, name, known) != 0;
        }
        leaves in = {known, skip_seeds, true, false};
        failed = failed || !zg_study_leaves(object, collect_leaf, &in) || in.failed;
    }
    if (!failed) return all;
    json_decref(all);
    return NULL;
}

typedef struct labelling {
    zg_text *label;
    const json_t *varying; /* leaf -> text | false, of this name */
    bool skip_seeds;
    const char *join;
} labelling;

static void label_leaf(void *context, const char *name, const char *value)
{
    labelling *in = context;
    if (is_name(name) || (in->skip_seeds && is_seed(name))) return;
    if (!json_is_false(json_object_get(in->varying, name))) return;
    if (in->label->length) zg_text_add(in->label, in->join);
    if (strcmp(name, "loss") == 0 || strcmp(name, "activation") == 0 ||
        strcmp(name, "architecture") == 0 || strcmp(name, "architecture.kind") == 0)
        zg_text_add(in->label, value);
    else if (strcmp(name, "beta") == 0)
        zg_text_format(in->label, "\xce\xb2=%s", value);
    else
        zg_text_format(in->label, "%s=%s", name, value);
}

static bool add_label(zg_text *label, const json_t *object, const json_t *varying, bool skip_seeds,
                      bool by_part_name)
{
    const char *name = part_name(object);
    if (by_part_name && name) zg_text_add(label, name);
    const json_t *known = json_object_get(varying, by_part_name && name ? name : "");
    labelling in = {label, known, skip_seeds, label->length ? " " : ", "};
    return zg_study_leaves(object, label_leaf, &in);
}

/* ---- groups --------------------------------------------------------------------------------- */

typedef struct grouping {
    zg_study_group *groups;
    size_t count;
    json_t *index; /* identity -> number */
    json_t *labels;
} grouping;

/* The number of the group of that identity, made when it is new; takes both texts over. */
static size_t group_of(grouping *in, zg_text *identity, zg_text *label)
{
    size_t number = SIZE_MAX;
    const json_t *found =
        identity->failed ? NULL : json_object_get(in->index, zg_text_bytes(identity));
    if (found) {
        number = (size_t)json_integer_value(found);
    } else if (!identity->failed && !label->failed) {
        number = in->count;
        if (json_object_get(in->labels, zg_text_bytes(label)))
            zg_text_format(label, " #%zu", number + 1);
        in->groups[number] =
            (zg_study_group){strdup(zg_text_bytes(identity)), strdup(zg_text_bytes(label)), 0};
        in->count++; /* counted at once, so that it is freed in any case */
        if (!in->groups[number].identity || !in->groups[number].label ||
            json_object_set_new(in->labels, in->groups[number].label, json_true()) != 0 ||
            json_object_set_new(in->index, in->groups[number].identity,
                                json_integer((json_int_t)number)) != 0)
            number = SIZE_MAX;
    }
    if (number != SIZE_MAX) in->groups[number].cases++;
    zg_text_clear(identity);
    zg_text_clear(label);
    return number;
}

static void add_identity(zg_text *identity, const json_t *object)
{
    char *dump = json_dumps(object, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    if (dump) zg_text_add(identity, dump);
    if (!dump) identity->failed = true;
    free(dump);
}

static void identity_leaf(void *context, const char *name, const char *value)
{
    bool label = strcmp(name, "name") == 0 || strcmp(name, "label") == 0;
    if (!label && !is_seed(name)) zg_text_format(context, "%s=%s\n", name, value);
}

/* Without parameters in the log, the case's name is all there is: PROBLEM/METHOD. */
static void split_name(const zg_log_case *row, zg_text *problem, zg_text *method)
{
    const char *name = row->name ? row->name : "?";
    const char *slash = strrchr(name, '/');
    zg_text_bytes_add(problem, name, slash ? (size_t)(slash - name) : strlen(name));
    zg_text_add(method, slash ? slash + 1 : "?");
}

typedef struct naming {
    json_t *data, *model, *method; /* what varies */
    grouping problems, methods;
} naming;

static bool place_case(zg_study *study, naming *in, size_t i)
{
    const zg_log_case *row = &study->log->cases[i];
    const json_t *data = part_of(row, "data"), *model = part_of(row, "model");
    const json_t *method = part_of(row, "method"), *digest = part_of(row, "data_digest");
    zg_text problem = {0}, problem_label = {0}, name = {0}, method_label = {0};
    bool done = true;
    if (data && method) {
        add_identity(&problem, data);
        if (model) add_identity(&problem, model);
        if (digest) add_identity(&problem, digest); /* files change under the same settings */
        done = add_label(&problem_label, data, in->data, false, true);
        zg_text models = {0};
        done = done && (!model || add_label(&models, model, in->model, false, false));
        done = done && !models.failed;
        if (models.length) zg_text_format(&problem_label, " \xc2\xb7 %s", models.bytes);
        zg_text_clear(&models);
        done = done && zg_study_leaves(method, identity_leaf, &name) &&
               add_label(&method_label, method, in->method, true, true);
    } else {
        split_name(row, &problem, &name);
        zg_text_add(&problem_label, zg_text_bytes(&problem));
        zg_text_add(&method_label, zg_text_bytes(&name));
    }
    study->problem_of[i] = group_of(&in->problems, &problem, &problem_label);
    study->method_of[i] = group_of(&in->methods, &name, &method_label);
    return done && study->problem_of[i] != SIZE_MAX && study->method_of[i] != SIZE_MAX;
}

static void best_values(zg_study *study)
{
    for (size_t i = 0; i < study->problem_count; i++)
        study->best_bound[i] = study->best_objective[i] = NAN;
    for (size_t i = 0; i < study->log->case_count; i++) {
        const zg_log_case *row = &study->log->cases[i];
        if (row->result.verdict == ZG_WRONG) continue; /* its word does not count */
        size_t problem = study->problem_of[i];
        /* fmax and fmin pass over NAN. */
        study->best_bound[problem] = fmax(study->best_bound[problem], row->result.bound);
        study->best_objective[problem] =
            fmin(study->best_objective[problem], row->result.objective);
    }
}

/* The first run whose times may be compared with those of a run. */
static size_t kind_of(const zg_log *log, size_t run)
{
    char what[200];
    const json_t *own = json_object_get(log->runs[run].started, "provenance");
    for (size_t i = 0; i < run; i++) {
        const json_t *other = json_object_get(log->runs[i].started, "provenance");
        if (!zg_provenance_differs(other, own, what, sizeof what)) return i;
    }
    return run;
}

/* Parts of a run may come from several machines: times of those that few cases ran on are compared
 * with no others.  Of equal numbers the first counts.  false when memory ran out. */
static bool find_elsewhere(zg_study *study)
{
    const zg_log *log = study->log;
    size_t *kinds = calloc(log->run_count + 1, sizeof *kinds), most = 0;
    size_t *cases = calloc(log->run_count + 1, sizeof *cases);
    study->elsewhere = calloc(log->case_count + 1, sizeof *study->elsewhere);
    bool done = kinds && cases && study->elsewhere;
    for (size_t r = 0; done && r < log->run_count; r++)
        kinds[r] = kind_of(log, r);
    for (size_t i = 0; done && i < log->case_count; i++)
        if (log->cases[i].run != SIZE_MAX) cases[kinds[log->cases[i].run]]++;
    for (size_t r = 0; done && r < log->run_count; r++)
        if (cases[r] > cases[most]) most = r;
    for (size_t i = 0; done && i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        study->elsewhere[i] = row->run != SIZE_MAX && kinds[row->run] != most;
        study->elsewhere_count += study->elsewhere[i] && row->finished;
    }
    free(kinds);
    free(cases);
    return done;
}

static void read_settings(zg_study *study)
{
    study->tolerance = study->limit = NAN;
    for (size_t i = 0; i < study->log->run_count; i++) {
        const json_t *event = study->log->runs[i].started;
        double tolerance = zg_log_number(event, "tolerance");
        double limit = zg_log_number(event, "limits.seconds");
        if (!isnan(tolerance)) study->tolerance = tolerance;
        if (limit > 0) study->limit = limit;
    }
    for (size_t i = 0; i < study->log->case_count; i++) { /* the widest of several suites */
        const json_t *event = study->log->cases[i].started;
        study->tolerance = fmax(study->tolerance, zg_log_number(event, "tolerance"));
        study->limit = fmax(study->limit, zg_log_number(event, "limits.seconds"));
    }
    if (isnan(study->tolerance)) study->tolerance = 1e-6;
}

static void clear_groups(zg_study_group *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(groups[i].identity);
        free(groups[i].label);
    }
    free(groups);
}

zg_status zg_study_create(const zg_log *log, zg_study *out, zg_error *error)
{
    *out = (zg_study){.log = log};
    size_t room = log->case_count + 1;
    naming in = {varying_leaves(log, "data", false, true),
                 varying_leaves(log, "model", false, false),
                 varying_leaves(log, "method", true, true),
                 {calloc(room, sizeof(zg_study_group)), 0, json_object(), json_object()},
                 {calloc(room, sizeof(zg_study_group)), 0, json_object(), json_object()}};
    out->problem_of = calloc(room, sizeof *out->problem_of);
    out->method_of = calloc(room, sizeof *out->method_of);
    out->best_bound = calloc(room, sizeof *out->best_bound);
    out->best_objective = calloc(room, sizeof *out->best_objective);
    bool done = in.data && in.model && in.method && in.problems.groups && in.methods.groups &&
                in.problems.index && in.methods.index && in.problems.labels && in.methods.labels &&
                out->problem_of && out->method_of && out->best_bound && out->best_objective;
    for (size_t i = 0; done && i < log->case_count; i++)
        done = place_case(out, &in, i);
    out->problems = in.problems.groups;
    out->problem_count = in.problems.count;
    out->methods = in.methods.groups;
    out->method_count = in.methods.count;
    json_t *maps[] = {in.data,          in.model,           in.method,        in.problems.index,
                      in.methods.index, in.problems.labels, in.methods.labels};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        json_decref(maps[i]);
    if (!done) {
        zg_study_clear(out);
        return zg_no_memory(error);
    }
    if (!find_elsewhere(out)) {
        zg_study_clear(out);
        return zg_no_memory(error);
    }
    best_values(out);
    read_settings(out);
    out->not_started = zg_parts_not_started(log);
    return ZG_OK;
}

void zg_study_clear(zg_study *study)
{
    clear_groups(study->problems, study->problem_count);
    clear_groups(study->methods, study->method_count);
    free(study->problem_of);
    free(study->method_of);
    free(study->best_bound);
    free(study->best_objective);
    free(study->elsewhere);
    memset(study, 0, sizeof *study);
}

/* ---- distance ------------------------------------------------------------------------------- */

bool zg_study_known(const zg_study *study, size_t problem)
{
    return zg_gap(study->best_objective[problem], study->best_bound[problem]) <=
           study->tolerance; /* false for NAN */
}

double zg_study_distance(const zg_study *study, size_t i)
{
    const zg_log_case *row = &study->log->cases[i];
    if (!zg_verdict_ran(row->result.verdict)) return NAN;
    double gap = zg_gap(row->result.objective, study->best_bound[study->problem_of[i]]);
    return gap < 0 ? 0 : gap;
}

/* ---- load ----------------------------------------------------------------------------------- */

double zg_study_overload(const zg_study *study, const zg_log_case *row)
{
    if (row->run == SIZE_MAX) return 0;
    const json_t *run = study->log->runs[row->run].started;
    double processors = zg_log_number(run, "provenance.processors");
    if (isnan(processors)) processors = zg_log_number(run, "provenance.cores");
    return row->result.load > ZG_STUDY_BUSY * processors ? row->result.load / processors : 0;
}

size_t zg_study_busy_cases(const zg_study *study)
{
    size_t count = 0;
    for (size_t i = 0; i < study->log->case_count; i++)
        count += zg_study_overload(study, &study->log->cases[i]) > 0;
    return count;
}

/* ---- times ---------------------------------------------------------------------------------- */

double zg_study_time_to_gap(const zg_log_case *row, double gap)
{
    if (!zg_verdict_ran(row->result.verdict)) return INFINITY;
    double objective = INFINITY, bound = -INFINITY;
    for (size_t i = 0; i < row->progress.count; i++) {
        const zg_log_progress *point = &row->progress.at[i];
        if (point->objective < objective) objective = point->objective;
        if (point->bound > bound) bound = point->bound;
        if (zg_gap(objective, bound) <= gap) return point->seconds;
    }
    return row->result.gap <= gap && !isnan(row->result.seconds) ? row->result.seconds : INFINITY;
}

double zg_study_time_to_bound(const zg_log_case *row, double bound, double share)
{
    if (!zg_verdict_ran(row->result.verdict) || isnan(bound)) return INFINITY;
    for (size_t i = 0; i < row->progress.count; i++) {
        if (zg_gap(row->progress.at[i].objective, bound) <= share)
            return row->progress.at[i].seconds;
    }
    bool reached = zg_gap(row->result.objective, bound) <= share;
    return reached && !isnan(row->result.seconds) ? row->result.seconds : INFINITY;
}
