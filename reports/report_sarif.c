/* Wrong answers of a run log as SARIF 2.1.0, for code scanning. */
#include "reports/formats.h"

#include <stdio.h>
#include <string.h>

/* The suite's file as the command line names it, else its name: where to look. */
static const char *place_of(const zg_log *log, const zg_log_case *row)
{
    const json_t *run = row->run < log->run_count ? log->runs[row->run].started : NULL;
    const json_t *command = zg_log_member(run, "command");
    for (size_t i = 0; i < json_array_size(command); i++) {
        const char *word = json_string_value(json_array_get(command, i));
        const char *dot = word ? strrchr(word, '.') : NULL;
        if (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0)) return word;
    }
    return row->suite && row->suite[0] ? row->suite : "suite";
}

/* A relative reference: all but unreserved characters and slashes is percent-encoded. */
static void add_uri(zg_text *out, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    zg_text_add(out, "\"");
    for (; *path; path++) {
        if (strchr(plain, *path))
            zg_text_bytes_add(out, path, 1);
        else
            zg_text_format(out, "%%%02X", (unsigned char)*path);
    }
    zg_text_add(out, "\"");
}

static void result(const zg_log *log, const zg_log_case *row, zg_text *out)
{
    zg_text said = {0};
    const char *name = row->name ? row->name : "?";
    zg_text_format(&said, "%s: %s", name, row->message ? row->message : zg_verdict_words(ZG_WRONG));
    zg_text_add(out, "        {\n          \"ruleId\": \"wrong-answer\",\n"
                     "          \"ruleIndex\": 0,\n          \"level\": \"error\",\n"
                     "          \"message\": {\"text\": ");
    zg_text_json(out, zg_text_bytes(&said));
    zg_text_add(out, "},\n          \"locations\": [{\"physicalLocation\": "
                     "{\"artifactLocation\": {\"uri\": ");
    add_uri(out, place_of(log, row));
    zg_text_add(out, "}, \"region\": {\"startLine\": 1}}, \"logicalLocations\": "
                     "[{\"fullyQualifiedName\": ");
    zg_text_json(out, name);
    zg_text_add(out, "}]}]");
    if (row->key) {
        zg_text_add(out, ",\n          \"partialFingerprints\": {\"case/v1\": ");
        zg_text_json(out, row->key);
        zg_text_add(out, "}");
    }
    zg_text_add(out, "\n        }");
    out->failed = out->failed || said.failed;
    zg_text_clear(&said);
}

void zg_report_sarif(const zg_study *study, zg_text *out)
{
    const zg_log *log = study->log;
    const json_t *run = log->run_count ? log->runs[0].started : NULL;
    const char *version = zg_log_text(run, "provenance.version"), *join = "\n";
    zg_text_add(out,
                "{\n  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n"
                "  \"version\": \"2.1.0\",\n  \"runs\": [\n    {\n      \"tool\": {\"driver\": "
                "{\n        \"name\": \"zerogap\",\n");
    if (version) {
        zg_text_add(out, "        \"version\": ");
        zg_text_json(out, version);
        zg_text_add(out, ",\n");
    }
    zg_text_add(
        out, "        \"rules\": [{\n          \"id\": \"wrong-answer\",\n"
             "          \"shortDescription\": {\"text\": \"A solver's answer is wrong\"},\n"
             "          \"fullDescription\": {\"text\": \"What a method claims contradicts a "
             "proven interval, or an expectation of the suite is not met.\"},\n"
             "          \"defaultConfiguration\": {\"level\": \"error\"}\n        }]\n      }},\n"
             "      \"results\": [");
    for (size_t i = 0; i < log->case_count; i++) {
        if (log->cases[i].result.verdict != ZG_WRONG) continue;
        zg_text_add(out, join);
        result(log, &log->cases[i], out);
        join = ",\n";
    }
    zg_text_add(out, "\n      ]\n    }\n  ]\n}\n");
}
