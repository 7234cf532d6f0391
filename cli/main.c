/* zerogap: the program.  Finds the command and runs it. */
#include "cli/blas_check.h"
#include "cli/blas_restart.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/options.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
    bool computes; /* large matrices: which kernels OpenBLAS runs matters */
} entry;

static const entry commands[] = {
    {"train", "train one network to global optimality", zg_cmd_train, true},
    {"predict", "predict new rows with a trained network", zg_cmd_predict, true},
    {"stack", "networks trained layer by layer, each layer certified", zg_cmd_stack, true},
    {"simulate", "run a model of a time series on its own outputs", zg_cmd_simulate, true},
    {"form", "the quadratic form that a network is", zg_cmd_form, true},
    {"analyse", "worst cases of a network, exact and certified", zg_cmd_analyse, true},
    {"discrepancy", "how far two samples are apart for networks, exactly", zg_cmd_discrepancy,
     true},
    {"certify", "prove how far any network is from the global optimum", zg_cmd_certify, true},
    {"verify", "check a certificate in exact arithmetic", zg_cmd_verify, false},
    {"export", "write the semidefinite program for any other solver", zg_cmd_export, true},
    {"instances", "write a library of semidefinite programs with proven optima", zg_cmd_instances,
     true},
    {"judge", "what the answer of a semidefinite programming solver is worth", zg_cmd_judge, true},
    {"run", "run suites: every case in a process of its own, events into a log", zg_cmd_run, true},
    {"submit", "a suite in parts on a cluster: SLURM, GNU parallel, CI", zg_cmd_submit, false},
    {"watch", "live view of a run in progress or finished", zg_cmd_watch, false},
    {"report", "pages, tables and files for other programs from run logs", zg_cmd_report, false},
    {"compare", "statistics and verdict on two runs", zg_cmd_compare, false},
    {"history", "many runs over time: a series per case, steps found", zg_cmd_history, false},
    {"merge", "several run logs into one", zg_cmd_merge, false},
    {"data", "fetch, add and print data sets of the catalogue", zg_cmd_data, false},
    {"list", "what is there: solvers, adapters, baselines, data, suites", zg_cmd_list, false},
    {"version", "version and build", zg_cmd_version, true},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_overview(FILE *out)
{
    fputs("zerogap: global optima of two-layer polynomial-activation networks, with proofs\n\n"
          "first steps, with a table whose last column is to be predicted:\n"
          "  zerogap train --data table.csv --standardize --bias --beta-path 20 --folds 5 "
          "-o model.json\n"
          "  zerogap predict --model model.json --data new.csv\n"
          "without one: zerogap run quick, then zerogap report on its log\n\n"
          "usage: zerogap COMMAND [OPTION]...\n\ncommands:\n",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
    fputs("  help        this text, or that of a command\n"
          "  completion  completion of command lines for bash, zsh or fish, as a script\n\n"
          "zerogap COMMAND --help shows two examples and all options.\n"
          "Exit status: 0 fine, 1 slower than allowed, 2 a wrong answer, 3 nothing was measured,\n"
          "4 usage or bad input, 5 a case could not be run.\n",
          out);
}

static void print_manual(FILE *out)
{
    fputs(".TH ZEROGAP 1 \"\" \"zerogap\" \"User Commands\"\n.SH NAME\n"
          "zerogap \\- global optima of two\\-layer polynomial\\-activation networks, with proofs\n"
          ".SH SYNOPSIS\n.B zerogap\nCOMMAND [OPTION]...\n.SH COMMANDS\n",
          out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, ".TP\n.BR zerogap\\-%s (1)\n%s\n", commands[i].name, commands[i].summary);
    fputs(".SH EXIT STATUS\n0 fine; 1 slower than allowed; 2 a wrong answer; 3 nothing was "
          "measured; 4 usage or bad input; 5 a case could not be run.\n",
          out);
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS + 2];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    names[COMMANDS] = "help";
    names[COMMANDS + 1] = "completion";
    zg_error error;
    zg_fail_unknown(&error, "command", name, names, COMMANDS + 2);
    fprintf(stderr, "zerogap: %s\n", error.message);
    return ZG_EXIT_USAGE;
}

static const entry *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static int help(int argc, char **argv)
{
    if (argc < 3) {
        print_overview(stdout);
        return ZG_EXIT_FINE;
    }
    const entry *command = find(argv[2]);
    if (!command) return unknown_command(argv[2]);
    char *words[] = {argv[2], (char[]){"--help"}, NULL};
    return command->run(2, words);
}

/* Each command adds the part that its table of options gives. */
static int completion(const char *shell)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    const char *names[COMMANDS][2];
    char option[32];
    bool known = false;
    for (size_t i = 0; i < 3; i++)
        known = known || (shell && strcmp(shell, shells[i]) == 0);
    if (!known) {
        fputs("zerogap: expected `zerogap completion` followed by bash, zsh or fish\n", stderr);
        return ZG_EXIT_USAGE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        names[i][0] = commands[i].name;
        names[i][1] = commands[i].summary;
    }
    snprintf(option, sizeof option, "--completion=%s", shell);
    zg_cli_completion_begin(shell, (const char *const(*)[2])names, COMMANDS, stdout);
    for (size_t i = 0; i < COMMANDS; i++) {
        char name[16];
        snprintf(name, sizeof name, "%s", commands[i].name);
        commands[i].run(2, (char *[]){name, option, NULL});
    }
    zg_cli_completion_end(shell, stdout);
    return ZG_EXIT_FINE;
}

/* Whether a command is asked for a text about it. */
static bool asks_for_text(int argc, char **argv)
{
    static const char *const texts[] = {"--help", "-h", "--man"};
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            if (strcmp(argv[i], texts[k]) == 0) return true;
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return ZG_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc, argv);
    if (strcmp(name, "--man") == 0) {
        print_manual(stdout);
        return ZG_EXIT_FINE;
    }
    if (strcmp(name, "--version") == 0) name = "version";
    const entry *command = find(name);
    bool completes = strcmp(name, "completion") == 0;
    if (!command && !completes) return unknown_command(name);
    bool json = false;
    for (int i = 2; i < argc; i++)
        json = json || strcmp(argv[i], "--json") == 0;
    if (command && command->computes && !asks_for_text(argc, argv)) zg_cli_fit_blas(argc, argv);
    if (command) zg_cli_check_blas(command->name, json);
    int status =
        completes ? completion(argc > 2 ? argv[2] : NULL) : command->run(argc - 1, argv + 1);
    /* A full disk or a closed pipe must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("zerogap: cannot write to standard output\n", stderr);
        return status ? status : ZG_EXIT_USAGE;
    }
    return status;
}
