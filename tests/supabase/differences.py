"""What @supabase/lite 0.10 does otherwise than Supabase itself.

A test marked `differs` is expected to fail on it, and one that passes after all is a failure: then
the difference has gone. What no test meets: `void` comes as `[]` and a bare timestamptz without a
`T` (functions of the bot return one jsonb object), NULL inside text[] comes as the word NULL, there
is no statement_timeout, and rights on tables prove nothing, as it grants all of them to the API's
roles. It would also encode jsonb arguments twice; driver.mjs mends that.
"""

from __future__ import annotations

BIG_NUMBERS = "a number beyond 2^53 is rounded, in JSON too"
CODES = "most SQLSTATEs other than PTnnn and those of bad values arrive as SUP with status 500"
