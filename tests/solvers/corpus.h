/*
 * The failure corpus: small programs made to break solvers.
 *
 * Instance k is a fixed function of k: scales from 1e-6 to 1e12, duplicate rows, constant and zero
 * columns, rank one, features of mixed magnitude, tiny and huge beta, one sample, one input, every
 * loss, activation and architecture, with and without sample weights.
 */
#ifndef ZG_TESTS_SOLVERS_CORPUS_H
#define ZG_TESTS_SOLVERS_CORPUS_H

#include "core/problem.h"

#define CORPUS_SIZE 400

typedef struct corpus_case {
    zg_problem *problem;
    size_t n, d;
    char text[256]; /* what is nasty about it */
} corpus_case;

corpus_case corpus_make(int k);

#endif
