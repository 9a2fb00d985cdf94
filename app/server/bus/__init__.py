"""Wake-ups between nodes ("stream S is at N"), behind one small interface; in-process by default."""
