"""How the bot compares with a bare handler on the same servers: `make bench`."""
