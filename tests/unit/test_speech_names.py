"""What a sound is called towards servers, whoever named it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dialogue.attachments import Kind
from core.speech.names import MIMES, mime_of, sound_name


@pytest.mark.parametrize(
    ("name", "mime", "kind", "expected"),
    [
        ("file_7.oga", "audio/ogg", "voice", "ogg"),
        (None, None, "voice", "ogg"),
        (None, None, "video_note", "mp4"),
        ("note", "", "video_note", "mp4"),
        ("Песня.MP3", "application/octet-stream", "audio", "mp3"),
        ("запись.opus", None, "document", "ogg"),
        ("memo", "audio/x-m4a", "audio", "m4a"),
        ("memo.aac", "audio/aac", "audio", "m4a"),
        ("clip", "Video/WebM; codecs=opus", "document", "webm"),
        ("a.wav", "audio/mpeg", "audio", "wav"),
        ("talk.mov", None, "video", "mp4"),
        ("v1.2", "audio/mpeg", "audio", "mp3"),
        ("../../etc/passwd", "text/plain", "document", "ogg"),
    ],
)
def test_the_extension_is_one_that_servers_know(
    name: str | None, mime: str | None, kind: str, expected: str
) -> None:
    assert sound_name(name, mime, kind) == f"sound.{expected}"


@given(
    st.none() | st.text(max_size=30),
    st.none() | st.text(max_size=30),
    st.sampled_from(get_args(Kind)),
)
def test_nothing_of_the_persons_name_goes_to_the_server(
    name: str | None, mime: str | None, kind: str
) -> None:
    made = sound_name(name, mime, kind)
    assert made.removeprefix("sound.") in MIMES
    assert mime_of(made).partition("/")[0] in {"audio", "video"}
