"""Settings for admins: other programs that ask this one, and webhooks that it tells."""
