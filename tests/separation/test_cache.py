"""What the stem cache gives back, keeps, drops and survives."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import noise

from vidsep.audio import Audio, Stems, StemSource
from vidsep.errors import OutputError, PresetError
from vidsep.separation import cache, entry
from vidsep.separation.cache import StemCache, stem_key

KEY = stem_key("ab" * 32, "some-model-0123")


def stems_of(mix: Audio, gain: float = 0.6) -> Iterator[Stems]:
    for block in mix.blocks(0.5):
        dialogue = np.float32(gain) * block
        music = np.float32(0.3) * block[:, ::-1]
        yield Stems(dialogue, music, block - dialogue - music)


def sound(seconds: float = 1.2, sample_rate: int = 48000, channels: int = 2, level_db: float = -20) -> Audio:
    return Audio(noise(level_db, seconds, sample_rate, channels), sample_rate)


def everything(stems: StemSource) -> Stems:
    return stems[0 : stems.shape[0]]


@pytest.mark.parametrize("channels", [1, 2, 6, 8, 10])
@pytest.mark.parametrize("level_db", [-70, -20, 10])
def test_gives_back_what_was_put(tmp_path: Path, channels: int, level_db: float) -> None:
    mix = sound(channels=channels, level_db=level_db)
    put = StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    got = StemCache(tmp_path).get(KEY, mix)
    assert got is not None and got.shape == put.shape == mix.samples.shape
    block = mix.samples[:]
    peak = float(np.abs(block).max())
    for kept in (everything(put), everything(got)):
        assert np.abs(kept.dialogue - np.float32(0.6) * block).max() <= peak * 2**-20
        assert np.abs(kept.music - np.float32(0.3) * block[:, ::-1]).max() <= peak * 2**-20
        assert np.abs(kept.mix() - block).max() <= peak * 2**-22
    np.testing.assert_array_equal(everything(put).effects, everything(got).effects)


@pytest.mark.parametrize("n_samples", [0, 1, 100])
@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000, 768000])
def test_short_sounds_and_odd_rates(tmp_path: Path, n_samples: int, sample_rate: int) -> None:
    mix = Audio(noise(-20, 1, 48000)[:n_samples], sample_rate)
    kept = StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    np.testing.assert_allclose(everything(kept).mix(), mix.samples[:], atol=1e-6)


def test_slices_are_slices_of_the_whole(tmp_path: Path) -> None:
    mix = sound()
    kept = StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    whole = everything(kept)
    for start, stop in [(0, 10), (30000, 30001), (5, 20000), (20000, 57600), (57600, 57600), (9, 3)]:
        piece = kept[start:stop]
        np.testing.assert_array_equal(piece.music, whole.music[start:stop])
        np.testing.assert_array_equal(piece.effects, whole.effects[start:stop])
    with pytest.raises(ValueError, match="forwards"):
        kept[0:10:2]


def test_threads_read_the_right_places(tmp_path: Path) -> None:
    mix = sound()
    kept = StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    whole = everything(kept)
    right: list[bool] = []

    def read(first: int) -> None:
        for start in range(first, 50000, 1777):
            piece = slice(start, start + 500)
            right.append(np.array_equal(kept[piece].dialogue, whole.dialogue[piece]))

    threads = [threading.Thread(target=read, args=(i * 100,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(right) > 100
    assert all(right)


def test_stems_far_above_the_mix_still_sum_to_it(tmp_path: Path) -> None:
    mix = sound()
    kept = everything(StemCache(tmp_path).put(KEY, mix, stems_of(mix, gain=20.0)))
    np.testing.assert_allclose(kept.mix(), mix.samples[:], atol=1e-5)


def test_other_sound_other_model_or_nothing_kept_is_a_miss(tmp_path: Path) -> None:
    mix, kept = sound(), StemCache(tmp_path / "not yet there")
    assert kept.get(KEY, mix) is None
    kept.put(KEY, mix, stems_of(mix))
    assert kept.get(stem_key("ab" * 32, "some-model-9999"), mix) is None
    assert kept.get(stem_key("cd" * 32, "some-model-0123"), mix) is None
    assert kept.get(KEY, mix) is not None


def damage_nothing_but_the_length(folder: Path) -> None:
    path = folder / "music.flac"
    path.write_bytes(path.read_bytes()[:-1000])


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / "dialogue.flac").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "dialogue.flac").write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        damage_nothing_but_the_length,
        flip_a_bit,
        lambda folder: (folder / "music.flac").unlink(),
        lambda folder: (folder / entry.HEADER).unlink(),
        lambda folder: (folder / entry.HEADER).write_text("{"),
        lambda folder: (folder / entry.HEADER).write_text('{"shape": 3}'),
    ],
)
def test_a_damaged_entry_is_dropped_and_made_again(tmp_path: Path, damage: object) -> None:
    mix, kept = sound(), StemCache(tmp_path)
    kept.put(KEY, mix, stems_of(mix))
    assert callable(damage)
    damage(tmp_path / KEY)
    assert kept.get(KEY, mix) is None
    assert not (tmp_path / KEY).exists()
    kept.put(KEY, mix, stems_of(mix))
    assert kept.get(KEY, mix) is not None


def test_an_interrupted_run_leaves_nothing(tmp_path: Path) -> None:
    mix = sound()

    def interrupted() -> Iterator[Stems]:
        yield next(stems_of(mix))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        StemCache(tmp_path).put(KEY, mix, interrupted())
    assert not list(tmp_path.iterdir())


def test_stems_of_another_length_are_a_mistake(tmp_path: Path) -> None:
    mix = sound()
    with pytest.raises(ValueError, match="24000 samples, the soundtrack 57600"):
        StemCache(tmp_path).put(KEY, mix, [next(stems_of(mix))])
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise soundfile.LibsndfileError(2)

    monkeypatch.setattr(soundfile.SoundFile, "write", full)
    mix = sound()
    with pytest.raises(OutputError, match=r"cannot keep the stems.*VIDSEP_CACHE_DIR"):
        StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mix = sound()
    with pytest.raises(OutputError, match="cannot keep the stems"):
        StemCache(tmp_path / "file" / "cache").put(KEY, mix, stems_of(mix))


def test_whoever_is_second_gets_the_entry_of_the_first(tmp_path: Path) -> None:
    mix, kept = sound(), StemCache(tmp_path)

    def overtaken() -> Iterator[Stems]:
        kept.put(KEY, mix, stems_of(mix))
        yield from stems_of(mix)

    second = kept.put(KEY, mix, overtaken())
    np.testing.assert_allclose(everything(second).mix(), mix.samples[:], atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_a_damaged_entry_gives_way(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir()
    (tmp_path / KEY / "rubbish").write_text("x")
    mix = sound()
    StemCache(tmp_path).put(KEY, mix, stems_of(mix))
    assert not (tmp_path / KEY / "rubbish").exists()


def test_the_entries_used_longest_ago_go_first(tmp_path: Path) -> None:
    mix, keys = sound(), [stem_key(str(i) * 64, "m") for i in range(4)]
    kept = StemCache(tmp_path)
    for i, key in enumerate(keys[:3]):
        kept.put(key, mix, stems_of(mix))
        os.utime(tmp_path / key / entry.HEADER, (1000 + i, 1000 + i))
    assert kept.get(keys[0], mix) is not None  # the oldest, but used just now
    one = kept.info().n_bytes // 3
    StemCache(tmp_path, limit_bytes=round(2.5 * one)).put(keys[3], mix, stems_of(mix))
    assert {path.name for path in tmp_path.iterdir()} == {keys[0], keys[3]}


def test_an_entry_above_the_limit_serves_its_maker(tmp_path: Path) -> None:
    mix, kept = sound(), StemCache(tmp_path, limit_bytes=0)
    stems = kept.put(KEY, mix, stems_of(mix))
    np.testing.assert_allclose(everything(stems).mix(), mix.samples[:], atol=1e-6)
    kept.put(stem_key("ef" * 32, "m"), mix, stems_of(mix))
    assert kept.info().n_entries == 1


def test_info_and_clear_count_bytes(tmp_path: Path) -> None:
    mix, kept = sound(), StemCache(tmp_path, limit_bytes=10**9)
    assert kept.info() == cache.CacheInfo(tmp_path, 0, 0, 10**9)
    kept.put(KEY, mix, stems_of(mix))
    n_bytes = sum(path.stat().st_size for path in (tmp_path / KEY).iterdir())
    assert kept.info() == cache.CacheInfo(tmp_path, 1, n_bytes, 10**9)
    assert n_bytes < mix.n_samples * 2 * 3 * 2
    assert kept.clear() == n_bytes
    assert kept.info().n_entries == kept.info().n_bytes == 0
    assert kept.clear() == 0


def test_what_killed_runs_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    for name, age in (("old", 2 * cache.ABANDONED_SECONDS), ("young", 60.0)):
        folder = tmp_path / f"{cache.UNFINISHED}{name}"
        folder.mkdir()
        (folder / "music.flac").write_text("half")
        for path in (folder / "music.flac", folder):
            os.utime(path, (time.time() - age,) * 2)
    StemCache(tmp_path).clear()
    assert [path.name for path in tmp_path.iterdir()] == [f"{cache.UNFINISHED}young"]


def test_folder_and_limit_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDSEP_CACHE_DIR", str(tmp_path / "here"))
    monkeypatch.setenv("VIDSEP_CACHE_LIMIT_GB", "0.5")
    info = StemCache().info()
    assert (info.folder, info.limit_bytes) == (tmp_path / "here", 500_000_000)
    monkeypatch.delenv("VIDSEP_CACHE_DIR")
    monkeypatch.delenv("VIDSEP_CACHE_LIMIT_GB")
    assert StemCache().limit_bytes == 20 * 10**9
    assert "vidsep" in str(StemCache().folder)


@pytest.mark.parametrize("text", ["lots", "-1", "nan", "inf"])
def test_a_limit_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("VIDSEP_CACHE_LIMIT_GB", text)
    with pytest.raises(PresetError, match="VIDSEP_CACHE_LIMIT_GB"):
        StemCache()


def test_tells_whether_stems_of_such_a_sound_may_be_kept(tmp_path: Path) -> None:
    kept, mix = StemCache(tmp_path), sound(2.0)
    kept.put(KEY, mix, stems_of(mix))
    assert kept.may_have("some-model-0123", 2.1)
    assert not kept.may_have("some-model-0123", 20.0)
    assert not kept.may_have("another-model", 2.0)
