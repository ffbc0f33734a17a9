"""The film's frames: sky, hills, lake, bank and what passes by, drawn from back to front in linear light."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from samples.making import story
from samples.making.foreground import bread_van, grass, tree
from samples.making.lake import Lake
from samples.making.light import Camera, Mood, mood
from samples.making.noise import Image, fractal, slide
from samples.making.sky import Sky
from samples.making.terrain import Hills, forest, mountains
from samples.making.view import FRAMES_PER_SECOND, HEIGHT, MARGIN, SHORE, WIDTH, H, W

NEAR_SPEED = 210.0  # pixels a second that the grass moves when walking
BANK = 250  # rows of grass
LAYERS = ((0.010, 0.50), (0.022, 0.32), (0.05, 0.10))  # far to near: speed as a part of the grass's, haze
TREES = ((4.4, 0), (9.0, 1), (15.3, 2))  # seconds when one is in the middle, which one


class Scene:
    """Everything that is painted once; `frame` puts it together for a moment."""

    def __init__(self, seed: int = 5) -> None:
        rng = np.random.default_rng(seed)
        times = np.arange(0, story.SECONDS + 1, 1 / FRAMES_PER_SECOND)
        self._way = np.concatenate([[0.0], np.cumsum(story.walking(times[:-1])) / FRAMES_PER_SECOND])
        self._times = times
        length = float(self._way[-1]) * NEAR_SPEED
        wide = [int(W + length * speed) + 8 for speed, _ in LAYERS]
        self._hills = (mountains(rng, wide[0], 250, 0.62), mountains(rng, wide[1], 150, 0.25), forest(rng, wide[2], 74))
        self._grass = grass(rng, int(W + length) + 80, BANK)
        self._trees = [tree(rng, 760, H, blur) for blur in (7, 9, 6)]
        self._van = bread_van(1010, 500, 55)
        self._sky = Sky(rng)
        self._lake = Lake(rng)
        self._hand = fractal(rng, (2, len(times)), 1.1, largest=160) * np.array([[4.0], [3.0]])
        self._camera = Camera(rng, WIDTH, HEIGHT)
        self._seed = seed

    def frame(self, number: int) -> npt.NDArray[np.uint8]:
        """Frame ``number`` as sRGB, uint8 ``(HEIGHT, WIDTH, 3)``."""
        seconds = number / FRAMES_PER_SECOND
        now = mood(seconds)
        walked = float(self._way[number]) * NEAR_SPEED
        light = np.empty((H, W, 3), np.float32)
        light[:SHORE] = self._sky.draw(now, seconds)
        for (speed, haze), hills in zip(LAYERS, self._hills, strict=True):
            _draw_hills(light[:SHORE], hills, now, walked * speed, haze)
        _mist(light[:SHORE], now)
        light[SHORE:] = self._lake.draw(light[:SHORE], now, seconds, walked)
        self._pass_by(light, seconds, walked, now)
        _rain(light, np.random.default_rng((self._seed, number)), seconds)
        return self._camera.develop(self._held(light, seconds, number), now.exposure, number)

    def _pass_by(self, light: Image, seconds: float, walked: float, now: Mood) -> None:
        """The van, the grass and the trees in front of the lake."""
        day = 0.55 + 0.55 * float(now.cloud.mean())
        x = W / 2 + (seconds - story.VAN_PASSES_SECONDS) * 2900 - self._van.shape[1] / 2
        _paste(light, self._van, x, H - 500 - 16, 0.42 * day)  # its lit side is the other one
        sway = self._swaying(slide(self._grass, walked + 20, W + 40), seconds)
        _paste(light, sway, 0, H - BANK, day)
        for at, which in TREES:
            apart = (float(np.interp(at, self._times, self._way)) * NEAR_SPEED - walked) * 2.1
            _paste(light, self._trees[which], W / 2 + apart - 380, 0, day)

    def _swaying(self, bank: Image, seconds: float) -> Image:
        """The grass bent by gusts that run through it, the more the higher."""
        x = np.arange(W, dtype=np.float32)
        gust = 0.6 + 0.4 * np.sin(0.7 * seconds + x / 260)
        push = gust * (4.5 * np.sin(2.1 * seconds + x / 95) + 2.0 * np.sin(5.3 * seconds + x / 31)) + 3
        height = (np.linspace(1, 0, BANK, dtype=np.float32) ** 1.6)[:, None]
        source = 20 + x + push * height
        left = np.clip(source.astype(np.int32), 0, bank.shape[1] - 2)
        part = (source - left)[..., None].astype(np.float32)
        rows = np.arange(BANK)[:, None]
        return bank[rows, left] * (1 - part) + bank[rows, left + 1] * part

    def _held(self, light: Image, seconds: float, number: int) -> Image:
        """What the hand-held camera sees of the scene: a few pixels of drift and the bob of steps."""
        stride = float(story.walking(np.array([seconds]))[0])
        bob = 2.6 * np.sin(2 * np.pi * story.STEPS_PER_SECOND * seconds) * stride
        roll = 1.8 * np.sin(np.pi * story.STEPS_PER_SECOND * seconds) * stride
        x = float(np.clip(MARGIN + self._hand[0, number] + roll, 1, 2 * MARGIN - 2))
        y = float(np.clip(MARGIN + self._hand[1, number] + bob, 1, 2 * MARGIN - 2))
        across = slide(light, x, WIDTH)
        return slide(across.swapaxes(0, 1), y, HEIGHT).swapaxes(0, 1)


def _draw_hills(above: Image, hills: Hills, now: Mood, left: float, haze: float) -> None:
    """One layer of hills over the sky, thinned by the air before it."""
    cover, shade = slide(hills.cover, left, W)[..., None], slide(hills.shade, left, W)[..., None]
    part = above[SHORE - cover.shape[0] :]
    rock = np.array([0.10, 0.11, 0.085], np.float32) * now.shadow * 3 + shade * now.sun * np.float32(0.085)
    colour = rock * (1 - haze) + now.haze * haze
    part *= 1 - cover
    part += colour * cover


def _mist(above: Image, now: Mood) -> None:
    """Morning mist on the far shore."""
    thick = 0.75 * np.exp(-np.arange(SHORE, 0, -1, dtype=np.float32) / 17)[:, None, None]
    above *= 1 - thick
    above += now.haze * thick * 1.05


def _rain(light: Image, rng: np.random.Generator, seconds: float) -> None:
    """Streaks of falling drops, and a veil."""
    hard = float(story.raining(np.array([seconds]))[0])
    if hard <= 0:
        return
    light *= 1 - 0.12 * hard
    light += np.float32(0.045 * hard)
    for _ in range(int(420 * hard)):
        near = rng.random() ** 2
        length, x, y = int(14 + 46 * near), rng.integers(8, W - 8), rng.integers(0, H - 70)
        rows = np.arange(length)
        light[y + rows, x - rows // 9] += np.float32(0.035 + 0.05 * near)


def _paste(light: Image, sprite: Image, left: float, top: int, day: float) -> None:
    """A sprite over the picture where it is in view."""
    x = round(left)
    a, b = max(0, x), min(light.shape[1], x + sprite.shape[1])
    if a >= b:
        return
    part, drawn = light[top : top + sprite.shape[0], a:b], sprite[: light.shape[0] - top, a - x : b - x]
    part *= 1 - drawn[..., 3:]
    part += drawn[..., :3] * np.float32(day)


def frames(count: int | None = None) -> Iterator[npt.NDArray[np.uint8]]:
    """The film's frames in order, uint8 ``(HEIGHT, WIDTH, 3)``; the first ``count`` of them."""
    scene = Scene()
    for number in range(round(story.SECONDS * FRAMES_PER_SECOND) if count is None else count):
        yield scene.frame(number)
