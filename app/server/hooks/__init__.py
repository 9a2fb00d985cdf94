"""Outbound webhooks: written with the events they tell of, signed, sent in order, tried again."""
