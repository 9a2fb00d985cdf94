"""Real processes and real sockets with faults between them; `make faults` runs the full figures."""
