/* Injects faults into a run log, for tests of gates: edit_log FACTOR VERDICT IN OUT multiplies all
 * times by FACTOR and gives every case that ran the VERDICT ("-": its own); seals lines anew. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void scale(json_t *event, double factor)
{
    json_t *samples = json_object_get(event, "samples"), *sample;
    size_t index;
    const json_t *seconds = json_object_get(event, "seconds");
    if (seconds)
        json_object_set_new(event, "seconds", json_real(json_number_value(seconds) * factor));
    json_array_foreach(samples, index, sample)
        json_array_set_new(samples, index, json_real(json_number_value(sample) * factor));
}

static int write_sealed(json_t *event, FILE *out)
{
    json_object_del(event, "crc");
    char *line = json_dumps(event, JSON_COMPACT);
    if (!line) return 1;
    size_t length = strlen(line) - 1; /* without the closing brace */
    unsigned long crc = crc32(0L, (const Bytef *)line, (uInt)length);
    fprintf(out, "%.*s,\"crc\":\"%08lx\"}\n", (int)length, line, crc);
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 5) return 4;
    FILE *in = fopen(argv[3], "rb"), *out = fopen(argv[4], "wb");
    char *line = NULL;
    size_t capacity = 0;
    int failed = !in || !out;
    while (!failed && getline(&line, &capacity, in) > 0) {
        json_t *event = json_loads(line, 0, NULL);
        const char *kind = json_string_value(json_object_get(event, "event"));
        if (kind && strcmp(kind, "case_finished") == 0) {
            scale(event, atof(argv[1]));
            if (strcmp(argv[2], "-") != 0)
                json_object_set_new(event, "verdict", json_string(argv[2]));
        }
        failed = !event || write_sealed(event, out);
        json_decref(event);
    }
    free(line);
    if (in) fclose(in);
    return !out || fclose(out) != 0 || failed;
}
