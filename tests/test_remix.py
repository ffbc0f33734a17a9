"""The main job from file to file: the picture is the input's, the sound is what was asked for, nothing else changes."""

import re
from pathlib import Path

import av
import numpy as np
import pytest
from clips import CHORD_HZ, MUSIC_HZ, RATE, SECONDS, Clips, chords, voice
from ebur128 import ebur128
from reading import decoded, files_below, level_db, packets_sha256, tags

import vidsep
from vidsep.audio import FloatArray
from vidsep.preset import preset_names
from vidsep.separation.separator import Separator

pytestmark = pytest.mark.usefixtures("one_network")

TARGETS = ("youtube", "podcast", "ebu-r128", "atsc-a85", "social")
JOBS = tuple(name for name in preset_names() if name not in (*TARGETS, "netflix"))
PICTURES = ("mp4", "mov", "webm", "film", "surround", "telephone", "studio", "silence", "blip")


def share_of(part: FloatArray, whole: FloatArray) -> float:
    """How much of ``part`` is in ``whole``: 1 where it is as loud as it was, by projection."""
    return float(np.vdot(part, whole) / np.vdot(part, part))


@pytest.fixture
def refuse_to_separate(separator: Separator, monkeypatch: pytest.MonkeyPatch) -> None:
    def stream(*_: object) -> None:
        raise AssertionError("the network was asked although the stems are in the cache")

    monkeypatch.setattr(separator, "stream", stream)


@pytest.mark.parametrize("kind", PICTURES)
def test_the_picture_is_copied_bit_for_bit(clips: Clips, tmp_path: Path, kind: str) -> None:
    source: Path = getattr(clips, kind)
    result = vidsep.remix(source, tmp_path / f"out{source.suffix}", preset="neutral")
    assert packets_sha256(result.output) == packets_sha256(source) == result.picture_sha256
    assert result.n_picture_packets == round(SECONDS * 25)


def test_the_picture_is_the_same_in_another_container(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.mp4, tmp_path / "out.mkv", preset="strip-music")
    assert packets_sha256(result.output) == packets_sha256(clips.mp4) == result.picture_sha256


@pytest.mark.parametrize("kind", ["mov", "silence", "blip", "telephone", "studio", "flac", "surround"])
def test_neutral_gives_lossless_sound_back_bit_for_bit(clips: Clips, tmp_path: Path, kind: str) -> None:
    source: Path = getattr(clips, kind)
    vidsep.remix(source, tmp_path / f"out{source.suffix}", preset="neutral")
    np.testing.assert_array_equal(decoded(tmp_path / f"out{source.suffix}"), decoded(source))


def test_stems_that_were_separated_sum_to_the_sound(clips: Clips, tmp_path: Path) -> None:
    settings = {"output.codec": "pcm_f32le", "output.tracks": "mix,dialogue,music,effects"}
    result = vidsep.remix(clips.mov, tmp_path / "out.mkv", settings=settings)
    assert result.tracks[0].separated
    mix, *stems = (decoded(result.output, track) for track in (1, 2, 3, 4))
    assert level_db(mix - decoded(clips.mov)) < -110
    assert level_db(sum(stems) - decoded(clips.mov)) < -110


@pytest.mark.parametrize("kind", ["mov", "surround", "telephone", "studio", "silence", "blip", "flac"])
def test_lossless_sound_keeps_its_length_and_channels(clips: Clips, tmp_path: Path, kind: str) -> None:
    source: Path = getattr(clips, kind)
    result = vidsep.remix(source, tmp_path / f"out{source.suffix}", preset="strip-music")
    before, after = decoded(source), decoded(result.output)
    assert after.shape == before.shape == (result.tracks[0].n_samples, before.shape[1])


@pytest.mark.parametrize("kind", ["mp4", "webm", "mp3"])
def test_lossy_sound_stays_in_sync(clips: Clips, tmp_path: Path, kind: str) -> None:
    """Within 1 ms at both ends, by the peak of the cross-correlation with the input."""
    source: Path = getattr(clips, kind)
    result = vidsep.remix(source, tmp_path / f"out{source.suffix}", preset="neutral")
    before, after = decoded(source)[:, 0], decoded(result.output)[:, 0]
    assert abs(len(after) - len(before)) < 2048  # at most what is left of the last packet
    for part in (slice(0, RATE), slice(-2 * RATE, -RATE // 2)):
        spectrum = np.fft.rfft(after[: len(before)][part]) * np.conj(np.fft.rfft(before[: len(after)][part]))
        lag = int(np.argmax(np.fft.irfft(spectrum)))
        assert min(lag, abs(lag - len(before[part]))) <= RATE // 1000


@pytest.mark.parametrize("name", JOBS)
def test_every_job_gives_a_file_that_plays_to_its_end(clips: Clips, tmp_path: Path, name: str) -> None:
    music = [clips.music] if name == "replace-music" else []
    result = vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset=name, music=music)
    sound = decoded(result.output)
    assert np.isfinite(sound).all()
    assert level_db(sound) > -60
    assert len(sound) / RATE == pytest.approx(SECONDS, abs=0.05)


@pytest.mark.parametrize("name", TARGETS)
def test_the_written_file_is_on_target_as_ffmpeg_measures_it(clips: Clips, tmp_path: Path, name: str) -> None:
    result = vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset=("strip-music", name))
    wanted = vidsep.load_preset(name).loudness
    judged = ebur128(decoded(result.output), RATE, tmp_path)
    assert wanted.target_lufs is not None and wanted.true_peak_dbtp is not None
    assert judged.integrated_lufs == pytest.approx(wanted.target_lufs, abs=0.2 + 0.05)  # it prints one decimal
    assert judged.true_peak_dbtp <= wanted.true_peak_dbtp + 0.05
    assert not any("missed" in warning for warning in result.warnings)


@pytest.mark.parametrize(("codec", "kbps"), [("mp3", 64), ("ac3", 96), ("aac", 48)])
def test_what_a_poor_codec_does_to_peaks_and_loudness_is_made_up_for(
    clips: Clips, tmp_path: Path, codec: str, kbps: int
) -> None:
    settings = {"output.codec": codec, "output.bitrate_kbps": kbps}
    result = vidsep.remix(clips.mp4, tmp_path / "out.mkv", preset="youtube", settings=settings)
    judged = ebur128(decoded(result.output), RATE, tmp_path)
    assert judged.integrated_lufs == pytest.approx(-14, abs=0.2 + 0.05)
    assert judged.true_peak_dbtp <= -1 + 0.05


def test_a_target_that_cannot_be_reached_is_a_warning(clips: Clips, tmp_path: Path) -> None:
    settings = {"loudness.target_lufs": -6, "output.bitrate_kbps": 32}
    result = vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset="youtube", settings=settings)
    assert any("the target of -6.0 LUFS is missed" in warning for warning in result.warnings)
    assert ebur128(decoded(result.output), RATE, tmp_path).true_peak_dbtp <= -1 + 0.05


@pytest.mark.parametrize("names", ["dialogue,mix", "original,music,mix"])
def test_the_mix_is_on_target_wherever_it_stands(clips: Clips, tmp_path: Path, names: str) -> None:
    result = vidsep.remix(clips.mov, tmp_path / "out.mov", preset="youtube", settings={"output.tracks": names})
    mix = decoded(result.output, names.split(",").index("mix") + 1)
    assert ebur128(mix, RATE, tmp_path).integrated_lufs == pytest.approx(-14, abs=0.2 + 0.05)


def test_netflix_is_on_target_while_somebody_speaks(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.mov, tmp_path / "out.mov", preset="netflix")
    (track,) = result.tracks
    assert track.target_lufs == -27
    assert track.loudness_lufs == pytest.approx(-27, abs=0.2)
    spoken = decoded(result.output)[RATE // 2 : round(4.9 * RATE)]
    assert ebur128(spoken, RATE, tmp_path).integrated_lufs == pytest.approx(-27, abs=1.0)


def test_strip_music_takes_the_music_and_leaves_the_voice(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.mov, tmp_path / "out.mov", preset="strip-music")
    after = decoded(result.output)
    assert share_of(voice(), after) > 0.5
    assert share_of(chords(), after) < 0.2


@pytest.mark.parametrize("preset", ["strip-music", "replace-music"])
def test_less_is_left_of_the_music_than_the_network_leaves(clips: Clips, tmp_path: Path, preset: str) -> None:
    left, music = [], [clips.music] if preset == "replace-music" else []
    for debleed_db in ("off", "6"):
        settings = {"music.debleed_db": debleed_db, "duck.enabled": "false", "loudness.target_lufs": "off"}
        output = tmp_path / f"{debleed_db}.mov"
        vidsep.remix(clips.mov, output, preset=preset, settings=settings, music=music)
        spectrum = np.abs(np.fft.rfft(decoded(output)[:, 0]))
        left.append(spectrum[np.array(CHORD_HZ) * int(SECONDS)].max())
    assert left[1] < 0.7 * left[0]


def test_karaoke_takes_the_voice_and_leaves_the_music(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.mov, tmp_path / "out.mov", preset="karaoke")
    after = decoded(result.output)
    assert share_of(voice(), after) < 0.5
    assert share_of(chords(), after) > 0.8


def test_replacement_music_plays_instead_of_the_old(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.mov, tmp_path / "out.mov", preset="replace-music", music=[clips.music])
    before, after = (np.abs(np.fft.rfft(decoded(path)[:, 0])) for path in (clips.mov, result.output))
    old, new = np.array(CHORD_HZ) * int(SECONDS), MUSIC_HZ * int(SECONDS)  # bins of the spectrum
    assert after[new] > 10 * before[new]
    assert after[new] > 5 * after[old].max()
    assert before[old].min() > 5 * before[new]


def test_the_second_remix_needs_no_network(
    clips: Clips, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(tmp_path / "cache"))
    first = vidsep.remix(clips.mov, tmp_path / "first.mov", preset="strip-music")
    request.getfixturevalue("refuse_to_separate")
    second = vidsep.remix(clips.mov, tmp_path / "second.mov", preset="strip-music")
    assert (first.tracks[0].from_cache, second.tracks[0].from_cache) == (False, True)
    assert packets_sha256(first.output, "audio") == packets_sha256(second.output, "audio")


def test_no_cache_keeps_nothing(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(cache))
    result = vidsep.remix(clips.blip, tmp_path / "out.mov", preset="strip-music", no_cache=True)
    assert result.tracks[0].separated
    assert files_below(cache) == set()


def test_several_tracks_have_titles_and_the_original_is_a_copy(clips: Clips, tmp_path: Path) -> None:
    settings = {"output.tracks": "mix,original,dialogue"}
    result = vidsep.remix(clips.mp4, tmp_path / "out.mkv", preset="strip-music", settings=settings)
    titles = [one.get("title") for one in tags(result.output)]
    assert titles == ["Remix (strip-music)", "Original", "Dialogue"]
    assert packets_sha256(result.output, "audio", 1) == packets_sha256(clips.mp4, "audio")


@pytest.mark.parametrize(("track", "remixed"), [(None, [1]), (2, [2]), ("all", [1, 2])])
def test_only_the_chosen_tracks_change(
    clips: Clips, tmp_path: Path, track: int | str | None, remixed: list[int]
) -> None:
    result = vidsep.remix(clips.film, tmp_path / "out.mkv", preset="strip-music", track=track)
    assert [one.number for one in result.tracks] == remixed
    for number in (1, 2):
        same = packets_sha256(result.output, "audio", number - 1) == packets_sha256(clips.film, "audio", number - 1)
        assert same == (number not in remixed)
    assert [one["language"] for one in tags(result.output)] == ["eng", "deu"]
    assert tags(result.output)[1]["title"] == "Ton"


def test_subtitles_chapters_and_attachments_come_along(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.film, tmp_path / "out.mkv", preset="strip-music")
    assert packets_sha256(result.output, "subtitle") == packets_sha256(clips.film, "subtitle")
    assert tags(result.output, "attachment")[0]["filename"] == "note.txt"
    with av.open(str(result.output)) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["One", "Two"]
        assert container.metadata["title"] == "A made film"


def test_what_a_container_cannot_hold_is_named(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.film, tmp_path / "out.mp4", preset="neutral")
    assert any(warning.startswith("dropped: attachment") for warning in result.warnings)


def test_sound_without_a_picture_is_remixed_with_a_warning(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.flac, tmp_path / "out.flac", preset="strip-music")
    assert (result.picture_sha256, result.n_picture_packets) == ("", 0)
    assert "song.flac has no picture; only its sound is remixed" in result.warnings


def test_a_file_that_breaks_off_is_remixed_as_far_as_it_goes(clips: Clips, tmp_path: Path) -> None:
    result = vidsep.remix(clips.cut_off_mkv, tmp_path / "out.mkv", preset="neutral")
    assert packets_sha256(result.output) == packets_sha256(clips.cut_off_mkv)
    assert 1 < len(decoded(result.output)) / RATE < SECONDS


def test_a_report_is_written_beside_the_file(clips: Clips, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset="duck-music", report=page)
    assert result.reports == (page,)
    assert result.picture_sha256 in page.read_text(encoding="utf-8")
    assert files_below(tmp_path) == {"out.mp4", "page.html"}


def test_a_report_judges_what_the_network_heard_and_not_what_was_cleared(clips: Clips, tmp_path: Path) -> None:
    def sections(name: str, strength: str) -> list[str]:
        page = tmp_path / f"{name}.html"
        settings = {"music.debleed_db": strength}
        vidsep.remix(clips.mp4, tmp_path / f"{name}.mp4", preset="strip-music", settings=settings, report=page)
        parts = re.findall(r"<section>.*?</section>", page.read_text(encoding="utf-8"), re.DOTALL)
        return [part for part in parts if "What the network heard" in part or "Places to listen to" in part]

    as_found = sections("as-found", "off")
    assert len(as_found) == 2
    assert sections("cleared", "15") == as_found
    assert sections("cached", "15") == as_found


def test_presets_may_be_files_and_objects(clips: Clips, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('description = "Quieter."\n[[master.processors]]\ntype = "gain"\ngain_db = -20\n', encoding="utf-8")
    for name, preset in (("a", mine), ("b", str(mine)), ("c", vidsep.load_preset(mine))):
        result = vidsep.remix(clips.mov, tmp_path / f"{name}.mov", preset=preset)
        assert level_db(decoded(result.output)) == pytest.approx(level_db(decoded(clips.mov)) - 20, abs=0.01)


def test_the_input_is_never_written_to(clips: Clips, tmp_path: Path) -> None:
    before = clips.mp4.read_bytes()
    vidsep.remix(clips.mp4, tmp_path / "out.mp4", preset="strip-music")
    assert clips.mp4.read_bytes() == before


def test_loudness_of_a_file_is_that_of_ffmpeg(clips: Clips, tmp_path: Path) -> None:
    measured = vidsep.measure_loudness(clips.mp4)
    judged = ebur128(decoded(clips.mp4), RATE, tmp_path)
    assert measured.integrated_lufs == pytest.approx(judged.integrated_lufs, abs=0.1)
    assert measured.lra_lu == pytest.approx(judged.lra_lu, abs=0.2)
    assert measured.true_peak_dbtp == pytest.approx(judged.true_peak_dbtp, abs=0.2)
