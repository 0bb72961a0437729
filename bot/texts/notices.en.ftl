# Messages outside of dialogues: they come by themselves when there is something to tell.

notice-operators =
    <b>A message from the team</b>

    { $text }
