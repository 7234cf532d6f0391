/* Markdown and JSON: what the suites claim, and whether the log bears it out. */
#include "reports/claims.h"
#include "reports/formats.h"

void zg_report_claims(const zg_study *study, zg_text *out)
{
    zg_claims claims;
    zg_error error = {0};
    if (zg_claims_judge(study, &claims, &error) != ZG_OK) out->failed = true;
    if (claims.count)
        zg_text_add(out, "\n### Claims\n\n| claim | verdict | evidence |\n|--|--|--|\n");
    for (size_t i = 0; i < claims.count; i++) {
        const zg_claim *claim = &claims.items[i];
        zg_text_add(out, "| ");
        zg_text_markdown(out, claim->statement);
        zg_text_format(out, " | **%s**", zg_claim_words(claim->verdict));
        if (claim->reason.length) zg_text_add(out, ": ");
        zg_text_markdown(out, zg_text_bytes(&claim->reason));
        zg_text_add(out, " | ");
        zg_text_markdown(out, zg_text_bytes(&claim->evidence));
        zg_text_add(out, " |\n");
    }
    zg_claims_clear(&claims);
}

void zg_report_claims_json(const zg_study *study, zg_text *out)
{
    zg_claims claims;
    zg_error error = {0};
    if (zg_claims_judge(study, &claims, &error) != ZG_OK) out->failed = true;
    zg_text_add(out, "[");
    for (size_t i = 0; i < claims.count; i++) {
        const zg_claim *claim = &claims.items[i];
        const struct {
            const char *name, *text;
        } members[] = {{"suite", claim->suite},
                       {"id", claim->id},
                       {"test", claim->test},
                       {"claim", claim->statement},
                       {"verdict", zg_claim_words(claim->verdict)},
                       {"reason", zg_text_bytes(&claim->reason)},
                       {"evidence", zg_text_bytes(&claim->evidence)}};
        for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
            zg_text_format(out, "%s\"%s\": ", k ? ", " : i ? ",\n {" : "{", members[k].name);
            zg_text_json(out, members[k].text);
        }
        zg_text_add(out, "}");
    }
    zg_text_add(out, "]");
    zg_claims_clear(&claims);
}
