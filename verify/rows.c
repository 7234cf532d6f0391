/*
 * Rows that are functionals, held against the data: what "train" makes of values, slopes and labels
 * is made here anew from the file, so that nothing that a certificate says of its rows is believed.
 *
 * Of n data rows with the targets t, c of them:
 *
 *   slopes         n c rows, point by point: the slope along input k, times fl(1 / scale_k), is
 *                  target k
 *   values+slopes  likewise, of the targets behind the first, which is the value
 *
 *   fisher         of two classes of m_0 and m_1 rows, for each row of a class of m rows the sum
 *                  over the class of (m at the row itself, else 0) - 1 times the value, which is 0,
 *                  with the weight fl(1 / (n m^2)); and last, to be met exactly, m_0 times the
 *                  values of the second class less m_1 times those of the first, which is m_0 m_1
 *
 *   contrast       one row, which is 1: over all rows the sum of fl(1 / m_1) times the value where
 *                  the target is above 0, and of -fl(1 / m_0) times the value elsewhere
 *
 * There are slopes along all inputs, or all but a last one that is 1 in every row.
 */
#include "proof.h"

/* Rounded once, to a double. */
static double divided(double a, double b)
{
    volatile double quotient = a / b;
    return quotient;
}

static bool last_is_one(const zv_claim *c)
{
    for (size_t i = 0; i < c->data_rows; i++)
        if (c->x[i * c->d + c->d - 1] != 1) return false;
    return true;
}

/* Every row then has one term, which has the row's index: none has less. */
static bool are_slopes(const zv_claim *c, bool values)
{
    size_t n = c->data_rows, targets = c->targets, along = targets - values;
    bool all = along == c->d || (along + 1 == c->d && last_is_one(c));
    if (c->task != ZV_REGRESSION || c->has_exact || c->n != n * targets || along == 0 || !all)
        return false;
    for (size_t r = 0; r < c->n; r++) {
        size_t i = r / targets, t = r % targets, k = t - values;
        bool value = values && t == 0;
        double coefficient = !value && c->scale ? divided(1, c->scale[k]) : 1;
        if (c->row_terms[r] != 1 || c->term_point[r] != i ||
            c->term_kind[r] != (value ? 0 : 2 + k) || c->coefficient[r] != coefficient ||
            c->y[r] != c->data_y[t * n + i] || c->weights[r] != c->weights[i * targets])
            return false;
    }
    return true;
}

static bool are_differences(const zv_claim *c)
{
    size_t n = c->data_rows, count[2] = {0, 0}, terms = 0;
    if (c->task != ZV_BINARY || c->loss != ZV_SQUARED || !c->has_exact || c->exact != n ||
        c->n != n + 1)
        return false;
    for (size_t i = 0; i < n; i++)
        count[c->data_y[i] > 0]++;
    for (size_t i = 0; i <= n; i++) {
        bool last = i == n, second = !last && c->data_y[i] > 0;
        double m = (double)count[second], target = last ? (double)count[0] * (double)count[1] : 0;
        double weight = last ? 1 : divided(1, (double)n * m * m);
        if (c->row_terms[i] != (last ? n : count[second]) || c->y[i] != target ||
            c->weights[i] != weight)
            return false;
        for (size_t j = 0; j < n; j++) {
            bool other = c->data_y[j] > 0;
            double across = other ? (double)count[0] : -(double)count[1];
            if (!last && other != second) continue;
            if (c->term_point[terms] != j || c->term_kind[terms] != 0 ||
                c->coefficient[terms] != (last ? across : (j == i ? m : 0) - 1))
                return false;
            terms++;
        }
    }
    return true;
}

static bool is_contrast(const zv_claim *c)
{
    size_t n = c->data_rows, above = 0;
    if (c->task != ZV_REGRESSION || c->targets != 1 || c->has_exact || c->n != 1) return false;
    for (size_t i = 0; i < n; i++)
        above += c->data_y[i] > 0;
    if (above == 0 || above == n || c->row_terms[0] != n || c->y[0] != 1 || c->weights[0] != 1)
        return false;
    double share[2] = {divided(-1, (double)(n - above)), divided(1, (double)above)};
    for (size_t i = 0; i < n; i++)
        if (c->term_point[i] != i || c->term_kind[i] != 0 ||
            c->coefficient[i] != share[c->data_y[i] > 0])
            return false;
    return true;
}

void zv_trace_rows(zv_claim *c)
{
    zv_session *s = c->session;
    c->rows_kind = s->rows == ZV_ROWS_CERTIFICATE ? ZV_ROWS_CERTIFICATE
                   : are_slopes(c, false)         ? ZV_ROWS_SLOPES
                   : are_slopes(c, true)          ? ZV_ROWS_VALUES_AND_SLOPES
                   : are_differences(c)           ? ZV_ROWS_FISHER
                   : is_contrast(c)               ? ZV_ROWS_CONTRAST
                                                  : ZV_ROWS_OF_DATA;
    if (c->rows_kind == ZV_ROWS_OF_DATA)
        zv_stop(s, ZV_BAD_FILE,
                "the certificate's rows are not made from the data: they are neither slopes nor "
                "values+slopes nor fisher nor contrast (--rows certificate takes them as they "
                "stand there)");
    if (s->rows != ZV_ROWS_OF_DATA && s->rows != c->rows_kind)
        zv_stop(s, ZV_BAD_FILE, "the certificate's rows are %s, not %s",
                zv_rows_names[c->rows_kind], zv_rows_names[s->rows]);
}
