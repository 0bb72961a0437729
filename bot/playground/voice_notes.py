"""Voice messages as Telegram has them: OGG with Opus inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.playground.sound import SoundProbe

RATE = 48_000
SECONDS_AT_ONCE = 10
LONGEST = 3_600.0
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class VoiceNote:
    ogg: Path
    seconds: float


class NotSound(Exception):
    """Nothing here can decode the file."""


def probe_file(path: Path) -> SoundProbe:
    probe = SoundProbe()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            probe.feed(chunk)
    return probe


def as_voice_note(source: Path, target: Path) -> VoiceNote:
    """Mono Opus at 48 kHz, written to `target` block by block; what is Opus already stays as it is.

    Takes a while: call it in a thread. Raises `NotSound`, also for more than an hour.
    """
    import soundfile

    probe = probe_file(source)
    if probe.is_opus and probe.container:
        return VoiceNote(source, probe.seconds)
    library: Any = soundfile
    try:
        with library.SoundFile(source) as sound:
            seconds = sound.frames / sound.samplerate
            if not 0 < seconds <= LONGEST:
                raise NotSound(f"{seconds:.0f} s")
            with library.SoundFile(
                target, "w", samplerate=RATE, channels=1, format="OGG", subtype="OPUS"
            ) as note:
                for block in _blocks(sound):
                    note.write(block)
    except library.LibsndfileError as error:
        raise NotSound(str(error)) from error
    return VoiceNote(target, seconds)


def _blocks(sound: Any) -> Any:
    """The sound as one channel at 48 kHz, ten seconds at a time."""
    import numpy

    np: Any = numpy
    rate: int = sound.samplerate
    while len(block := sound.read(SECONDS_AT_ONCE * rate, dtype="float32", always_2d=True)):
        mono = block.mean(axis=1)
        if rate == RATE:
            yield mono
            continue
        at = np.arange(round(len(mono) * RATE / rate)) * (rate / RATE)
        yield np.interp(at, np.arange(len(mono)), mono).astype("float32")
