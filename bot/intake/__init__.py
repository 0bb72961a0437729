"""Where updates come in. Telegram is the inbox: an update is confirmed only once it is kept."""
