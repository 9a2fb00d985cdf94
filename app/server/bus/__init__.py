"""What servers of one store tell each other at once ("stream S is at N", "P stands there")."""
