/* Command-line options as a table: parsing, --help and man pages come from the same rows. */
#ifndef ZG_CLI_OPTIONS_H
#define ZG_CLI_OPTIONS_H

#include "base/status.h"

#include <stddef.h>
#include <stdio.h>

/* Where an option goes is an offset in a structure of the command's: of a bool for a flag, of a
 * const char * for one with an argument, which is NULL until it is given. */
typedef struct zg_cli_option {
    const char *name;     /* long name without dashes */
    char letter;          /* short form, or 0 */
    const char *argument; /* placeholder such as "FILE", or NULL for a flag */
    size_t at;            /* where it goes */
    const char *help;     /* one or two sentences, with unit and default */
    /* The argument is a file to write, which replaces only a file of this kind: alternatives
     * separated by |, of marks separated by & that all stand in its beginning, those with ^ as its
     * first bytes; ZG_KIND_UNMARKED and ZG_KIND_JOURNAL apart.  See output_check.h. */
    const char *writes;
    /* For options that may be given up to `room` times: as many texts stand at `at`, and the size_t
     * at `count` says how many were given. */
    size_t room, count;
    void *into; /* the structure; set while the options are parsed */
} zg_cli_option;

/* What help opens with: a whole command line, and what it does. */
typedef struct zg_cli_example {
    const char *line, *does;
} zg_cli_example;

#define ZG_CLI_EXAMPLES 2

/* Options and the structure that they fill; a command has one such table or more. */
typedef struct zg_cli_table {
    const zg_cli_option *rows;
    size_t count;
    void *into;
} zg_cli_table;

#define ZG_CLI_TABLE(rows, into) ((zg_cli_table){(rows), sizeof(rows) / sizeof *(rows), (into)})

typedef struct zg_cli_command {
    const char *name;
    const char *program; /* whose command it is; NULL: zerogap's */
    zg_cli_example examples[ZG_CLI_EXAMPLES];
    const char *usage;   /* what follows the name: "--data D --beta B [OPTION]..." */
    const char *summary; /* one line */
    const char *about;   /* a paragraph or more, plain text */
    /* What it takes apart from options, for completion: words separated by blanks, "@data" for the
     * names of the catalogue; NULL: files. */
    const char *words;
    int (*run)(int argc, char **argv);
} zg_cli_command;

/* The words that are no options: there is room for so many, count are there. */
typedef struct zg_cli_words {
    const char **at;
    size_t room, count;
} zg_cli_words;

/* Begins a command: parses argv[1..argc) into the tables' structures and words (NULL: the command
 * takes none).  "-x V", "-xV", "--name V", "--name=V" and "--" are understood.  False where the
 * command ends here, with *exit_status: --help, --man and --completion=SHELL, whose text has been
 * printed, and a command line that is wrong, which has been complained about.  Every command takes
 * --keep-blas, which is main's. */
bool zg_cli_begin(const zg_cli_command *command, const zg_cli_table *tables, size_t table_count,
                  int argc, char **argv, zg_cli_words *words, int *exit_status);

/* Where the argument of a parsed option is, and its flag. */
const char **zg_cli_text(const zg_cli_option *option);
bool *zg_cli_flag(const zg_cli_option *option);

/* How files that the program writes are recognised. */
#define ZG_KIND_MODEL "^{&zerogap-model/"
#define ZG_KIND_CERTIFICATE "^{&zerogap-certificate/"
#define ZG_KIND_MARGINS "^{&zerogap-margins/|^{&zerogap-lyapunov/"
#define ZG_KIND_DISCREPANCY "^{&zerogap-discrepancy/"
#define ZG_KIND_PAGE                                                                               \
    "^<!doctype html&name=\"generator\" content=\"zerogap|^<!doctype html&<title>Path of "
/* Nothing in such a file tells who wrote it: it is replaced by --force alone. */
#define ZG_KIND_UNMARKED "none"
/* The journal refuses what is there by itself, and goes on with its own log. */
#define ZG_KIND_JOURNAL ""

/* Rows that several commands have; the member of their arguments is called like the option. */
#define ZG_FORCE_OPTION                                                                            \
    {                                                                                              \
        .name = "force", .at = offsetof(arguments, force),                                         \
        .help = "Also replace files that this command would not have written."                     \
    }
#define ZG_MODEL_OPTION                                                                            \
    {                                                                                              \
        .name = "model", .letter = 'm', .argument = "MODEL.json",                                  \
        .at = offsetof(arguments, model), .help = "The network."                                   \
    }
#define ZG_CERTIFICATE_OPTION                                                                      \
    {                                                                                              \
        .name = "certificate", .letter = 'c', .argument = "FILE",                                  \
        .at = offsetof(arguments, certificate), .writes = ZG_KIND_CERTIFICATE,                     \
        .help = "Write a certificate that zerogap verify checks in exact arithmetic."              \
    }
#define ZG_SALT_OPTION                                                                             \
    {                                                                                              \
        .name = "salt", .argument = "FILE", .at = offsetof(arguments, inputs.salt),                \
        .help = "Let --certificate name the data by a digest that nobody can test guesses "        \
                "against without this file, which is made where it is not there; zerogap verify "  \
                "then needs it, too."                                                              \
    }
#define ZG_SUMS_OPTION                                                                             \
    {                                                                                              \
        .name = "sums", .at = offsetof(arguments, inputs.sums),                                    \
        .help =                                                                                    \
            "Let --certificate prove its claim of sums over the rows alone, which are written "    \
            "to FILE.csv: nobody needs a row to check it. Squared loss, dense, about 50 "          \
            "inputs at most."                                                                      \
    }
#define ZG_CHART_OPTION                                                                            \
    {                                                                                              \
        .name = "chart-js", .argument = "FILE", .at = offsetof(arguments, chart_js),               \
        .help = "The chart library (UMD build) to put into the page; default: where the package "  \
                "libjs-chart.js has it."                                                           \
    }

void zg_cli_print_help(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                       FILE *out);
void zg_cli_print_man(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                      FILE *out);

/* Number options given as texts: NULL leaves *out alone. */
zg_status zg_cli_number(const char *option, const char *text, double lowest, double highest,
                        double *out, zg_error *error);
zg_status zg_cli_size(const char *option, const char *text, size_t lowest, size_t highest,
                      size_t *out, zg_error *error);

/* Whether a file of that path can be written (NULL can), checked before hours of work. */
zg_status zg_cli_writable(const char *option, const char *path, zg_error *error);

/* Exit statuses of the contract. */
enum zg_exit {
    ZG_EXIT_FINE = 0,
    ZG_EXIT_SLOWER = 1,
    ZG_EXIT_WRONG = 2,
    ZG_EXIT_NOTHING = 3,
    ZG_EXIT_USAGE = 4,
    ZG_EXIT_FAILED = 5
};

/* The exit status that fits. */
int zg_cli_exit_status(zg_status status);

/* Prints "PROGRAM COMMAND: message" to stderr, the program being that of the command that began,
 * and gives the exit status that fits. */
int zg_cli_complain(const char *command, const zg_error *error);

/* The same where the command ends with it: under --json standard output is a document all the same,
 * with the members command, error and exit_status. */
int zg_cli_fail(const char *command, const zg_error *error);

#endif
