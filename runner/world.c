/* The program's own world: the registry's methods and the catalogue's data. */
#include "runner/world.h"

#include "data/catalogue.h"
#include "train/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never fetches: that takes as long as it likes, and a case is under limits. */
static zg_status load(const char *source, const zg_data_options *options,
                      const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    const zg_catalogue_entry *entry = zg_catalogue_find(source);
    char *cache = NULL;
    zg_status status = zg_cache_directory(&cache, error);
    if (status != ZG_OK) return status;
    bool present = entry && zg_catalogue_present(entry, cache);
    free(cache);
    if (present) return zg_catalogue_load_images(source, options, image, out, error);
    if (entry && !entry->package)
        return zg_fail(error, ZG_MISSING, "%s is in no package: zerogap data add %s FILE (%s)",
                       source, source, entry->source ? entry->source : "a file of your own");
    return zg_fail(error, ZG_MISSING, "%s is not on this machine: zerogap data fetch %s", source,
                   source);
}

static zg_status digest(const char *source, char text[ZG_DIGEST_SIZE], zg_error *error)
{
    const zg_catalogue_entry *entry = zg_catalogue_find(source);
    if (!entry) return zg_fail(error, ZG_MISSING, "there is no data set %.200s", source);
    snprintf(text, ZG_DIGEST_SIZE, "%s", entry->sha256 ? entry->sha256 : entry->name);
    return ZG_OK;
}

zg_status zg_world_create(zg_world *out, zg_error *error)
{
    size_t count;
    const char **names = zg_catalogue_names(&count);
    if (!names) return zg_no_memory(error);
    *out = (zg_world){.sources = names, .source_count = count, .load = load, .digest = digest};
    out->methods = zg_methods(&out->method_count);
    return ZG_OK;
}

void zg_world_clear(zg_world *world)
{
    free((void *)world->sources);
    *world = (zg_world){0};
}
