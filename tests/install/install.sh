#!/bin/sh
# Installs the build into a folder, and uses what is there as a stranger would: the program, its
# suites and completions, the library by pkg-config.  TAP.
# Usage: install.sh BUILD SOURCE
build=$(realpath "$1") source=$(realpath "$2")
work=$(mktemp -d) || exit 1
log=$build/meson-logs/install-log.txt
[ ! -e "$log" ] || cp "$log" "$work/install-log.txt"
# A real installation's list of files must survive: `ninja uninstall` reads it.
restore() {
    if [ -e "$work/install-log.txt" ]; then cp "$work/install-log.txt" "$log"; else rm -f "$log"; fi
    rm -rf "$work"
}
trap restore EXIT
root=$work/root
count=0

# check NAME COMMAND...: one test point; the command may be a function of this file.
check() {
    name=$1
    shift
    count=$((count + 1))
    if "$@" > "$work/output" 2>&1; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        sed 's/^/# /' "$work/output"
    fi
}
# skip NAME REASON
skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

echo "1..19"
check "meson install with DESTDIR" meson install -C "$build" --no-rebuild --destdir "$root"
pc=$(find "$root" -name zerogap.pc)
prefix=$(dirname "$(dirname "$(find "$root" -name zerogap.h)")")
libdir=$(dirname "$(dirname "$pc")")
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
export LD_LIBRARY_PATH="$libdir"
export ZEROGAP_DATA="$work/cache"
cd "$work" || exit 1

# ---- the program ---------------------------------------------------------------------------------
public=$(grep -o 'zg_[a-z0-9_]*(' "$source/include/zerogap.h" | tr -d '(' | sort -u)
zerogap=$prefix/bin/zerogap

nothing_of_the_machine() {
    ! grep -rIl --exclude-dir=doc -e "$build" -e "$source" -e "$work" "$root"
}
manuals() {
    "$zerogap" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\)  *.*/\1/p' |
        grep -v -x -e help -e version -e completion |
        while read -r name; do
            [ -s "$prefix/share/man/man1/zerogap-$name.1" ] || { echo "no manual of $name"; exit 1; }
        done && [ -s "$prefix/share/man/man1/zerogap.1" ]
}
same_suites() {
    (cd "$source/suites" && find . -type f,l ! -name '*.[ch]' ! -name '*.in' ! -name meson.build | sort) > wanted
    (cd "$prefix/share/zerogap/suites" && find . -type f,l | sort) > found
    diff wanted found
}
lists_suites() {
    "$zerogap" list suites | grep "$prefix/.*/quick.yaml" &&
        "$zerogap" run quick.yaml --list | grep ' cases$' && "$zerogap" run quick --list | grep ' cases$'
}
trains() {
    awk 'BEGIN { for (i = 0; i < 30; i++) print i % 6, i % 5, (i % 6) * (i % 5) }' | tr ' ' , > own.csv
    "$zerogap" train --data own.csv --beta 0.1 --certificate proof.json | grep 'globally optimal' &&
        "$zerogap" verify proof.json --data own.csv | grep '^proven'
}
check "no file names the build or the source folder" nothing_of_the_machine
check "a manual page for every command" manuals
check "all suites are there" same_suites
check "suites are found by name" lists_suites
check "trains and verifies" trains

# ---- completions ---------------------------------------------------------------------------------
bash_completes() {
    bash -c '. "$1"
        try() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _zerogap; echo "${COMPREPLY[*]}"; }
        [ "$(try zerogap tra)" = train ] && [ "$(try zerogap train --tas)" = --task ] &&
        [ "$(try zerogap train --task m)" = multiclass ] && [ "$(try zerogap data fetch wd)" = wdbc ] &&
        [ "$(try zerogap train --solver ip)" = ipm ] && [ "$(try zerogap run own)" = own.csv ] &&
        [ -z "$(try zerogap train --beta "")" ]' \
        bash "$prefix/share/bash-completion/completions/zerogap.bash"
}
# Every option that --help tells is in every script.
all_options() {
    for name in $("$zerogap" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\)  *.*/\1/p'); do
        case $name in help | version | completion) continue ;; esac
        for option in $("$zerogap" "$name" --help | sed -n 's/^  \(    \|-., \)--\([a-z-]*\).*/\2/p'); do
            sed -n "/\*,$name)/{n;p;}" "$prefix/share/bash-completion/completions/zerogap.bash" |
                grep -q -e "--$option[ \"]" &&
                { [ "$option" = help ] || {
                    grep -q -e "--$option[}'[]" "$prefix/share/zsh/site-functions/_zerogap" &&
                        grep -q -e "from $name' -l $option " \
                            "$prefix/share/fish/vendor_completions.d/zerogap.fish"; }; } ||
                { echo "$name --$option"; return 1; }
        done
    done
}
check "bash completes" bash_completes
check "every option is in all three scripts" all_options
if command -v zsh > zsh.path; then
    check "zsh reads its script" zsh -n "$prefix/share/zsh/site-functions/_zerogap"
else
    skip "zsh reads its script" "no zsh here"
fi
if command -v fish > fish.path; then
    check "fish reads its script" fish -n "$prefix/share/fish/vendor_completions.d/zerogap.fish"
else
    skip "fish reads its script" "no fish here"
fi

# ---- the library ---------------------------------------------------------------------------------
cflags=$(pkg-config --define-variable=prefix="$prefix" --cflags zerogap)
libs=$(pkg-config --define-variable=prefix="$prefix" --define-variable=libdir="$libdir" --libs zerogap)
warnings="-std=c17 -Wall -Wextra -Wpedantic -Werror"
example=$source/examples/train.c

shows_the_header() {
    echo "$public" > wanted
    nm -D --defined-only "$libdir/libzerogap.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' |
        grep -v -x user_exit | sort > found
    diff wanted found
}
soname() {
    readlink "$libdir/libzerogap.so" | grep -x libzerogap.so.0 &&
        objdump -p "$libdir/libzerogap.so" | grep 'SONAME *libzerogap.so.0$' &&
        [ "$(pkg-config --modversion zerogap)" = "$("$zerogap" version | cut -d' ' -f2)" ]
}
shared() {
    # shellcheck disable=SC2086
    cc $warnings "$example" -o shared $cflags $libs && ldd ./shared | grep libzerogap.so.0 &&
        ./shared | tee said && grep -x 'objective 1.109641, no network is below 1.109641: gap .*, 4 neurons' said
}
# Only the archive in reach, so that the private libraries of the .pc file have to be right.
static() {
    mkdir -p archive && cp "$libdir/libzerogap.a" archive/
    # shellcheck disable=SC2046,SC2086
    cc $warnings "$example" -o static $cflags $(pkg-config --define-variable=prefix="$prefix" \
        --define-variable=libdir="$work/archive" --static --libs zerogap) &&
        ! ldd ./static | grep libzerogap && [ "$(./static)" = "$(cat said)" ]
}
# No shared library at all.  The build's own sources of warnings are glibc's: it looks up users, and loads
# plug-ins, by shared libraries of its own.
wholly_static() {
    # shellcheck disable=SC2046,SC2086
    cc -static $warnings "$example" -o wholly $cflags $(pkg-config --define-variable=prefix="$prefix" \
        --define-variable=libdir="$work/archive" --static --libs zerogap) &&
        ! ldd ./wholly && [ "$(./wholly)" = "$(cat said)" ]
}
cplusplus() {
    echo '#include <zerogap.h>' > header.cc
    # shellcheck disable=SC2086
    c++ -Wall -Wextra -Wpedantic -Werror $cflags -fsyntax-only header.cc
}
check "the shared library shows the functions of the header and no others" shows_the_header
check "soname and version" soname
check "the example, shared" shared
check "the example, static" static
if [ -e "$(cc -print-file-name=libltdl.a)" ] || ! grep -q -e -lglpk "$pc"; then
    check "the example, wholly static" wholly_static
else
    skip "the example, wholly static" "libglpk.a needs libltdl-dev"
fi
if command -v c++ > cxx.path; then
    check "the header is C++, too" cplusplus
else
    skip "the header is C++, too" "no C++ compiler here"
fi
# Where the module is, the library beside it and the checker in the prefix are found from there.
python_module() {
    module=$(dirname "$(dirname "$(find "$root" -path '*/zerogap/__init__.py')")")
    (unset LD_LIBRARY_PATH ZEROGAP ZEROGAP_VERIFY ZEROGAP_LIBRARY && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$module" "$python" -c '
import zerogap, zerogap._programs as programs
n = zerogap.train([[1.0], [2.0], [4.0]], [1, 3, 2], beta=0.1, certificate="module.json")
assert n.certified and zerogap.verify("module.json")
print(zerogap.__file__, zerogap._library.PATH, programs.program("zerogap-verify", "ZEROGAP_VERIFY"))
') > said && [ "$(grep -o "$root" said | wc -l)" = 3 ]
}
python=/usr/bin/python3 # Debian's, which has Debian's NumPy
if "$python" -c 'import numpy' 2> numpy.missing; then
    check "the Python module finds what was installed with it" python_module
else
    skip "the Python module finds what was installed with it" "no NumPy here"
fi
documents() {
    for file in "$prefix"/share/doc/zerogap/README.md "$prefix"/share/doc/zerogap/docs/*.md; do
        grep -o '](\([^)#:]*\)[)#]' "$file" | sed 's/](\(.*\)[)#]$/\1/' | while read -r link; do
            [ -e "$(dirname "$file")/$link" ] || case $link in
            *.md | *.png | examples/*) echo "$file: $link"; exit 1 ;;
            esac
        done || return 1
    done
}
check "links of the installed documents" documents
uninstalls() {
    (cd "$build" && meson --internal uninstall) && [ -z "$(find "$root" -type f,l)" ]
}
check "uninstalls" uninstalls
