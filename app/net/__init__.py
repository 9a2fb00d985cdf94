"""The client's input and output: one server, one person, no Qt.

::

    Connector (socket) <-> Channel (one connection) <- Uplink (keeps one up, Backoff) <- Client
                                                                                          |- Replica
    CredentialStore (keyring)                                                             |- Outbox
    AssetCache (maps and pictures on disk)                                                `- Walking

Time, randomness and the transport are injected, so that a simulation runs the same code without waiting.
"""
