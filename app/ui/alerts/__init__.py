"""Everything that calls a recipient of a red escalation, driven by one state.

::

    Incoming (alert + names) --AlertCenter.update/look--> Wanted
                                                            |
                  pop-up . sound (helper process) . notification . tray . taskbar

``state`` decides and does nothing else; each channel makes the world look like :class:`Wanted` and
reports when it cannot. A channel that fails never takes another one down.
"""
