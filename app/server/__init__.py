"""The reference server: it keeps the truth, decides with :mod:`app.core`, and tells everybody.

::

    sockets  gateway, talk <-> core.session       all connections; one client
                 |  requests            ^ frames
                 v                      |
              service  ----------->    hub         who is connected; the same bytes for everybody
      authorise -> decide -> append -> fold -> publish
                 |
               store (SQLite)         bus          the truth; wake-ups between servers

``main`` puts these together from a ``config``. Nothing here knows the client (``net``) or a screen.
"""
