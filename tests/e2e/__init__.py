"""Stories with real processes on a virtual desktop."""
