"""Stems and a preset become a soundtrack.

The preset says what happens to each stem. What must be known of the whole programme before its first block can be
mixed (how far the music ducks, what plays instead of it) is worked out first: `vidsep.controls`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vidsep.aside import aside
from vidsep.audio import BLOCK_SECONDS, STEM_NAMES, FloatArray, Samples, Stems, StemSource
from vidsep.dsp.curve import GainCurve
from vidsep.dsp.framing import fanned_out, rechunk
from vidsep.preset import Preset, StemSettings
from vidsep.processors import Gain, Mute, Processor, chain
from vidsep.processors.duck import DuckCurve


@dataclass(frozen=True)
class Controls:
    """The music that plays instead of the old one, where it plays, and how far the music goes down under the voice."""

    replacement: Samples | None = None
    follow: GainCurve | None = None
    duck: DuckCurve | None = None


@dataclass(frozen=True)
class Undivided:
    """`StemSource` of a soundtrack that nothing needs to be taken out of: all of it stands for the dialogue."""

    samples: Samples

    @property
    def shape(self) -> tuple[int, ...]:
        return self.samples.shape

    def __getitem__(self, key: slice, /) -> Stems:
        block = self.samples[key]
        silence = np.zeros_like(block)
        return Stems(block, silence, silence)


def needs_stems(preset: Preset) -> bool:
    """Whether the preset asks for anything that the undivided soundtrack cannot give."""
    replacement = preset.replacement
    return (
        any(processors_of(settings) for settings in (preset.dialogue, preset.music, preset.effects))
        or preset.duck.enabled
        or (bool(replacement.pieces) and (replacement.follow or replacement.level == "match"))
        or preset.loudness.gate == "dialogue"
        or any(track in ("dialogue", "music", "effects") for track in preset.output.tracks)
    )


def processors_of(settings: StemSettings) -> tuple[Processor, ...]:
    """What a stem passes through, first to last: its processors, its fader, its mute."""
    fader = (Gain(gain_db=settings.gain_db),) if settings.gain_db else ()
    mute = (Mute(floor_db=settings.floor_db),) if settings.mute else ()
    return (*settings.processors, *fader, *mute)


def mixed(stems: StemSource, sample_rate: int, preset: Preset, controls: Controls) -> Iterator[FloatArray]:
    """The new soundtrack before its loudness is set, in blocks."""
    sums = (block.mix() for block in mixed_stems(stems, sample_rate, preset, controls))
    return chain(preset.master.processors, sums, sample_rate)


def mixed_stems(stems: StemSource, sample_rate: int, preset: Preset, controls: Controls) -> Iterator[Stems]:
    """The stems as they sound in the mix, block by block; ``music`` holds what plays instead of the old music, too."""
    step = block_samples(sample_rate)
    for_dialogue, for_music, for_effects = fanned_out(blocks_of(stems, sample_rate), 3)
    dialogue = chain(processors_of(preset.dialogue), (block.dialogue for block in for_dialogue), sample_rate)
    music = _music((block.music for block in for_music), sample_rate, preset, controls)
    effects = chain(processors_of(preset.effects), (block.effects for block in for_effects), sample_rate)
    for parts in zip(rechunk(dialogue, step), rechunk(music, step), rechunk(effects, step), strict=True):
        yield Stems(*parts)


def old_music(stems: StemSource, sample_rate: int, preset: Preset, controls: Controls) -> Iterator[FloatArray]:
    """What is left of the programme's own music in the mix, in blocks."""
    alone = Controls(duck=controls.duck)
    return _music((block.music for block in blocks_of(stems, sample_rate)), sample_rate, preset, alone)


def blocks_of(stems: StemSource, sample_rate: int) -> Iterator[Stems]:
    """The stems from first to last sample in blocks; the next one is read while one is worked on."""
    step = block_samples(sample_rate)
    blocks = (stems[start : start + step] for start in range(0, stems.shape[0], step))
    return aside(blocks, parcel_items=1, parcels_ahead=1)


def in_memory(stems: StemSource, sample_rate: int) -> Stems:
    """All of the stems, for whoever reads stems several times that take work each time."""
    blocks = [stems[:0], *blocks_of(stems, sample_rate)]
    dialogue, music, effects = (np.concatenate([getattr(block, name) for block in blocks]) for name in STEM_NAMES)
    return Stems(dialogue, music, effects)


def block_samples(sample_rate: int) -> int:
    """How many samples the mixer holds of each sound at a time."""
    return round(BLOCK_SECONDS * sample_rate)


def _music(old: Iterable[FloatArray], sample_rate: int, preset: Preset, controls: Controls) -> Iterator[FloatArray]:
    music: Iterator[FloatArray] = chain(processors_of(preset.music), old, sample_rate)
    if controls.replacement is not None:
        music = _added(music, _replacement(controls.replacement, sample_rate, controls), sample_rate)
    if controls.duck is not None:
        music = controls.duck.apply(music, sample_rate)
    return music


def _replacement(laid: Samples, sample_rate: int, controls: Controls) -> Iterator[FloatArray]:
    step = block_samples(sample_rate)
    new = (laid[start : start + step] for start in range(0, laid.shape[0], step))
    return new if controls.follow is None else controls.follow.apply(new, sample_rate)


def _added(one: Iterable[FloatArray], other: Iterable[FloatArray], sample_rate: int) -> Iterator[FloatArray]:
    step = block_samples(sample_rate)
    for one_block, other_block in zip(rechunk(one, step), rechunk(other, step), strict=True):
        yield one_block + other_block
