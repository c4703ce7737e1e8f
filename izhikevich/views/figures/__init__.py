"""Figures from recordings and other results, by matplotlib.

Nothing here runs a model, opens a window or changes a setting of matplotlib: results go in, a
`matplotlib.figure.Figure` comes out, and `izhikevich.views.figures.saving.save` writes it.
"""
