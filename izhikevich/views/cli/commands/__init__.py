"""The commands of `izh`, a file each with a `command` in it: another file is another command."""
