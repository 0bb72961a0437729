# Every word a person sees. Friendly, short, plain.
# Lines go to Telegram as HTML; the loader escapes the arguments.

## The bot and its command menu

bot-description =
    An AI companion on the way to your vision — a big aim that truly matters to you. It helps you see it clearly, break it into steps and stay on the path. Write, speak, send photos and documents.

    Press “Start” and tell me what you dream of.
bot-short-description = An AI companion on the way to your big aim
command-new-vision = New vision
command-visions = My visions and archive
command-history = Read the conversation again
command-files = Files of the vision
command-export = Download the conversation
command-rename = Rename the vision
command-freeze = Move the vision to the archive
command-delete = Delete the vision
command-settings = Language, time zone, voice
command-stop = Stop the answer
command-help = How to talk to me

## Dates

month-name =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
date-short = { month-name } { $day }, { $year }
date-day = { month-name } { $day }
date-long = { month-name } { $day }, { $year }

## First steps and help

hello = Hi, { $name }! 👋
hello-nameless = Hi! 👋
start-about =
    I’m an AI, your companion on the way to a vision: the big aim that makes you want to get up in the morning. Tell me about it, think out loud, ask — every vision has its own conversation, and I remember it and keep us on course.
start-begin = Shall we start with the first one?
start-current = We’re here: <b>{ $title }</b>. Just write, and we’ll go on.
start-choose = Your visions are all here — pick where we go today.
help =
    <b>How to talk to me</b>
    Just write or say it aloud: whatever you say goes to the current vision, and I answer. Several messages in a row are fine — I’ll answer them together.

    Send photos, documents and tables — I’ll look and read. And if you ask “make the plan a file” or “put it in a table”, I’ll make one: text, Word, PDF, a table, a calendar, a chart.

    <b>Visions</b>
    /new_vision — a new one; you can add a title right away
    /visions — all your visions and the archive
    /rename — rename the current one
    /freeze — move the current one to the archive
    /delete — delete the current one

    <b>Conversation</b>
    /history — read the latest again
    /files — files of the vision
    /export — download everything as a file
    /stop — stop my answer

    <b>And also</b>
    /usage — how much is said and how much is left
    /settings — language, time zone and voice answers
    /feedback — write to the team that makes me
    /privacy — what is kept and who sees it
    /export_all — download everything I have about you
    /forget_me — ask me to forget everything

    I’m an AI: I can be wrong, and I’m no substitute for a doctor or a lawyer.
unknown-command = I don’t know that command. Mine are all in /help.

## Buttons

button-create = Create a vision
button-new = ＋ New
button-visions = My visions
button-rename = Rename
button-cancel = Cancel
button-continue = Continue
button-history = History
button-files = Files
button-file = { $icon } { $name }
button-file-made = { $icon } { $name } ✨
button-file-dated = { $name } · { $when }
button-original = { $icon } { $time } · { $name }
button-to-card = ‹ Back to the vision
button-freeze = Archive
button-wake = Unfreeze
button-wake-and-send = Unfreeze and send
button-send-held = Send what I wrote ({ $count })
button-delete = Delete
button-delete-yes = Yes, delete
button-delete-no = Keep it
button-restore = Bring it back
button-card = Open the vision
button-back = ‹ Back to the list
button-page-back = ‹
button-page-next = ›
button-page = { $page } / { $pages }
button-archive = — Archive —
button-older = ↑ Earlier
button-export = Download all
button-retry = Try again
button-into = → { $title }
button-current = ✓ { $title }
button-frozen = ❄ { $title }
button-timezone = Time zone
button-voice-off = Never
button-voice-when-i-speak = When I speak
button-voice-always = Always
button-other-zone = Another city or offset
button-settings = ‹ Back to settings
button-open-private = Open a private chat
button-russian = Русский
button-english = English
button-chosen = ✓ { $label }

## Visions

vision-default-title = Vision of { $date }
vision-created =
    Done: <b>{ $title }</b>.

    Tell me about this vision. What does your life look like once it has come true? Write as it comes, start anywhere.
vision-created-with-held =
    { $count ->
        [one] Done: <b>{ $title }</b>. Your words are its beginning — I’m answering already.
       *[other] Done: <b>{ $title }</b>. Your { $count } messages are its beginning — I’m answering already.
    }
visions-none =
    No visions yet.

    A vision is a big aim: not something for this week, but a place you want to get to. Shall we create the first one?
visions-list =
    { $count ->
        [one] You have <b>{ $count } vision</b>. Open it or start a new one.
       *[other] You have <b>{ $count } visions</b>. Pick one to go on with.
    }
visions-held =
    { $count ->
        [one] One message of yours is waiting: pick a vision and I’ll offer to send it there.
       *[other] { $count } messages of yours are waiting: pick a vision and I’ll offer to send them there.
    }
card-title = <b>{ $title }</b>
card-active = 🌱 on the way
card-frozen = ❄ archived, read-only
card-created = Created { $date }
card-messages =
    { $count ->
        [0] Not a word yet
        [one] { $count } message
       *[other] { $count } messages
    }
card-last-yours = The latest is yours, { $date }:
card-last-mine = The latest is mine, { $date }:
card-held =
    { $count ->
        [one] ✉ One unsent message is waiting here.
       *[other] ✉ { $count } unsent messages are waiting here.
    }
card-held-nowhere =
    { $count ->
        [one] ✉ One message is waiting for its vision.
       *[other] ✉ { $count } messages are waiting for their vision.
    }
resumed = We’re here: <b>{ $title }</b>. Write or speak — I’m listening.
resumed-frozen = <b>{ $title }</b> is in the archive: you can read it. To go on talking, unfreeze it.
no-current = No vision is open right now. Pick one from the list.
frozen-now = <b>{ $title }</b> is in the archive now. Everything said in it stays; you can come back any time.
frozen-already = <b>{ $title }</b> is in the archive already.
woken = <b>{ $title }</b> is on the way again. Write — I’m listening.
woken-with-held =
    { $count ->
        [one] <b>{ $title }</b> is on the way again and your message is in — I’m answering already.
       *[other] <b>{ $title }</b> is on the way again and your { $count } messages are in — I’m answering already.
    }
delete-sure =
    Delete <b>{ $title }</b>?

    { $held ->
        [0] The vision will disappear from the list together with its conversation and files.
        [one] The vision will disappear from the list together with its conversation and files. So will the message that is waiting in it.
       *[other] The vision will disappear from the list together with its conversation and files. So will the { $held } messages that are waiting in it.
    }
deleted = <b>{ $title }</b> is deleted. If you change your mind, you can still bring it back.
toast-kept = All right, it stays
toast-frozen = Moved to the archive
toast-woken = On the way again
toast-restored = Back where it was
toast-sent =
    { $count ->
        [0] Everything has been sent already
        [one] Sent, I’m answering
       *[other] All sent, I’m answering
    }
rename-ask =
    What shall we call <b>{ $title }</b>?

    Send me the new title in one message.
rename-long =
    { $limit ->
        [one] That’s too long for a title: { $limit } character fits. Send a shorter one or press “Cancel”.
       *[other] That’s too long for a title: { $limit } characters fit. Send a shorter one or press “Cancel”.
    }
rename-empty = I can’t see a title there. Send at least one word or press “Cancel”.
renamed = It’s called <b>{ $title }</b> now.
question-dropped = All right, I left it as it was.

## Words that wait

held-nowhere =
    Where shall I put this?

    Your words are safe: create a vision and they’ll be its beginning. Or pick one of those you have.
held-nowhere-create =
    Where shall I put this?

    Your words are safe: create a vision and they’ll be its beginning.
held-more =
    { $count ->
        [one] Saved. { $count } message is waiting — tell me where to put it.
       *[other] Saved that too. { $count } messages are waiting — tell me where to put them.
    }
held-frozen =
    <b>{ $title }</b> is in the archive, so I’m not answering yet. Your words are saved: unfreeze the vision and they’ll go in.
held-frozen-more =
    { $count ->
        [one] Saved. { $count } message is waiting in the archive, in <b>{ $title }</b>.
       *[other] Saved that too. { $count } messages are waiting in the archive, in <b>{ $title }</b>.
    }
empty-text = That message came empty. Write me a word — I’m here.
unreadable = I can’t read messages like this yet. Put it in words and I’ll answer.
edited-frozen = I see the edit, but this vision is archived and nothing in it changes. Unfreeze it and tell me how it is now.
edited-late = I’ve kept your edit. My answer was to the earlier text — if it matters, write again and I’ll take it in.

## How to tell the companion what it can’t see

said-forwarded = [Forwarded from: { $name }]
said-forwarded-unknown = [Forwarded]
said-quote = [In reply to: “{ $quote }”]
said-voice = [voice message, { $duration }]
said-audio = [audio “{ $name }”]
said-video-note = [video message, { $duration }]
said-video = [video, { $duration } — not watched]
said-animation = [GIF — not watched]
said-photo = [photo]
said-document = [file “{ $name }”]
said-sticker = [sticker { $emoji }]
said-contact = [contact: { $name }]
said-location = [location: { $latitude }, { $longitude }]
said-venue = [place: { $name }]
said-poll = [poll: { $question }]
said-dice = [{ $emoji } rolled { $value }]
said-game = [game: { $name }]
said-story = [story — not seen]
said-checklist = [checklist “{ $name }”]
said-paid-media = [paid media — not seen]
said-other = [a message of an unknown kind]
said-nameless = untitled

## History and export

history-title = { $title }
history-you = You
history-me = Companion
history-pressed = You, by the “Continue” button
history-file = { $icon } { $file }
history-empty = Not a word in <b>{ $title }</b> yet. Write the first one — everything starts from there.
history-start = Nothing earlier — this is the very beginning.
export-caption = The whole conversation: “{ $title }”
export-part = part { $number }
export-file = vision
export-created = Created { $date }

## Files

file-icon =
    { $kind ->
        [voice] 🎙
        [audio] 🎵
        [video_note] 📹
        [video] 🎬
        [animation] 🎞
        [photo] 🖼
       *[document] 📄
    }
file-kind =
    { $kind ->
        [voice] voice message
        [audio] audio
        [video_note] video message
        [video] video
        [animation] GIF
        [photo] photo
       *[document] file
    }
files-together =
    { $kind ->
        [photo] { $count } { $count ->
            [one] photo
           *[other] photos
        }
        [video] { $count } { $count ->
            [one] video
           *[other] videos
        }
        [audio] { $count } { $count ->
            [one] audio
           *[other] audios
        }
        [voice] { $count } { $count ->
            [one] voice message
           *[other] voice messages
        }
        [video_note] { $count } { $count ->
            [one] video message
           *[other] video messages
        }
        [animation] { $count } { $count ->
            [one] GIF
           *[other] GIFs
        }
       *[document] { $count } { $count ->
            [one] file
           *[other] files
        }
    }
file-length = { $file }, { $length }
file-times = { $file } ×{ $count }
files-and-more =
    { $count ->
        [one] { $files } and { $count } more
       *[other] { $files } and { $count } more
    }
unread-empty = <b>{ $file }</b> is empty inside. It probably didn’t upload to the end: please send it again.
unread-broken =
    { $kind ->
        [video_note] That video message didn’t open. Will you record it once more?
        [voice] That voice message didn’t open. Will you record it once more?
       *[other] <b>{ $file }</b> won’t open, the file seems to be damaged. Send it again or in another format.
    }
unread-locked = <b>{ $file }</b> has a password, so I can’t get in. Take the password off and send it again.
unread-unsupported =
    { $kind ->
        [video] I don’t watch videos yet, but I’ve kept it. Tell me in words what matters in it — or say it aloud.
        [animation] I don’t watch GIFs, but I’ve kept this one. Tell me in words what’s in it.
       *[other] <b>{ $file }</b>: I can’t read this format, but I’ve kept it. If what’s inside matters, send it as text, PDF or a table.
    }
unread-heavy = <b>{ $file }</b> holds too much to open as a whole. Send the part you need separately.
unread-no-text = <b>{ $file }</b> has no text inside, it looks like a scan. Send the pages as photos or tell me the main points.
unread-blank = <b>{ $file }</b> has no words inside, only empty lines. Check that it’s the right file and send it again.
unread-misnamed = <b>{ $file }</b> isn’t what its name promises. Check the extension and send it again.
unread-packed = <b>{ $file }</b>: I don’t open archives, but I’ve kept it. Unpack it and send the files one by one.
unread-too-big = <b>{ $file }</b> is heavier than 20 MB, and Telegram doesn’t hand such files to bots. Send it in parts or a lighter version.
unread-too-long = <b>{ $file }</b> is longer than I can listen to. I’ve kept it; send shorter parts and I’ll hear them.
unread-unclear = I couldn’t make out a word: maybe it’s quiet or noisy. Say it again or write — I’ve kept the recording.
unread-deaf = I have no way to listen here yet. I’ve kept the recording — please write me the main points.
unread-blind = I have no way to look at pictures here yet. I’ve kept it — please tell me in words what’s on it.
unread-filtered = <b>{ $file }</b>: the model refused to look at it. If it matters, tell me in words.
unread-many = <b>{ $file }</b>: too many files to open at once. I’ve kept it; send it separately if you need it right now.
unread-gone = <b>{ $file }</b>: Telegram doesn’t give this file any more. Please send it again.
unread-later = <b>{ $file }</b>: I tried several times, but it won’t work right now. I’ve kept it; send it again a little later, or write me the heart of it.
unread-unknown = <b>{ $file }</b>: I couldn’t read it, but I’ve kept it. Tell me in words what matters there.
unread-several = I couldn’t read everything:
unread-line = • { $why }: { $files }
unread-all-empty = empty inside, send again
unread-all-broken = won’t open, send again or in another format
unread-all-locked = locked with a password, take it off and send again
unread-all-unsupported = I can’t read these, but I’ve kept them
unread-all-heavy = too much inside, send the part you need
unread-all-no-text = no text inside, send the pages as photos
unread-all-blank = only empty lines inside, check and send again
unread-all-misnamed = not what the names promise, check the extensions and send again
unread-all-packed = I don’t open archives, unpack them and send the files one by one
unread-all-too-big = heavier than 20 MB, Telegram doesn’t hand me such files
unread-all-too-long = too long to listen to, send in parts
unread-all-unclear = not a word made out, say it again or write
unread-all-deaf = no way to listen here yet, write it in words
unread-all-blind = no way to look here yet, tell me in words
unread-all-filtered = the model refused to look
unread-all-many = too many to open at once, kept; send separately if you need them now
unread-all-gone = Telegram doesn’t give them any more, send again
unread-all-later = tried several times, it won’t work right now; kept, send it again later
unread-all-unknown = that didn’t work, but I’ve kept them
file-unclear = The line to Telegram broke: the file may not have arrived. If it isn’t here, press the button again a little later.
voices-forbidden = Your Telegram takes no voice messages from me: that’s your privacy setting. Allow them for me and I’ll send it.
files-title =
    { $count ->
        [one] <b>{ $title }</b>: { $count } file. Press it and I’ll send it. ✨ — made by me.
       *[other] <b>{ $title }</b>: { $count } files. Press one and I’ll send it. ✨ — made by me.
    }
files-empty =
    No files in <b>{ $title }</b> yet.

    Send yours and I’ll read them. And if you’d like a document or a table from me, just ask: <i>“make the plan a file”</i>.

## Settings

settings =
    <b>Settings</b>

    Language: English
    Time zone: { $zone }, it’s { $time } for you now
settings-no-zone =
    <b>Settings</b>

    Language: English
    Time zone: not chosen, I’m using UTC — { $time }
settings-voice =
    { $voice ->
        [always] I answer aloud every time, along with the text
        [when_i_speak] I answer voice messages aloud
       *[off] I answer in text only, never aloud
    }
settings-mute = I answer in text only: no voice is set up on this server
popular-zones =
    America/New_York New York
    America/Chicago Chicago
    America/Denver Denver
    America/Los_Angeles Los Angeles
    Europe/London London
    Europe/Berlin Berlin
    Asia/Dubai Dubai
    Asia/Kolkata Delhi
    Asia/Singapore Singapore
    Australia/Sydney Sydney
zone-choose = Where are you? Pick a city — or name your own.
zone-ask =
    Write your city or your offset from Greenwich.

    For example: <i>Toronto</i>, <i>Lisbon</i> or <i>+5:30</i>.
zone-several = I found several. Which one is yours?
zone-none = I couldn’t find that city. Try a bigger one nearby, or an offset from Greenwich such as <i>+3</i>.
zone-set = Got it: { $zone }. It’s { $time } for you now — right? If not, pick another zone in /settings.
toast-language = We’re speaking English
toast-voice = Got it

## The companion's answer

nothing-to-stop = I’m not saying anything right now — nothing to stop.
toast-retry-queued = Trying again
toast-retry-running = I’m answering already
toast-retry-answered = This has its answer already
toast-continue = Going on
continue-request = Go on from where you stopped.
notice-down = The coach’s brain is rebooting right now, please try later. Your message is safe — press “Try again” whenever you like.
notice-stopped = I stopped. Write whenever you want to go on.
notice-too-long =
    That’s a lot! { $characters } characters — I read { $limit } at a time, so I’ll answer the beginning. The rest is saved; send it in parts if you want me to take it all in.
notice-burst = I’ve read all the messages in a row ({ $count }) and I’m answering them together.
answer-unfinished = This answer was left unfinished.
answer-stopped = The answer was stopped.
notice-filtered = The model won’t let me answer that. Try putting it another way.
notice-edited-late = I saw the edit while I was already answering your former words. If it matters, write once more and I’ll take it in.
notice-transcript = 🎙 Here’s what I heard:
notice-unfetched = Telegram won’t hand me the file just now. Your message is safe — press “Try again” a little later and I’ll take it all in.
notice-file-lost = I couldn’t send <b>{ $name }</b>: the file is lost. If you need it, ask me again and I’ll make a new one.
notice-file-heavy = I couldn’t send <b>{ $name }</b>: it’s heavier than 50 MB, and Telegram lets bots send no more.
notice-cut =
    { $count ->
        [one] <b>{ $files }</b>: I read only the beginning, the rest is too much at once. If another part matters, send it separately.
       *[other] I read only the beginning of these: { $files }. If other parts matter, send them separately.
    }
busy-hearing =
    { $total ->
        [0] 🎧 Listening…
        [1] 🎧 Listening…
       *[other]
            { $done ->
                [0] 🎧 Listening…
               *[other] 🎧 Listening: { $done } of { $total }…
            }
    }
busy-looking =
    { $total ->
        [0] 👀 Looking…
        [1] 👀 Looking…
       *[other]
            { $done ->
                [0] 👀 Looking…
               *[other] 👀 Looking: { $done } of { $total }…
            }
    }
busy-reading =
    { $total ->
        [0] 📄 Reading the file…
        [1] 📄 Reading the file…
       *[other]
            { $done ->
                [0] 📄 Reading the files…
               *[other] 📄 Reading the files: { $done } of { $total }…
            }
    }
busy-making =
    { $total ->
        [0] ✍️ Making the file…
        [1] ✍️ Making the file…
       *[other]
            { $done ->
                [0] ✍️ Making the files…
               *[other] ✍️ Making the files: { $done } of { $total }…
            }
    }
busy-long = { $line } A little more.
busy-longer = { $line } It takes a while, but I’m on it.
waiting-1 = Thinking about this, just a little more…
waiting-2 = I’d rather not rush this one — a moment more…
waiting-3 = Putting my thoughts in order…
waiting-4 = Still here. It’s a good question, putting the answer together…
waiting-5 = Not lost — looking for the right words…
waiting-6 = Thinking is slower than usual today. The answer will come; there’s time for a cup of tea.
waiting-7 = I know it’s long. I haven’t given up — the answer will be here as soon as it’s ready.

## When something is wrong

stale-button = This button is out of date
gone = This vision has been deleted
conflict = That can’t be done now: the vision is in the archive
broken = Something broke on my side and I couldn’t handle this message. It’s saved and we’ll look into it — meanwhile you can write again.
broken-toast = That didn’t work, please try again

## Groups

private-only = I only talk in private: the way to a vision is a personal thing.
