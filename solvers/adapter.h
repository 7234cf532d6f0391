/*
 * Adapters: how to run a solver of semidefinite programs and how to understand it, as data.
 *
 * An adapter is a YAML file NAME.yaml (docs/solver-developers.md): the command line with
 * place-holders, the format of the solution, how it says what it has found, its licence and its
 * version.  Nothing in it is believed: what it says is a claim for the gate to judge.
 */
#ifndef ZG_SOLVERS_ADAPTER_H
#define ZG_SOLVERS_ADAPTER_H

#include "base/arena.h"
#include "core/verdict.h"
#include "solvers/sdpa_format.h"

#include <regex.h>

/* What the ending of a solver means: a claim, or that there is none. */
typedef enum zg_saying {
    ZG_SAYING_OPTIMAL,
    ZG_SAYING_UNSURE,
    ZG_SAYING_UNBOUNDED,  /* the problem in matrices X is; or that in y has no solution */
    ZG_SAYING_INFEASIBLE, /* no X meets the equations; or the problem in y is unbounded */
    ZG_SAYING_FAILED,
    ZG_SAYING_MISSING /* something that it needs is not installed */
} zg_saying;

/* It holds where the exit status is one of those listed (none: any) and a line of the file matches
 * (no pattern: any). */
typedef struct zg_adapter_rule {
    zg_saying answer;
    size_t status_count;
    const int *statuses;
    const char *file;    /* "output" or "solution" */
    const char *pattern; /* POSIX extended regular expression, or NULL */
} zg_adapter_rule;

typedef struct zg_adapter {
    const char *path;            /* of the file */
    const char *folder;          /* absolute, for {folder} */
    const char *name;            /* the file's name without .yaml */
    const char *about, *licence; /* or NULL */
    const char *package;         /* of Debian, or NULL */
    const char *program;         /* looked up in PATH, or a path */
    const char *command;         /* with {program}, {problem}, {solution} */
    const char *version;         /* a command that prints a line, or NULL */
    zg_solution_format format;   /* of the solution */
    size_t rule_count;           /* the first that holds counts; if none does: failed */
    const zg_adapter_rule *rules;
    const char *stated_file;              /* where it prints its objectives, or NULL */
    const char *stated_matrix, *stated_y; /* the text before <C, X>, and before a'y */
    zg_arena arena;
} zg_adapter;

/* Writes the path of the adapter that a word means: a path (with a slash, or ending in .yaml), else
 * a name in the user's folder ($XDG_CONFIG_HOME/zerogap/solvers.d, ~/.config/..) or among those
 * that come with the program.  ZG_BAD_INPUT with the nearest name. */
zg_status zg_adapter_find(const char *word, char *path, size_t size, zg_error *error);

/* Reads and checks the adapter that a word means; messages name file:line:column. */
zg_status zg_adapter_load(const char *word, zg_adapter **out, zg_error *error);
void zg_adapter_free(zg_adapter *adapter);

/* Calls visit with every adapter's path, the user's first; one that a user's hides is left out. */
void zg_adapters_visit(void (*visit)(void *context, const char *path), void *context);

/* What an ending means, by the rules and the files that the solver left in the directory. */
zg_saying zg_adapter_saying(const zg_adapter *adapter, const char *directory, int status);

/* Where the program is: given (or NULL: the adapter's own), with ~ and $NAME; a relative path with
 * a slash counts from the current directory (the adapter's own: from its folder).  *out (malloc) is
 * a full path.  ZG_MISSING when there is no such program. */
zg_status zg_adapter_program(const zg_adapter *adapter, const char *given, char **out,
                             zg_error *error);

#endif
