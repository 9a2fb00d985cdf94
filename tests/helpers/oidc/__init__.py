"""A provider of identities in a process of its own, and somebody with a browser who signs in there."""
