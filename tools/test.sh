#!/bin/sh
# Set up what is missing, then run the tests:
#
#     sh tools/test.sh [ARGUMENTS OF pytest]
#
# Like tools/run.sh, and besides it installs what only the tests need.
set -eu

# shellcheck source=tools/run.sh
. "$(dirname "$0")/run.sh"

# a display of the tests' own, someone who clicks there, screenshots, a web server in front of ours
needs_of_testing() {
    need_program Xvfb xvfb
    need_program xdotool xdotool
    need_program import imagemagick
    need_program chromium chromium
    need_program nginx nginx-light
    need_package xfonts-base
}

needs_of_running
if is_debian; then
    needs_of_testing
fi
needs_of_python
install_packages
make_venv
install_project test '.[test]'
# a file to a process: NEURON is one interpreter, and each process has its own; of three, one
# usually waits for a browser, a compiler or a process of its own
exec .venv/bin/python -m pytest -n 3 --dist loadfile "$@"
