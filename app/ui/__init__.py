"""The desktop client's window: views show read-only state and emit intents; nothing here talks to a socket.

::

    view --intent--> controller --command--> net.client
    net.client --changes--> bridge --signals--> controller --values--> view
"""
