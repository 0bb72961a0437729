# Feedback: a word to the team, its answers, votes under the companion's answers.

command-feedback = Write to the team

button-vote-up = 👍
button-vote-down = 👎
button-vote-up-set = 👍 ✓
button-vote-down-set = 👎 ✓
button-what-was-wrong = What was wrong?
toast-vote = Thank you!
toast-vote-taken-back = Vote taken back

feedback-ask =
    Tell us what you like, what gets in the way, what is missing: a text, a voice message, a photo or a document, in one message.

    The people who make this bot will read it, and can answer you right here.
feedback-ask-answer =
    What was wrong with this answer? Write or say it in one message.

    The team will see only what you send now. Our talk stays between us.
feedback-thanks = Thank you! I've passed it on to the team. If they answer, I'll write to you here.
feedback-too-many = This one I didn't pass on: that's enough for the team for today, let them read it. You can go on tomorrow.
feedback-long =
    { $limit ->
        [one] A bit too long for one go: { $limit } character fits, and less under a file. Send the most important part.
       *[other] A bit too long for one go: { $limit } characters fit, and less under a file. Send the most important part.
    }
feedback-kind = I can't pass that on. Send a text, a voice message, a photo or a document.
feedback-from-team =
    💬 <b>The team's answer</b>
    <i>To answer, press this message and choose “Reply”.</i>

## For admins

button-feedback = Feedback
button-feedback-answer = Answer
button-feedback-done = ✓ Done
button-feedback-reopen = Open again
button-feedback-talk = The talk
button-feedback-person = Card
button-feedback-list = ‹ To feedback
toast-feedback-done = Done
toast-feedback-reopened = Open again
feedback-nameless = No name
feedback-team = The team
feedback-word = 💬 <b>{ $name }</b> writes to the team
feedback-word-again = 💬 <b>{ $name }</b> answers the team
feedback-word-about-answer = 👎 <b>{ $name }</b> about an answer of the companion
feedback-list =
    { $count ->
        [0] No open feedback.
        [one] { $count } open word of feedback.
       *[other] { $count } open words of feedback.
    }
feedback-mark-waits = ●
feedback-mark-answered = ↩
feedback-talk = The talk with <b>{ $name }</b>
feedback-talk-done = The talk with <b>{ $name }</b>, done
feedback-said = <b>{ $name }</b>, { $when }
feedback-about-answer = <i>about an answer of the companion</i>
feedback-file = <i>a file, below in a message of its own</i>
feedback-ask-reply = Write the answer to <b>{ $name }</b>: a text, a voice message, a photo or a document. It comes from the team.
feedback-answered = Sent.
admin-act-feedback-answer = answered feedback: { $user }
admin-act-feedback-done = feedback done: { $user }
admin-act-feedback-reopened = feedback open again: { $user }
