"""The report: complete in one file, safe against what files are called, true to its numbers, bounded for long films."""

import base64
import dataclasses
import io
import re
import time
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import noise, tone
from PIL import Image

from vidsep.audio import Audio, FloatArray, Stems
from vidsep.errors import OutputError
from vidsep.loudness.measure import Loudness, ProgrammeMeter
from vidsep.outputs.report import (
    Ducking,
    Picture,
    Programme,
    ReportData,
    Separation,
    StreamRow,
    render,
    write_report,
)
from vidsep.outputs.spectrogram import N_BANDS
from vidsep.processors.duck import DuckCurve

VOID = {"meta", "img", "br", "path", "rect"}
PALE = 10 ** (-23 / 20)  # what is left of the music


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether everything that was opened was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


class TiledSamples:
    """A sound as long as one likes that repeats what it was given; slices last at most as long as that."""

    def __init__(self, tile: FloatArray, n_samples: int) -> None:
        self.twice, self.shape = np.tile(tile, (2, 1)), (n_samples, tile.shape[1])

    def __getitem__(self, key: slice, /) -> FloatArray:
        start, stop, _ = key.indices(self.shape[0])
        first = start % (len(self.twice) // 2)
        return self.twice[first : first + stop - start]


class TiledStems:
    """The tiles of three stems as a `StemSource`."""

    def __init__(self, *stems: TiledSamples) -> None:
        self.stems, self.shape = stems, stems[0].shape

    def __getitem__(self, key: slice, /) -> Stems:
        dialogue, music, effects = (stem[key] for stem in self.stems)
        return Stems(dialogue, music, effects)


def programme(sound: FloatArray, sample_rate: int = 48000) -> Programme:
    meter = ProgrammeMeter(sample_rate, sound.shape[1])
    meter.add(sound)
    return Programme(Audio(sound, sample_rate), meter.result(), meter.loudness.short_term_lufs)


def report_data(dialogue: FloatArray, music: FloatArray, effects: FloatArray, rate: int = 48000) -> ReportData:
    stems = TiledStems(*(TiledSamples(stem, len(stem)) for stem in (dialogue, music, effects)))
    after = (PALE * music).astype(np.float32)
    return ReportData(
        input_name="film.mp4",
        output_name="film-strip.mp4",
        date="3 May 2026",
        vidsep_version="9.8.7",
        preset_name="strip-music",
        before=programme(dialogue + music + effects, rate),
        after=programme(dialogue + after + effects, rate),
        separation=Separation("band-mixer", stems, Audio(after, rate).blocks(1.0)),
    )


@pytest.fixture
def data() -> ReportData:
    """Twelve seconds: music all along, a voice in the second half."""
    rate = 16000
    voice = np.concatenate([np.zeros((6 * rate, 2), np.float32), noise(-25, 6, rate)])
    sound = report_data(voice, tone(440, -20, 12, rate), noise(-50, 12, rate, seed=2), rate)
    curve = DuckCurve(np.full(1200, -9, np.float32), 100.0, reached_difference_lu=12.3, speech_share=0.5)
    return dataclasses.replace(
        sound,
        target_lufs=-30.0,
        ceiling_dbtp=-1.0,
        ducking=Ducking(curve, 12.0),
        picture=Picture(750, "ab" * 32, "ab" * 32),
        streams=(StreamRow(0, "video", "h264, 25 fps", "copied"), StreamRow(1, "data", "tmcd", "dropped")),
        warnings=("the data stream was left out",),
        settings_toml='[music]\nname = "a & b"',
        soundtrack_sha256="cd" * 32,
        output_sha256="ef" * 32,
    )


def test_the_page_says_what_was_measured(data: ReportData) -> None:
    text = Page(render(data)).text
    after = f"\N{MINUS SIGN}{abs(data.after.loudness.integrated_lufs):.1f} LUFS"
    for words in (
        "film-strip.mp4", "9.8.7", "band-mixer", "750 packets", "Reduced by 23 LU", "12.3 LU", "ab" * 32, "cd" * 32,
        "ef" * 32, "h264, 25 fps", "dropped", "the data stream was left out", 'name = "a & b"', after, "0:12.000",
    ):  # fmt: skip
        assert words in text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_the_page_is_honest(data: ReportData) -> None:
    text = Page(render(data)).text
    assert "reduces" in text
    assert "singing may remain in the dialogue" in text
    assert "no promise about claims" in text
    assert "guarantee" not in text


def test_the_page_is_complete_in_itself(data: ReportData) -> None:
    page = render(data)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub('base64,[^"]+|// A line', "", page))
    for tag, attributes in Page(page).tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert (attributes.get("src") or "data:").startswith("data:")
        assert (attributes.get("href") or "#").startswith("#")


def test_the_page_is_well_formed(data: ReportData) -> None:
    page = Page(render(data))
    assert page.open == []
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))


def test_pictures_open_and_share_their_height(data: ReportData) -> None:
    pictures = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", render(data))
    sizes = [Image.open(io.BytesIO(base64.b64decode(picture))).size for picture in pictures]
    assert len(sizes) == 5
    assert {height for _, height in sizes} == {N_BANDS}


def test_what_files_bring_along_is_text_and_nothing_else(data: ReportData) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    page = render(
        dataclasses.replace(
            data,
            input_name=evil,
            output_name=evil,
            preset_name=evil,
            warnings=(evil,),
            settings_toml=evil,
            streams=(StreamRow(0, evil, evil, evil),),
            separation=dataclasses.replace(data.separation, model=evil) if data.separation else None,
        )
    )
    parsed = Page(page)
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert parsed.text.count(evil) >= 6


def test_a_picture_that_differs_and_a_missed_target_are_pointed_out(data: ReportData) -> None:
    page = render(dataclasses.replace(data, picture=Picture(9, "ab", "cd"), target_lufs=-14.0))
    assert page.count('<li class="watch">') == 2
    assert "Differs" in page


def test_what_does_not_apply_is_left_out(data: ReportData) -> None:
    plain = ReportData("a", "b", "today", "1", "", data.before, data.after)
    text = Page(render(plain)).text
    for words in ("Picture", "Old music", "Voice over music", "Fingerprints", "Settings", "Streams", "Passage"):
        assert words not in text


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"), [(0.01, 48000, 2), (0.01, 8000, 1), (4, 22050, 1), (4, 48000, 6), (2.5, 96000, 2)]
)
def test_any_sound_makes_a_page(seconds: float, rate: int, channels: int) -> None:
    dialogue, music, effects = (noise(level, seconds, rate, channels, seed=7) for level in (-25, -20, -40))
    assert Page(render(report_data(dialogue, music, effects, rate))).open == []


def test_silence_makes_a_page() -> None:
    silence = np.zeros((4 * 48000, 2), np.float32)
    text = Page(render(report_data(silence, silence, silence))).text
    assert "None found" in text
    assert "nan" not in text
    assert "inf" not in text


def test_three_hours_take_bounded_time_and_memory() -> None:
    n_samples, rate = 3 * 3600 * 8000, 8000
    tile = noise(-20, 11, rate, 1)
    stem = TiledSamples(tile, n_samples)
    loudness = Loudness(-20.0, -12.0, -15.0, 8.0, -1.0)
    sound = Programme(Audio(stem, rate), loudness, np.full(3 * 36000, -20.0))
    separation = Separation("m", TiledStems(stem, stem, stem), Audio(stem, rate).blocks())
    tracemalloc.start()
    started = time.process_time()
    page = render(ReportData("a", "b", "today", "1", "", sound, sound, separation))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - started < 60
    assert peak < 100e6  # one signal is 346 MB
    assert len(page) < 3e6


def test_writes_the_file_and_nothing_else(data: ReportData, tmp_path: Path) -> None:
    write_report(dataclasses.replace(data, input_name="caf\udce9 \N{GREEK SMALL LETTER PI}.mp4"), tmp_path / "out.html")
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert "caf? \N{GREEK SMALL LETTER PI}.mp4" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_overwrites_only_when_told_to(data: ReportData, tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")
    with pytest.raises(OutputError, match="exists"):
        write_report(data, path)
    assert path.read_text() == "old"
    write_report(data, path, overwrite=True)
    assert path.read_text(encoding="utf-8").startswith("<!")


def test_refuses_places_that_cannot_hold_a_report(data: ReportData, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist; create it first"):
        write_report(data, tmp_path / "missing" / "out.html")
    with pytest.raises(OutputError, match="is a folder"):
        write_report(data, tmp_path, overwrite=True)


def test_a_failed_write_leaves_nothing(data: ReportData, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        write_report(data, tmp_path / f"{'x' * 300}.html", overwrite=True)
    assert list(tmp_path.iterdir()) == []
