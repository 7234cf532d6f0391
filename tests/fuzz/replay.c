/*
 * Runs a fuzz target without libFuzzer: on every file of a directory, and on random changes of
 * them.  ZEROGAP_TEST_MULTIPLIER times as many changes are made.
 *
 *   replay_TARGET CORPUS [CHANGES]
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)1 << 20) /* bytes of an input */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

typedef struct corpus {
    struct dirent **entries;
    int count;
    const char *directory;
} corpus;

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t load(const corpus *c, int which, uint8_t *input)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", c->directory, c->entries[which]->d_name);
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(input, 1, LARGEST, file) : 0;
    if (file) fclose(file);
    return size;
}

/* splitmix64: the same changes on every machine, and no header of the library. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* Takes a byte out, puts one in, replaces one, or cuts the input off. */
static size_t change(uint8_t *input, size_t size, uint64_t *state)
{
    static const char likely[] = ",\n\r\"0123456789.eE+-?NAaxb:;{}[]= \t\0\1\x7f\x80\xff";
    if (size == 0) return 0;
    size_t at = draw(state) % size;
    uint8_t byte = (uint8_t)likely[draw(state) % (sizeof likely - 1)];
    switch (draw(state) % 8) {
    case 0:
        return at;
    case 1:
    case 2:
        memmove(input + at, input + at + 1, size - at - 1);
        return size - 1;
    case 3:
    case 4:
        if (size == LARGEST) return size;
        memmove(input + at + 1, input + at, size - at);
        input[at] = byte;
        return size + 1;
    default:
        input[at] = byte;
        return size;
    }
}

/* An input of exactly its size, so that a sanitizer sees what is read beyond it. */
static void run(const uint8_t *input, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) abort();
    memcpy(copy, input, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_changes(const corpus *c, long count, uint8_t *input)
{
    uint64_t state = 99;
    for (long round = 0; round < count; round++) {
        size_t size = load(c, (int)(draw(&state) % (uint64_t)c->count), input);
        for (uint64_t left = 1 + draw(&state) % 5; left > 0; left--)
            size = change(input, size, &state);
        run(input, size);
    }
}

int main(int argc, char **argv)
{
    corpus c = {.directory = argc > 1 ? argv[1] : "."};
    uint8_t *input = malloc(LARGEST);
    const char *multiplier = getenv("ZEROGAP_TEST_MULTIPLIER");
    long changes = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (multiplier) changes *= strtol(multiplier, NULL, 10);
    c.count = scandir(c.directory, &c.entries, is_visible, alphasort);
    if (c.count < 1 || !input) {
        printf("1..1\nnot ok 1 - no inputs in %s\n", c.directory);
        return 1;
    }
    printf("1..2\n");
    for (int i = 0; i < c.count; i++)
        run(input, load(&c, i, input));
    printf("ok 1 - stands the %d inputs that were kept\n", c.count);
    fflush(stdout);
    run_changes(&c, changes, input);
    printf("ok 2 - stands %ld random changes of them\n", changes);
    for (int i = 0; i < c.count; i++)
        free(c.entries[i]);
    free(c.entries);
    free(input);
    return 0;
}
