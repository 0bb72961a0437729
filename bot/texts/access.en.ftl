## Who may come in

access-blocked = Your access to this bot is closed, so I won't be able to answer any more. If that is a mistake, write to the people who run me. All the best!
access-closed =
    Hi! Right now I talk only with people who have been invited.

    Have an invite link? Just open it. If not, ask whoever told you about me.
access-closed-toast = Right now I talk only with people who have been invited
access-not-now = That can't be done right now.
access-guest =
    { $left ->
        [0] Your guest messages are used up. To go on, open an invite link: ask the people who run me for one. Everything you wrote is waiting in its place.
        [one] You are a guest for now: { $left } message left. To talk without counting, open an invite link: the people who run me give them out.
       *[other] You are a guest for now: { $left } messages left. To talk without counting, open an invite link: the people who run me give them out.
    }

## Invites

access-welcome = Your invite is accepted: welcome! From now on I am here whenever you want to talk.
access-welcome-held =
    Your invite is accepted: welcome!

    { $count ->
        [one] { $count } message of yours was waiting. Send it on?
       *[other] { $count } messages of yours were waiting. Send them on?
    }
access-already-member = Everything is open to you as it is, so the invite stays unused for somebody else. Just write.
access-open-anyway = But everything is open to you without it: just write.
access-invite-unknown = I know no such invite. Check that the link was copied whole, or ask for a new one.
access-invite-used-up = This invite has no places left. Ask whoever sent it for a new link.
access-invite-expired = This invite has expired. Ask whoever sent it for a new link.
access-invite-revoked = This invite was taken back. Ask whoever sent it for a new link.
access-invite-used-before = You have used this invite before, and it won't work twice. Ask the people who run me for a new link.

## Binding an account

access-bind =
    This link binds your Telegram to your account, and from then on we will talk there.

    Here you have { $visions ->
        [one] { $visions } vision
       *[other] { $visions } visions
    } and { $messages ->
        [one] { $messages } message
       *[other] { $messages } messages
    }. I will move everything, nothing gets lost. It can't be unbound later.

    Go on only if the link is from an account of your own: whoever signs in to it will see all that is here.
access-button-bind =
    { $visions ->
        [0] Bind and move
        [one] Bind and move { $visions } vision
       *[other] Bind and move { $visions } visions
    }
access-bound = Done: your Telegram is bound to the account. Write, and we go on.
access-bound-already = Your Telegram is bound to this account already. Just write.
access-not-bound = All right, I change nothing. If you think again, open the link once more while it is valid.
access-bound-elsewhere = Your Telegram is bound to another account already, and can't have a second one. If that is wrong, write to whoever sent the link.
access-link-unknown = I know no such link. Check that it was copied whole, or ask for a new one where you got it.
access-link-used = This link has been used: each works once. Ask for a new one where you got it.
access-link-expired = This link has expired. Ask for a new one where you got it.
access-link-closed = The account that this link leads to is closed right now. Write to whoever sent it.
access-link-shared = This link would share the rights of an admin by the settings (ADMIN_IDS) with another Telegram account, so it did not work. Put both into ADMIN_IDS, or open the link from another account.
