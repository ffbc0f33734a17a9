"""Works out what must be known of a whole programme before its first block can be mixed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from vidsep.aside import aside, together
from vidsep.audio import Audio, StemSource
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.mixing import Controls, blocks_of, mixed_stems, processors_of
from vidsep.preset import Preset
from vidsep.processors.replace import Piece, follow_curve_of


def work_out(preset: Preset, programme: Audio, stems: StemSource, pieces: Sequence[Piece]) -> Controls:
    """The controls of ``programme``, whose stems are ``stems``, for a preset and its pieces of music.

    A preset that asks for none takes no time. Otherwise the stems are listened to once as they are, for the music that
    is laid under them, and once as they will be mixed, for the ducking.
    """
    controls = Controls()
    if not pieces and not preset.duck.enabled:
        return controls
    heard = _listened_to(programme, stems)
    if pieces:
        controls = _with_replacement(preset, programme, pieces, heard)
    if preset.duck.enabled:
        controls = _with_duck(preset, programme, stems, controls, heard)
    return controls


@dataclass(frozen=True)
class Heard:
    """Meters that have heard the programme and two of its stems."""

    mix: LoudnessMeter
    dialogue: LoudnessMeter
    music: LoudnessMeter


def _listened_to(programme: Audio, stems: StemSource) -> Heard:
    heard = Heard(_meter(programme), _meter(programme), _meter(programme))
    for mix, block in zip(programme.blocks(), blocks_of(stems, programme.sample_rate), strict=True):
        together(
            partial(heard.mix.add, mix),
            partial(heard.dialogue.add, block.dialogue),
            partial(heard.music.add, block.music),
        )
    return heard


def _with_replacement(preset: Preset, programme: Audio, pieces: Sequence[Piece], heard: Heard) -> Controls:
    laid = preset.replacement.lay(
        pieces,
        programme.n_samples,
        programme.sample_rate,
        programme.n_channels,
        old_music_lufs=heard.music.integrated_lufs,
        dialogue_lufs=heard.dialogue.integrated_lufs,
    )
    follow = follow_curve_of(heard.music, mix_lufs=heard.mix.integrated_lufs) if preset.replacement.follow else None
    return Controls(replacement=laid, follow=follow)


def _with_duck(preset: Preset, programme: Audio, stems: StemSource, controls: Controls, heard: Heard) -> Controls:
    """The controls with the curve; what is mixed as it was heard is not heard again."""
    dialogue, music = heard.dialogue, heard.music
    is_other_dialogue = bool(processors_of(preset.dialogue))
    is_other_music = controls.replacement is not None or bool(processors_of(preset.music))
    if is_other_dialogue or is_other_music:
        dialogue = _meter(programme) if is_other_dialogue else dialogue
        music = _meter(programme) if is_other_music else music
        blocks = mixed_stems(stems, programme.sample_rate, preset, controls)
        for block in aside(blocks, parcel_items=1, parcels_ahead=1):
            jobs = [partial(dialogue.add, block.dialogue)] if is_other_dialogue else []
            jobs += [partial(music.add, block.music)] if is_other_music else []
            together(*jobs)
    return replace(controls, duck=preset.duck.curve_of(dialogue, music, heard.mix))


def _meter(programme: Audio) -> LoudnessMeter:
    return LoudnessMeter(programme.sample_rate, programme.n_channels, programme.layout)
