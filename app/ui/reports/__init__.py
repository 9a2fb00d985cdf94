"""Seeing what became of alerts: timeline, history, board, charts. Loaded when the first of them is opened."""
