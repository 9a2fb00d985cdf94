"""Lists for the side panels: rows made from read-only state, adapted to Qt without knowing any view.

::

    SpaceState, PersonState --*_rows()--> frozen rows --RowModel.show()--> smallest Qt signals

The functions that build rows are plain Python; ``RowModel`` alone knows Qt.
"""
