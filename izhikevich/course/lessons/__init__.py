"""A lesson each; `LESSON` in a file of this folder is found by itself."""
