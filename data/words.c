/* Distinct texts, by binary search in a sorted array. */
#include "data/words.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where the text stands, or would stand. */
static size_t position(const zg_words *words, const char *text, bool *found)
{
    size_t low = 0, high = words->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(text, words->sorted[middle].text);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static zg_status grow(zg_words *words)
{
    /* Two arrays of one capacity: each grows from it by the same rule. */
    size_t capacity[2] = {words->capacity, words->capacity}, needed = words->count + 1;
    zg_word *sorted = zg_grow(words->sorted, &capacity[0], needed, sizeof *sorted);
    if (sorted) words->sorted = sorted;
    const char **texts = zg_grow(words->texts, &capacity[1], needed, sizeof(const char *));
    if (texts) words->texts = texts;
    if (!sorted || !texts) return ZG_NO_MEMORY;
    words->capacity = capacity[0];
    return ZG_OK;
}

zg_status zg_words_add(zg_words *words, const char *text, size_t limit, size_t *index)
{
    bool found;
    size_t at = position(words, text, &found);
    *index = found ? words->sorted[at].index : words->count;
    if (found || words->count >= limit) return ZG_OK;
    char *copy = strdup(text);
    if (!copy || grow(words) != ZG_OK) {
        free(copy);
        return ZG_NO_MEMORY;
    }
    memmove(words->sorted + at + 1, words->sorted + at,
            (words->count - at) * sizeof *words->sorted);
    words->sorted[at] = (zg_word){copy, words->count};
    words->texts[words->count++] = copy;
    return ZG_OK;
}

zg_status zg_words_take_sorted(zg_words *words, size_t **rank, char ***texts)
{
    size_t room = words->count ? words->count : 1;
    *rank = malloc(room * sizeof **rank);
    *texts = malloc(room * sizeof **texts);
    if (!*rank || !*texts) {
        free(*rank);
        free(*texts);
        *rank = NULL;
        *texts = NULL;
        return ZG_NO_MEMORY;
    }
    for (size_t k = 0; k < words->count; k++) {
        (*rank)[words->sorted[k].index] = k;
        (*texts)[k] = words->sorted[k].text;
    }
    words->count = 0; /* the texts have a new owner */
    zg_words_clear(words);
    return ZG_OK;
}

void zg_words_clear(zg_words *words)
{
    for (size_t k = 0; k < words->count; k++)
        free(words->sorted[k].text);
    free(words->sorted);
    free(words->texts);
    *words = (zg_words){0};
}
