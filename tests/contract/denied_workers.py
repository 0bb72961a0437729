"""Functions that no person's and no admin's act leads to, and what a person may do whatever their
level is; each with the reason."""

from __future__ import annotations

_LEASED = "under a lease that it was given"
_CLAIMS = "gives leases to workers"
_TELLS = "tells of the state of the bot, of nobody's words"
_TURN = "a turn that is running, by whoever holds it; the owner is checked, levels are not"
_ERASES = "an erasure that was asked for, under its lease"
_PROBLEM = "what a process has met; tells admins"
_UPDATES = "updates as Telegram gave them, before anybody is known"
_START = "a process that starts"

WORKERS: dict[str, str] = {
    "sign_in": "says who somebody is",
    "set_unreachable": "Telegram says that somebody blocked the bot",
    "tell_blocked": "counts the one word that a blocked person gets",
    "tell_closed": "counts the words that newcomers to a closed bot get",
    "make_account_link": "the operator's backend, for its own user",
    "log_tokens": "counts a call of a model",
    "budget_state": _TELLS,
    "queue_state": _TELLS,
    "service_state": _TELLS,
    "watch_state": _TELLS,
    "export_tables": "names tables",
    "set_policy": _START,
    "release_leases": _START,
    "take_lock": "processes agree among themselves",
    "release_lock": "processes agree among themselves",
    "count_statistics": "counts by the clock",
    "list_admins": "whom the bot tells of troubles",
    "list_menus": "who has which menu of commands",
    "mark_menu": "who has which menu of commands",
    "unknown_files": "the sweep of the file store",
    "tell_turns": "wakes workers",
    "claim_turns": _CLAIMS,
    "claim_deliveries": _CLAIMS,
    "claim_notices": _CLAIMS,
    "claim_updates": _CLAIMS,
    "claim_export": _CLAIMS,
    "claim_erasure": _CLAIMS,
    "claim_broadcast_sends": _CLAIMS,
    "claim_problem_words": _CLAIMS,
    "get_kept_file": "a turn that is running, for a file of its vision",
    "keep_file": _TURN,
    "save_reading": _TURN,
    "fail_reading": _TURN,
    "file_uploaded": "a delivery that was sent; the owner is checked, levels are not",
    "reload_turn": _LEASED,
    "renew_leases": _LEASED,
    "complete_turn": _LEASED,
    "fail_turn": _LEASED,
    "release_turn": _LEASED,
    "renew_deliveries": _LEASED,
    "record_piece": _LEASED,
    "mark_delivered": "what was sent is sent, whoever holds it",
    "postpone_delivery": _LEASED,
    "fail_delivery": _LEASED,
    "keep_voice": _LEASED,
    "mark_notice": "what was sent is sent, whoever holds it",
    "postpone_notice": _LEASED,
    "fail_notice": _LEASED,
    "keep_update": _UPDATES,
    "renew_updates": _UPDATES,
    "release_updates": _UPDATES,
    "drop_update": _UPDATES,
    "export_rows": _LEASED,
    "renew_export": _LEASED,
    "volume_sent": _LEASED,
    "finish_export": _LEASED,
    "postpone_export": _LEASED,
    "erasure_files": _ERASES,
    "drop_files": _ERASES,
    "erase_step": _ERASES,
    "take_farewell": _ERASES,
    "finish_erasure": _ERASES,
    "postpone_erasure": _ERASES,
    "mark_broadcast_sends": _LEASED,
    "tend_broadcasts": "broadcasts that have come to their end",
    "broadcast_told": "broadcasts that have come to their end",
    "raise_problem": _PROBLEM,
    "clear_problem": _PROBLEM,
    "tell_problem_word": _LEASED,
    "postpone_problem_word": _LEASED,
}

# Of these the ones that are given whose it is: a stranger's id must not do.
OWNERS = {
    "keep_file",
    "save_reading",
    "fail_reading",
    "file_uploaded",
    "erasure_files",
    "drop_files",
    "erase_step",
    "finish_erasure",
    "postpone_erasure",
    "take_farewell",
}

_DOOR = "it may let them in"
_OWN = "one's own data are one's own"

# By function and level: why it is not refused.
ANYWAY: dict[str, dict[str, str]] = {
    "use_invite": {"guest": _DOOR},
    "open_account_link": {"guest": _DOOR},
    "accept_account_link": {"guest": _DOOR},
    "ask_export": {"guest": _OWN, "leaving": _OWN},
    "offer_erasure": {"guest": _OWN, "leaving": _OWN},
    "request_erasure": {"guest": _OWN, "leaving": _OWN},
    "cancel_erasure": {"guest": _OWN, "leaving": _OWN},
}
