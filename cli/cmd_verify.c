/* zerogap verify: runs the separate exact checker, which shares no code with this program. */
#include "base/child.h"
#include "base/memory.h"
#include "base/scratch.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "data/catalogue.h"
#include "data/csv.h"
#include "runner/checker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct arguments {
    const char *data, *salt, *rows;
    bool exact, json;
} arguments;

static const zg_cli_command command = {
    .name = "verify",
    .examples = {{"zerogap verify proof.json --data table.csv",
                  "Whether the certificate proves what it claims about the rows of table.csv."},
                 {"zerogap verify proof.json --data proof.json.csv",
                  "About rows that no file had (filled gaps, a bias): they lie beside it."}},
    .usage = "CERTIFICATE --data D [--salt FILE] [--rows KIND] [--exact] [--json]",
    .summary = "check a certificate in exact arithmetic",
    .about =
        "Runs the program zerogap-verify, which shares no code with the solvers, on a certificate "
        "and its data, and says what exactly was proven: bounds rounded outwards, rows used of "
        "rows in "
        "the file, target, problem. Ends with status 0 when every claim was proven, 1 when one was "
        "refuted or not proven, 4 when a file is bad.",
    .run = zg_cmd_verify,
};

/* The checker reads files only: a set of the catalogue becomes a temporary CSV file, whose numbers
 * read back equal to the last bit. */
static zg_status write_catalogue_set(const char *name, zg_scratch *scratch, char *path, size_t size,
                                     zg_error *error)
{
    zg_dataset *dataset;
    zg_status status = zg_catalogue_load(name, NULL, &dataset, error);
    if (status) return status;
    status = zg_scratch_make(scratch, error);
    snprintf(path, size, "%s/data.csv", scratch->path);
    FILE *file = status == ZG_OK ? fopen(path, "we") : NULL;
    if (file) status = zg_csv_write(file, dataset, error);
    if (status == ZG_OK && (!file || fclose(file) != 0))
        status = zg_fail(error, ZG_IO, "%s: cannot write: %s", path, strerror(errno));
    zg_dataset_free(dataset);
    return status;
}

static int run_checker(const arguments *a, const char *certificate, const char *data)
{
    char checker[4096];
    const char *words[12] = {checker, certificate, "--data", data};
    size_t count = 4;
    if (a->salt) words[count++] = "--salt";
    if (a->salt) words[count++] = a->salt;
    if (a->rows) words[count++] = "--rows";
    if (a->rows) words[count++] = a->rows;
    if (a->exact) words[count++] = "--exact";
    if (a->json) words[count++] = "--json";
    zg_checker_find(checker, sizeof checker);
    zg_error error = {0};
    zg_child child;
    const zg_child_plan plan = {.arguments = words, .output = ZG_CHILD_SHARED};
    if (zg_child_start(&plan, &child, &error) != ZG_OK) return zg_cli_fail("verify", &error);
    (void)zg_child_wait(&child, -1);
    if (WIFEXITED(child.wait_status)) return WEXITSTATUS(child.wait_status);
    fprintf(stderr, "zerogap verify: %s did not end by itself\n", checker);
    return ZG_EXIT_FAILED;
}

/* A certificate about rows that are in no file of the user's has them beside it. */
static void note_rows(const char *certificate, const char *data)
{
    char *beside = zg_format("%s.csv", certificate);
    if (beside && strcmp(beside, data) != 0 && access(beside, R_OK) == 0)
        fprintf(stderr,
                "zerogap verify: note: beside the certificate are rows that it may be about: "
                "--data %s\n",
                beside);
    free(beside);
}

static const zg_cli_option option_rows[] = {
    {.name = "data",
     .letter = 'd',
     .argument = "DATA",
     .at = offsetof(arguments, data),
     .help = "The data set that the certificate is about: a name of the catalogue or a file."},
    {.name = "salt",
     .argument = "FILE",
     .at = offsetof(arguments, salt),
     .help = "The salt that the certificate's digest was made with."},
    {.name = "rows",
     .argument = "KIND",
     .at = offsetof(arguments, rows),
     .help =
         "What the rows must be of the data: values, slopes, values+slopes, fisher or contrast; "
         "without it any of these. certificate: functionals as the certificate has them, whatever "
         "the data "
         "say."},
    {.name = "exact",
     .at = offsetof(arguments, exact),
     .help = "Rational arithmetic for every step, also where rigorous error bounds on doubles "
             "would do."},
    {.name = "json",
     .at = offsetof(arguments, json),
     .help = "Print the verdict as one JSON document."}};

static zg_status check_rows(const char *rows, zg_error *error)
{
    static const char *const kinds[] = {"values", "slopes",   "values+slopes",
                                        "fisher", "contrast", "certificate"};
    const size_t count = sizeof kinds / sizeof *kinds;
    for (size_t k = 0; rows && k < count; k++)
        if (strcmp(rows, kinds[k]) == 0) return ZG_OK;
    return rows ? zg_fail_unknown(error, "kind of rows", rows, kinds, count) : ZG_OK;
}

int zg_cmd_verify(int argc, char **argv)
{
    arguments a = {0};
    int exit_status;
    const char *certificate = NULL;
    zg_cli_words words = {&certificate, 1, 0};
    zg_error error = {0};
    zg_scratch scratch = {0};
    char temporary[ZG_SCRATCH_SIZE + 16];
    if (!zg_cli_begin(&command, &ZG_CLI_TABLE(option_rows, &a), 1, argc, argv, &words,
                      &exit_status))
        return exit_status;
    zg_status status = ZG_OK;
    if (!words.count || !a.data)
        status = zg_fail(&error, ZG_BAD_INPUT, "expected CERTIFICATE --data D");
    if (status == ZG_OK) status = check_rows(a.rows, &error);
    bool named = status == ZG_OK && zg_catalogue_find(a.data);
    if (named) status = write_catalogue_set(a.data, &scratch, temporary, sizeof temporary, &error);
    exit_status = status ? zg_cli_fail("verify", &error)
                         : run_checker(&a, certificate, named ? temporary : a.data);
    if (status == ZG_OK && exit_status != ZG_EXIT_FINE) note_rows(certificate, a.data);
    zg_scratch_remove(&scratch);
    return exit_status;
}
