# Messages outside of dialogues: they come by themselves when there is something to tell.

notice-operators =
    <b>A message from the team</b>

    { $text }
notice-let-in = The door is open to you now: welcome! Write or speak whenever you like. If we haven't met yet, begin with /start.
notice-appointed = You are an admin of this bot now. The panel is /admin, the check-up is /doctor.
