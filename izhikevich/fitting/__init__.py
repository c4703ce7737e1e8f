"""What a recording says of a cell: its file, how well a cell follows it, and the search."""
