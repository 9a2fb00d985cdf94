"""What admins see of what is kept of people: for how long, of whom, and who changed or read what."""
