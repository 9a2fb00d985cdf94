"""The rules and the data, pure: standard library and msgspec only.

Nothing in here knows a socket, a clock, a file, Qt, asyncio or a random number. The server and every
client fold the same events with the same code::

    command --decide--> events --SpaceState.apply / PersonState.apply--> changes
                          |
                        wire  (messages <-> bytes)   session  (who speaks when, without I/O)
"""
