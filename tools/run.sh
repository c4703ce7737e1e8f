#!/bin/sh
# Set up what is missing, then start the program:
#
#     sh tools/run.sh [ARGUMENTS OF izh]
#
# On Debian and Ubuntu, missing system packages are installed by apt (as root, or through sudo).
# All else goes into .venv in the checkout. Where nothing is missing, this takes no time.
# The environment variable PYTHON chooses the Python that .venv is made with.
# tools/test.sh takes its functions from here.
set -eu

say() { echo "$0: $*" >&2; }

fail() {
    say "$@"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

is_debian() { has apt-get && has dpkg-query; }

# --- system packages: each need adds what is missing to one of two lists ---

packages=""
programs=""

# a program, and the Debian package that has it
need_program() {
    if ! has "$1"; then
        packages="$packages $2"
        programs="$programs $1"
    fi
}

# what has no program, by its Debian package; elsewhere NEURON itself says what it misses
need_package() {
    if is_debian && ! has_package "$1"; then
        packages="$packages $1"
    fi
}

needs_of_running() {
    # nrnivmodl, which compiles the mechanisms
    has "${CXX:-g++}" || has c++ || has clang++ || need_program g++ g++
    need_program make make
    need_program perl perl
    need_program bash bash
    # NEURON's window
    need_package libx11-6
    need_package libxext6
    need_package libsm6
    need_package libice6
}

# Debian splits its Python into packages; without the library nothing can be compiled for NEURON
needs_of_python() {
    if ! find_python && is_debian; then
        need_program python3 python3
        install_packages
        find_python || true
    fi
    case $python in
        /usr/bin/python3* | /bin/python3*)
            need_package "$(basename "$python")-venv"
            "$python" -c "$has_library" || need_package "libpython$("$python" -c "$version")"
            ;;
    esac
}

version='import sys; print("%d.%d" % sys.version_info[:2])'
has_library='
import ctypes.util, sys
sys.exit(not ctypes.util.find_library("python%d.%d" % sys.version_info[:2]))'

install_packages() {
    [ -n "$packages$programs" ] || return 0
    if ! is_debian; then
        fail "please install these first:$programs"
    fi
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || fail "these packages are missing; as root run: apt-get install$packages"
        as_root=sudo
    fi
    say "installing$packages"
    # shellcheck disable=SC2086 # lists of words
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --no-install-recommends $packages >/dev/null \
        || fail "apt-get could not install$packages; what it said is above"
    packages=""
    programs=""
}

# --- Python and .venv ---

is_usable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; }

# Sets python to the path of one that is recent enough, that behind .venv if there is one
find_python() {
    python=""
    others="python3 python3.14 python3.13 python3.12 python3.11 python3.10"
    for candidate in .venv/bin/python ${PYTHON:-$others}; do
        if is_usable "$candidate"; then
            python=$("$candidate" -c 'import sys; print(sys._base_executable)')
            return
        fi
    done
    return 1
}

make_venv() {
    place=$(pwd -P)
    made_in=$(cat .venv/made-in 2>/dev/null || echo "$place")
    # the programs in .venv name the place where it was made
    if [ "$made_in" = "$place" ] && is_usable .venv/bin/python; then
        return
    fi
    find_python || fail "Python 3.10 or later is needed${PYTHON:+, and $PYTHON is none}"
    say "making .venv with $python"
    "$python" -m venv --clear .venv \
        || fail "$python cannot make a virtual environment;" \
            "install its venv and pip modules, or name another Python by PYTHON=..."
    echo "$place" >.venv/made-in
}

# install_project NAME REQUIREMENT: once for each state of what describes the package
install_project() {
    done_for=.venv/installed-$1
    state=$(cat pyproject.toml setup.py | cksum)
    if [ "$(cat "$done_for" 2>/dev/null)" = "$state" ]; then
        return
    fi
    say "installing $2 into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable "$2" \
        || fail "pip could not install $2; what it said is above"
    [ -n "$(.venv/bin/python -m find_libpython)" ] \
        || fail "NEURON needs the shared library of Python, and $python has none;" \
            "remove .venv and name another Python by PYTHON=..."
    # now rather than while a person waits for the window
    NEURON_MODULE_OPTIONS=-nogui .venv/bin/python -c \
        'from izhikevich import mechanisms; mechanisms.load()' \
        || fail "the mechanisms of the package could not be built; the reason is above"
    echo "$state" >"$done_for"
}

# ------------------------------------------------------------------------------------------

started_in=$(pwd)
cd "$(dirname "$0")/.."

if [ "$(basename "$0")" = run.sh ]; then
    needs_of_running
    needs_of_python
    install_packages
    make_venv
    install_project run .
    program=$(pwd)/.venv/bin/izh
    cd "$started_in"
    exec "$program" "$@"
fi
