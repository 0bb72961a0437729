"""People and the accounts they come from."""

from __future__ import annotations

from core.users.people import Asked, Person, Profile, Question, Users
from core.users.zones import Zone, find_zones, local_time, zone_of

__all__ = [
    "Asked",
    "Person",
    "Profile",
    "Question",
    "Users",
    "Zone",
    "find_zones",
    "local_time",
    "zone_of",
]
