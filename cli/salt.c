/* Salts in files (see salt.h). */
#include "cli/salt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define DIGITS (2 * ZG_PROOF_SALT_SIZE)

static zg_status draw(int file, const char *path, unsigned char salt[ZG_PROOF_SALT_SIZE],
                      zg_error *error)
{
    char text[DIGITS + 2];
    bool good = getrandom(salt, ZG_PROOF_SALT_SIZE, 0) == ZG_PROOF_SALT_SIZE;
    for (size_t k = 0; k < ZG_PROOF_SALT_SIZE; k++)
        snprintf(text + 2 * k, 3, "%02x", salt[k]);
    text[DIGITS] = '\n';
    good = good && write(file, text, DIGITS + 1) == DIGITS + 1 && fsync(file) == 0;
    int problem = errno;
    close(file);
    if (good) return ZG_OK;
    unlink(path);
    return zg_fail(error, ZG_IO, "--salt: cannot write %.300s: %s", path, strerror(problem));
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static zg_status read_salt(const char *path, unsigned char salt[ZG_PROOF_SALT_SIZE],
                           zg_error *error)
{
    char text[DIGITS + 3] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return zg_fail(error, ZG_IO, "--salt: cannot read %.300s: %s", path, strerror(errno));
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    bool good = length == DIGITS || (length == DIGITS + 1 && text[DIGITS] == '\n');
    for (size_t k = 0; k < ZG_PROOF_SALT_SIZE && good; k++) {
        int high = digit(text[2 * k]), low = digit(text[2 * k + 1]);
        good = high >= 0 && low >= 0;
        if (good) salt[k] = (unsigned char)(16 * high + low);
    }
    if (good) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "--salt: %.300s holds no salt: expected %d hexadecimal digits, or no such file, "
                   "which would then be made",
                   path, DIGITS);
}

zg_status zg_salt_load(const char *path, unsigned char salt[ZG_PROOF_SALT_SIZE], zg_error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return file >= 0 ? draw(file, path, salt, error) : read_salt(path, salt, error);
}
