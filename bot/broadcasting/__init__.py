"""Broadcasts on their way: taken from the database within Telegram's limits, sent, marked, shown.

Everybody gets one at most once. A send is begun in the database before Telegram hears of it, and
only its own process may tell what became of it: after a kill in between, nobody tries again.
"""
