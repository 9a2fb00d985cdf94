"""Hostile input for everything that reads what others wrote; ``make fuzz`` runs it for long."""
