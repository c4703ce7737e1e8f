"""What a lesson is handed out as: a sheet, its answers, a notebook."""
