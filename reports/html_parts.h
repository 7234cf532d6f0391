/* The sections of the HTML report, and the frame they stand in.  Internal to reports/. */
#ifndef ZG_REPORTS_HTML_PARTS_H
#define ZG_REPORTS_HTML_PARTS_H

#include "reports/chart.h"
#include "reports/claims.h"
#include "reports/html_table.h"
#include "reports/study.h"

/* The frame: style, security policy (nothing may be loaded, and only these two scripts run: the
 * library, and our own), scripts at the end.  library: its source, "" without. */
void zg_html_open(const char *title, const char *library, zg_text *out);
void zg_html_close(const char *library, zg_text *out);

void zg_html_heading(const char *id, const char *title, const char *lead, zg_text *out);
void zg_html_badge(zg_verdict verdict, zg_text *out);
/* A coloured dot and the method's label. */
void zg_html_method(const zg_study *study, size_t method, zg_text *out);

/* A list of plain sentences, one a line; nothing for none. */
void zg_html_sentences(const char *class, const zg_text *lines, zg_text *out);

/* Sections, in the order of the page.  Each writes nothing when the log has nothing for it. */
void zg_html_attention(const zg_study *study, zg_text *out);
void zg_html_summary(const zg_study *study, zg_text *out);
void zg_html_claims(const zg_claims *claims, zg_text *out);
/* The evidence for each claim. */
void zg_html_evidence(const zg_claims *claims, zg_text *out);
zg_status zg_html_convergence(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_distance(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_scores(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_series(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_robust(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_paths(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_profiles(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_resources(const zg_study *study, zg_text *out, zg_error *error);
zg_status zg_html_growth(const zg_study *study, zg_text *out, zg_error *error);
void zg_html_provenance(const zg_study *study, zg_text *out);

#endif
