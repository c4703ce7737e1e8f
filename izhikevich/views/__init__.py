"""What a person looks at: the window, figures, the command line, the web page."""
