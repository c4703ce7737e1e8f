"""The command line.

main          `izh` alone opens the window; the commands are the files of the folder commands
messages      what cannot be done is one line; a fault of the program is called one
options       what several commands are asked in the same words
outputs       where results go: refused before the work what could not be written after it
progress      progress bars
plane_words   what the commands about the phase plane say alike
"""
