"""The sample contact center: a fresh server, its people, and two windows.

::

    run --> center      a temporary folder, filled; ``handraise serve`` on it as a process
        --> colleagues  one process; each an ordinary client: player <- orders <- improvise, or told so
        --> two ``handraise`` windows, an agent's and a supervisor's
"""
