/* zerogap discrepancy: how far two samples are apart for polynomial networks. */
#include "base/linalg.h"
#include "base/number.h"
#include "base/plain.h"
#include "base/replace.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table_options.h"
#include "core/critic_generator.h"
#include "core/discrepancy.h"
#include "core/safe.h"
#include "data/catalogue.h"
#include "data/csv.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORK 1e13 /* rows x inputs^2 x permutations */
#define MOST_SHOWN 6   /* weights of the witness */
#define MOST_MADE 3    /* samples that are made until one is within EPS by its own bound */

typedef struct arguments {
    const char *activation, *permutations, *seed, *certificate, *generate, *output;
    bool standardize, json, quiet, force;
    zg_table_options table;
    /* As parsed and loaded. */
    const char *paths[2];
    size_t files, count, seed_number;
    double eps;
    zg_activation sigma;
    zg_dataset *sample[2], *both;
    zg_problem *problem;
    struct {
        size_t rank;
        double trace, least;
    } made;
} arguments;

static const zg_cli_command command = {
    .name = "discrepancy",
    .examples = {{"zerogap discrepancy real.csv synthetic.csv --standardize",
                  "How far the two samples are apart for networks, exactly, the neuron that tells "
                  "them apart best, and how often chance alone would."},
                 {"zerogap discrepancy real.csv --generate 0.1 --output synthetic.csv",
                  "Rows of least variance whose second moments no quadratic network tells from the "
                  "real ones' by more than 0.1."}},
    .usage = "FIRST.csv SECOND.csv [OPTION]...",
    .summary = "how far two samples are apart for networks, exactly",
    .about =
        "The largest difference between a network's means on two samples, over all two-layer "
        "polynomial networks with sum |alpha| <= 1: a critic trained to global optimality by one "
        "eigendecomposition. Prints the value between two bounds that hold, the neuron that "
        "attains it, and the p-value of a permutation test. All columns are inputs. With "
        "--generate EPS the second sample is made: of all samples that are at most EPS apart from "
        "the first for networks of this activation (without --activation: quadratic), the one of "
        "least mean |x|^2, whose discrepancy and a network that no sample can evade prove it.",
    .run = zg_cmd_discrepancy,
};

static const zg_cli_option option_rows[] = {
    {.name = "activation",
     .letter = 'a',
     .argument = "A",
     .at = offsetof(arguments, activation),
     .help = "relu2 (default), quadratic, or A,B,C for A t^2 + B t + C."},
    {.name = "standardize",
     .at = offsetof(arguments, standardize),
     .help = "Scale inputs by means and standard deviations of all rows of both samples."},
    {.name = "permutations",
     .argument = "N",
     .at = offsetof(arguments, permutations),
     .help = "Permutations of the rows between the samples, for the p-value (default 999; 0: "
             "none)."},
    {.name = "seed",
     .argument = "N",
     .at = offsetof(arguments, seed),
     .help = "Seed of the permutations (default 0)."},
    {.name = "generate",
     .argument = "EPS",
     .at = offsetof(arguments, generate),
     .help = "Make the second sample: see above."},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .at = offsetof(arguments, output),
     .writes = ZG_KIND_UNMARKED,
     .help = "Where --generate writes its rows as CSV."},
    {.name = "certificate",
     .letter = 'c',
     .argument = "FILE",
     .at = offsetof(arguments, certificate),
     .writes = ZG_KIND_DISCREPANCY,
     .help = "Write a certificate that zerogap verify checks in exact arithmetic."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the result as one JSON document."},
    {.name = "quiet", .letter = 'q', .at = offsetof(arguments, quiet), .help = "No notes."},
    ZG_FORCE_OPTION,
};

/* ---- the samples ----------------------------------------------------------------------------- */

static zg_status check(arguments *a, zg_error *error)
{
    a->count = a->generate ? 0 : 999;
    size_t expected = a->generate ? 1 : 2;
    if (a->files != expected)
        return zg_fail(error, ZG_BAD_INPUT, "expected %s",
                       a->generate ? "one file, FIRST.csv, beside --generate"
                                   : "two files, FIRST.csv and SECOND.csv");
    const char *name = a->activation ? a->activation : a->generate ? "quadratic" : "relu2";
    zg_status status = zg_activation_parse(name, &a->sigma, error);
    if (status == ZG_OK)
        status = zg_cli_size("permutations", a->permutations, 0, 10000000, &a->count, error);
    if (status == ZG_OK)
        status = zg_cli_size("seed", a->seed, 0, UINT32_MAX, &a->seed_number, error);
    if (status == ZG_OK) status = zg_cli_number("generate", a->generate, 0, 1e300, &a->eps, error);
    if (status != ZG_OK) return status;
    if (a->generate && !(a->eps > 0.0))
        return zg_fail(
            error, ZG_BAD_INPUT,
            "expected an EPS above 0: no sample but one with the first one's own moments "
            "is 0 apart from it, and no bound in double precision says so");
    if (!a->generate && a->output)
        return zg_fail(error, ZG_BAD_INPUT, "--output is that of --generate EPS");
    if (a->generate && (a->standardize || a->count > 0))
        return zg_fail(error, ZG_BAD_INPUT,
                       "--generate is in the inputs' own units, and its rows come from the first "
                       "sample's: not with --standardize or --permutations");
    status = zg_cli_writable("output", a->output, error);
    return status ? status : zg_cli_writable("certificate", a->certificate, error);
}

static zg_status load(arguments *a, zg_error *error)
{
    zg_status status = ZG_OK;
    zg_schema schema = {0};
    for (size_t k = 0; k < a->files && status == ZG_OK; k++) {
        zg_data_options options = {.no_target = true};
        if (k > 0) { /* columns are those of the first */
            schema = zg_dataset_schema(a->sample[0]);
            schema.targets = 0;
            schema.target_names = NULL;
            schema.lenient = true;
            options.schema = &schema;
        }
        status = zg_table_options_apply(&a->table, &options, error);
        if (status == ZG_OK)
            status = zg_catalogue_load(a->paths[k], &options, &a->sample[k], error);
        if (status == ZG_OK && !a->quiet) zg_print_notes(a->sample[k]);
        if (status == ZG_OK && a->sample[k]->inputs != a->sample[0]->inputs)
            status = zg_fail(error, ZG_BAD_INPUT, "%.400s has %zu columns, %.400s has %zu",
                             a->paths[0], a->sample[0]->inputs, a->paths[k], a->sample[k]->inputs);
    }
    return status;
}

static bool has_closed_form(const zg_activation *s)
{
    return s->b == 0.0 && s->c == 0.0 && s->a > 0.0;
}

/* Rows against the quadratic critic: soft threshold of the spectrum. */
static zg_status make_by_spectrum(arguments *a, double eps, zg_error *error)
{
    const zg_dataset *real = a->sample[0];
    size_t n = real->rows, d = real->inputs;
    zg_moment_generator generator;
    double scaled = eps / a->sigma.a; /* a t^2 sees a |S - C| */
    zg_status status = zg_moment_generator_create(n, d, real->x, scaled, &generator, error);
    if (status != ZG_OK) return status;
    zg_gemm(false, false, d, n, d, 1.0, generator.map, d, real->x, d, 0.0, a->sample[1]->x, d);
    a->made.rank = generator.rank;
    a->made.least = generator.least;
    zg_moment_generator_clear(&generator);
    return ZG_OK;
}

/* Against critics of other activations: three cones. */
static zg_status make_by_cones(arguments *a, double eps, zg_error *error)
{
    const zg_dataset *real = a->sample[0];
    size_t n = real->rows;
    zg_critic_generator generator;
    zg_status status =
        zg_critic_generator_create(n, real->inputs, real->x, a->sigma, eps, &generator, error);
    if (status != ZG_OK) return status;
    zg_critic_generator_apply(&generator, n, real->x, a->sample[1]->x);
    a->made.rank = generator.rank;
    a->made.least = generator.least;
    zg_critic_generator_clear(&generator);
    return ZG_OK;
}

/* The second sample. */
static zg_status make(arguments *a, double eps, zg_error *error)
{
    const zg_dataset *real = a->sample[0];
    zg_dataset_free(a->sample[1]);
    a->sample[1] = NULL;
    zg_status status = zg_dataset_alloc(real->rows, real->inputs, 0, &a->sample[1], error);
    if (status == ZG_OK)
        status = (has_closed_form(&a->sigma) ? make_by_spectrum : make_by_cones)(a, eps, error);
    if (status != ZG_OK) return status;
    a->made.trace = 0.0;
    for (size_t k = 0; k < real->rows * real->inputs; k++)
        a->made.trace += a->sample[1]->x[k] * a->sample[1]->x[k] / (double)real->rows;
    return real->input_names
               ? zg_dataset_set_names(a->sample[1], (const char *const *)real->input_names, NULL,
                                      error)
               : ZG_OK;
}

static zg_status write_made(const arguments *a, zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, a->output, error);
    if (status != ZG_OK) return status;
    status = zg_csv_write(replacement.file, a->sample[1], error);
    return zg_replace_end(&replacement, status, error);
}

/* A name for the column of labels that no input has. */
static void label_name(const zg_dataset *sample, char name[64])
{
    size_t length = (size_t)snprintf(name, 32, "sample");
    for (size_t j = 0; sample->input_names && j < sample->inputs && length < 62; j++) {
        if (strcmp(sample->input_names[j], name) != 0) continue;
        name[length++] = '_';
        name[length] = '\0';
        j = SIZE_MAX; /* from the beginning */
    }
}

/* Both samples as one data set with two classes. */
static zg_status join(arguments *a, zg_error *error)
{
    const zg_dataset *first = a->sample[0], *second = a->sample[1];
    size_t d = first->inputs, n = first->rows + second->rows;
    static const char *const labels[] = {"first", "second"};
    char name[64];
    const char *names[] = {name};
    label_name(first, name);
    zg_problem_free(a->problem);
    zg_dataset_free(a->both);
    a->problem = NULL;
    a->both = NULL;
    zg_status status = zg_dataset_alloc(n, d, 1, &a->both, error);
    if (status != ZG_OK) return status;
    memcpy(a->both->x, first->x, first->rows * d * sizeof(double));
    memcpy(a->both->x + first->rows * d, second->x, second->rows * d * sizeof(double));
    for (size_t i = first->rows; i < n; i++)
        a->both->t[i] = 1;
    status = zg_dataset_set_labels(a->both, 2, labels, error);
    if (status == ZG_OK)
        status =
            zg_dataset_set_names(a->both, (const char *const *)first->input_names, names, error);
    if (status != ZG_OK) return status;
    const zg_model_options model = {.activation = a->sigma,
                                    .loss = {ZG_LOSS_SQUARED, 1.0},
                                    .task = ZG_BINARY,
                                    .beta = 1.0,
                                    .standardize = a->standardize};
    return zg_problem_create(a->both, &model, &a->problem, error);
}

static zg_status measure(arguments *a, zg_discrepancy *found, zg_error *error)
{
    zg_discrepancy_clear(found);
    zg_status status = join(a, error);
    return status ? status : zg_discrepancy_find(a->problem, found, error);
}

/* Rows whose own discrepancy is proven to be below EPS as they will be written.  What rounding adds
 * to its bound is made room for, eight times, since cones that are safe to check take some more. */
static zg_status generate(arguments *a, zg_discrepancy *found, zg_error *error)
{
    double room = 0.0, least = 0.0;
    for (int made = 0; made < MOST_MADE && room < a->eps; made++) {
        zg_status status = make(a, a->eps - room, error);
        if (made == 0) least = a->made.least;
        a->made.least = least; /* of EPS itself */
        if (status == ZG_OK) status = measure(a, found, error);
        if (status != ZG_OK || found->bound < a->eps) return status;
        room += 8.0 * (found->bound - a->eps) + 4.0 * DBL_EPSILON * a->eps;
    }
    if (!(found->attained < a->eps))
        return zg_fail(error, ZG_FAILED,
                       "the rows made are %.9g apart from the first sample, not %.9g: a larger "
                       "EPS, or more rows than inputs",
                       found->attained, a->eps);
    char bound[ZG_NUMBER_SIZE];
    zg_number_bound(found->bound, 6, 1, bound);
    return zg_fail(
        error, ZG_BAD_INPUT,
        "EPS is too small for rows of this size: by rounding alone, the rows made may be "
        "up to %s apart from the first sample",
        bound);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void print_witness(const arguments *a, const zg_discrepancy *found)
{
    size_t d = a->problem->inputs, shown = 0;
    if (!(found->attained > 0.0)) {
        printf("%-12s none: rounding alone may make this difference\n", "witness");
        return;
    }
    bool *done = calloc(d, sizeof *done);
    printf("%-12s", "witness");
    for (; done && shown < d && shown < MOST_SHOWN; shown++) {
        size_t best = d;
        for (size_t j = 0; j < d; j++)
            if (!done[j] && (best == d || fabs(found->u[j]) > fabs(found->u[best]))) best = j;
        done[best] = true;
        char name[96];
        if (a->both->input_names)
            snprintf(name, sizeof name, "%.90s", a->both->input_names[best]);
        else
            snprintf(name, sizeof name, "x%zu", best + 1);
        zg_make_plain(name);
        printf(" %+.4f %s", found->u[best], name);
    }
    printf("%s; the mean is %s on the first\n", shown < d ? " .." : "",
           found->sign > 0 ? "larger" : "smaller");
    free(done);
}

static void print(const arguments *a, const zg_discrepancy *found, size_t exceeding)
{
    printf("%-12s %zu and %zu, %zu inputs%s\n", "rows", found->first, found->second,
           a->problem->inputs, a->standardize ? ", standardised together" : "");
    if (a->generate) {
        char bound[ZG_NUMBER_SIZE];
        zg_number_bound(a->made.least, 12, -1, bound);
        printf("%-12s rank %zu, trace %.12g, no admissible one below %s\n", "generator",
               a->made.rank, a->made.trace, bound);
    }
    char least[ZG_NUMBER_SIZE], most[ZG_NUMBER_SIZE];
    zg_number_bound(found->attained, 12, -1, least);
    zg_number_bound(found->bound, 12, 1, most);
    printf("%-12s %.10g  (at least %s, at most %s)\n", "discrepancy", found->bound, least, most);
    print_witness(a, found);
    if (a->count > 0)
        printf("%-12s %.6g  (%zu of %zu permutations are as far apart, seed %zu)\n", "p",
               (1.0 + (double)exceeding) / (1.0 + (double)a->count), exceeding, a->count,
               a->seed_number);
}

static json_t *as_json(const arguments *a, const zg_discrepancy *found, size_t exceeding)
{
    json_t *root = json_object(), *witness = json_array();
    json_object_set_new(root, "command", json_string("discrepancy"));
    json_object_set_new(root, "rows",
                        json_pack("[I,I]", (json_int_t)found->first, (json_int_t)found->second));
    zg_cli_json_number(root, "lower", found->attained);
    zg_cli_json_number(root, "upper", found->bound);
    bool any = found->attained > 0.0;
    for (size_t j = 0; any && j < a->problem->inputs; j++)
        json_array_append_new(witness, json_real(found->u[j]));
    json_object_set_new(root, "witness", witness);
    json_object_set_new(root, "sign", json_integer(any ? found->sign : 0));
    if (a->generate) {
        json_object_set_new(root, "rank", json_integer((json_int_t)a->made.rank));
        zg_cli_json_number(root, "trace", a->made.trace);
        zg_cli_json_number(root, "least_trace", a->made.least);
    }
    if (a->count > 0) {
        json_object_set_new(root, "permutations", json_integer((json_int_t)a->count));
        json_object_set_new(root, "exceeding", json_integer((json_int_t)exceeding));
        json_object_set_new(root, "seed", json_integer((json_int_t)a->seed_number));
        zg_cli_json_number(root, "p", (1.0 + (double)exceeding) / (1.0 + (double)a->count));
    }
    return root;
}

static void print_certificate(const arguments *a, const zg_discrepancy_claim *claim, json_t *root)
{
    if (!root) {
        char least[ZG_NUMBER_SIZE], most[ZG_NUMBER_SIZE];
        zg_number_bound(claim->lower, 12, -1, least);
        zg_number_bound(claim->upper, 12, 1, most);
        printf("%-12s %s  claims [%s, %s]\n", "certificate", a->certificate, least, most);
        printf("%-12s zerogap verify %s --data %s\n", "check with", a->certificate,
               claim->data_file);
        return;
    }
    json_t *object = json_object();
    zg_cli_json_text(object, "file", a->certificate);
    zg_cli_json_text(object, "data", claim->data_file);
    zg_cli_json_number(object, "lower", claim->lower);
    zg_cli_json_number(object, "upper", claim->upper);
    json_object_set_new(root, "certificate", object);
}

/* ---- all together ---------------------------------------------------------------------------- */

/* Files are written when nothing but writing them can fail any more. */
static zg_status write_files(const arguments *a, const zg_discrepancy *found,
                             zg_discrepancy_claim *claim, zg_error *error)
{
    const zg_proof proof = {.problem = a->problem, .dataset = a->both};
    double most = a->generate ? zg_down(a->eps) : INFINITY;
    zg_status status = ZG_OK;
    if (a->certificate)
        status = zg_discrepancy_write(a->certificate, &proof, found, most, claim, error);
    return status == ZG_OK && a->output ? write_made(a, error) : status;
}

static zg_status permute(const arguments *a, const zg_discrepancy *found, size_t *exceeding,
                         zg_error *error)
{
    double d = (double)a->problem->inputs;
    if ((double)a->count * (double)a->problem->samples * d * d > MOST_WORK)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%zu permutations of %zu rows with %zu inputs would take hours: fewer "
                       "--permutations",
                       a->count, a->problem->samples, a->problem->inputs);
    return zg_discrepancy_permute(a->problem, found->attained, a->count, (uint32_t)a->seed_number,
                                  exceeding, error);
}

static zg_status work(arguments *a, zg_error *error)
{
    zg_discrepancy found = {0};
    zg_discrepancy_claim claim;
    size_t exceeding = 0;
    zg_status status = (a->generate ? generate : measure)(a, &found, error);
    if (status == ZG_OK) status = permute(a, &found, &exceeding, error);
    if (status == ZG_OK) status = write_files(a, &found, &claim, error);
    json_t *root = status == ZG_OK && a->json ? as_json(a, &found, exceeding) : NULL;
    if (status == ZG_OK && !root) print(a, &found, exceeding);
    if (status == ZG_OK && a->certificate) print_certificate(a, &claim, root);
    if (root) zg_cli_print_json(root, stdout);
    zg_discrepancy_clear(&found);
    return status;
}

int zg_cmd_discrepancy(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    zg_cli_words words = {a.paths, 2, 0};
    zg_error error = {0};
    const zg_cli_table tables[] = {zg_table_options_rows(&a.table), ZG_CLI_TABLE(option_rows, &a)};
    if (!zg_cli_begin(&command, tables, sizeof tables / sizeof *tables, argc, argv, &words,
                      &exit_status))
        return exit_status;
    a.files = words.count;
    zg_status status = check(&a, &error);
    if (status == ZG_OK) status = load(&a, &error);
    if (status == ZG_OK) status = work(&a, &error);
    zg_problem_free(a.problem);
    zg_dataset_free(a.both);
    zg_dataset_free(a.sample[0]);
    zg_dataset_free(a.sample[1]);
    return status ? zg_cli_fail("discrepancy", &error) : ZG_EXIT_FINE;
}
