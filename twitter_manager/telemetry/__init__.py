"""How the program is watched from outside: health, pings, metrics, traces."""
