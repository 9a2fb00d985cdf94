"""The side panel: Hands, Chat, People. Views show models and say what the person wants (signals)."""
