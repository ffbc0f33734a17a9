"""The effects of the vlog: birds, steps on gravel, wind, water, a passing van, rain. Stereo waves, seeded."""

import numpy as np

from samples.making import story
from samples.making.sound import SAMPLE_RATE, Wave, add, band, clock, drift, fade, pan, room

SPEED_OF_SOUND = 343.0  # metres a second


def _chirp(seconds: float, from_hz: float, to_hz: float, bend: float = 0.0, trill_hz: float = 0.0) -> Wave:
    """One note of a bird: a glide with an arch of ``bend`` Hz, perhaps trilled, with a weak second harmonic."""
    t = clock(seconds)
    x = t / seconds
    pitch = from_hz + (to_hz - from_hz) * x + bend * np.sin(np.pi * x)
    if trill_hz:
        pitch = pitch + 0.08 * from_hz * np.sin(2 * np.pi * trill_hz * t)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    return np.asarray(np.sin(np.pi * x) ** 0.7 * (np.sin(phase) + 0.08 * np.sin(2 * phase)))


def _blackbird(rng: np.random.Generator) -> Wave:
    """A flute-like phrase of five to seven notes and a scratchy end."""
    notes = []
    for _ in range(rng.integers(5, 8)):
        pitch = rng.uniform(2200, 3600)
        seconds = rng.uniform(0.05, 0.15)
        trill_hz = rng.choice([0.0, 28.0, 45.0])
        notes.append(_chirp(seconds, pitch, pitch * rng.uniform(0.7, 1.4), rng.uniform(-900, 900), trill_hz))
        notes.append(np.zeros(rng.integers(600, 3200)))
    for _ in range(rng.integers(3, 6)):
        notes.append(0.35 * _chirp(0.045, rng.uniform(4500, 6500), rng.uniform(3500, 5000), trill_hz=140))
        notes.append(np.zeros(900))
    return np.concatenate(notes)


def _great_tit(rng: np.random.Generator) -> Wave:
    """ "Tea-cher, tea-cher": two notes again and again."""
    high, low = rng.uniform(5200, 5700), rng.uniform(3700, 4100)
    pair = np.concatenate(
        [_chirp(0.10, high, high * 0.96), np.zeros(2200), _chirp(0.15, low, low * 1.03), np.zeros(3600)]
    )
    return np.tile(pair, int(rng.integers(3, 5)))


def _sparrow(rng: np.random.Generator) -> Wave:
    """A few plain chirps."""
    notes = []
    for _ in range(rng.integers(2, 6)):
        notes.append(_chirp(rng.uniform(0.05, 0.09), rng.uniform(3000, 3600), rng.uniform(4300, 5200), 700))
        notes.append(np.zeros(rng.integers(4000, 13000)))
    return np.concatenate(notes)


BIRDS = (  # song, first and last time it may start, pause in seconds, place, level
    (_blackbird, 0.2, 25.5, 3.4, -0.55, 0.11),
    (_great_tit, 1.4, 24.5, 5.3, 0.65, 0.07),
    (_sparrow, 0.8, 26.5, 2.3, 0.2, 0.06),
    (_sparrow, 2.1, 25.0, 3.1, -0.85, 0.05),
)


def birds(seconds: float, rng: np.random.Generator) -> Wave:
    """Four birds in trees at some distance; the rain ends their song."""
    track = np.zeros((round(seconds * SAMPLE_RATE), 2))
    for song, first, last, pause, place, level in BIRDS:
        at = first
        while at < last:
            phrase = song(rng)
            add(track, level * rng.uniform(0.6, 1.1) * pan(phrase, place), at)
            at += len(phrase) / SAMPLE_RATE + pause * rng.uniform(0.5, 1.5)
    return track + 0.4 * room(track, rng, 0.9, 9000)


def steps(seconds: float, rng: np.random.Generator) -> Wave:
    """Shoes on gravel: a heel, a roll of many small stones, a toe."""
    track = np.zeros((round(seconds * SAMPLE_RATE), 2))
    for number, at in enumerate(story.step_times()):
        length = round(0.34 * SAMPLE_RATE)
        stones = np.zeros(length)
        for centre, spread, count in ((0.045, 0.022, 55), (0.17, 0.045, 75)):
            moments = np.clip(rng.normal(centre, spread, count) * SAMPLE_RATE, 0, length - 1).astype(int)
            np.add.at(stones, moments, rng.standard_normal(count) * rng.random(count) ** 2)
        grains = np.zeros(length)
        for low, high, level in ((500, 1400, 1.0), (1400, 3500, 1.2), (3500, 9000, 0.9)):
            grains += level * band(stones * rng.uniform(0.6, 1.4), low, high, 1)
        dust = band(rng.standard_normal(length), 1800, 7000) * 0.035
        shape = np.exp(-(((clock(0.34) - 0.05) / 0.03) ** 2)) + 0.8 * np.exp(-(((clock(0.34) - 0.17) / 0.05) ** 2))
        t = clock(0.34)
        heel = 0.16 * np.sin(2 * np.pi * (85 * t - 60 * t * t)) * np.exp(-t / 0.03)
        wave = fade(grains + dust * shape + heel, 4, 60) * rng.uniform(0.75, 1.1)
        add(track, 0.8 * pan(wave, 0.12 if number % 2 else -0.12), max(0.0, at - 0.03))
    return track


def wind(seconds: float, rng: np.random.Generator) -> Wave:
    """Air in the trees: low rumble and high rustle, both in gusts."""
    length = round(seconds * SAMPLE_RATE)
    gust = 0.25 + 0.75 * drift(rng, seconds, 0.45) ** 2
    flutter = 0.7 + 0.3 * drift(rng, seconds, 5)
    noise = rng.standard_normal((length, 2))
    mid = noise + 0.5 * rng.standard_normal((length, 1))
    rumble = band(mid, 70, 320, 1) * (gust * flutter)[:, None]
    leaves = band(noise, 2200, 6500, 1) * (gust**2 * flutter)[:, None]
    return 0.09 * rumble + 0.07 * leaves


def water(seconds: float, rng: np.random.Generator) -> Wave:
    """Small waves on stones, in from the right; nearer once the walker stands at the shore."""
    length = round(seconds * SAMPLE_RATE)
    noise = rng.standard_normal((length, 2))
    swell = drift(rng, seconds, 1.1)[:, None] ** 3
    lap = band(noise, 350, 1500, 1) * swell + 0.5 * band(noise, 1500, 5000, 1) * swell**2
    near = 1 - 0.8 * story.walking(clock(seconds))
    return np.asarray(0.18 * lap * near[:, None] * np.array([0.6, 1.0]))


def van(seconds: float, rng: np.random.Generator) -> Wave:
    """A delivery van from left to right at 14 m/s, 5 m away: engine, tyres, Doppler shift, fading with distance."""
    t = clock(seconds)
    speed, nearest = 14.0, 5.0
    firing = 62 * (1 + 0.01 * (drift(rng, seconds, 3) - 0.5))
    phase = 2 * np.pi * np.cumsum(firing) / SAMPLE_RATE
    engine = sum((np.sin(k * phase / 2 + k * k) / (1 + 0.35 * k) for k in range(1, 24)), np.zeros_like(t))
    noise = rng.standard_normal(len(t))
    tyres = band(noise, 450, 1900, 1) + 0.35 * band(noise, 1900, 7000, 1)
    along = speed * (t - story.VAN_PASSES_SECONDS)
    distance = np.hypot(along, nearest)
    heard = t - (distance - nearest) / SPEED_OF_SOUND  # when what is heard now left the van
    source = np.interp(heard, t, 0.5 * band(np.tanh(0.8 * engine), 40, 1500, 1) + 0.9 * tyres)
    near = (nearest / distance) ** 1.15
    dull = band(source, 0, 900, 1)  # the air and the road's edge swallow high tones of what is far
    wave = near * (dull + (source - dull) * near**0.5)
    edges = np.clip((6.5 - np.abs(t - story.VAN_PASSES_SECONDS)) / 2.5, 0, 1)
    return 0.55 * pan(wave * edges, np.clip(along / distance, -0.95, 0.95))


def rain(seconds: float, rng: np.random.Generator) -> Wave:
    """Single drops first, then a steady fall on leaves and water."""
    t = clock(seconds)
    hard = story.raining(t)
    track = np.zeros((len(t), 2))
    hiss = band(rng.standard_normal((len(t), 2)), 1500, 9500, 1) + 0.4 * band(
        rng.standard_normal((len(t), 2)), 300, 1500, 1
    )
    track += 0.05 * hiss * (hard**1.5)[:, None]
    start = int(story.RAIN_STARTS_SECONDS * SAMPLE_RATE)
    drops = np.zeros((len(t), 2))
    chosen = start + np.flatnonzero(rng.random(len(t) - start) < hard[start:] * 420 / SAMPLE_RATE + 4e-5)
    places = rng.uniform(0.1, 0.9, len(chosen))
    strength = np.minimum(rng.lognormal(-0.6, 0.8, len(chosen)), 2.2)
    drops[chosen, 0], drops[chosen, 1] = strength * np.sqrt(1 - places), strength * np.sqrt(places)
    for low, high, level in ((600, 1300, 0.35), (1700, 3200, 0.6), (4200, 7600, 0.8)):
        track += level * band(drops, low, high, 1)
    return track
