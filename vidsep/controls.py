"""Works out what must be known of a whole programme before its first block can be mixed."""

from collections.abc import Sequence
from dataclasses import replace

from vidsep.audio import Audio, StemSource
from vidsep.loudness.bs1770 import LoudnessMeter
from vidsep.mixing import Controls, blocks_of, mixed_stems
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
    mix = _meter(programme)
    for block in programme.blocks():
        mix.add(block)
    if pieces:
        controls = _with_replacement(preset, programme, stems, pieces, mix)
    if preset.duck.enabled:
        controls = _with_duck(preset, programme, stems, controls, mix)
    return controls


def _with_replacement(
    preset: Preset, programme: Audio, stems: StemSource, pieces: Sequence[Piece], mix: LoudnessMeter
) -> Controls:
    music, dialogue = _meter(programme), _meter(programme)
    for block in blocks_of(stems, programme.sample_rate):
        music.add(block.music)
        dialogue.add(block.dialogue)
    laid = preset.replacement.lay(
        pieces,
        programme.n_samples,
        programme.sample_rate,
        programme.n_channels,
        old_music_lufs=music.integrated_lufs,
        dialogue_lufs=dialogue.integrated_lufs,
    )
    follow = follow_curve_of(music, mix_lufs=mix.integrated_lufs) if preset.replacement.follow else None
    return Controls(replacement=laid, follow=follow)


def _with_duck(preset: Preset, programme: Audio, stems: StemSource, controls: Controls, mix: LoudnessMeter) -> Controls:
    dialogue, music = _meter(programme), _meter(programme)
    for block in mixed_stems(stems, programme.sample_rate, preset, controls):
        dialogue.add(block.dialogue)
        music.add(block.music)
    return replace(controls, duck=preset.duck.curve_of(dialogue, music, mix))


def _meter(programme: Audio) -> LoudnessMeter:
    return LoudnessMeter(programme.sample_rate, programme.n_channels, programme.layout)
