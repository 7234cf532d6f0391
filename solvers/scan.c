/* Text files of other programs, scanned by hand. */
#include "solvers/scan.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)64 * 1024) /* of a file, read at once */

zg_status zg_scan_load(zg_scan *scan, const char *absent)
{
    FILE *file = fopen(scan->path, "r");
    if (!file)
        return zg_fail(scan->error, scan->bad, "%s \"%s\": %s", absent, scan->path,
                       strerror(errno));
    size_t used = 0, room = 0, got = 0;
    zg_status status = ZG_OK;
    do {
        char *larger = zg_grow(scan->text, &room, used + PIECE + 1, 1);
        if (!larger) {
            status = zg_no_memory(scan->error);
            break;
        }
        scan->text = larger;
        got = fread(scan->text + used, 1, PIECE, file);
        used += got;
    } while (got > 0);
    if (status == ZG_OK && ferror(file))
        status = zg_fail(scan->error, ZG_IO, "cannot read \"%s\": %s", scan->path, strerror(errno));
    else if (status == ZG_OK)
        scan->text[used] = '\0';
    scan->length = used;
    fclose(file);
    return status;
}

void zg_scan_clear(zg_scan *scan)
{
    free(scan->text);
    scan->text = NULL;
}

zg_status zg_scan_expected(const zg_scan *scan, const char *what)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < scan->at; i++) {
        column = scan->text[i] == '\n' ? 1 : column + 1;
        line += scan->text[i] == '\n';
    }
    const char *found = scan->text + scan->at;
    size_t length = strcspn(found, " \t\r\n");
    if (length == 0 || !isprint((unsigned char)*found))
        return zg_fail(scan->error, scan->bad, "%s:%zu:%zu: expected %s, found %s", scan->path,
                       line, column, what,
                       *found == '\0' ? "the end of the file" : "something else");
    return zg_fail(scan->error, scan->bad, "%s:%zu:%zu: expected %s, found \"%.*s\"", scan->path,
                   line, column, what, (int)(length > 40 ? 40 : length), found);
}

void zg_scan_skip(zg_scan *scan, const char *characters)
{
    scan->at += strspn(scan->text + scan->at, characters);
}

void zg_scan_skip_line(zg_scan *scan)
{
    scan->at += strcspn(scan->text + scan->at, "\n");
    scan->at += scan->text[scan->at] == '\n';
}

static size_t digits_of(const char *number, size_t length)
{
    size_t digits = 0;
    for (size_t i = 0; i < length && number[i] != 'e' && number[i] != 'E'; i++)
        digits += isdigit((unsigned char)number[i]) != 0;
    return digits;
}

bool zg_scan_number(zg_scan *scan, double *value, size_t *digits)
{
    const char *start = scan->text + scan->at;
    char *end;
    if (isspace((unsigned char)*start)) return false;
    *value = strtod(start, &end);
    if (end == start || !isfinite(*value)) return false;
    size_t length = (size_t)(end - start), found = digits_of(start, length);
    if (digits && found > *digits) *digits = found;
    scan->at += length;
    return true;
}

bool zg_scan_index(zg_scan *scan, size_t lowest, size_t highest, size_t *index)
{
    char *end;
    zg_scan_skip(scan, " \t");
    const char *start = scan->text + scan->at;
    if (!isdigit((unsigned char)*start)) return false;
    unsigned long value = strtoul(start, &end, 10);
    if (value < lowest || value > highest || (*end && !isspace((unsigned char)*end))) return false;
    *index = value;
    scan->at += (size_t)(end - start);
    return true;
}
