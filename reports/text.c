/* A growing text that remembers whether memory ran out, and the escapings of the output formats. */
#include "reports/text.h"

#include "base/memory.h"
#include "base/replace.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MISSING "\xe2\x80\x93" /* en dash */

void zg_text_clear(zg_text *text)
{
    free(text->bytes);
    memset(text, 0, sizeof *text);
}

zg_status zg_text_status(const zg_text *text, zg_error *error)
{
    return text->failed ? zg_no_memory(error) : ZG_OK;
}

const char *zg_text_bytes(const zg_text *text)
{
    return text->bytes ? text->bytes : "";
}

/* Room for `more` further bytes and the NUL. */
static bool reserve(zg_text *text, size_t more)
{
    if (text->failed) return false;
    if (more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4) {
        text->failed = true;
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity) return true;
    char *bytes = zg_grow(text->bytes, &text->capacity, needed, 1);
    if (!bytes) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    return true;
}

void zg_text_bytes_add(zg_text *text, const char *bytes, size_t count)
{
    if (!reserve(text, count)) return;
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void zg_text_add(zg_text *text, const char *string)
{
    zg_text_bytes_add(text, string, strlen(string));
}

void zg_text_format(zg_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
    } else if (reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void zg_text_xml(zg_text *text, const char *string)
{
    for (const char *c = string; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (*c == '<')
            zg_text_add(text, "&lt;");
        else if (*c == '>')
            zg_text_add(text, "&gt;");
        else if (*c == '&')
            zg_text_add(text, "&amp;");
        else if (*c == '"')
            zg_text_add(text, "&quot;");
        else if (byte < 0x20 && *c != '\n' && *c != '\t')
            zg_text_add(text, "\xef\xbf\xbd");
        else
            zg_text_bytes_add(text, c, 1);
    }
}

void zg_text_json(zg_text *text, const char *string)
{
    zg_text_add(text, "\"");
    for (const char *c = string; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (*c == '"' || *c == '\\')
            zg_text_format(text, "\\%c", *c);
        else if (*c == '\n')
            zg_text_add(text, "\\n");
        else if (byte < 0x20 || *c == '<' || byte == 0x7f)
            zg_text_format(text, "\\u%04x", byte);
        else
            zg_text_bytes_add(text, c, 1);
    }
    zg_text_add(text, "\"");
}

void zg_text_csv(zg_text *text, const char *string)
{
    if (!strpbrk(string, ",\"\r\n") && string[0] != ' ') {
        zg_text_add(text, string);
        return;
    }
    zg_text_add(text, "\"");
    for (const char *c = string; *c; c++) {
        if (*c == '"') zg_text_add(text, "\"");
        zg_text_bytes_add(text, c, 1);
    }
    zg_text_add(text, "\"");
}

void zg_text_markdown(zg_text *text, const char *string)
{
    for (const char *c = string; *c; c++) {
        if (*c == '\n' || *c == '\r')
            zg_text_add(text, " ");
        else if (*c == '<')
            zg_text_add(text, "&lt;");
        else if (strchr("|`*_[]\\", *c))
            zg_text_format(text, "\\%c", *c);
        else
            zg_text_bytes_add(text, c, 1);
    }
}

void zg_text_lines(zg_text *text, const zg_text *lines, const char *before,
                   void (*escape)(zg_text *text, const char *string), const char *after)
{
    if (lines->failed) text->failed = true;
    for (const char *line = zg_text_bytes(lines); *line;) {
        zg_text one = {0};
        size_t length = strcspn(line, "\n");
        zg_text_bytes_add(&one, line, length);
        zg_text_add(text, before);
        escape(text, zg_text_bytes(&one));
        zg_text_add(text, after);
        if (one.failed) text->failed = true;
        zg_text_clear(&one);
        line += length + (line[length] == '\n');
    }
}

void zg_text_number(zg_text *text, double value)
{
    if (isnan(value)) return;
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    zg_text_add(text, digits);
}

void zg_text_json_number(zg_text *text, double value)
{
    if (isfinite(value))
        zg_text_number(text, value);
    else
        zg_text_add(text, "null");
}

void zg_text_json_rounded(zg_text *text, double value, int digits)
{
    if (isfinite(value))
        zg_text_format(text, "%.*g", digits, value);
    else
        zg_text_add(text, "null");
}

void zg_text_seconds(zg_text *text, double seconds)
{
    if (isnan(seconds))
        zg_text_add(text, MISSING);
    else if (isinf(seconds))
        zg_text_add(text, "\xe2\x88\x9e");
    else if (seconds == 0)
        zg_text_add(text, "0 s");
    else if (seconds < 0.9995e-6)
        zg_text_format(text, "%.3g ns", seconds * 1e9);
    else if (seconds < 0.9995e-3)
        zg_text_format(text, "%.3g \xc2\xb5s", seconds * 1e6);
    else if (seconds < 0.9995)
        zg_text_format(text, "%.3g ms", seconds * 1e3);
    else if (seconds < 119.5)
        zg_text_format(text, "%.3g s", seconds);
    else if (seconds < 7199.5)
        zg_text_format(text, "%d min %d s", (int)((seconds + 0.5) / 60), (int)(seconds + 0.5) % 60);
    else
        zg_text_format(text, "%.1f h", seconds / 3600);
}

void zg_text_memory(zg_text *text, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    if (isnan(bytes) || bytes < 0) {
        zg_text_add(text, MISSING);
        return;
    }
    size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    zg_text_format(text, "%.3g %s", bytes, units[unit]);
}

void zg_text_value(zg_text *text, double value, int digits)
{
    if (isnan(value))
        zg_text_add(text, MISSING);
    else if (isinf(value))
        zg_text_add(text, value > 0 ? "\xe2\x88\x9e" : "\xe2\x88\x92\xe2\x88\x9e");
    else
        zg_text_format(text, "%.*g", digits, value);
}

static zg_status save_stream(const zg_text *text, FILE *stream, const char *path, zg_error *error)
{
    size_t written = fwrite(zg_text_bytes(text), 1, text->length, stream);
    if (written != text->length || fflush(stream) != 0)
        return zg_fail(error, ZG_IO, "cannot write \"%s\": %s", path, strerror(errno));
    return ZG_OK;
}

zg_status zg_text_save(const zg_text *text, const char *path, zg_error *error)
{
    if (text->failed) return zg_no_memory(error);
    if (strcmp(path, "-") == 0) return save_stream(text, stdout, "standard output", error);
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    status = save_stream(text, replacement.file, path, error);
    return zg_replace_end(&replacement, status, error);
}
