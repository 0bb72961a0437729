"""People and the accounts they come from."""

from __future__ import annotations

from core.users.people import Asked, Person, Profile, Question, Users, Voice
from core.users.zones import Zone, find_zones, local_time, zone_of

__all__ = [
    "Asked",
    "Person",
    "Profile",
    "Question",
    "Users",
    "Voice",
    "Zone",
    "find_zones",
    "local_time",
    "zone_of",
]
