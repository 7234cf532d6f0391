/* Command-line options as a table: parsing, help and man pages. */
#include "cli/options.h"

#include "base/number.h"
#include "base/plain.h"
#include "cli/completion.h"
#include "cli/json.h"
#include "cli/output_check.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- parsing --------------------------------------------------------------------------------- */

#define MOST_OPTIONS 96 /* of a command */

/* Standard output is to be one JSON document, also where the command fails. */
static bool json_document;
static const char *program = "zerogap"; /* whose command this is */

static const zg_cli_option *find_long(const zg_cli_option *options, size_t count, const char *name,
                                      size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static const zg_cli_option *find_short(const zg_cli_option *options, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].letter == letter) return &options[i];
    return NULL;
}

static const char *program_of(const zg_cli_command *command)
{
    return command->program ? command->program : "zerogap";
}

static zg_status unknown_option(const zg_cli_command *command, const zg_cli_option *options,
                                size_t count, const char *argument, zg_error *error)
{
    const char *names[MOST_OPTIONS];
    size_t length = strcspn(argument, "=");
    char name[80];
    snprintf(name, sizeof name, "%.*s", (int)(length < 79 ? length : 79), argument);
    for (size_t i = 0; i < count && i < MOST_OPTIONS; i++)
        names[i] = options[i].name;
    const char *nearest = zg_nearest(name + strspn(name, "-"), names, count);
    if (nearest)
        return zg_fail(error, ZG_BAD_INPUT, "unknown option %s; did you mean --%s?", name, nearest);
    return zg_fail(error, ZG_BAD_INPUT, "unknown option %s; see %s %s --help", name,
                   program_of(command), command->name);
}

const char **zg_cli_text(const zg_cli_option *option)
{
    return (const char **)((char *)option->into + option->at);
}

bool *zg_cli_flag(const zg_cli_option *option)
{
    return (bool *)((char *)option->into + option->at);
}

static zg_status store(const zg_cli_option *option, const char *value, zg_error *error)
{
    if (!option->argument) {
        *zg_cli_flag(option) = true;
    } else if (option->room) {
        size_t *count = (size_t *)((char *)option->into + option->count);
        if (*count == option->room)
            return zg_fail(error, ZG_BAD_INPUT, "--%s may be given at most %zu times", option->name,
                           option->room);
        zg_cli_text(option)[(*count)++] = value;
    } else {
        const char **text = zg_cli_text(option);
        if (*text) return zg_fail(error, ZG_BAD_INPUT, "--%s is given twice", option->name);
        *text = value;
    }
    return ZG_OK;
}

/* One argument that begins with a dash; *used tells how many words it took. */
static zg_status parse_option(const zg_cli_command *command, const zg_cli_option *options,
                              size_t count, int left, char **argv, int *used, zg_error *error)
{
    const char *word = argv[0], *value = NULL;
    const zg_cli_option *option;
    if (word[1] == '-') {
        size_t length = strcspn(word + 2, "=");
        option = find_long(options, count, word + 2, length);
        if (word[2 + length] == '=') value = word + 3 + length;
    } else {
        option = find_short(options, count, word[1]);
        if (word[2]) value = word + 2;
    }
    if (!option) return unknown_option(command, options, count, word, error);
    *used = 1;
    if (!option->argument) {
        if (value)
            return zg_fail(error, ZG_BAD_INPUT, "--%s takes no value, found \"%.80s\"",
                           option->name, value);
        return store(option, NULL, error);
    }
    if (!value) {
        if (left < 2)
            return zg_fail(error, ZG_BAD_INPUT, "--%s needs a value: --%s %s", option->name,
                           option->name, option->argument);
        value = argv[1];
        *used = 2;
    }
    return store(option, value, error);
}

/* Whether the command was asked for JSON: known before anything else can go wrong. */
static bool wants_json(const zg_cli_option *options, size_t count, int argc, char **argv)
{
    bool known = false, asked = false;
    for (size_t i = 0; i < count; i++)
        known = known || strcmp(options[i].name, "json") == 0;
    for (int i = 1; known && i < argc && strcmp(argv[i], "--") != 0; i++)
        asked = asked || strcmp(argv[i], "--json") == 0;
    return asked;
}

/* All options of a command; their number. */
static size_t join(const zg_cli_table *tables, size_t count, zg_cli_option *out)
{
    size_t used = 0;
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < tables[t].count && used < MOST_OPTIONS; i++) {
            out[used] = tables[t].rows[i];
            out[used++].into = tables[t].into;
        }
    return used;
}

/* Prints what is asked for in place of the command; false when nothing is. */
static bool print_about(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                        const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        zg_cli_print_help(command, options, count, stdout);
    else if (strcmp(word, "--man") == 0)
        zg_cli_print_man(command, options, count, stdout);
    else if (strncmp(word, "--completion=", 13) == 0)
        zg_cli_print_completion(command, options, count, word + 13, stdout);
    else
        return false;
    return true;
}

static zg_status parse(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                       int argc, char **argv, zg_cli_words *words, bool *helped, zg_error *error)
{
    bool only_words = false;
    for (int i = 1, used; i < argc && !*helped; i += used) {
        const char *word = argv[i];
        used = 1;
        if (!only_words && print_about(command, options, count, word)) {
            *helped = true;
        } else if (!only_words && strcmp(word, "--keep-blas") == 0) {
            /* treated before any command begins (blas_restart.h) */
        } else if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (!only_words && word[0] == '-' && word[1] != '\0') {
            zg_status status =
                parse_option(command, options, count, argc - i, argv + i, &used, error);
            if (status != ZG_OK) return status;
        } else if (words->count == words->room) {
            return zg_fail(error, ZG_BAD_INPUT, "unexpected argument \"%.80s\"; usage: %s %s %s",
                           word, program_of(command), command->name, command->usage);
        } else {
            words->at[words->count++] = word;
        }
    }
    return *helped ? ZG_OK : zg_cli_check_outputs(options, count, words->at, words->count, error);
}

bool zg_cli_begin(const zg_cli_command *command, const zg_cli_table *tables, size_t table_count,
                  int argc, char **argv, zg_cli_words *words, int *exit_status)
{
    zg_cli_option options[MOST_OPTIONS];
    zg_cli_words none = {0};
    zg_error error = {0};
    bool helped = false;
    size_t count = join(tables, table_count, options);
    json_document = wants_json(options, count, argc, argv);
    program = program_of(command);
    zg_status status =
        parse(command, options, count, argc, argv, words ? words : &none, &helped, &error);
    *exit_status = status == ZG_OK ? ZG_EXIT_FINE : zg_cli_fail(command->name, &error);
    return status == ZG_OK && !helped;
}

/* ---- help ------------------------------------------------------------------------------------ */

#define WIDTH 88
#define KEEP_BLAS "Keep OpenBLAS's kernels, also where it does not know the processor."

/* Prints text wrapped to WIDTH columns, every line indented. */
static void print_wrapped(FILE *out, const char *text, int indent, int column)
{
    while (*text) {
        size_t word = strcspn(text, " \n");
        if (column + (int)word > WIDTH && column > indent) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", (int)word, text);
        column += (int)word;
        text += word;
        if (*text == '\n') {
            fprintf(out, "\n%*s", text[1] ? indent : 0, "");
            column = indent;
            text++;
        } else if (*text == ' ') {
            if (column < WIDTH) fputc(' ', out);
            column++;
            text++;
        }
    }
    fputc('\n', out);
}

static void option_label(const zg_cli_option *option, char *label, size_t size)
{
    char letter[8] = "    ";
    if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(label, size, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
}

void zg_cli_print_help(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                       FILE *out)
{
    const int indent = 30;
    fprintf(out, "%s %s: %s\n\n", program_of(command), command->name, command->summary);
    for (size_t i = 0; i < ZG_CLI_EXAMPLES; i++)
        fprintf(out, "  %s\n      %s\n", command->examples[i].line, command->examples[i].does);
    fprintf(out, "\nusage: %s %s %s\n\n", program_of(command), command->name, command->usage);
    print_wrapped(out, command->about, 0, 0);
    fputs("\noptions:\n", out);
    for (size_t i = 0; i < count; i++) {
        char label[128];
        option_label(&options[i], label, sizeof label);
        int used = fprintf(out, "  %s", label);
        if (used >= indent - 1)
            fprintf(out, "\n%*s", indent, "");
        else
            fprintf(out, "%*s", indent - used, "");
        print_wrapped(out, options[i].help, indent, indent);
    }
    fputs("      --keep-blas             " KEEP_BLAS "\n"
          "  -h, --help                  This text; --man prints it as a manual page.\n",
          out);
}

/* Text in troff: backslashes and leading dots would be read as commands. */
static void print_roff(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\\')
            fputs("\\e", out);
        else if (*c == '-')
            fputs("\\-", out);
        else if ((*c == '.' || *c == '\'') && (c == text || c[-1] == '\n'))
            fprintf(out, "\\&%c", *c);
        else
            fputc(*c, out);
    }
    fputc('\n', out);
}

void zg_cli_print_man(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                      FILE *out)
{
    char title[64];
    snprintf(title, sizeof title, "%s-%s", program_of(command), command->name);
    for (char *c = title; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    fprintf(out, ".TH %s 1 \"\" \"zerogap\" \"User Commands\"\n.SH NAME\n", title);
    fprintf(out, "%s\\-%s \\- ", program_of(command), command->name);
    print_roff(out, command->summary);
    fprintf(out, ".SH SYNOPSIS\n.B %s %s\n", program_of(command), command->name);
    print_roff(out, command->usage);
    fputs(".SH DESCRIPTION\n.nf\n", out);
    print_roff(out, command->about);
    fputs(".fi\n.SH OPTIONS\n", out);
    for (size_t i = 0; i < count; i++) {
        char label[128];
        option_label(&options[i], label, sizeof label);
        fputs(".TP\n", out);
        print_roff(out, label + strspn(label, " "));
        print_roff(out, options[i].help);
    }
    fputs(".TP\n\\-\\-keep\\-blas\n" KEEP_BLAS "\n", out);
    fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; i < ZG_CLI_EXAMPLES; i++) {
        fputs(".TP\n", out);
        print_roff(out, command->examples[i].line);
        print_roff(out, command->examples[i].does);
    }
    fputs(".SH EXIT STATUS\n0 fine; 1 slower than allowed; 2 a wrong answer; 3 nothing was "
          "measured; 4 usage or bad input; 5 a case could not be run.\n"
          ".SH SEE ALSO\n.BR zerogap (1)\n",
          out);
}

/* ---- values ---------------------------------------------------------------------------------- */

zg_status zg_cli_number(const char *option, const char *text, double lowest, double highest,
                        double *out, zg_error *error)
{
    double value;
    if (!text) return ZG_OK;
    if (!zg_parse_double(text, &value) || value < lowest || value > highest) {
        double number = 0;
        zg_number_kind kind = zg_number_classify(text, &number);
        bool tiny = kind == ZG_NUMBER_FINITE && number >= 0 && strpbrk(text, "123456789");
        bool positive =
            lowest <= DBL_MIN && highest >= DBL_MAX && !tiny && kind != ZG_NUMBER_NOT_FINITE;
        char range[80] = "greater than 0";
        if (!positive) snprintf(range, sizeof range, "from %g to %g", lowest, highest);
        return zg_fail(error, ZG_BAD_INPUT, "--%s: expected a number %s, found \"%.80s\"", option,
                       range, text);
    }
    *out = value;
    return ZG_OK;
}

zg_status zg_cli_writable(const char *option, const char *path, zg_error *error)
{
    struct stat facts;
    char folder[PATH_MAX];
    if (!path) return ZG_OK;
    bool exists = stat(path, &facts) == 0;
    if (exists && S_ISDIR(facts.st_mode))
        return zg_fail(error, ZG_IO, "--%s: cannot write %.300s: it is a directory", option, path);
    if (exists && !S_ISREG(facts.st_mode)) return ZG_OK; /* a device or a pipe */
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    if (access(folder, W_OK) != 0)
        return zg_fail(error, ZG_IO, "--%s: cannot write in the folder %.300s: %s", option, folder,
                       strerror(errno));
    return ZG_OK;
}

zg_status zg_cli_size(const char *option, const char *text, size_t lowest, size_t highest,
                      size_t *out, zg_error *error)
{
    size_t value;
    if (!text) return ZG_OK;
    if (!zg_parse_size(text, &value) || value < lowest || value > highest)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--%s: expected a whole number from %zu to %zu, found \"%.80s\"", option,
                       lowest, highest, text);
    *out = value;
    return ZG_OK;
}

int zg_cli_exit_status(zg_status status)
{
    switch (status) {
    case ZG_OK:
        return ZG_EXIT_FINE;
    case ZG_BAD_INPUT:
    case ZG_UNSUPPORTED:
    case ZG_MISSING:
    case ZG_IO:
        return ZG_EXIT_USAGE;
    default:
        return ZG_EXIT_FAILED;
    }
}

int zg_cli_complain(const char *command, const zg_error *error)
{
    zg_error plain = *error; /* it may quote a stranger's file */
    zg_make_plain(plain.message);
    fprintf(stderr, "%s %s: %s\n", program, command, plain.message);
    return zg_cli_exit_status(error->status);
}

int zg_cli_fail(const char *command, const zg_error *error)
{
    int exit_status = zg_cli_complain(command, error);
    if (!json_document) return exit_status;
    json_t *root = json_object();
    zg_cli_json_text(root, "command", command);
    zg_cli_json_text(root, "error", error->message);
    json_object_set_new(root, "exit_status", json_integer(exit_status));
    zg_cli_print_json(root, stdout);
    return exit_status;
}
