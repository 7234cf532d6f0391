/*
 * Sums over samples that several processes share.
 *
 * The samples are cut into blocks whose boundaries depend on the data alone, and every member of a
 * team holds some consecutive ones.  A sum over all samples is made of one partial sum a block,
 * added up along a fixed binary tree: whoever holds which blocks, the same numbers are added in the
 * same order, so that any number of members gives the same bits.  Everything else (small dense
 * work) every member does for itself, on the same numbers.
 *
 *     zg_sum sum = zg_sum_begin(team, n, count, out);
 *     while (zg_sum_next(&sum, &first, &rows))
 *         ... add what the samples first .. first + rows contribute to sum.part (count zeros) ...
 *     zg_sum_end(&sum);                              out is the sum, on every member
 *
 * Without a team (NULL) there is one block of all samples, part is out, and nothing is copied:
 * serial code pays nothing and has the bits that it had.
 *
 * What a member cannot go on with (no memory for a partial sum, another member that asks for
 * another sum) ends the whole job through transport.fail, which does not return: a collective has
 * no way back for one member alone.
 */
#ifndef ZG_BASE_TEAM_H
#define ZG_BASE_TEAM_H

#include "zerogap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How members reach each other; members are numbered from 0.  All calls block. */
typedef struct zg_transport {
    void (*send)(void *context, size_t to, const void *data, size_t bytes);
    /* A whole message of at most so many bytes; returns how many it has. */
    size_t (*receive)(void *context, size_t from, void *data, size_t bytes);
    void (*broadcast)(void *context, void *data, size_t bytes); /* from member 0 */
    void (*fail)(void *context, const char *why) __attribute__((noreturn));
    void *context;
} zg_transport;

typedef struct zg_team {
    size_t rank, ranks;
    size_t total;        /* samples of all members */
    size_t first;        /* samples of the members in front of this one */
    size_t all_blocks;   /* of all members */
    size_t first_block;  /* of this one */
    size_t blocks;       /* of this one */
    const size_t *start; /* blocks + 1: the samples of this member at which they begin */
    zg_transport transport;
    uint64_t steps; /* collectives so far: every member must be at the same one */
    /* What was sent by this member, for reports: messages, their bytes, and collectives. */
    uint64_t messages, bytes, collectives;
} zg_team;

/* Block number i of this member's n samples; false where there is none.  Without a team, block 0
 * is all of them. */
bool zg_team_block(const zg_team *team, size_t n, size_t i, size_t *first, size_t *rows);
/* Samples of all members, of which this one has n. */
size_t zg_team_total(const zg_team *team, size_t n);
/* How many additions the tree makes of one term, 0 without a team. */
size_t zg_team_depth(const zg_team *team);

/* ---- sums ------------------------------------------------------------------------------------ */

#define ZG_TEAM_LEVELS 64 /* of the tree: there is room for 2^64 blocks */

typedef struct zg_sum {
    zg_team *team;
    size_t n, count;
    double *out;  /* count: the sum, in the end */
    double *part; /* count: the present block's */
    size_t next;
    /* Subtrees that are added up, from left to right: node i of level l holds the blocks i 2^l ..
     * (i + 1) 2^l. */
    struct {
        unsigned level;
        size_t index;
        double *value;
    } node[ZG_TEAM_LEVELS];
    size_t nodes;
} zg_sum;

/* n: samples of this member.  out is overwritten. */
zg_sum zg_sum_begin(zg_team *team, size_t n, size_t count, double *out);
bool zg_sum_next(zg_sum *sum, size_t *first, size_t *rows);
void zg_sum_end(zg_sum *sum);

/* The Euclidean norm of a vector over all samples, n of them here. */
double zg_team_norm(zg_team *team, size_t n, const double *x);

/* ---- agreement ------------------------------------------------------------------------------- */

/* Each of the numbers becomes the largest of all members'; a NaN wins. */
void zg_team_max(zg_team *team, size_t count, double *x);
/* Member 0's number, on every member: for clocks, and what else differs between members. */
double zg_team_shared(zg_team *team, double x);
/* Member 0's bytes, on every member. */
void zg_team_broadcast(zg_team *team, void *data, size_t bytes);
/* Ends the job where the members' bytes differ: what every member computes for itself must be the
 * same everywhere (processors of different kinds may round in different ways). */
void zg_team_agree(zg_team *team, const char *what, const void *data, size_t bytes);

/* ---- numbers of samples ---------------------------------------------------------------------- */

/* all (total x width numbers, on member 0; not used elsewhere) from each member's x (n x width, n
 * its samples), and the way back. */
void zg_team_gather(zg_team *team, size_t n, size_t width, const double *x, double *all);
void zg_team_scatter(zg_team *team, size_t n, size_t width, const double *all, double *x);

#endif
