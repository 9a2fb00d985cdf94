"""Handraise: raise a hand in a virtual office, and somebody comes.

Who may import whom: ``core <- net <- ui`` and ``core <- server``; ``net`` and ``server`` never meet.
``demo`` and ``cli`` put the parts together and are imported by nobody.
"""

__version__ = "0.1.0"
