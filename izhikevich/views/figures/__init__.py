"""Figures from recordings, by matplotlib; nothing here runs a model."""
