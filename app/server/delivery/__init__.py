"""Text messages, phone calls, Apprise addresses and webhooks, behind one small interface (:mod:`.base`)."""
