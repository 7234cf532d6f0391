/*
 * Stands in for CSDP's library: what it does is chosen by the environment variable ZEROGAP_STUB.
 *
 * Every behaviour first offers two iterates through the hook, as CSDP would, except those that say
 * otherwise.
 */
#include <csdp/declarations.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void alloc_like(struct blockmatrix c, struct blockmatrix *x, double diagonal)
{
    x->nblocks = c.nblocks;
    x->blocks = calloc((size_t)c.nblocks + 1, sizeof *x->blocks);
    for (int b = 1; b <= c.nblocks; b++) {
        int size = c.blocks[b].blocksize;
        x->blocks[b] = c.blocks[b];
        if (c.blocks[b].blockcategory == DIAG) {
            x->blocks[b].data.vec = calloc((size_t)size + 1, sizeof(double));
            for (int i = 1; i <= size; i++)
                x->blocks[b].data.vec[i] = diagonal;
        } else {
            x->blocks[b].data.mat = calloc((size_t)size * (size_t)size, sizeof(double));
            for (int i = 1; i <= size; i++)
                x->blocks[b].data.mat[ijtok(i, i, size)] = diagonal;
        }
    }
}

// NOLINTNEXTLINE(readability-non-const-parameter): the library's declaration
void initsoln(int n, int k, struct blockmatrix c, double *a, struct constraintmatrix *constraints,
              struct blockmatrix *px, double **py, struct blockmatrix *pz)
{
    (void)n, (void)a, (void)constraints;
    alloc_like(c, px, 1);
    alloc_like(c, pz, 1);
    *py = calloc((size_t)k + 1, sizeof(double));
}

/* The parent's channel: the only descriptor beside the standard streams. */
static int find_channel(void)
{
    for (int d = 3; d < 256; d++)
        if (send(d, "", 0, MSG_NOSIGNAL) == 0) return d;
    return -1;
}

static void eat_memory(void)
{
    for (;;) {
        char *piece = malloc(1 << 20);
        if (!piece) {
            printf("Storage Allocation Failed!\n");
            exit(205);
        }
        memset(piece, 1, 1 << 20);
    }
}

static void misbehave(const char *how)
{
    if (strcmp(how, "crash") == 0) raise(SIGSEGV);
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "killed") == 0) raise(SIGKILL);
    if (strcmp(how, "exit205") == 0) exit(205);
    if (strcmp(how, "exit206") == 0) exit(206);
    if (strcmp(how, "exit0") == 0) exit(0);
    if (strcmp(how, "memory") == 0) eat_memory();
    if (strcmp(how, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(how, "spin") == 0) {
        signal(SIGTERM, SIG_IGN);
        for (volatile int on = 1; on;)
            ;
    }
    if (strcmp(how, "garbage") == 0) {
        char noise[512];
        memset(noise, 0x5a, sizeof noise);
        send(find_channel(), noise, sizeof noise, MSG_NOSIGNAL);
        pause();
    }
    if (strcmp(how, "truncated") == 0) {
        send(find_channel(), "short", 5, MSG_NOSIGNAL);
        _exit(0);
    }
}

int easy_sdp(int n, int k, struct blockmatrix c, double *a, struct constraintmatrix *constraints,
             double constant_offset, struct blockmatrix *px, double **py, struct blockmatrix *pz,
             double *ppobj, double *pdobj)
{
    const char *how = getenv("ZEROGAP_STUB");
    struct paramstruc parameters = {0};
    *ppobj = *pdobj = 1;
    FILE *file = fopen("param.csdp", "r"); /* our own, in a private directory */
    if (!how || !file) exit(99);
    fclose(file);
    int rounds = strcmp(how, "endless") == 0 ? 1 << 30 : 2;
    for (int i = 0; i < rounds; i++)
        if (user_exit(n, k, c, a, 1, 1, constant_offset, constraints, *px, *py, *pz, parameters))
            return 0;
    misbehave(how);
    if (strcmp(how, "nan") == 0)
        for (int i = 1; i <= k; i++)
            (*py)[i] = NAN;
    if (strcmp(how, "lie") == 0) { /* nothing like a solution, and success claimed */
        for (int i = 1; i <= k; i++)
            (*py)[i] = 1e3 * sin(i);
        for (int b = 1; b <= px->nblocks; b++)
            if (px->blocks[b].blockcategory == MATRIX) px->blocks[b].data.mat[0] = 1e4;
    }
    return strcmp(how, "stuck") == 0 ? 5 : strcmp(how, "strange") == 0 ? 77 : 0;
}
