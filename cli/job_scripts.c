/* Scripts that run a suite in parts. */
#include "cli/job_scripts.h"

#include "base/plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIGNAL_SECONDS                                                                             \
    60                /* between SIGUSR1 and the end of a task; a case ends within a third of it */
#define RUNNER_MB 256 /* of a task beside those of its case */
#define GITHUB_MOST 256 /* jobs of a matrix */
#define GITLAB_MOST 200
/* SLURM expands % in paths, those of folders too, and not every path reaches a node as it is: the
 * scripts themselves go to their folder. */
#define SLURM_PLACE                                                                                \
    "#SBATCH --chdir=/\n"                                                                          \
    "#SBATCH --output=/dev/null   # but what is printed below\n\n"

/* ---- quoting -------------------------------------------------------------------------------- */

/* A word of a shell, whatever its bytes are. */
static void add_word(zg_text *out, const char *word)
{
    zg_text_add(out, "'");
    for (const char *c = word; *c; c++) {
        if (*c == '\'')
            zg_text_add(out, "'\\''");
        else
            zg_text_bytes_add(out, c, 1);
    }
    zg_text_add(out, "'");
}

/* A text for a comment: no line break may end it. */
static void add_remark(zg_text *out, const char *text)
{
    char *copy = strdup(text);
    if (!copy) out->failed = true;
    if (!copy) return;
    zg_make_plain(copy);
    zg_text_add(out, copy);
    free(copy);
}

static void add_head(zg_text *out, const char *shebang, const char *what, const zg_job_plan *plan)
{
    zg_text_format(out, "%s# %s the suite ", shebang, what);
    add_remark(out, plan->name);
    zg_text_format(out, ", %zu parts.  " ZG_JOB_MARK ".\n", plan->parts);
}

/* ---- SLURM ---------------------------------------------------------------------------------- */

static void add_requests(const zg_job_plan *plan, zg_text *out)
{
    zg_text_format(out, "#SBATCH --cpus-per-task=%zu\n", plan->threads);
    if (plan->memory_mb > 0)
        zg_text_format(out, "#SBATCH --mem=%.0fM   # a case may have %.0f\n",
                       ceil(plan->memory_mb) + RUNNER_MB, plan->memory_mb);
    if (plan->minutes > 0)
        zg_text_format(out,
                       "#SBATCH --time=%.0f   # minutes, for at most %zu cases of %g seconds\n",
                       plan->minutes, plan->most, plan->seconds);
}

static void add_run_options(const zg_job_plan *plan, zg_text *out)
{
    if (plan->repeat) zg_text_format(out, " --repeat %zu", plan->repeat);
    if (plan->offline) zg_text_add(out, " --offline");
}

zg_status zg_job_slurm_parts(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    add_head(out, "#!/bin/sh\n", "A task for each part of", plan);
    zg_text_format(out,
                   "#SBATCH --job-name=zerogap\n"
                   "#SBATCH --array=1-%zu\n"
                   "#SBATCH --ntasks=1\n",
                   plan->parts);
    add_requests(plan, out);
    zg_text_format(out,
                   "#SBATCH --requeue\n"
                   "#SBATCH --signal=B:USR1@%d   # the case under way ends with what it has "
                   "proven\n" SLURM_PLACE,
                   SIGNAL_SECONDS);
    zg_text_add(out, "cd ");
    add_word(out, plan->folder);
    zg_text_add(
        out,
        " || exit 4\n"
        "part=$SLURM_ARRAY_TASK_ID\n"
        "exec >> shard-\"$part\".out 2>&1\n\n"
        "# A task that is requeued, or submitted again, goes on from the logs that are there.  "
        "It only\n"
        "# reads them: on a node that was lost the program may still be writing to one.\n"
        "set --\n"
        "for log in shard-\"$part\"-*.ndjson; do\n"
        "    [ -e \"$log\" ] && set -- \"$@\" --resume-from \"$log\"\n"
        "done\n"
        "exec ");
    add_word(out, plan->program);
    zg_text_add(out, " run ");
    add_word(out, plan->suite);
    zg_text_format(out, " --shard \"$part/%zu\" \"$@\"", plan->parts);
    if (plan->filter) zg_text_add(out, " --filter ");
    if (plan->filter) add_word(out, plan->filter);
    add_run_options(plan, out);
    zg_text_add(
        out, " --quiet \\\n"
             "    --output \"shard-$part-$SLURM_ARRAY_JOB_ID.${SLURM_RESTART_COUNT:-0}.ndjson\"\n");
    return zg_text_status(out, error);
}

/* The report of all logs, which ends with the status of the whole run. */
static void add_report(zg_text *out)
{
    zg_text_add(out, " report shard-*.ndjson --html report.html --junit junit.xml \\\n"
                     "    --markdown report.md --force --status\n");
}

zg_status zg_job_slurm_report(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    add_head(out, "#!/bin/sh\n", "The report of", plan);
    zg_text_add(out, "# It fails where a part left no log, or a case no row.\n"
                     "#SBATCH --job-name=zerogap-report\n"
                     "#SBATCH --ntasks=1\n"
                     "#SBATCH --mem=1024M\n"
                     "#SBATCH --time=30\n" SLURM_PLACE "cd ");
    add_word(out, plan->folder);
    zg_text_add(out, " || exit 4\nexec >> report.out 2>&1\nexec ");
    add_word(out, plan->program);
    add_report(out);
    return zg_text_status(out, error);
}

zg_status zg_job_slurm_submit(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    add_head(out, "#!/bin/sh\n", "Submits", plan);
    zg_text_add(out, "# Once more: a task for each part again, which runs what is left of it.\n"
                     "cd ");
    add_word(out, plan->folder);
    zg_text_add(out,
                " || exit 4\n"
                "command -v sbatch > /dev/null || { echo 'there is no sbatch here' >&2; exit 4; }\n"
                "set --");
    for (size_t i = 0; i < plan->option_count; i++) {
        zg_text_add(out, " ");
        add_word(out, plan->options[i]);
    }
    zg_text_add(
        out, "\n"
             "array=$(sbatch --parsable \"$@\" shards.sbatch)\n"
             "[ -n \"$array\" ] || exit 5\n"
             "array=${array%%;*}   # without the name of a cluster\n"
             "echo \"array $array\"\n"
             "# However the tasks end: what is missing is in the report.\n"
             "report=$(sbatch --parsable \"$@\" --dependency=\"afterany:$array\" report.sbatch)\n"
             "status=$?   # that of the report with --wait\n"
             "[ -n \"$report\" ] || exit 5\n"
             "echo \"report ${report%%;*}\"\n"
             "exit $status\n");
    return zg_text_status(out, error);
}

/* ---- GNU parallel --------------------------------------------------------------------------- */

static void set_variable(zg_text *out, const char *name, const char *value)
{
    zg_text_format(out, "%s=", name);
    add_word(out, value);
    zg_text_add(out, "\n");
}

zg_status zg_job_parallel(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    add_head(out, "#!/bin/sh\n", "GNU parallel runs", plan);
    zg_text_add(
        out,
        "# In the current folder, as many at a time as there are cores, or as `--jobs N` says.  "
        "Once more\n"
        "# after an interruption: what is left.\n");
    set_variable(out, "program", plan->program);
    set_variable(out, "suite", plan->suite);
    if (plan->filter) set_variable(out, "filter", plan->filter);
    zg_text_format(out,
                   "PARALLEL_SHELL=/bin/sh\n"
                   "export program suite%s PARALLEL_SHELL\n"
                   "seq %zu | parallel \"$@\" '\"$program\" run \"$suite\" --shard {}/%zu%s",
                   plan->filter ? " filter" : "", plan->parts, plan->parts,
                   plan->filter ? " --filter \"$filter\"" : "");
    add_run_options(plan, out);
    zg_text_add(out, " \\\n"
                     "    --shared --resume --output shard-{}.ndjson --quiet'\n"
                     "# Whatever it says: what is missing is in the report.\n"
                     "\"$program\"");
    add_report(out);
    return zg_text_status(out, error);
}

/* ---- matrices ------------------------------------------------------------------------------- */

/* Whether texts can stand in a YAML file for that host, which replaces what follows `mark`. */
static zg_status check_matrix(const zg_job_plan *plan, const char *host, const char *mark,
                              size_t most, zg_error *error)
{
    const char *const texts[] = {plan->suite, plan->filter};
    if (plan->parts > most)
        return zg_fail(error, ZG_BAD_INPUT, "--shards %zu: %s takes at most %zu jobs of one kind",
                       plan->parts, host, most);
    if (plan->suite[0] == '-')
        return zg_fail(error, ZG_BAD_INPUT, "the suite's name begins like an option: ./%.200s",
                       plan->suite);
    for (size_t i = 0; i < 2; i++)
        if (texts[i] && (strstr(texts[i], mark) || !zg_is_plain(texts[i])))
            return zg_fail(error, ZG_BAD_INPUT,
                           "%s would not pass on the %s as it is: it has %s or control characters",
                           host, i ? "--filter" : "suite's name", mark);
    return ZG_OK;
}

/* A JSON string is a YAML string. */
static void add_variables(const zg_job_plan *plan, const char *indent, zg_text *out)
{
    zg_text_format(out, "%sSUITE: ", indent);
    zg_text_json(out, plan->suite);
    if (plan->filter) zg_text_format(out, "\n%sFILTER: ", indent);
    if (plan->filter) zg_text_json(out, plan->filter);
    zg_text_add(out, "\n");
}

static void add_run(const zg_job_plan *plan, const char *part, zg_text *out)
{
    zg_text_format(out, "zerogap run \"$SUITE\" --shard \"%s/%zu\" --output \"shard-%s.ndjson\"",
                   part, plan->parts, part);
    if (plan->filter) zg_text_add(out, " --filter \"$FILTER\"");
    add_run_options(plan, out);
    zg_text_add(out, "\n");
}

static const char report_line[] = "zerogap report shard-*.ndjson --html report.html --junit "
                                  "junit.xml --markdown report.md --status\n";

zg_status zg_job_github(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    zg_status status = check_matrix(plan, "GitHub", "${{", GITHUB_MOST, error);
    if (status != ZG_OK) return status;
    add_head(out, "", "Jobs for", plan);
    zg_text_add(out, "# zerogap must be installed in the container.\n"
                     "on: workflow_dispatch\n"
                     "env:\n");
    add_variables(plan, "  ", out);
    zg_text_add(out, "jobs:\n"
                     "  part:\n"
                     "    runs-on: ubuntu-latest\n"
                     "    container: debian:12\n");
    if (plan->minutes > 0) zg_text_format(out, "    timeout-minutes: %.0f\n", plan->minutes);
    zg_text_add(out, "    strategy:\n"
                     "      fail-fast: false\n"
                     "      matrix:\n"
                     "        part: [");
    for (size_t i = 1; i <= plan->parts; i++)
        zg_text_format(out, "%s%zu", i > 1 ? ", " : "", i);
    zg_text_add(out, "]\n"
                     "    steps:\n"
                     "      - uses: actions/checkout@v4\n"
                     "      - run: |\n"
                     "          ");
    add_run(plan, "${{ matrix.part }}", out);
    zg_text_add(out,
                "      - uses: actions/upload-artifact@v4\n"
                "        if: always()\n"
                "        with: {name: \"shard-${{ matrix.part }}\", path: \"shard-*.ndjson\"}\n"
                "  report:\n"
                "    runs-on: ubuntu-latest\n"
                "    container: debian:12\n"
                "    needs: part\n"
                "    if: always()\n"
                "    steps:\n"
                "      - uses: actions/download-artifact@v4\n"
                "        with: {pattern: \"shard-*\", merge-multiple: true}\n"
                "      - run: |\n"
                "          ");
    zg_text_add(out, report_line);
    zg_text_add(out, "      - uses: actions/upload-artifact@v4\n"
                     "        if: always()\n"
                     "        with: {name: report, path: \"report.*\"}\n");
    return zg_text_status(out, error);
}

zg_status zg_job_gitlab(const zg_job_plan *plan, zg_text *out, zg_error *error)
{
    zg_status status = check_matrix(plan, "GitLab", "$", GITLAB_MOST, error);
    if (status != ZG_OK) return status;
    add_head(out, "", "Jobs for", plan);
    zg_text_add(out, "# zerogap must be installed in the image.\n"
                     "part:\n"
                     "  image: debian:12\n");
    if (plan->parts > 1) zg_text_format(out, "  parallel: %zu\n", plan->parts);
    if (plan->minutes > 0) zg_text_format(out, "  timeout: %.0f minutes\n", plan->minutes);
    zg_text_add(out, "  variables:\n");
    add_variables(plan, "    ", out);
    zg_text_add(out, "  script:\n"
                     "    - |\n"
                     "      ");
    add_run(plan, plan->parts > 1 ? "$CI_NODE_INDEX" : "1", out);
    zg_text_add(out, "  artifacts:\n"
                     "    when: always\n"
                     "    paths: [\"shard-*.ndjson\"]\n"
                     "report:\n"
                     "  image: debian:12\n"
                     "  needs: [part]\n"
                     "  when: always\n"
                     "  script:\n"
                     "    - |\n"
                     "      ");
    zg_text_add(out, report_line);
    zg_text_add(out, "  artifacts:\n"
                     "    when: always\n"
                     "    paths: [\"report.*\"]\n"
                     "    reports: {junit: junit.xml}\n");
    return zg_text_status(out, error);
}
