## Menu and buttons

command-export-all = Download everything about me
command-privacy = What is kept and who sees it
own-button-export = Download everything
own-button-ask-forget = Forget me…
own-button-forget = Yes, forget everything
own-button-keep = Leave it as it is
own-button-stay = Changed my mind

## Everything of one's own, as an archive

own-export-queued = I’ll gather everything I have about you: conversations, files, settings. The archive will come here — it takes from a minute to half an hour, depending on how much there is.
own-export-running = I’m already at it. The archive will come here as soon as it’s ready.
own-export-too-soon = I made you an archive only just now. You can ask for another one after { $time }.
own-export-progress = 📦 Gathering… { $percent }%
own-export-done =
    { $volumes ->
        [1] 📦 Done: the archive has everything I have about you.
       *[other] 📦 Done: the archives ({ $volumes }) have everything I have about you. Each opens by itself; unpack them into one folder, and they make a whole.
    }
own-export-left-out =
    { $count ->
        [one] { $count } file is not in it: too heavy for Telegram, or lost.
       *[other] { $count } files are not in it: too heavy for Telegram, or lost.
    }
    { $files }
own-export-failed = The archive did not work out. Please try again a bit later: /export_all
own-export-file = The way to your vision — all of mine
own-export-file-part = The way to your vision — all of mine, part { $number }
own-export-caption = Everything I have about you
own-export-caption-part = Everything I have about you: part { $number }

own-archive-readme =
    # The way to your vision: everything the bot keeps

    This archive was made on { $date }. If it came in several parts, unpack them into one folder.

    ## Visions

    { $visions }

    ## What is where

    - `visions/…/dialogue.md` — the conversation, for reading. A long one comes in parts: `dialogue-2.md` and so on.
    - `visions/…/messages.json` — the same as a whole: earlier wordings, technical marks, what was heard in recordings and read in files, when it was delivered.
    - `visions/…/files/` — files: yours, and those made for you. The eight characters at the end of a name begin the file’s number in `data/files.json`.
    - `data/users.json`, `data/telegram_accounts.json` — your profile and settings.
    - `data/visions.json` — visions, archived and deleted ones too.
    - `data/held_messages.json` — words that wait for their vision.
    - `data/tokenscount.json`, `data/usage_days.json` — how much the model has worked.
    - The rest of `data/` is technical: queues, invites, feedback, votes, notices. No file means no records.

    Times are in UTC, except in `dialogue.md`: those are yours.
own-archive-line =
    - **{ $title }** ({ $status ->
        [frozen] archived
        [deleted] deleted
       *[active] on the way
    }) — created { $date }, messages: { $count }. Folder: `visions/{ $folder }`
own-archive-no-visions = No visions yet.

## Forgetting

own-forget-offer =
    <b>Forget everything?</b>

    <b>Gone for good:</b> all visions with their conversations — archived and deleted ones too — files and recordings, your settings, feedback and votes, your name and the link to your Telegram.

    <b>What stays:</b> lines about how much the model has worked — without a name, an id or a vision, just numbers.

    I’ll begin to erase in 7 days. Until then I’m silent and write nothing new down, and you can change your mind with one button — everything will be as it was. After that nobody can bring it back.

    Shall I give you everything as an archive first?
own-moment = { $date } at { $time }
own-leaving-begun =
    All right. I’ll erase everything on <b>{ $when }</b>.

    Until then I’m silent, and I won’t keep what you write. You can still take your things along: /export_all. And if you change your mind, here is the button.
own-leaving = I’ll forget everything on <b>{ $when }</b>. I’m not keeping this message.
own-leaving-toast = I’ll forget everything on { $when }. Nothing changes until then
own-too-late = I’m already erasing — there’s no way back
own-stayed = Glad you’re staying. Everything is as it was. Write, and we’ll go on.
own-kept = Everything is in its place, I’m not touching a thing.
own-forgotten = Everything is forgotten: the visions, conversations and files are gone, and so is your name. Thank you for the way we went together. If you ever want to start anew, just write.

## What is kept

own-privacy =
    <b>What I keep and who sees it</b>

    <b>What is kept.</b> Your words and my answers, earlier wordings of what you edited, files and recordings, what was heard and read in them, titles of visions, your language, time zone and settings. From Telegram: your name, username, account number and language. Also when you are here, how often and how long the model has worked, and feedback and votes if you leave any.

    <b>Where.</b> In the database and the file store of those who run me. To answer, I send the model (OpenAI, or another server that they chose) your name, local time, the vision’s title, your new words and the latest messages of that vision; photos and documents, to read them; recordings, to hear them; my answers, to speak them. And I ask the model to store nothing; beyond that its owner’s rules apply. Everything passes through Telegram, which has rules of its own.

    <b>Who sees it.</b> In the bot admins see numbers, your name, username, account number and last visit, but no conversations; feedback to them they do see. Whoever holds the server could technically open the database. Other people: never.

    <b>How long.</b> Until you ask me to forget. A deleted vision is hidden but kept: you can bring it back.

    <b>Taking and erasing.</b> /export_all — everything as an archive. /forget_me — erase everything: 7 days to change your mind, then for good. Numbers about the model’s work stay, without you. In backups, if any are made, what was erased lives on until the backup itself is replaced: I can’t reach those.
