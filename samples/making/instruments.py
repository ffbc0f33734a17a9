"""The band: plucked strings, electric piano, bass, pad, bell and drums, each a note as a mono wave.

Pitches are MIDI note numbers (60 is middle C), velocities 0 to 1.
"""

from functools import lru_cache

import numpy as np

from samples.making.sound import SAMPLE_RATE, Wave, band, clock, fade

CYCLE = np.linspace(0, 1, 2049)
SAW = sum((np.sin(2 * np.pi * k * CYCLE) / k for k in range(1, 13)), np.zeros_like(CYCLE))


def hertz(note: float) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


@lru_cache(maxsize=128)
def guitar(note: int, seconds: float) -> Wave:
    """A nylon string: partials of a stiff string plucked at a seventh of its length; high ones die first."""
    t, base = clock(seconds), hertz(note)
    wave = np.zeros_like(t)
    for k in range(1, 28):
        frequency = base * k * np.sqrt(1 + 7e-5 * k * k)
        if frequency > 9000:
            break
        strength = abs(np.sin(np.pi * k / 7)) / k**1.25
        wave += strength * np.sin(2 * np.pi * frequency * t + k) * np.exp(-t * (1.1 + base / 350) * (1 + 0.22 * k))
    rng = np.random.default_rng(note)
    nail = band(rng.standard_normal(len(t)), 900, 4500) * np.exp(-t / 0.006)
    body = 0.25 * np.sin(2 * np.pi * 104 * t) * np.exp(-t / 0.05)
    return fade(0.5 * wave + 0.10 * nail + body * 0.4, 1, 60)


@lru_cache(maxsize=128)
def electric_piano(note: int, seconds: float, velocity: float = 0.7) -> Wave:
    """A tine piano by frequency modulation: a soft body and a short bell-like strike (Chowning 1973)."""
    t, base = clock(seconds), hertz(note)
    body = np.sin(2 * np.pi * base * t + 1.1 * velocity * np.exp(-t / 0.9) * np.sin(2 * np.pi * base * t))
    strike = np.sin(2 * np.pi * base * t + 1.6 * velocity * np.exp(-t / 0.09) * np.sin(2 * np.pi * 14 * base * t))
    wave = (0.75 * body + 0.25 * strike) * np.exp(-t / (1.8 - note / 90))
    return fade(velocity * wave, 2, 90)


@lru_cache(maxsize=64)
def bass(note: int, seconds: float) -> Wave:
    """A fingered electric bass: a few quickly darkening partials."""
    t, base = clock(seconds), hertz(note)
    wave = np.zeros_like(t)
    for k in range(1, 9):
        wave += np.sin(2 * np.pi * base * k * t) / k**1.4 * np.exp(-t * (0.7 + 1.6 * (k - 1)))
    finger = band(np.random.default_rng(note).standard_normal(len(t)), 300, 1800) * np.exp(-t / 0.008)
    return fade(np.tanh(0.9 * wave) + 0.12 * finger, 4, 70)


def pad(note: int, seconds: float, rng: np.random.Generator, high_hz: float = 1800.0) -> Wave:
    """Bowed-string-like chord tone, stereo: six slightly detuned band-limited saws, slow attack."""
    t, base = clock(seconds), hertz(note)
    sides = np.zeros((len(t), 2))
    for voice in range(6):
        frequency = base * 2 ** (rng.normal(0, 6) / 1200)
        saw = np.interp((frequency * t + rng.random()) % 1, CYCLE, SAW)
        sides[:, voice % 2] += 0.75 * saw
        sides[:, 1 - voice % 2] += 0.25 * saw
    swell = fade(np.ones_like(t), min(700, 400 * seconds), min(900, 450 * seconds))
    return band(sides, 120, high_hz, 1) * swell[:, None] / 4


@lru_cache(maxsize=128)
def marimba(note: int, velocity: float = 0.8) -> Wave:
    """A wooden bar: its tuned partials 1, 4 and 10 times the base, the upper ones short."""
    t, base = clock(1.3), hertz(note)
    wave = np.sin(2 * np.pi * base * t) * np.exp(-t * (3 + base / 200))
    wave += 0.35 * velocity * np.sin(2 * np.pi * 3.93 * base * t) * np.exp(-t * 18)
    wave += 0.15 * velocity * np.sin(2 * np.pi * 9.6 * base * t) * np.exp(-t * 60)
    knock = band(np.random.default_rng(note).standard_normal(len(t)), 500, 2500) * np.exp(-t / 0.004)
    return fade(velocity * (wave + 0.08 * knock), 1, 40)


@lru_cache(maxsize=128)
def whistle(note: int, seconds: float) -> Wave:
    """A breathy flute for the melody, with a vibrato that comes late."""
    t, base = clock(seconds), hertz(note)
    vibrato = 0.004 * np.clip((t - 0.25) / 0.5, 0, 1) * np.sin(2 * np.pi * 5.1 * t)
    phase = 2 * np.pi * base * np.cumsum(1 + vibrato) / SAMPLE_RATE
    tone = np.sin(phase) + 0.28 * np.sin(2 * phase) + 0.10 * np.sin(3 * phase) + 0.03 * np.sin(4 * phase)
    breath = band(np.random.default_rng(note).standard_normal(len(t)), base * 0.9, min(base * 3, 9000)) * 0.12
    level = np.minimum(t / 0.07, 1) * (0.8 + 0.2 * np.exp(-t / 0.2))
    return fade((tone + breath) * level * 0.6, 15, 110)


@lru_cache(maxsize=2)
def kick(hardness: float) -> Wave:
    """A bass drum: a falling tone; ``hardness`` 0 (a soft mallet) to 1 (a club)."""
    t = clock(0.45)
    falling = 48 + (60 + 110 * hardness) * np.exp(-t / (0.03 - 0.012 * hardness))
    beater = band(np.random.default_rng(1).standard_normal(len(t)), 1500, 5000) * np.exp(-t / 0.003)
    wave = np.sin(2 * np.pi * np.cumsum(falling) / SAMPLE_RATE) * np.exp(-t / 0.13) + 0.25 * hardness * beater
    return fade(np.tanh(1.4 * wave), 1, 60)


@lru_cache(maxsize=2)
def brush() -> Wave:
    """A snare drum touched with a brush."""
    t = clock(0.3)
    noise = np.random.default_rng(2).standard_normal(len(t))
    rattle = band(noise, 1200, 9000) * (np.exp(-t / 0.06) + 0.3 * np.exp(-t / 0.15)) * np.minimum(t / 0.008, 1)
    return fade(0.35 * rattle + 0.25 * np.sin(2 * np.pi * 186 * t) * np.exp(-t / 0.05), 1, 60)


@lru_cache(maxsize=2)
def clap() -> Wave:
    """Some hands, not quite together."""
    t = clock(0.35)
    noise = band(np.random.default_rng(3).standard_normal(len(t)), 800, 5500)
    hands = sum((np.exp(-(t - s) / 0.012) * (t >= s) for s in (0, 0.011, 0.021)), np.zeros_like(t))
    return fade(0.4 * noise * (hands + 0.7 * np.exp(-(t - 0.03) / 0.07) * (t >= 0.03)), 1, 60)


@lru_cache(maxsize=4)
def hat(seconds: float) -> Wave:
    """A hi-hat, closed (50 ms) to half open (200 ms), or a shaker with a slow start."""
    t = clock(4 * seconds)
    noise = np.random.default_rng(4).standard_normal(len(t))
    metal = sum((np.sign(np.sin(2 * np.pi * f * t)) for f in (3187, 4211, 5423, 6301, 7919)), np.zeros_like(t))
    return fade(band(noise + 0.5 * metal, 6500, 15000) * np.exp(-t / seconds) * np.minimum(t / 0.004, 1) * 0.3, 1, 10)
