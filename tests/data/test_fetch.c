/*
 * Fetching packages, against clients that are scripts made here: nothing is downloaded.
 *
 * Each test has a directory of its own with bin/ (put in front of PATH), cache/ and depot/ (where
 * the scripts take package files from); the scripts log their calls.
 */
#include "base/scratch.h"
#include "data/cache.h"
#include "data/fetch.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[64];
static char *old_path;

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs a shell command in the test's directory; it must succeed. */
static void shell(const char *format, ...)
{
    char text[2048], command[2304];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(command, sizeof command, "cd %s && { %s\n}", root, text);
    if (system(command) != 0) fail_msg("failed: %s", text);
}

static void write_script(const char *name, const char *body)
{
    char path[128];
    snprintf(path, sizeof path, "%s/bin/%s", root, name);
    FILE *stream = fopen(path, "w");
    fprintf(stream, "#!/bin/sh\necho \"%s $*\" >> %s/calls\n%s\n", name, root, body);
    fclose(stream);
    chmod(path, 0755);
}

static int calls(void)
{
    char path[128];
    int count = 0;
    snprintf(path, sizeof path, "%s/calls", root);
    FILE *stream = fopen(path, "r");
    if (!stream) return 0;
    for (int c = fgetc(stream); c != EOF; c = fgetc(stream))
        count += c == '\n';
    fclose(stream);
    return count;
}

static char digest[ZG_DIGEST_SIZE];
static zg_package package = {
    .kind = ZG_PACKAGE_DEBIAN,
    .name = "some-data",
    .version = "1.0-1",
    .file = "some-data_1.0-1_all.deb",
    .sha256 = digest,
    .licence = "none",
    .files = {"usr/share/some/numbers.csv", "usr/share/some/more.csv"},
};

/* A package file in depot/ with two data files, and an apt-get that copies it. */
static int set_up(void **state)
{
    (void)state;
    char path[128], *search;
    zg_error error;
    strcpy(root, "/tmp/zerogap-fetch-XXXXXX");
    if (!mkdtemp(root)) return -1;
    shell("mkdir -p bin cache depot tree/usr/share/some tree/DEBIAN && "
          "printf '1,2\\n3,4\\n' > tree/usr/share/some/numbers.csv && "
          "echo 5,6 > tree/usr/share/some/more.csv && "
          "printf 'Package: some-data\\nVersion: 1.0-1\\nArchitecture: all\\nMaintainer: nobody "
          "<n@example.org>\\nDescription: data\\n' > tree/DEBIAN/control && "
          "dpkg-deb --root-owner-group -Znone -b tree depot/some-data_1.0-1_all.deb > log 2>&1");
    snprintf(path, sizeof path, "%s/depot/some-data_1.0-1_all.deb", root);
    if (zg_cache_digest(path, digest, &error) != ZG_OK) return -1;
    old_path = strdup(getenv("PATH"));
    if (asprintf(&search, "%s/bin:%s", root, old_path) < 0) return -1;
    setenv("PATH", search, 1);
    free(search);
    snprintf(path, sizeof path, "cp %s/depot/*.deb .", root);
    write_script("apt-get", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    setenv("PATH", old_path, 1);
    free(old_path);
    zg_tree_remove(root);
    return 0;
}

static zg_status fetch(char **directory, zg_error *error)
{
    char cache[128];
    snprintf(cache, sizeof cache, "%s/cache", root);
    return zg_package_fetch(&package, cache, NULL, directory, error);
}

static void fetch_good(void)
{
    char *directory;
    zg_error error = {0};
    assert_ok(fetch(&directory, &error), &error);
    assert_ok(zg_package_check(directory, "numbers.csv", &error), &error);
    assert_ok(zg_package_check(directory, "more.csv", &error), &error);
    free(directory);
}

/* The message with the test's directory taken out. */
static const char *fetch_bad(zg_status expected)
{
    static char message[1200];
    char *directory;
    zg_error error = {0};
    assert_int_equal(fetch(&directory, &error), expected);
    assert_null(directory);
    char *p = strcpy(message, error.message);
    while ((p = strstr(p, root)))
        memmove(p, p + strlen(root), strlen(p + strlen(root)) + 1);
    return message;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void fetched_once_then_kept(void **state)
{
    (void)state;
    fetch_good();
    assert_int_equal(calls(), 1);
    shell("grep -q 'download some-data=1.0-1' calls && test ! -e cache/downloads/*.deb && "
          "test $(ls cache/packages) = some-data-1.0-1 && "
          "test \"$(cat cache/packages/*/numbers.csv)\" = \"$(printf '1,2\\n3,4')\"");
    shell("rm -r bin depot");
    fetch_good(); /* offline afterwards */
    assert_int_equal(calls(), 1);
}

static void apt_is_not_there(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s/bin", root);
    shell("rm bin/apt-get");
    setenv("PATH", path, 1);
    const char *message = fetch_bad(ZG_MISSING);
    setenv("PATH", old_path, 1);
    assert_string_equal(message, "apt-get is not there to fetch the package some-data 1.0-1: get "
                                 "the file some-data_1.0-1_all.deb elsewhere and put it in "
                                 "/cache/downloads");
}

static void put_there_by_hand(void **state)
{
    (void)state;
    shell("mkdir -p cache/downloads && cp depot/*.deb cache/downloads/ && rm bin/apt-get");
    fetch_good();
    assert_int_equal(calls(), 0);
}

static void offline_is_obeyed(void **state)
{
    (void)state;
    setenv("ZEROGAP_OFFLINE", "1", 1);
    const char *message = fetch_bad(ZG_MISSING);
    unsetenv("ZEROGAP_OFFLINE");
    assert_string_equal(message, "the package some-data 1.0-1 is not in the cache /cache and "
                                 "ZEROGAP_OFFLINE forbids to download it");
    assert_int_equal(calls(), 0);
}

static void apt_cannot(void **state)
{
    (void)state;
    write_script("apt-get", "echo Reading; echo 'E: Unable to locate package some-data'; exit 100");
    const char *message = fetch_bad(ZG_MISSING);
    assert_non_null(strstr(message, "apt-get cannot download some-data=1.0-1 (E: Unable to locate "
                                    "package some-data); "));
    assert_non_null(strstr(message, "put some-data_1.0-1_all.deb in /cache/downloads by hand"));
    /* root tries once more after an update */
    assert_int_equal(calls(), geteuid() == 0 ? 3 : 1);
}

/* A package of one architecture is asked for by it, and the message says what others need. */
static void one_architecture(void **state)
{
    (void)state;
    const char *file = package.file;
    package.file = "some-data_1.0-1_amd64.deb";
    write_script("apt-get", "echo 'E: Unable to locate package some-data'; exit 100");
    const char *message = fetch_bad(ZG_MISSING);
    char other[128];
    snprintf(other, sizeof other, "cp %s/depot/*.deb some-data_1.0-1_amd64.deb", root);
    write_script("apt-get", other);
    fetch_good();
    package.file = file;
    assert_non_null(strstr(message, "apt-get cannot download some-data:amd64=1.0-1 (E: Unable to "
                                    "locate package some-data); it is a package for amd64 "
                                    "(elsewhere `dpkg --add-architecture amd64` first); "));
    shell("grep -q 'download some-data:amd64=1.0-1' calls");
}

static void lists_are_updated_when_root(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    char body[512];
    snprintf(body, sizeof body,
             "case \"$*\" in *update) touch %s/lists;; *) test -e %s/lists && cp %s/depot/*.deb . "
             "|| { echo E: no lists; exit 100; };; esac",
             root, root, root);
    write_script("apt-get", body);
    fetch_good();
    assert_int_equal(calls(), 3);
}

static void another_package_file(void **state)
{
    (void)state;
    shell("echo more >> depot/some-data_1.0-1_all.deb");
    const char *message = fetch_bad(ZG_BAD_INPUT);
    assert_memory_equal(message,
                        "the package file some-data_1.0-1_all.deb is not the one "
                        "expected: its SHA-256 is not ",
                        85);
    shell("test ! -e cache/downloads/*.deb && test -z \"$(ls cache/packages)\"");
}

static void half_a_download_is_replaced(void **state)
{
    (void)state;
    shell("mkdir -p cache/downloads && head -c 100 depot/some-data_1.0-1_all.deb > "
          "cache/downloads/some-data_1.0-1_all.deb");
    fetch_good();
    assert_int_equal(calls(), 1);
}

static void a_file_is_missing_in_the_package(void **state)
{
    (void)state;
    const char *kept = package.files[1];
    package.files[1] = "usr/share/some/absent.csv";
    const char *message = fetch_bad(ZG_BAD_INPUT);
    package.files[1] = kept;
    assert_string_equal(message, "the package has no usable file usr/share/some/absent.csv: No "
                                 "such file or directory");
    shell("test -z \"$(ls cache/packages)\""); /* nothing half-made is left */
}

static void no_package_at_all(void **state)
{
    (void)state;
    shell("echo rubbish > depot/some-data_1.0-1_all.deb");
    char path[128];
    zg_error error;
    snprintf(path, sizeof path, "%s/depot/some-data_1.0-1_all.deb", root);
    assert_int_equal(zg_cache_digest(path, digest, &error), ZG_OK);
    const char *message = fetch_bad(ZG_BAD_INPUT);
    assert_memory_equal(message, "cannot unpack /cache/downloads/some-data_1.0-1_all.deb: ", 56);
    shell("test -z \"$(ls cache/packages)\"");
}

static void leftovers_of_a_killed_process(void **state)
{
    (void)state;
    shell("mkdir -p cache/packages/some-data-1.0-1.tree/x cache/packages/some-data-1.0-1.new/y");
    fetch_good();
    shell("test $(ls cache/packages) = some-data-1.0-1");
}

static void changed_files_are_noticed(void **state)
{
    (void)state;
    char *directory;
    zg_error error = {0};
    assert_ok(fetch(&directory, &error), &error);
    shell("echo 9,9 >> cache/packages/some-data-1.0-1/numbers.csv");
    assert_int_equal(zg_package_check(directory, "numbers.csv", &error), ZG_BAD_INPUT);
    assert_non_null(
        strstr(error.message, "numbers.csv has changed since it was unpacked: remove "));
    assert_ok(zg_package_check(directory, "more.csv", &error), &error);
    assert_int_equal(zg_package_check(directory, "other.csv", &error), ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "has no digest of other.csv"));
    shell("rm cache/packages/some-data-1.0-1/more.csv");
    assert_int_equal(zg_package_check(directory, "more.csv", &error), ZG_IO);
    free(directory);
}

/* Eight processes want the same package: one fetches it, all get it. */
static void many_at_once(void **state)
{
    (void)state;
    char body[256];
    snprintf(body, sizeof body, "sleep 0.3; cp %s/depot/*.deb .", root);
    write_script("apt-get", body);
    pid_t children[8];
    for (int k = 0; k < 8; k++) {
        children[k] = fork();
        if (children[k] != 0) continue;
        char *directory;
        zg_error error = {0};
        _exit(fetch(&directory, &error) == ZG_OK &&
                      zg_package_check(directory, "numbers.csv", &error) == ZG_OK
                  ? 0
                  : 1);
    }
    for (int k = 0; k < 8; k++) {
        int result;
        assert_int_equal(waitpid(children[k], &result, 0), children[k]);
        assert_int_equal(result, 0);
    }
    assert_int_equal(calls(), 1);
}

static void npm_packages(void **state)
{
    (void)state;
    zg_package npm = package;
    npm.kind = ZG_PACKAGE_NPM;
    npm.file = "some-data-1.0-1.tgz";
    npm.files[0] = "package/usr/share/some/numbers.csv";
    npm.files[1] = NULL;
    shell("mv tree package && tar -czf depot/some-data-1.0-1.tgz package");
    char path[128], cache[128], body[256], *directory;
    zg_error error = {0};
    snprintf(path, sizeof path, "%s/depot/some-data-1.0-1.tgz", root);
    assert_int_equal(zg_cache_digest(path, digest, &error), ZG_OK);
    snprintf(body, sizeof body, "cp %s/depot/*.tgz .", root);
    snprintf(cache, sizeof cache, "%s/cache", root);
    write_script("npm", "echo 'npm ERR! code ENOTFOUND'; exit 1");
    assert_int_equal(zg_package_fetch(&npm, cache, NULL, &directory, &error), ZG_MISSING);
    assert_non_null(strstr(error.message, "npm cannot download some-data@1.0-1 (npm ERR! code "
                                          "ENOTFOUND); check the network"));
    write_script("npm", body);
    assert_ok(zg_package_fetch(&npm, cache, NULL, &directory, &error), &error);
    assert_ok(zg_package_check(directory, "numbers.csv", &error), &error);
    shell("grep -q 'npm pack .*some-data@1.0-1' calls");
    free(directory);
}

typedef struct seen {
    size_t calls, most;
} seen;

static void note_progress(void *context, const zg_package *which, size_t bytes, size_t total)
{
    seen *s = context;
    assert_ptr_equal(which, &package);
    assert_int_equal(total, package.bytes);
    s->calls++;
    if (bytes > s->most) s->most = bytes;
}

static void progress_is_told(void **state)
{
    (void)state;
    char cache[128], *directory;
    zg_error error = {0};
    seen s = {0, 0};
    struct stat facts;
    const zg_fetch_progress progress = {note_progress, &s};
    snprintf(cache, sizeof cache, "%s/depot/some-data_1.0-1_all.deb", root);
    assert_int_equal(stat(cache, &facts), 0);
    package.bytes = (size_t)facts.st_size;
    snprintf(cache, sizeof cache, "%s/cache", root);
    assert_ok(zg_package_fetch(&package, cache, &progress, &directory, &error), &error);
    assert_true(s.calls > 0);
    assert_int_equal(s.most, package.bytes);
    free(directory);
}

static void cache_directory_choices(void **state)
{
    (void)state;
    char wanted[128], *found;
    zg_error error = {0};
    char *old = getenv("ZEROGAP_DATA") ? strdup(getenv("ZEROGAP_DATA")) : NULL;
    snprintf(wanted, sizeof wanted, "%s/deep/er", root);
    setenv("ZEROGAP_DATA", wanted, 1);
    assert_ok(zg_cache_directory(&found, &error), &error);
    assert_string_equal(found, wanted);
    free(found);
    shell("touch plain");
    snprintf(wanted, sizeof wanted, "%s/plain/x", root);
    setenv("ZEROGAP_DATA", wanted, 1);
    assert_int_equal(zg_cache_directory(&found, &error), ZG_IO);
    assert_null(found);
    unsetenv("ZEROGAP_DATA"); /* this test runs from a build directory */
    assert_ok(zg_cache_directory(&found, &error), &error);
    assert_string_equal(found + strlen(found) - 5, "/data");
    free(found);
    if (old) setenv("ZEROGAP_DATA", old, 1);
    free(old);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fetched_once_then_kept),
        TEST(apt_is_not_there),
        TEST(put_there_by_hand),
        TEST(offline_is_obeyed),
        TEST(apt_cannot),
        TEST(one_architecture),
        TEST(lists_are_updated_when_root),
        TEST(another_package_file),
        TEST(half_a_download_is_replaced),
        TEST(a_file_is_missing_in_the_package),
        TEST(no_package_at_all),
        TEST(leftovers_of_a_killed_process),
        TEST(changed_files_are_noticed),
        TEST(many_at_once),
        TEST(npm_packages),
        TEST(progress_is_told),
        TEST(cache_directory_choices),
    };
    unsetenv("ZEROGAP_OFFLINE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
