"""Any sound becomes the OGG/Opus that Telegram plays: the right format, pitch and length."""

from __future__ import annotations

import math
from array import array
from io import BytesIO

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from core.llm.failures import CallFailed
from core.speech.encoding import ogg_opus, pcm_to_opus
from core.speech.ogg import is_opus, opus_seconds
from tests.unit.speech_server import frequency, samples_of, sound, tone


def crc(page: bytes) -> int:
    """The checksum of an OGG page (RFC 3533), its own field taken as zero."""
    register = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1) ^ (0x104C11DB7 if register & 0x80000000 else 0)
    return register


@pytest.mark.parametrize("seconds", [0.02, 1, 7.3])
def test_our_opus_is_what_rfc_7845_asks_for(seconds: float) -> None:
    ogg, told = pcm_to_opus(tone(seconds), 24_000)
    pages: list[bytes] = []
    rest = ogg
    while rest:
        assert rest[:5] == b"OggS\0"
        segments = rest[26]
        size = 27 + segments + sum(rest[27 : 27 + segments])
        pages.append(rest[:size])
        rest = rest[size:]
    assert all(crc(page) == int.from_bytes(page[22:26], "little") for page in pages)
    assert [int.from_bytes(page[18:22], "little") for page in pages] == [*range(len(pages))]
    assert len({page[14:18] for page in pages}) == 1
    first, second, last = pages[0], pages[1], pages[-1]
    head = first[28:]
    assert first[5] == 2
    assert head[:9] == b"OpusHead\x01"
    assert head[9] == 1  # channel
    assert int.from_bytes(head[12:16], "little") == 24_000
    assert head[18] == 0  # mapping family
    assert second[27 + second[26] :].startswith(b"OpusTags")
    assert last[5] & 4  # the end of the stream
    samples = int.from_bytes(last[6:14], "little") - int.from_bytes(head[10:12], "little")
    assert samples / 48_000 == pytest.approx(seconds, abs=0.001)
    assert told == samples / 48_000


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_every_rate_keeps_pitch_and_length(rate: int) -> None:
    ogg, seconds = ogg_opus(sound(1, "WAV", "PCM_16", rate), "")
    assert seconds == pytest.approx(1, abs=0.001)
    assert frequency(ogg) == pytest.approx(440, abs=3)


def test_what_a_lower_rate_cannot_hold_is_not_folded_into_it() -> None:
    rate = 44_100
    shrill = array(
        "h", (round(9_000 * math.sin(2 * math.pi * 16_000 * n / rate)) for n in range(rate))
    )
    wav = BytesIO()
    with soundfile.SoundFile(wav, "w", rate, 1, format="WAV", subtype="PCM_16") as file:
        file.buffer_write(shrill.tobytes(), dtype="int16")
    ogg, _ = ogg_opus(wav.getvalue(), "")
    assert max(map(abs, samples_of(ogg)[0][2_000:-2_000])) < 100


def test_a_stereo_sound_becomes_one_voice() -> None:
    both = array("h", (value for value in array("h", tone(1)) for _ in range(2)))
    wav = BytesIO()
    with soundfile.SoundFile(wav, "w", 24_000, 2, format="WAV", subtype="PCM_16") as file:
        file.buffer_write(both.tobytes(), dtype="int16")
    ogg, seconds = ogg_opus(wav.getvalue(), "")
    assert (seconds, ogg[28 + 9]) == (1, 1)


def test_sounds_one_after_another_are_as_long_as_both() -> None:
    two = sound(1, "OGG", "OPUS") + sound(2.5, "OGG", "OPUS")
    assert opus_seconds(two) == 3.5
    assert opus_seconds(two + b"x") is None
    assert opus_seconds(b"") is None
    assert not is_opus(sound(1, "OGG", "VORBIS"))


WHOLE = sound(0.3, "OGG", "OPUS")


@given(st.data())
def test_no_bytes_break_the_reading_of_pages(data: st.DataObject) -> None:
    broken = bytearray(WHOLE[: data.draw(st.integers(0, len(WHOLE)))])
    for place in data.draw(st.lists(st.integers(0, max(0, len(broken) - 1)), max_size=8)):
        if broken:
            broken[place] = data.draw(st.integers(0, 255))
    seconds = opus_seconds(bytes(broken))
    assert seconds is None or seconds >= 0
    assert opus_seconds(WHOLE[: len(broken)]) in {None, 0.3}


@settings(deadline=None, max_examples=50)
@given(st.sampled_from([b"RIFF", b"ID3", b"fLaC", b"OggS", b"\xff\xfb"]), st.binary(max_size=200))
def test_rubbish_is_refused_and_not_spoken(magic: bytes, rest: bytes) -> None:
    with pytest.raises(CallFailed):
        ogg_opus(magic + rest, "")


def test_floats_that_are_no_sound_do_no_harm() -> None:
    wild = array("f", [math.nan, math.inf, -math.inf, 1e30] * 6_000)
    wav = BytesIO()
    with soundfile.SoundFile(wav, "w", 24_000, 1, format="WAV", subtype="FLOAT") as file:
        file.buffer_write(wild.tobytes(), dtype="float32")
    ogg, seconds = ogg_opus(wav.getvalue(), "")
    assert seconds == 1
    assert len(samples_of(ogg)[0]) == 24_000


def test_a_small_file_does_not_become_hours_of_samples() -> None:
    still = BytesIO()
    with soundfile.SoundFile(still, "w", 48_000, 1, format="FLAC") as file:
        for _ in range(301):
            file.buffer_write(bytes(2 * 48_000), dtype="int16")
    assert len(still.getvalue()) < 200_000
    with pytest.raises(CallFailed, match="answer_too_long"):
        ogg_opus(still.getvalue(), "")
