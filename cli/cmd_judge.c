/* zerogap judge: what a solver's answer is worth. */
#include "base/number.h"
#include "base/replace.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/options.h"
#include "runner/instance_proof.h"
#include "solvers/cbf_format.h"
#include "solvers/sdpa_format.h"
#include "solvers/solver_run.h"

#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct arguments {
    const char *files[2]; /* instance, solution */
    const char *format, *claim, *digits;
    const char *adapter, *program, *seconds;
    bool json;
} arguments;

typedef struct judged {
    zg_solver_run solver; /* with --adapter */
    zg_program_identity identity;
    bool gave_up; /* the solver says that it failed */
    zg_sdp *sdp;
    zg_instance_proof proof;
    zg_answer answer;
    zg_claim_kind claim;
    size_t digits;
    zg_opinion opinion;
} judged;

static const zg_cli_command command = {
    .name = "judge",
    .examples = {{"zerogap judge library/exact-absolute-5.dat-s answer.json",
                  "How many digits of an answer are right."},
                 {"zerogap judge library/infeasible-line-1.cbf solution --claim infeasible --json",
                  "Whether what a solver said by its exit status is true, for a program."}},
    .usage = "INSTANCE SOLUTION|--adapter ADAPTER [OPTION]...",
    .summary = "what the answer of a semidefinite programming solver is worth",
    .about =
        "Reads a program in SDPA's sparse format (.dat-s) or in the Conic Benchmark Format (.cbf) "
        "and what a solver wrote about it, computes objectives, the six DIMACS error measures and "
        "a rigorous bound from these two files alone, and compares with the proven interval of the "
        "optimum that zerogap instances left beside the program. With --adapter it runs the solver "
        "on "
        "the program itself. Ends with 0 where the answer is "
        "right (to --digits digits, no error measure above 1e-5) or a claim of infeasibility is "
        "true, with 2 where it is wrong, and with 3 where nothing is known that could decide.",
    .run = zg_cmd_judge,
};

static const zg_cli_option option_rows[] = {
    {.name = "format",
     .argument = "F",
     .at = offsetof(arguments, format),
     .help = "Of the solution: sdpa, csdp (DSDP's -save, too), cbf or json. Default: told by its "
             "content."},
    {.name = "claim",
     .argument = "C",
     .at = offsetof(arguments, claim),
     .help = "What the solver said elsewhere: optimal, infeasible, x-infeasible (there is no X), "
             "y-infeasible (there is no y) or none. Default: what the solution says."},
    {.name = "digits",
     .argument = "K",
     .at = offsetof(arguments, digits),
     .help = "Digits that have to be right, 1 to 15 (default 5)."},
    {.name = "adapter",
     .argument = "ADAPTER",
     .at = offsetof(arguments, adapter),
     .help = "Instead of SOLUTION: run a solver by its adapter (zerogap list adapters), which also "
             "says what it claims."},
    {.name = "program",
     .argument = "PATH",
     .at = offsetof(arguments, program),
     .help = "The adapter's program, instead of the one that it names."},
    {.name = "seconds",
     .argument = "S",
     .at = offsetof(arguments, seconds),
     .help = "Limit on the solver's time in seconds (default: none)."},
    {.name = "json", .at = offsetof(arguments, json), .help = "Print one JSON document."},
};

/* ---- reading ---------------------------------------------------------------------------------- */

static zg_status read_instance(const char *path, zg_sdp **out, zg_error *error)
{
    const char *dot = strrchr(path, '.');
    bool cbf = dot && strcasecmp(dot, ".cbf") == 0;
    return (cbf ? zg_cbf_read : zg_sdpa_read)(path, out, error);
}

/* ---- the solver ------------------------------------------------------------------------------- */

/* The program as it was read, in the solver's directory. */
static zg_status write_program(const judged *j, zg_error *error)
{
    char path[ZG_SOLVER_PATH_SIZE];
    zg_replacement file;
    zg_solver_path(&j->solver, ZG_SOLVER_PROBLEM, path);
    zg_status status = zg_replace_begin(&file, path, error);
    if (status != ZG_OK) return status;
    return zg_replace_end(&file, zg_sdpa_write(j->sdp, "", file.file, error), error);
}

/* Runs the solver; what it says is the claim, and where it says that it failed there is no answer,
 * whatever it has written. */
static zg_status run_solver(const arguments *a, judged *j, char *solution, zg_error *error)
{
    static const zg_claim_kind claims[] = {ZG_CLAIM_OPTIMAL,      ZG_CLAIM_NONE,
                                           ZG_CLAIM_Y_INFEASIBLE, ZG_CLAIM_X_INFEASIBLE,
                                           ZG_CLAIM_NONE,         ZG_CLAIM_NONE};
    double seconds = 0;
    zg_status status = zg_cli_number("seconds", a->seconds, 1e-3, 1e9, &seconds, error);
    if (status == ZG_OK) status = zg_solver_by_adapter(&j->solver, a->adapter, a->program, error);
    if (status == ZG_OK) status = zg_solver_prepare(&j->solver, error);
    if (status == ZG_OK) status = write_program(j, error);
    if (status == ZG_OK) status = zg_solver_start(&j->solver, seconds, seconds, error);
    zg_solver_introduce(&j->solver, &j->identity);
    if (status != ZG_OK) return status;
    zg_saying said = zg_solver_saying(&j->solver);
    if (said == ZG_SAYING_MISSING)
        return zg_fail(error, ZG_MISSING, "what %s needs is not installed%s",
                       j->solver.adapter->name, j->solver.ending);
    j->claim = claims[said];
    zg_solver_path(&j->solver, ZG_SOLVER_SOLUTION, solution);
    j->gave_up = said == ZG_SAYING_FAILED;
    if (j->gave_up) (void)remove(solution);
    return ZG_OK;
}

/* ---- the verdict ------------------------------------------------------------------------------ */

static zg_status judge(const arguments *a, judged *j, zg_error *error)
{
    char solution[ZG_SOLVER_PATH_SIZE];
    const char *file = a->adapter ? solution : a->files[1];
    zg_answer_format format = ZG_ANSWER_DETECT;
    zg_error complaint = {0};
    j->digits = 5;
    zg_status status = zg_cli_size("digits", a->digits, 1, 15, &j->digits, error);
    if (status == ZG_OK && a->format) status = zg_answer_format_parse(a->format, &format, error);
    if (status == ZG_OK && a->claim) status = zg_claim_kind_parse(a->claim, &j->claim, error);
    if (status == ZG_OK) status = read_instance(a->files[0], &j->sdp, error);
    if (status == ZG_OK) status = zg_instance_proof_find(a->files[0], j->sdp, &j->proof, error);
    if (status != ZG_OK) return status;
    if (a->adapter) status = run_solver(a, j, solution, error);
    if (status != ZG_OK) return status;
    status = zg_answer_read(file, format, j->sdp, &j->answer, &complaint);
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    if (j->gave_up)
        snprintf(complaint.message, sizeof complaint.message,
                 "%s says that it failed, or nothing that its adapter knows (exit status %d)%s",
                 j->solver.adapter->name, j->solver.ended.code, j->solver.ending);
    if (!a->claim && !a->adapter) j->claim = j->answer.claim;
    return zg_answer_judge(j->sdp, &j->answer, j->claim, status == ZG_OK ? NULL : complaint.message,
                           &j->proof.known, (int)j->digits, &j->opinion, error);
}

static int exit_status(const judged *j)
{
    switch (j->opinion.kind) {
    case ZG_OPINION_RIGHT:
    case ZG_OPINION_CLAIM_TRUE:
        return ZG_EXIT_FINE;
    case ZG_OPINION_UNDECIDED:
        return ZG_EXIT_NOTHING;
    default:
        return ZG_EXIT_WRONG;
    }
}

static bool has_interval(const judged *j)
{
    return j->proof.known.lower <= j->proof.known.upper;
}

/* Where a value lies; NULL where that is not known. */
static const char *place(const judged *j, double value)
{
    if (!has_interval(j) || isnan(value)) return NULL;
    return value < j->proof.known.lower   ? "below"
           : value > j->proof.known.upper ? "above"
                                          : "inside";
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void json_exact(json_t *root, const char *key, double value)
{
    char hex[40];
    snprintf(hex, sizeof hex, "%a", value);
    if (isfinite(value)) zg_cli_json_text(root, key, hex);
}

static void json_knowledge(const judged *j, json_t *root)
{
    const zg_known *known = &j->proof.known;
    if (has_interval(j)) {
        zg_cli_json_number(root, "lower", known->lower);
        zg_cli_json_number(root, "upper", known->upper);
        json_exact(root, "lower_hex", known->lower);
        json_exact(root, "upper_hex", known->upper);
        zg_cli_json_text(root, "proof", j->proof.certificate);
    }
    if (j->opinion.x_infeasible) zg_cli_json_text(root, "infeasible", "x");
    if (j->proof.note[0]) zg_cli_json_text(root, "note", j->proof.note);
}

static void json_place(json_t *root, const char *key, const char *where)
{
    if (where) zg_cli_json_text(root, key, where);
}

static void print_json(const arguments *a, const judged *j)
{
    json_t *root = json_object(), *dimacs = json_array();
    const zg_opinion *o = &j->opinion;
    zg_cli_json_text(root, "instance", a->files[0]);
    zg_cli_json_text(root, "solution", a->files[1] ? a->files[1] : "");
    zg_cli_json_text(root, "format", zg_answer_format_name(j->answer.format));
    if (a->adapter) zg_cli_json_text(root, "solver", j->solver.adapter->name);
    if (j->identity.path[0]) zg_cli_json_text(root, "solver_program", j->identity.path);
    if (j->identity.version[0]) zg_cli_json_text(root, "solver_version", j->identity.version);
    zg_cli_json_text(root, "claim", zg_claim_kind_name(j->claim));
    zg_cli_json_text(root, "verdict", zg_opinion_name(o->kind));
    json_object_set_new(root, "exit_status", json_integer(exit_status(j)));
    zg_cli_json_text(root, "reason", o->reason);
    if (o->digits >= 0) json_object_set_new(root, "digits", json_integer(o->digits));
    json_object_set_new(root, "required", json_integer((json_int_t)j->digits));
    json_knowledge(j, root);
    zg_cli_json_number(root, "primal", o->primal);
    zg_cli_json_number(root, "dual", o->dual);
    zg_cli_json_number(root, "stated_primal", j->answer.stated_primal);
    zg_cli_json_number(root, "stated_dual", j->answer.stated_dual);
    json_place(root, "where_primal", place(j, o->primal));
    json_place(root, "where_dual", place(j, o->dual));
    zg_cli_json_number(root, "bound", o->bound);
    json_exact(root, "bound_hex", o->bound);
    for (int k = 0; k < 6; k++)
        json_array_append_new(dimacs,
                              isfinite(o->dimacs[k]) ? json_real(o->dimacs[k]) : json_null());
    json_object_set_new(root, "dimacs", dimacs);
    zg_cli_print_json(root, stdout);
}

/* ---- text ------------------------------------------------------------------------------------- */

static void print_value(const judged *j, const char *name, double value)
{
    const char *where = place(j, value);
    if (!isnan(value))
        printf("%-10s %.17g%s%s\n", name, value, where ? "  " : "",
               !where                         ? ""
               : strcmp(where, "inside") == 0 ? "inside the interval"
               : strcmp(where, "below") == 0  ? "below the interval"
                                              : "above the interval");
}

static void print_text(const judged *j)
{
    const zg_opinion *o = &j->opinion;
    char low[ZG_NUMBER_SIZE], high[ZG_NUMBER_SIZE];
    bool right = o->kind == ZG_OPINION_RIGHT;
    printf("%s%s%s\n", right ? "" : zg_opinion_name(o->kind), right ? "" : ": ", o->reason);
    if (j->solver.adapter)
        printf("solver     %s  %s%s%s\n", j->solver.adapter->name, j->identity.version,
               j->identity.version[0] ? "  " : "", j->identity.path);
    puts("(P)        max <F0, X>, <Fk, X> = ck, X in the cone");
    puts("(D)        min c'y, Z = sum_k yk Fk - F0 in the cone");
    printf("claim      %s\n", zg_claim_kind_name(j->claim));
    if (has_interval(j)) {
        zg_number_bound(j->proof.known.lower, 17, -1, low);
        zg_number_bound(j->proof.known.upper, 17, 1, high);
        printf("optimum    [%s, %s]  proven: %s\n", low, high, j->proof.certificate);
    } else if (o->x_infeasible) {
        puts("optimum    none: proven that there is no X");
    } else {
        printf("optimum    not known: %s\n", j->proof.note);
    }
    print_value(j, "primal", o->primal);
    print_value(j, "dual", o->dual);
    print_value(j, "printed P", j->answer.stated_primal);
    print_value(j, "printed D", j->answer.stated_dual);
    if (isfinite(o->bound)) {
        zg_number_bound(o->bound, 17, 1, high);
        printf("bound      %s  the optimum is at most this, proven from y\n", high);
    }
    printf("DIMACS    ");
    for (int k = 0; k < 6; k++)
        isnan(o->dimacs[k]) ? (void)printf(" -") : (void)printf(" %.2e", o->dimacs[k]);
    putchar('\n');
}

/* ---- the command ------------------------------------------------------------------------------ */

int zg_cmd_judge(int argc, char **argv)
{
    arguments a = {0};
    judged j = {0};
    zg_cli_words words = {a.files, 2, 0};
    int result;
    zg_error error = {0};
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words, &result))
        return result;
    zg_status status = ZG_OK;
    if (words.count != (a.adapter ? 1 : 2))
        status = zg_fail(&error, ZG_BAD_INPUT, "expected INSTANCE and SOLUTION, or --adapter");
    if (status == ZG_OK && a.adapter && (a.claim || a.format))
        status =
            zg_fail(&error, ZG_BAD_INPUT, "the adapter says what --claim and --format would say");
    if (status == ZG_OK && !a.adapter && (a.program || a.seconds))
        status = zg_fail(&error, ZG_BAD_INPUT, "--program and --seconds need --adapter");
    if (status == ZG_OK) status = judge(&a, &j, &error);
    result = status ? zg_cli_fail("judge", &error) : exit_status(&j);
    if (status == ZG_OK && a.json) print_json(&a, &j);
    if (status == ZG_OK && !a.json) print_text(&j);
    zg_solver_clear(&j.solver);
    zg_answer_clear(&j.answer);
    zg_sdp_free(j.sdp);
    return result;
}
