/* Completion of command lines by shells: written from the tables of options. */
#include "cli/completion.h"

#include "core/loss.h"
#include "data/catalogue.h"
#include "train/registry.h"

#include <string.h>

/* ---- what may follow an option ---------------------------------------------------------------
 * Options of one placeholder take the same values, so the placeholder decides. */

typedef struct values {
    const char *argument; /* the placeholder */
    const char *words;    /* "@data", "@method", "@loss": the names of all there are */
    bool files;
} values;

static const values all_values[] = {
    {"A", "relu2 quadratic", false},
    {"ARCH", "dense conv1d: conv2d:", false},
    {"DATA", "@data", true},
    {"FILE", "", true},
    {"HOW", "error mean drop", false},
    {"LOSS", "@loss", false},
    {"METHOD", "@method", false},
    {"MODEL.json", "", true},
    {"PROGRAM", "", true},
    {"TASK", "regression binary multiclass", false},
};

static values values_of(const zg_cli_option *option)
{
    for (size_t i = 0; i < sizeof all_values / sizeof *all_values; i++)
        if (strcmp(all_values[i].argument, option->argument) == 0) return all_values[i];
    return (values){option->argument, "", false};
}

static void print_words(const char *words, FILE *out)
{
    const char *gap = "";
    while (*words) {
        size_t length = strcspn(words, " "), count = 0;
        if (strncmp(words, "@data", length) == 0) {
            const zg_catalogue_entry *entries = zg_catalogue(&count);
            for (size_t i = 0; i < count; i++, gap = " ")
                fprintf(out, "%s%s", gap, entries[i].name);
        } else if (strncmp(words, "@method", length) == 0) {
            const zg_method *const *methods = zg_methods(&count);
            for (size_t i = 0; i < count; i++, gap = " ")
                fprintf(out, "%s%s", gap, methods[i]->name);
        } else if (strncmp(words, "@loss", length) == 0) {
            for (int kind = 0; kind < ZG_LOSS_COUNT; kind++, gap = " ")
                fprintf(out, "%s%s", gap, zg_loss_name((zg_loss_kind)kind));
        } else {
            fprintf(out, "%s%.*s", gap, (int)length, words);
        }
        gap = " ";
        words += length;
        words += strspn(words, " ");
    }
}

/* The first sentence of a help text, without the characters that need care in any of the shells. */
static void print_help(const char *help, FILE *out)
{
    for (const char *c = help; *c && !(c[0] == '.' && (c[1] == ' ' || c[1] == '\0')); c++)
        fputc(strchr("'\"`$\\[]:", *c) ? ' ' : *c, out);
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void bash_begin(const char *const (*commands)[2], size_t count, FILE *out)
{
    fputs("# bash completion for zerogap, written by `zerogap completion bash`\n"
          "_zerogap()\n{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local words= files= options= values=\n"
          "    case ${COMP_CWORD},${COMP_WORDS[1]} in\n"
          "        1,*) words=\"",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s ", commands[i][0]);
    fputs("help version completion\" ;;\n", out);
}

static void bash_command(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                         FILE *out)
{
    fprintf(out, "        *,%s)\n            options=\"", command->name);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "--%s ", options[i].name);
    fputs("--keep-blas --help\"\n            case $previous in\n", out);
    for (size_t i = 0; i < count; i++) {
        if (!options[i].argument) continue;
        values v = values_of(&options[i]);
        fprintf(out, "                --%s", options[i].name);
        if (options[i].letter) fprintf(out, " | -%c", options[i].letter);
        fputs(") values=yes words=\"", out);
        print_words(v.words, out);
        fprintf(out, "\"%s ;;\n", v.files ? " files=yes" : "");
    }
    fputs("                *) words=\"", out);
    print_words(command->words ? command->words : "", out);
    fprintf(out, "\"%s ;;\n            esac ;;\n", command->words ? "" : " files=yes");
}

static void bash_end(FILE *out)
{
    fputs("        *,completion) words=\"bash zsh fish\" ;;\n"
          "    esac\n"
          "    [[ -z $values && $current == -* ]] && words=$options files=\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "    [[ -z $files ]] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
          "}\n"
          "complete -o filenames -F _zerogap zerogap\n",
          out);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void zsh_begin(const char *const (*commands)[2], size_t count, FILE *out)
{
    fputs("#compdef zerogap\n# written by `zerogap completion zsh`\n"
          "_zerogap()\n{\n"
          "    local -a commands=(\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "        '%s:", commands[i][0]);
        print_help(commands[i][1], out);
        fputs("'\n", out);
    }
    fputs("        'help:overview, or help on a command'\n        'version:the version'\n"
          "        'completion:this script'\n    )\n"
          "    if ((CURRENT == 2)); then\n"
          "        _describe command commands\n        return\n    fi\n"
          "    local command=$words[2]\n"
          "    shift words\n    ((CURRENT--))\n"
          "    case $command in\n",
          out);
}

static void zsh_action(const char *words, bool files, FILE *out)
{
    if (*words && files) {
        fputs("{_alternative \"words\\:name\\:(", out);
        print_words(words, out);
        fputs(")\" \"files\\:file\\:_files\"}", out);
    } else if (*words) {
        fputc('(', out);
        print_words(words, out);
        fputc(')', out);
    } else {
        fputs(files ? "_files" : " ", out);
    }
}

static void zsh_command(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                        FILE *out)
{
    fprintf(out, "        %s)\n            _arguments \\\n", command->name);
    for (size_t i = 0; i < count; i++) {
        const zg_cli_option *o = &options[i];
        fprintf(out, "                %s", o->room ? "'*'" : "");
        if (o->letter)
            fprintf(out, "{-%c,--%s}'[", o->letter, o->name);
        else
            fprintf(out, "'--%s[", o->name);
        print_help(o->help, out);
        fputc(']', out);
        if (o->argument) {
            values v = values_of(o);
            fprintf(out, ":%s:", o->argument);
            zsh_action(v.words, v.files, out);
        }
        fputs("' \\\n", out);
    }
    fputs("                '--keep-blas[Keep the kernels of OpenBLAS]' \\\n", out);
    fputs("                '*:argument:", out);
    zsh_action(command->words ? command->words : "", command->words == NULL, out);
    fputs("' ;;\n", out);
}

static void zsh_end(FILE *out)
{
    fputs(
        "        completion) _values shell bash zsh fish ;;\n    esac\n}\n"
        "if [ \"$funcstack[1]\" = _zerogap ]; then _zerogap \"$@\"; else compdef _zerogap zerogap; "
        "fi\n",
        out);
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void fish_begin(const char *const (*commands)[2], size_t count, FILE *out)
{
    fputs("# fish completion for zerogap, written by `zerogap completion fish`\n"
          "complete -c zerogap -f\n",
          out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "complete -c zerogap -n __fish_use_subcommand -a %s -d '", commands[i][0]);
        print_help(commands[i][1], out);
        fputs("'\n", out);
    }
    fputs("complete -c zerogap -n __fish_use_subcommand -a 'help version completion'\n", out);
}

static void fish_command(const zg_cli_command *command, const zg_cli_option *options, size_t count,
                         FILE *out)
{
    const char *when = "complete -c zerogap -n '__fish_seen_subcommand_from";
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s %s' -l %s", when, command->name, options[i].name);
        if (options[i].letter) fprintf(out, " -s %c", options[i].letter);
        if (options[i].argument) {
            values v = values_of(&options[i]);
            fprintf(out, " %s -a '", v.files ? "-rF" : "-x");
            print_words(v.words, out);
            fputc('\'', out);
        }
        fputs(" -d '", out);
        print_help(options[i].help, out);
        fputs("'\n", out);
    }
    fprintf(out, "%s %s' -l keep-blas -d 'Keep the kernels of OpenBLAS'\n", when, command->name);
    fprintf(out, "%s %s' ", when, command->name);
    if (command->words) {
        fputs("-a '", out);
        print_words(command->words, out);
        fputs("'\n", out);
    } else {
        fputs("-F\n", out);
    }
}

/* ---- all shells ------------------------------------------------------------------------------ */

void zg_cli_completion_begin(const char *shell, const char *const (*commands)[2], size_t count,
                             FILE *out)
{
    if (strcmp(shell, "bash") == 0) bash_begin(commands, count, out);
    if (strcmp(shell, "zsh") == 0) zsh_begin(commands, count, out);
    if (strcmp(shell, "fish") == 0) fish_begin(commands, count, out);
}

void zg_cli_print_completion(const zg_cli_command *command, const zg_cli_option *options,
                             size_t count, const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0) bash_command(command, options, count, out);
    if (strcmp(shell, "zsh") == 0) zsh_command(command, options, count, out);
    if (strcmp(shell, "fish") == 0) fish_command(command, options, count, out);
}

void zg_cli_completion_end(const char *shell, FILE *out)
{
    if (strcmp(shell, "bash") == 0) bash_end(out);
    if (strcmp(shell, "zsh") == 0) zsh_end(out);
    if (strcmp(shell, "fish") == 0)
        fputs(
            "complete -c zerogap -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n",
            out);
}
