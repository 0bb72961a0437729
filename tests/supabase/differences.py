"""What @supabase/lite 0.10 does otherwise than Supabase itself.

A test marked `differs` is expected to fail on it; a mark that has become needless is a failure of
the contract's tests. What no test meets: `void` comes as `[]` and a bare timestamptz without a
`T` (functions of the bot return one jsonb object), NULL inside text[] comes as the word NULL, there
is no statement_timeout, and rights on tables prove nothing, as it grants all of them to the API's
roles. It would also encode jsonb arguments twice; driver.mjs mends that.

Its Storage has no list-v2 and no folders: both listings of ours fall back to a flat one by prefix,
with whole paths. It has no `object/authenticated/`, and its gateway lets a wrong key in as nobody,
who then finds no bucket and may make none; the hosted gateway answers 401.
"""

from __future__ import annotations

BIG_NUMBERS = "a number beyond 2^53 is rounded, in JSON too"
CODES = "most SQLSTATEs other than PTnnn and those of bad values arrive as SUP with status 500"
RACES = "puts and deletes of one object at once end in a status 500 now and then"
