"""The store in one SQLite file.

``schema`` has the tables; ``streams``, ``messages`` and ``people`` are plain functions over a connection;
``lane`` runs them in two threads, one that writes and one that reads; ``store`` is the interface.
"""
