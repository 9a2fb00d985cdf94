"""The client's input and output: one server, one person, no Qt.

    Connector (socket)  <->  Channel (one connection, core.session)  <->  Client
                                                                            |-- Replica: space and person, folded
    Credentials (keyring)     Backoff (when to try again)                   |-- Outbox: what was asked for
    AssetCache (maps, pictures on disk)                                     `-- Walking: where I go

Time, randomness and the transport are injected, so that a simulation runs the same code without waiting.
"""
