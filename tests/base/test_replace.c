/* Files that are replaced: whole, in their place, with their rights, never through a trap. */
#include "base/replace.h"
#include "base/scratch.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static zg_scratch scratch;

static int set_up(void **state)
{
    (void)state;
    return zg_scratch_make(&scratch, NULL) == ZG_OK && chdir(scratch.path) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    zg_scratch_remove(&scratch);
    return chdir("/");
}

static void write_plain(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void assert_holds(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

/* Replaces a file; the status with which it ends. */
static zg_status replace(const char *path, zg_status outcome)
{
    zg_replacement r;
    zg_error error = {0};
    zg_status status = zg_replace_begin(&r, path, &error);
    if (status == ZG_OK) {
        fputs("new", r.file);
        status = zg_replace_end(&r, outcome, &error);
    }
    if (status != ZG_OK) print_message("# %s\n", error.message);
    return status;
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void the_rights_of_the_old_file_stay(void **state)
{
    (void)state;
    mode_t mask = umask(027);
    assert_int_equal(replace("fresh", ZG_OK), ZG_OK);
    assert_int_equal(mode_of("fresh"), 0640);
    umask(mask);
    write_plain("private", "old");
    assert_int_equal(chmod("private", 0604), 0);
    assert_int_equal(replace("private", ZG_OK), ZG_OK);
    assert_int_equal(mode_of("private"), 0604);
    assert_holds("private", "new");
    if (geteuid() != 0) return;
    struct stat info;
    assert_int_equal(chown("private", 12345, 54321), 0);
    assert_int_equal(replace("private", ZG_OK), ZG_OK);
    assert_int_equal(stat("private", &info), 0);
    assert_int_equal(info.st_uid, 12345);
    assert_int_equal(info.st_gid, 54321);
}

static void links_stay_and_what_they_lead_to_is_replaced(void **state)
{
    (void)state;
    char target[8] = "";
    assert_int_equal(mkdir("deep", 0755), 0);
    write_plain("deep/target", "old");
    assert_int_equal(symlink("target", "deep/second"), 0);
    assert_int_equal(symlink("deep/second", "first"), 0);
    assert_int_equal(symlink("deep/nowhere", "dangling"), 0);
    assert_int_equal(replace("first", ZG_OK), ZG_OK);
    assert_holds("deep/target", "new");
    assert_int_equal(readlink("first", target, sizeof target), sizeof target);
    assert_int_equal(replace("dangling", ZG_OK), ZG_OK);
    assert_holds("deep/nowhere", "new");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(replace("loop", ZG_OK), ZG_IO);
    assert_int_equal(count_files("deep"), 3);
}

static void a_failure_leaves_the_old_and_nothing_else(void **state)
{
    (void)state;
    write_plain("kept", "old");
    size_t before = count_files(".");
    assert_int_equal(replace("kept", ZG_FAILED), ZG_FAILED);
    assert_int_equal(replace(".", ZG_OK), ZG_IO);
    assert_int_equal(replace("nowhere/at/all", ZG_OK), ZG_IO);
    assert_int_equal(replace("/dev/full", ZG_OK), ZG_IO);
    assert_int_equal(replace("/dev/null", ZG_OK), ZG_OK);
    assert_holds("kept", "old");
    assert_int_equal(count_files("."), before);
    struct stat info;
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
}

/* Nor with a name as long as names may be. */
static void two_at_a_time_do_not_meet(void **state)
{
    (void)state;
    zg_replacement a, b;
    zg_error error = {0};
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(replace(name, ZG_OK), ZG_OK);
    assert_ok(zg_replace_begin(&a, "twice", &error), &error);
    assert_ok(zg_replace_begin(&b, "twice", &error), &error);
    fputs("a", a.file);
    fputs("b", b.file);
    assert_ok(zg_replace_end(&a, ZG_OK, &error), &error);
    assert_ok(zg_replace_end(&b, ZG_OK, &error), &error);
    assert_holds("twice", "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rights_of_the_old_file_stay),
        cmocka_unit_test(links_stay_and_what_they_lead_to_is_replaced),
        cmocka_unit_test(a_failure_leaves_the_old_and_nothing_else),
        cmocka_unit_test(two_at_a_time_do_not_meet),
    };
    return cmocka_run_group_tests_name("replace", tests, set_up, tear_down);
}
