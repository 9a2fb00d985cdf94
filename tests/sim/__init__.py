"""The real server and the real clients in one process, on virtual time, with faults drawn from a seed.

::

    world      one seed: storm, then quiet, then the checks
      loop       virtual time; a simulated process is what dies together
      network    connections that are slow, cut in mid-frame, half open
      disk       the database, with crashes between any two of its commits
      host       the server's machine, device: one client with its screen, people: in front of it
      faults     what goes wrong
      truth      what was committed; everybody has to agree with it
      checks     what must hold

The same seed gives the same run, byte for byte. ``make simulate SEEDS=10000``, ``make simulate SEED=123``.
"""
