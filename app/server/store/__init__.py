"""What the server keeps, behind one small interface (:mod:`.base`); SQLite is the default."""
