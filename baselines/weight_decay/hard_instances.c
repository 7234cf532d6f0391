/* PARTITION, 3-PARTITION and planted sparse data as weight-decay training problems. */
#include "baselines/weight_decay/hard_instances.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PRIME UINT64_C(2147483647)
#define DRAWS 10000    /* attempts at a random instance with the wanted answer */
#define PLAIN_DRAWS 50 /* of which without structure */
#define MOST_THREES 24 /* numbers in a 3-PARTITION decided over sets */

static long sum_of(size_t count, const long *numbers)
{
    long sum = 0;
    for (size_t j = 0; j < count; j++)
        sum += numbers[j];
    return sum;
}

/* ---- data rows ----------------------------------------------------------------------------- */

typedef struct zg_rows {
    zg_dataset *dataset;
    size_t next;
} rows;

static double *add_row(rows *r, double target)
{
    r->dataset->t[r->next] = target;
    return r->dataset->x + r->dataset->inputs * r->next++;
}

/* Rows of ones with every single sign and every pair of signs flipped: with equal labels these make
 * all off-diagonal entries 0 (flipping i changes the prediction by -4 times the sum of row i, and
 * i and j together leave out 2 Z_ij). */
static void add_flips(rows *r, double target)
{
    size_t d = r->dataset->inputs;
    for (size_t i = 0; i <= d; i++) {
        for (size_t j = i; j <= d; j++) {
            /* (d, d): no flip; (i, d): one; (i, j): two */
            if (i == j && i < d) continue;
            double *x = add_row(r, target);
            for (size_t k = 0; k < d; k++)
                x[k] = k == i || k == j ? -1.0 : 1.0;
        }
    }
}

static size_t flip_rows(size_t d)
{
    return 1 + d + d * (d - 1) / 2;
}

static zg_status check_numbers(size_t count, const long *numbers, size_t least, zg_error *error)
{
    if (count < least)
        return zg_fail(error, ZG_BAD_INPUT, "expected at least %zu numbers, found %zu", least,
                       count);
    for (size_t j = 0; j < count; j++)
        if (numbers[j] < 1 || numbers[j] > ZG_HARD_NUMBER_LIMIT)
            return zg_fail(error, ZG_BAD_INPUT, "expected numbers from 1 to %d, found %ld",
                           ZG_HARD_NUMBER_LIMIT, numbers[j]);
    if (count > 1000)
        return zg_fail(error, ZG_BAD_INPUT, "expected at most 1000 numbers, found %zu", count);
    return ZG_OK;
}

zg_status zg_partition_create(size_t count, const long *numbers, zg_dataset **out, zg_error *error)
{
    zg_status status = check_numbers(count, numbers, 2, error);
    if (status != ZG_OK) return status;
    rows r = {NULL, 0};
    status =
        zg_dataset_alloc(2 * count + 1 + flip_rows(2 * count), 2 * count, 1, &r.dataset, error);
    if (status != ZG_OK) return status;
    double total = 0.0;
    for (size_t j = 0; j < count; j++) {
        for (int sign = 1; sign >= -1; sign -= 2) { /* x_j + y_j = 1, no cross term */
            double *x = add_row(&r, 1.0);
            x[j] = 1.0;
            x[count + j] = sign;
        }
        double a = (double)numbers[j];
        total += (a - 1.0) * (a - 1.0) + 2.0 * a;
    }
    double *x = add_row(&r, total); /* sum 4 a_j x_j = 2 S */
    for (size_t j = 0; j < count; j++) {
        x[j] = (double)numbers[j] + 1.0;
        x[count + j] = (double)numbers[j] - 1.0;
    }
    add_flips(&r, (double)count);
    *out = r.dataset;
    return ZG_OK;
}

static zg_status check_threes(size_t count, const long *numbers, long *share, zg_error *error)
{
    zg_status status = check_numbers(count, numbers, 6, error);
    if (status != ZG_OK) return status;
    long sum = sum_of(count, numbers);
    if (count % 3 != 0 || sum % (long)(count / 3) != 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "expected 3 m numbers whose sum is a multiple of m, found %zu with sum %ld",
                       count, sum);
    *share = sum / (long)(count / 3);
    for (size_t j = 0; j < count; j++) /* so that only triples fill a bin */
        if (4 * numbers[j] <= *share || 2 * numbers[j] >= *share)
            return zg_fail(error, ZG_BAD_INPUT,
                           "expected numbers strictly between a quarter and a half of %ld, found "
                           "%ld",
                           *share, numbers[j]);
    return ZG_OK;
}

zg_status zg_three_partition_create(size_t count, const long *numbers, zg_dataset **out,
                                    zg_error *error)
{
    long share;
    zg_status status = check_threes(count, numbers, &share, error);
    if (status != ZG_OK) return status;
    if (count > 24) return zg_fail(error, ZG_BAD_INPUT, "expected at most 24 numbers");
    size_t m = count / 3, d = count * m;
    rows r = {NULL, 0};
    status = zg_dataset_alloc(count + m + flip_rows(d), d, 1, &r.dataset, error);
    if (status != ZG_OK) return status;
    double base = 0.0;
    for (size_t j = 0; j < count; j++) {
        double *x = add_row(&r, 1.0), a = (double)numbers[j];
        for (size_t b = 0; b < m; b++)
            x[j * m + b] = 1.0;
        base += (a - 1.0) * (a - 1.0);
    }
    for (size_t bin = 0; bin < m; bin++) { /* sum_j 4 a_j x_jb = 4 B */
        double *x = add_row(&r, base + 4.0 * (double)share);
        for (size_t j = 0; j < count; j++)
            for (size_t b = 0; b < m; b++)
                x[j * m + b] = (double)numbers[j] + (b == bin ? 1.0 : -1.0);
    }
    add_flips(&r, (double)count);
    *out = r.dataset;
    return ZG_OK;
}

/* ---- the truth ----------------------------------------------------------------------------- */

/* first[s] = 1 + the number with which the sum s was reached first (all smaller sums used earlier
 * numbers only), 0 when unreachable. */
static void reach_sums(size_t count, const long *numbers, size_t half, size_t *first)
{
    size_t start = count + 1; /* marks the empty sum */
    first[0] = start;
    for (size_t j = 0; j < count; j++) {
        size_t a = (size_t)numbers[j];
        for (size_t s = half + 1; s-- > a;)
            if (first[s] == 0 && first[s - a] != 0) first[s] = j + 1;
    }
}

zg_status zg_partition_decide(size_t count, const long *numbers, bool *answer, size_t *side,
                              zg_error *error)
{
    zg_status status = check_numbers(count, numbers, 1, error);
    if (status != ZG_OK) return status;
    size_t sum = 0;
    for (size_t j = 0; j < count; j++)
        sum += (size_t)numbers[j];
    *answer = false;
    if (sum % 2 != 0) return ZG_OK;
    size_t *first = calloc(sum / 2 + 1, sizeof *first);
    if (!first) return zg_no_memory(error);
    reach_sums(count, numbers, sum / 2, first);
    *answer = first[sum / 2] != 0;
    if (*answer && side) {
        memset(side, 0, count * sizeof *side);
        for (size_t s = sum / 2; s > 0; s -= (size_t)numbers[first[s] - 1])
            side[first[s] - 1] = 1;
    }
    free(first);
    return ZG_OK;
}

/* reachable[set]: the numbers in set fill bins one after the other, the last one perhaps partly. */
static bool fill_bins(size_t count, const long *numbers, long share, size_t *last)
{
    size_t sets = (size_t)1 << count;
    last[0] = count + 1;
    for (size_t set = 0; set < sets; set++) {
        if (last[set] == 0) continue;
        long sum = 0;
        size_t members = 0;
        for (size_t j = 0; j < count; j++)
            if (set >> j & 1) {
                sum += numbers[j];
                members++;
            }
        long filled = sum % share;
        if (members % 3 == 0 && filled != 0) continue;
        if (members % 3 != 0 && filled == 0) continue;
        for (size_t j = 0; j < count; j++) {
            if (set >> j & 1) continue;
            if (filled + numbers[j] > share) continue;
            size_t next = set | (size_t)1 << j;
            if (last[next] == 0) last[next] = j + 1;
        }
    }
    return last[sets - 1] != 0;
}

zg_status zg_three_partition_decide(size_t count, const long *numbers, bool *answer, size_t *side,
                                    zg_error *error)
{
    long share;
    zg_status status = check_threes(count, numbers, &share, error);
    if (status != ZG_OK) return status;
    if (count > MOST_THREES)
        return zg_fail(error, ZG_UNSUPPORTED, "3-PARTITION is decided for at most %d numbers",
                       MOST_THREES);
    size_t *last = calloc((size_t)1 << count, sizeof *last);
    if (!last) return zg_no_memory(error);
    *answer = fill_bins(count, numbers, share, last);
    if (*answer && side) {
        size_t set = ((size_t)1 << count) - 1;
        for (size_t taken = count; taken-- > 0;) {
            size_t j = last[set] - 1;
            side[j] = taken / 3;
            set &= ~((size_t)1 << j);
        }
    }
    free(last);
    return ZG_OK;
}

/* ---- random instances ---------------------------------------------------------------------- */

static long draw_number(zg_random *random, long highest)
{
    return 1 + (long)zg_random_below_or_equal(random, (size_t)highest - 1);
}

/* One random set of numbers; planted: the last one is raised until two random parts are equal. */
static bool draw_partition(zg_random *random, size_t count, long highest, bool planted,
                           bool doubled, long *numbers)
{
    long difference = 0;
    for (size_t j = 0; j < count; j++) {
        numbers[j] = draw_number(random, highest);
        if (doubled) numbers[j] = 2 * ((numbers[j] + 1) / 2);
        difference += zg_random_uniform(random) < 0.5 ? numbers[j] : -numbers[j];
    }
    if (planted) numbers[count - 1] += difference < 0 ? -difference : difference;
    return numbers[count - 1] <= highest;
}

zg_status zg_partition_draw(size_t count, long highest, bool answer, uint32_t seed, long *numbers,
                            zg_error *error)
{
    zg_random random;
    zg_random_seed(&random, seed);
    if (highest < 2 || highest >= ZG_HARD_NUMBER_LIMIT || count < 2)
        return zg_fail(error, ZG_BAD_INPUT, "expected at least 2 numbers, the highest from 2 to %d",
                       ZG_HARD_NUMBER_LIMIT - 1);
    for (int draw = 0; draw < DRAWS; draw++) {
        bool doubled = !answer && draw >= PLAIN_DRAWS;
        if (!draw_partition(&random, count, highest, answer, doubled, numbers)) continue;
        if (sum_of(count, numbers) % 2 != 0) continue;
        /* Even numbers with an odd half sum: where there are too many subsets for a no by chance.
         */
        if (doubled && sum_of(count, numbers) / 2 % 2 == 0) continue;
        bool truth;
        zg_status status = zg_partition_decide(count, numbers, &truth, NULL, error);
        if (status != ZG_OK) return status;
        if (truth == answer) return ZG_OK;
    }
    return zg_fail(error, ZG_FAILED, "no such PARTITION instance was found in %d draws", DRAWS);
}

/* m triples with sum B = 2 highest, all numbers in (B/4, B/2), in random order; for no-instances
 * single units are moved about. */
static bool draw_threes(zg_random *random, size_t count, long highest, bool planted, long *numbers)
{
    size_t m = count / 3;
    long least = highest / 2 + 1, width = highest - least;
    for (size_t b = 0; b < m; b++) {
        long first = least - 1 + draw_number(random, width);
        long second = least - 1 + draw_number(random, width);
        long third = 2 * highest - first - second;
        if (third < least || third >= highest) return false;
        numbers[3 * b] = first;
        numbers[3 * b + 1] = second;
        numbers[3 * b + 2] = third;
    }
    for (size_t move = 0; !planted && move < count; move++) {
        size_t from = zg_random_below_or_equal(random, count - 1);
        size_t to = zg_random_below_or_equal(random, count - 1);
        if (numbers[from] <= least || numbers[to] >= highest - 1) continue;
        numbers[from]--;
        numbers[to]++;
    }
    for (size_t j = count - 1; j > 0; j--) {
        size_t other = zg_random_below_or_equal(random, j);
        long held = numbers[j];
        numbers[j] = numbers[other];
        numbers[other] = held;
    }
    return true;
}

zg_status zg_three_partition_draw(size_t count, long highest, bool answer, uint32_t seed,
                                  long *numbers, zg_error *error)
{
    zg_random random;
    zg_random_seed(&random, seed);
    if (highest < 6 || highest > ZG_HARD_NUMBER_LIMIT || count < 6 || count % 3 != 0)
        return zg_fail(error, ZG_BAD_INPUT, "expected 3 m >= 6 numbers below at least 6");
    for (int draw = 0; draw < DRAWS; draw++) {
        if (!draw_threes(&random, count, highest, answer, numbers)) continue;
        bool truth;
        zg_status status = zg_three_partition_decide(count, numbers, &truth, NULL, error);
        if (status != ZG_OK) return status;
        if (truth == answer) return ZG_OK;
    }
    return zg_fail(error, ZG_FAILED, "no such 3-PARTITION instance was found in %d draws", DRAWS);
}

zg_status zg_planted_sparse_create(const zg_planted_sparse *planted, zg_dataset **out,
                                   zg_error *error)
{
    size_t n = planted->n, d = planted->d;
    if (n == 0 || d == 0 || planted->neurons > d)
        return zg_fail(error, ZG_BAD_INPUT,
                       "planted sparse data need n and d of at least 1 and at most d neurons");
    size_t *order = calloc(d, sizeof *order);
    if (!order) return zg_no_memory(error);
    zg_dataset *dataset = NULL;
    zg_status status = zg_dataset_alloc(n, d, 1, &dataset, error);
    if (status == ZG_OK) {
        zg_random random;
        zg_random_seed(&random, planted->seed);
        for (size_t e = 0; e < n * d; e++)
            dataset->x[e] = zg_random_normal(&random);
        zg_random_permutation(&random, d, order);
        for (size_t s = 0; s < planted->neurons; s++) {
            double w = zg_random_normal(&random);
            for (size_t i = 0; i < n; i++)
                dataset->t[i] += w * dataset->x[i * d + order[s]] * dataset->x[i * d + order[s]];
        }
        for (size_t i = 0; i < n; i++)
            dataset->t[i] += planted->noise * zg_random_normal(&random);
        *out = dataset;
    }
    free(order);
    return status;
}

/* ---- forced diagonals ---------------------------------------------------------------------- */

/* The one magnitude of a row's nonzero entries; 0 when there are several or none. */
static double magnitude_of(size_t d, const double *x)
{
    double size = 0.0;
    for (size_t k = 0; k < d; k++) {
        if (x[k] == 0.0) continue;
        if (size != 0.0 && fabs(x[k]) != size) return 0.0;
        size = fabs(x[k]);
    }
    return size;
}

static bool same_pattern(size_t d, const double *x, const double *other)
{
    for (size_t k = 0; k < d; k++)
        if (fabs(x[k]) != fabs(other[k])) return false;
    return true;
}

static uint64_t power_mod(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1) {
        if (exponent & 1) result = result * base % PRIME;
        base = base * base % PRIME;
    }
    return result;
}

/* The equation sum over pairs of (s_k s_l - s'_k s'_l) Z_kl = 0 of two rows with equal labels and
 * magnitudes, modulo PRIME; half the true coefficients, which are 0 or +-2. */
static void difference_row(size_t d, const double *x, const double *other, uint32_t *row)
{
    size_t e = 0;
    for (size_t k = 0; k < d; k++) {
        for (size_t l = k + 1; l < d; l++, e++) {
            bool positive = x[k] * x[l] > 0.0, was_positive = other[k] * other[l] > 0.0;
            bool present = x[k] != 0.0 && x[l] != 0.0;
            row[e] = 0;
            if (present && positive && !was_positive) row[e] = 1;
            if (present && !positive && was_positive) row[e] = (uint32_t)(PRIME - 1);
        }
    }
}

/* Reduces row by the echelon form; true when it was independent and has been taken in at *pivot. */
static bool take_row(size_t width, uint32_t **echelon, uint32_t *row)
{
    for (size_t c = 0; c < width; c++) {
        if (row[c] == 0) continue;
        if (!echelon[c]) {
            uint64_t inverse = power_mod(row[c], PRIME - 2);
            for (size_t e = c; e < width; e++)
                row[e] = (uint32_t)(row[e] * inverse % PRIME);
            echelon[c] = row;
            return true;
        }
        uint64_t factor = PRIME - row[c];
        for (size_t e = c; e < width; e++)
            row[e] = (uint32_t)((row[e] + factor * echelon[c][e]) % PRIME);
    }
    return false;
}

zg_status zg_forces_diagonal(size_t n, size_t d, const double *x, const double *y, bool *forced,
                             zg_error *error)
{
    size_t width = d * (d - 1) / 2, rank = 0;
    *forced = d == 1;
    if (width == 0) return ZG_OK;
    zg_status status = ZG_OK;
    uint32_t **echelon = calloc(width, sizeof *echelon), *row = NULL;
    bool *done = calloc(n + 1, sizeof *done);
    if (!echelon || !done) status = zg_no_memory(error);
    for (size_t first = 0; status == ZG_OK && first < n && rank < width; first++) {
        if (done[first] || magnitude_of(d, x + first * d) == 0.0) continue;
        for (size_t i = first + 1; i < n && rank < width; i++) {
            if (y[i] != y[first] || !same_pattern(d, x + i * d, x + first * d)) continue;
            done[i] = true;
            if (!row) row = calloc(width, sizeof *row);
            if (!row) {
                status = zg_no_memory(error);
                break;
            }
            difference_row(d, x + i * d, x + first * d, row);
            if (!take_row(width, echelon, row)) continue;
            row = NULL; /* it belongs to the echelon form now */
            rank++;
        }
    }
    *forced = rank == width;
    for (size_t c = 0; echelon && c < width; c++)
        free(echelon[c]);
    free(echelon);
    free(row);
    free(done);
    return status;
}

size_t zg_diagonal_equations(size_t n, size_t d, double a, const double *x, const double *y,
                             double *phi, double *rhs, size_t *origin)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        double *row = phi + count * d;
        for (size_t k = 0; k < d; k++)
            row[k] = a * x[i * d + k] * x[i * d + k];
        bool known = false;
        for (size_t j = 0; j < count && !known; j++)
            known = rhs[j] == y[i] && memcmp(phi + j * d, row, d * sizeof *row) == 0;
        if (known) continue;
        if (origin) origin[count] = i;
        rhs[count++] = y[i];
    }
    return count;
}
