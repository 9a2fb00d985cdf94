"""The inbound HTTP API: for phone systems and CRMs that raise, answer and end escalations."""
