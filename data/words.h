/* A set of distinct texts that numbers them by first appearance: class labels, categories. */
#ifndef ZG_DATA_WORDS_H
#define ZG_DATA_WORDS_H

#include "base/status.h"

typedef struct zg_word {
    char *text;
    size_t index; /* order of first appearance */
} zg_word;

/* Zero-initialised: empty. */
typedef struct zg_words {
    zg_word *sorted;    /* by text, as bytes */
    const char **texts; /* by index, owned by sorted */
    size_t count, capacity;
} zg_words;

/* The index of a text, which is added when it is new.  A set of `limit` texts takes no more:
 * *index is then `limit`. */
zg_status zg_words_add(zg_words *words, const char *text, size_t limit, size_t *index);

/* From order of appearance to sorted order: rank[index] (malloc) and the sorted texts themselves,
 * which become the caller's (the set is empty afterwards). */
zg_status zg_words_take_sorted(zg_words *words, size_t **rank, char ***texts);

void zg_words_clear(zg_words *words);

#endif
