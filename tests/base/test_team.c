/* Sums of a team: the same bits whoever holds which blocks. */
#include "base/linalg.h"
#include "base/team.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_RANKS 8
#define BLOCKS 13 /* no power of two: the tree is not full */
#define SAMPLES 1000
#define WIDTH 5
#define FAILED 9 /* exit status of a rank that transport.fail ended */

/* Ranks are processes; pipe[a][b] leads from a to b. */
typedef struct job {
    size_t rank, ranks;
    int pipe[MOST_RANKS][MOST_RANKS][2];
} job;

static void move_all(int descriptor, void *data, size_t bytes, bool writes)
{
    char *p = data;
    while (bytes > 0) {
        ssize_t moved = writes ? write(descriptor, p, bytes) : read(descriptor, p, bytes);
        if (moved <= 0) _exit(FAILED);
        p += moved;
        bytes -= (size_t)moved;
    }
}

static void send_to(void *context, size_t to, const void *data, size_t bytes)
{
    job *j = context;
    move_all(j->pipe[j->rank][to][1], &bytes, sizeof bytes, true);
    move_all(j->pipe[j->rank][to][1], (void *)(uintptr_t)data, bytes, true);
}

static size_t receive_from(void *context, size_t from, void *data, size_t bytes)
{
    job *j = context;
    size_t size;
    move_all(j->pipe[from][j->rank][0], &size, sizeof size, false);
    if (size > bytes) _exit(FAILED); /* as MPI does */
    move_all(j->pipe[from][j->rank][0], data, size, false);
    return size;
}

static void broadcast(void *context, void *data, size_t bytes)
{
    job *j = context;
    for (size_t to = 1; j->rank == 0 && to < j->ranks; to++)
        send_to(j, to, data, bytes);
    if (j->rank > 0 && receive_from(j, 0, data, bytes) != bytes) _exit(FAILED);
}

static void __attribute__((noreturn)) fail_rank(void *context, const char *why)
{
    (void)context, (void)why;
    _exit(FAILED);
}

static double sample(size_t i, size_t k)
{
    return sin((double)(i * 31 + k * 7)) * pow(10.0, (double)(i % 17) - 8.0);
}

/* The team's part of the samples: blocks of unequal sizes, some of them empty. */
static size_t boundary(size_t block)
{
    return block == 3 ? 2 * SAMPLES / BLOCKS : block * SAMPLES / BLOCKS;
}

typedef void (*rank_body)(zg_team *team, size_t n, int out);

static void become_rank(job *j, rank_body body, int out)
{
    static size_t start[BLOCKS + 1];
    size_t first = j->rank * BLOCKS / j->ranks, end = (j->rank + 1) * BLOCKS / j->ranks;
    zg_team team = {.rank = j->rank,
                    .ranks = j->ranks,
                    .total = SAMPLES,
                    .first = boundary(first),
                    .all_blocks = BLOCKS,
                    .first_block = first,
                    .blocks = end - first,
                    .start = start,
                    .transport = {send_to, receive_from, broadcast, fail_rank, j}};
    for (size_t b = first; b <= end; b++)
        start[b - first] = boundary(b) - boundary(first);
    alarm(60); /* a job that hangs fails */
    body(&team, start[team.blocks], out);
    _exit(0);
}

/* Runs the body on so many ranks; what rank 0 writes is the result.  Returns the number of ranks
 * that ended by transport.fail or a signal. */
static int run(size_t ranks, rank_body body, void *result, size_t size)
{
    job j = {.ranks = ranks};
    int out[2], failed = 0, status;
    assert_int_equal(pipe(out), 0);
    for (size_t a = 0; a < ranks; a++)
        for (size_t b = 0; b < ranks; b++)
            assert_int_equal(pipe(j.pipe[a][b]), 0);
    for (j.rank = 0; j.rank < ranks; j.rank++) {
        pid_t pid = fork();
        if (pid == 0) {
            for (size_t a = 0; a < ranks; a++) /* so that a rank that ends is seen to end */
                for (size_t b = 0; b < ranks; b++) {
                    if (a != j.rank) close(j.pipe[a][b][1]);
                    if (b != j.rank) close(j.pipe[a][b][0]);
                }
            become_rank(&j, body, out[1]);
        }
        assert_true(pid > 0);
    }
    for (size_t a = 0; a < ranks; a++)
        for (size_t b = 0; b < ranks; b++) {
            close(j.pipe[a][b][0]);
            close(j.pipe[a][b][1]);
        }
    close(out[1]);
    if (size > 0) {
        char *p = result;
        for (ssize_t got; size > 0 && (got = read(out[0], p, size)) > 0; size -= (size_t)got)
            p += got;
        assert_int_equal(size, 0);
    }
    close(out[0]);
    for (size_t r = 0; r < ranks; r++) {
        assert_true(wait(&status) > 0);
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    return failed;
}

static void report(const zg_team *team, int out, const void *data, size_t bytes)
{
    if (team->rank == 0) move_all(out, (void *)(uintptr_t)data, bytes, true);
}

static void add_samples(zg_team *team, size_t n, double *all)
{
    size_t first, rows;
    zg_sum sum = zg_sum_begin(team, n, WIDTH, all);
    while (zg_sum_next(&sum, &first, &rows))
        for (size_t i = first; i < first + rows; i++)
            for (size_t k = 0; k < WIDTH; k++)
                sum.part[k] += sample((team ? team->first : 0) + i, k);
    zg_sum_end(&sum);
}

static void sum_twice(zg_team *team, size_t n, int out)
{
    double all[WIDTH], again[WIDTH];
    add_samples(team, n, all);
    add_samples(team, n, again);
    if (memcmp(all, again, sizeof all) != 0) _exit(FAILED);
    zg_team_agree(team, "the sum", all, sizeof all); /* every rank has it */
    report(team, out, all, sizeof all);
}

static void any_number_of_ranks_gives_the_same_bits(void **state)
{
    (void)state;
    double alone[WIDTH], serial[WIDTH], all[WIDTH];
    assert_int_equal(run(1, sum_twice, alone, sizeof alone), 0);
    for (size_t ranks = 2; ranks <= MOST_RANKS; ranks++) {
        assert_int_equal(run(ranks, sum_twice, all, sizeof all), 0);
        assert_memory_equal(all, alone, sizeof all);
    }
    add_samples(NULL, SAMPLES, serial);
    for (size_t k = 0; k < WIDTH; k++) {
        long double exact = 0.0L, terms = 0.0L;
        for (size_t i = 0; i < SAMPLES; i++) {
            exact += (long double)sample(i, k);
            terms += fabsl((long double)sample(i, k));
        }
        assert_true(fabsl((long double)alone[k] - exact) <= 1e-13L * terms);
        assert_true(fabsl((long double)serial[k] - exact) <= 1e-13L * terms);
    }
}

static void without_a_team_a_sum_is_that_of_a_plain_loop(void **state)
{
    (void)state;
    double all[WIDTH], plain[WIDTH] = {0};
    add_samples(NULL, SAMPLES, all);
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t k = 0; k < WIDTH; k++)
            plain[k] += sample(i, k);
    assert_memory_equal(all, plain, sizeof all);
}

static void gather_and_scatter(zg_team *team, size_t n, int out)
{
    double *own = zg_doubles(n * 2), *all = zg_doubles(2 * SAMPLES), *back = zg_doubles(n * 2);
    for (size_t i = 0; i < 2 * n; i++)
        own[i] = (double)(2 * team->first + i);
    zg_team_gather(team, n, 2, own, all);
    zg_team_scatter(team, n, 2, all, back);
    if (memcmp(own, back, 2 * n * sizeof *own) != 0) _exit(FAILED);
    report(team, out, all, 2 * SAMPLES * sizeof *all);
}

static void numbers_of_samples_are_gathered_in_their_order(void **state)
{
    (void)state;
    static double all[2 * SAMPLES];
    for (size_t ranks = 1; ranks <= 5; ranks++) {
        assert_int_equal(run(ranks, gather_and_scatter, all, sizeof all), 0);
        for (size_t i = 0; i < 2 * SAMPLES; i++)
            assert_true(all[i] == (double)i);
    }
}

static void largest_of_all(zg_team *team, size_t n, int out)
{
    double x[3] = {-(double)team->rank, (double)team->rank, team->rank == 1 ? NAN : 1.0};
    (void)n;
    zg_team_max(team, 3, x);
    double shared = zg_team_shared(team, 10.0 + (double)team->rank);
    if (shared != 10.0) _exit(FAILED);
    report(team, out, x, sizeof x);
}

static void a_nan_is_larger_than_every_number(void **state)
{
    (void)state;
    double x[3];
    for (size_t ranks = 2; ranks <= MOST_RANKS; ranks++) {
        assert_int_equal(run(ranks, largest_of_all, x, sizeof x), 0);
        assert_true(x[0] == 0.0 && x[1] == (double)(ranks - 1) && isnan(x[2]));
    }
}

static void disagree(zg_team *team, size_t n, int out)
{
    double x = team->rank == 2 ? nextafter(1.0, 2.0) : 1.0;
    (void)n, (void)out;
    zg_team_agree(team, "x", &x, sizeof x);
}

static void one_bit_of_difference_ends_the_job(void **state)
{
    (void)state;
    for (size_t ranks = 3; ranks <= MOST_RANKS; ranks++)
        assert_int_equal(run(ranks, disagree, NULL, 0), ranks);
}

/* Rank 1 leaves out a sum, or asks for another one. */
static void skip_a_sum(zg_team *team, size_t n, int out)
{
    double all[WIDTH];
    if (team->rank != 1) add_samples(team, n, all);
    double x = 0.0;
    (void)out;
    zg_team_max(team, 1, &x);
    add_samples(team, n, all);
}

static void another_size(zg_team *team, size_t n, int out)
{
    double all[WIDTH];
    size_t first, rows;
    (void)out;
    zg_sum sum = zg_sum_begin(team, n, team->rank == 1 ? WIDTH - 1 : WIDTH, all);
    while (zg_sum_next(&sum, &first, &rows))
        continue;
    zg_sum_end(&sum);
}

static void ranks_that_ran_apart_end_the_job_and_do_not_hang(void **state)
{
    (void)state;
    for (size_t ranks = 2; ranks <= 5; ranks++) {
        assert_true(run(ranks, skip_a_sum, NULL, 0) > 0);
        assert_true(run(ranks, another_size, NULL, 0) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_ranks_gives_the_same_bits),
        cmocka_unit_test(without_a_team_a_sum_is_that_of_a_plain_loop),
        cmocka_unit_test(numbers_of_samples_are_gathered_in_their_order),
        cmocka_unit_test(a_nan_is_larger_than_every_number),
        cmocka_unit_test(one_bit_of_difference_ends_the_job),
        cmocka_unit_test(ranks_that_ran_apart_end_the_job_and_do_not_hang),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
