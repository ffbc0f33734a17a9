"""What every network keeps to, as checks of a loaded model."""

import numpy as np
from conftest import scene

from vidsep.audio import FloatArray
from vidsep.separation.models.base import SeparationModel, Span

MOST_SECONDS = 30.0  # longer pieces are not filled with sound, which would only take time
SHORT_SECONDS = 4.0


def span_of(model: SeparationModel) -> Span:
    """Where in its pieces there is sound: everywhere, or at the beginning of long bodies."""
    cut, rate = model.cut, model.sample_rate
    is_long = cut.n_samples > MOST_SECONDS * rate
    return Span(cut.context, cut.context + round(SHORT_SECONDS * rate)) if is_long else Span(0, cut.n_samples)


def piece_of(model: SeparationModel) -> FloatArray:
    """A piece of a made programme."""
    span = span_of(model)
    piece = np.zeros((model.cut.n_samples, 2), np.float32)
    n_samples = span.stop - span.start
    piece[span.start : span.stop] = scene(n_samples / model.sample_rate + 1, model.sample_rate)[:n_samples]
    return piece


def run(model: SeparationModel, piece: FloatArray, span: Span | None = None) -> FloatArray:
    """The model's stems of one piece, ``(n_stems, cut.body + cut.overlap, 2)``."""
    pieces, spans = piece[None], [span or span_of(model)]
    stems: FloatArray
    if not model.studies:
        stems = model.separate(pieces, spans)[0]
        return stems
    stems = model.separate_knowing(model.study([(piece, spans[0])]), pieces, spans)[0]
    return stems


def shape_and_values_are_right(model: SeparationModel) -> None:
    stems = run(model, piece_of(model))
    assert stems.shape == (len(model.stems), model.cut.body + model.cut.overlap, 2)
    assert stems.dtype == np.float32
    assert np.isfinite(stems).all()


def each_stem_is_part_of_the_sound(model: SeparationModel) -> None:
    piece = piece_of(model)
    power = np.square(run(model, piece)).mean(axis=(1, 2)) / np.square(piece).mean()
    assert (power < 2).all()
    assert power.max() > 0.1


def silence_gives_silence(model: SeparationModel) -> None:
    assert not run(model, np.zeros((model.cut.n_samples, 2), np.float32)).any()


def short_sound_in_its_padding_is_heard(model: SeparationModel) -> None:
    piece, start, stop = piece_of(model), model.cut.context, model.cut.context + 441
    piece[:start] = piece[stop:] = 0
    stems = run(model, piece, Span(start, stop))
    assert np.isfinite(stems).all()
    assert stems.any()


def mono_stays_mono(model: SeparationModel) -> None:
    stems = run(model, np.repeat(piece_of(model)[:, :1], 2, axis=1))
    np.testing.assert_allclose(stems[..., 0], stems[..., 1], atol=1e-6)


def louder_in_is_louder_out(model: SeparationModel) -> None:
    piece = piece_of(model)
    np.testing.assert_allclose(run(model, 0.25 * piece), 0.25 * run(model, piece), atol=10 ** (-80 / 20))
