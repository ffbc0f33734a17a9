"""`--stems-dir`: stems that another tool has made take the place of the network."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import soundfile
import soxr
from click.testing import CliRunner, Result
from clips import RATE, Clips, RunFfmpeg, chords, voice
from reading import decoded, files_below, level_db, packets_sha256

import vidsep
from vidsep.audio import FloatArray
from vidsep.cli import cli
from vidsep.errors import MediaError, PresetError
from vidsep.readymade import find_stem_files

WriteStems: TypeAlias = Callable[..., Path]
SPOKEN = slice(RATE // 2, 5 * RATE)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is loaded: whoever asks for one fails."""

    def fail(*_: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr("vidsep.separation.runner.Runner._started", fail)


@pytest.fixture
def write_stems(tmp_path: Path, clips: Clips) -> WriteStems:
    """Writes true stems of the clips' programme under the given names into a folder."""
    mix = soundfile.read(clips.sound, dtype="float32")[0]
    true = {"dialogue": voice(), "music": chords(), "effects": mix - voice() - chords()}

    def write(names: dict[str, str], rate: int = RATE, channels: int = 2) -> Path:
        folder = tmp_path / "stems"
        folder.mkdir()
        for file, stem in names.items():
            samples = true[stem] if rate == RATE else soxr.resample(true[stem], RATE, rate)
            soundfile.write(folder / file, samples[:, :channels], rate)
        return folder

    return write


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def remixed(source: Path, preset: str, folder: Path) -> FloatArray:
    output = folder.parent / f"out{source.suffix}"
    vidsep.remix(source, output, preset=preset, stems_dir=folder)
    assert packets_sha256(output) == packets_sha256(source)
    return decoded(output)


OF_OTHER_TOOLS = {
    "ours": {"dialogue.wav": "dialogue", "music.flac": "music", "effects.wav": "effects"},
    "MRX": {"speech.wav": "dialogue", "music.wav": "music", "sfx.wav": "effects"},
    "UVR": {"1_clip_(Vocals)_UVR-MDX.flac": "dialogue", "1_clip_(Instrumental)_UVR-MDX.flac": "music"},
    "Demucs": {"vocals.wav": "dialogue", "no_vocals.wav": "music"},
    "DnR": {"clip-DIALOG.aiff": "dialogue", "clip-MUSIC.aiff": "music", "clip-FX.aiff": "effects", "clip.wav": "music"},
}


@pytest.mark.parametrize("tool", OF_OTHER_TOOLS)
def test_stems_of_other_tools_are_known_by_their_names(clips: Clips, write_stems: WriteStems, tool: str) -> None:
    folder = write_stems(OF_OTHER_TOOLS[tool])
    sound = remixed(clips.mov, "strip-music", folder)
    assert level_db((sound - voice())[: 5 * RATE]) < level_db(chords()) - 15
    assert level_db(sound[SPOKEN] - voice()[SPOKEN]) < level_db(voice()[SPOKEN]) - 15


def test_a_missing_stem_is_what_the_others_leave(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems({"speech.wav": "dialogue", "accompaniment.wav": "music"})
    burst = slice(round(5.2 * RATE), round(5.6 * RATE))
    kept = remixed(clips.mov, "karaoke", folder)
    assert level_db(kept[burst] - decoded(clips.mov)[burst]) < -80
    assert level_db(kept - (decoded(clips.mov) - voice())) < -80


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_stems_of_another_rate_stay_in_time(clips: Clips, write_stems: WriteStems, rate: int) -> None:
    folder = write_stems({"dialogue.wav": "dialogue", "music.wav": "music"}, rate)
    kept = remixed(clips.mov, "karaoke", folder)
    heard = soxr.resample(soxr.resample(voice(), RATE, rate), rate, RATE)
    assert level_db((decoded(clips.mov) - kept)[SPOKEN] - heard[SPOKEN]) < level_db(voice()[SPOKEN]) - 40


def test_mono_stems_stand_in_the_middle_at_their_level(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems({"dialogue.wav": "dialogue", "music.wav": "music"}, channels=1)
    kept = remixed(clips.mov, "karaoke", folder)
    assert level_db((decoded(clips.mov) - kept) - voice()) < -80


def test_the_parts_of_a_song_are_its_music(write_stems: WriteStems) -> None:
    parts = {f"{name}.wav": "music" for name in ("drums", "bass", "other")}
    found = find_stem_files(write_stems({"vocals.wav": "dialogue", **parts}))
    assert [path.name for path in found.files["music"]] == ["bass.wav", "drums.wav", "other.wav"]


def test_neutral_with_all_stems_gives_the_sound_back(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems(OF_OTHER_TOOLS["ours"])
    settings = {"music.gain_db": 0.01}  # not quite neutral, so that the stems are needed
    result = vidsep.remix(clips.mov, folder.parent / "out.mov", settings=settings, stems_dir=folder)
    assert not any("add up" in warning for warning in result.warnings)
    assert level_db(decoded(result.output) - decoded(clips.mov)) < -75


def test_stems_of_other_tools_are_taken_as_they_are(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems(OF_OTHER_TOOLS["ours"])
    sounds = []
    for debleed_db in ("off", "20"):
        output = folder.parent / f"{debleed_db}.mov"
        settings = {"music.debleed_db": debleed_db}
        vidsep.remix(clips.mov, output, preset="strip-music", settings=settings, stems_dir=folder)
        sounds.append(decoded(output))
    np.testing.assert_array_equal(sounds[0], sounds[1])


def test_stems_that_do_not_add_up_are_told(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems({"dialogue.wav": "dialogue", "music.wav": "music", "effects.wav": "music"})
    result = vidsep.remix(clips.mov, folder.parent / "out.mov", preset="strip-music", stems_dir=folder)
    assert any("do not add up to the soundtrack" in warning for warning in result.warnings)


def test_the_report_says_where_the_stems_are_from(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems(OF_OTHER_TOOLS["MRX"])
    page = folder.parent / "report.html"
    vidsep.remix(clips.mov, folder.parent / "out.mov", preset="strip-music", stems_dir=folder, report=page)
    assert "stems from" in page.read_text(encoding="utf-8")


def test_the_command_line_takes_them_too(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems(OF_OTHER_TOOLS["MRX"])
    output = folder.parent / "out.mov"
    options = ("-p", "m-and-e", "--stems-dir", folder, "-o", output)
    planned = run("remix", clips.mov, *options, "--dry-run")
    assert (planned.exit_code, output.exists()) == (0, False)
    assert f"from {folder}" in planned.stdout
    assert run("remix", clips.mov, *options).exit_code == 0
    assert level_db(decoded(output)[: RATE // 2]) > -60


BAD_FOLDERS: dict[str, tuple[dict[str, str], str]] = {
    "empty": ({}, "no file of the dialogue"),
    "only one": ({"dialogue.wav": "dialogue"}, "music and none of the effects"),
    "two of one": ({"speech.wav": "dialogue", "voice.wav": "dialogue", "music.wav": "music"}, "could each be"),
}


@pytest.mark.parametrize("kind", BAD_FOLDERS)
def test_a_folder_that_is_not_clear_is_an_error(clips: Clips, write_stems: WriteStems, kind: str) -> None:
    names, words = BAD_FOLDERS[kind]
    folder = write_stems(names)
    with pytest.raises(MediaError, match=words):
        vidsep.remix(clips.mov, folder.parent / "out.mov", preset="strip-music", stems_dir=folder)
    assert not (folder.parent / "out.mov").exists()


def test_stems_of_another_sound_are_an_error(clips: Clips, write_stems: WriteStems) -> None:
    folder = write_stems(OF_OTHER_TOOLS["MRX"])
    soundfile.write(folder / "music.wav", chords()[: 3 * RATE], RATE)
    with pytest.raises(MediaError, match=r"music\.wav lasts 3\.00 s, the soundtrack 6\.00 s"):
        vidsep.remix(clips.mov, folder.parent / "out.mov", preset="strip-music", stems_dir=folder)
    (folder / "music.wav").write_text("no sound")
    with pytest.raises(MediaError, match=r"music\.wav"):
        vidsep.remix(clips.mov, folder.parent / "out.mov", preset="strip-music", stems_dir=folder)
    assert files_below(folder.parent) == {"stems", "stems/speech.wav", "stems/music.wav", "stems/sfx.wav"}


def test_what_does_not_go_together_is_an_error(clips: Clips, write_stems: WriteStems, tmp_path: Path) -> None:
    folder = write_stems(OF_OTHER_TOOLS["MRX"])
    with pytest.raises(PresetError, match="need no model"):
        vidsep.remix(clips.mov, tmp_path / "out.mov", preset="strip-music", stems_dir=folder, model="mrx")
    with pytest.raises(PresetError, match="one audio track"):
        vidsep.remix(clips.film, tmp_path / "out.mkv", preset="strip-music", stems_dir=folder, track="all")
    with pytest.raises(MediaError, match="cannot be read"):
        vidsep.remix(clips.mov, tmp_path / "out.mov", preset="strip-music", stems_dir=tmp_path / "nowhere")


def test_a_wide_sound_keeps_its_channels(clips: Clips, tmp_path: Path, run_ffmpeg: RunFfmpeg) -> None:
    """Each channel of 5.1 is at its place: what is taken out as dialogue is what the file of it holds."""
    folder = tmp_path / "stems"
    folder.mkdir()
    for name, gain in (("dialogue", 0.25), ("music", 0.5)):
        run_ffmpeg("-i", clips.surround, "-vn", "-af", f"volume={gain}", "-c:a", "pcm_f32le", folder / f"{name}.wav")
    kept = remixed(clips.surround, "karaoke", folder)
    np.testing.assert_allclose(kept, 0.75 * decoded(clips.surround), atol=2e-4)
