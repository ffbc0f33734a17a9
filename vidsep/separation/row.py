"""What is known of a model without loading it: a row of the table of models."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from vidsep.audio import STEM_NAMES
from vidsep.errors import ModelError
from vidsep.separation import store
from vidsep.separation.assembly import ENOUGH, needed
from vidsep.separation.models.base import SeparationModel
from vidsep.separation.weights import REINSTALL, Weights, fingerprint, read_weights

MOST_SHIFTS = 8
SHIFTED_SAMPLES = 1024  # all passes together go so far: two frames of the built-in network


@dataclass(frozen=True)
class NetworkClass:
    """A kind of network.

    ``load`` makes its weights a model. ``convert`` reads the weights as their authors publish them, a file or a folder
    that ``recognises`` knows at sight. ``options`` are the fields of its configuration that are no matter of the
    weights, with the values that somebody who separates can choose.
    """

    name: str
    load: Callable[[Weights], SeparationModel]
    convert: Callable[[Path], Weights] | None = None
    recognises: Callable[[Path], bool] | None = None
    options: tuple[tuple[str, tuple[object, ...]], ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where weights are published: one file, its SHA-256, and its size in bytes where that is known."""

    url: str
    sha256: str
    n_bytes: int | None = None

    @property
    def file_name(self) -> str:
        return PurePosixPath(unquote(urlsplit(self.url).path)).name


@dataclass(frozen=True)
class ModelRow:
    """All that is known of a model without loading it.

    ``stems`` are its outputs in their order: vidsep's own words, or others for a model of music; outputs of one name
    are added. The weights are the file ``weights`` (``sha256`` is its hash where it is known beforehand) or, without
    one, those fetched from ``origin``; with neither, it needs none, and ``sha256`` may tell its versions apart.
    ``shares`` names the row whose weights these are, too. ``options`` take the place of fields of the configuration in
    the weights' header. The stems are the mean of ``shifts`` passes, in which the network meets the sound in other
    frames: its errors differ, the stems do not (Défossez et al., "Music Source Separation in the Waveform Domain").
    """

    name: str
    description: str
    network: NetworkClass
    stems: tuple[str, ...]
    sample_rate: int
    licence: str
    citation: str
    weights: Path | None = None
    sha256: str | None = None
    origin: Origin | None = None
    shares: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    shifts: int = 1

    def with_options(self, shifts: int | None = None, **options: object) -> "ModelRow":
        """The row with these of its network's options; None leaves one as it is. `ModelError` if there is none such.

        ``shifts``, 1 to 8, is an option of every network.
        """
        if not 1 <= (shifts or 1) <= MOST_SHIFTS:
            raise ModelError(f"shifts is {shifts}, its range is 1 to {MOST_SHIFTS}")
        chosen = dict(self.options)
        for name, value in options.items():
            values = dict(self.network.options).get(name, ())
            if value is not None and value not in values:
                has = f"it has {', '.join(map(str, values))}" if values else "leave it out, or choose another model"
                raise ModelError(f"the model {self.name} has no {name.replace('_', ' ')} {value!r}", has)
            chosen |= {} if value is None else {name: value}
        return replace(self, options=tuple(sorted(chosen.items())), shifts=shifts or self.shifts)

    def variant(self, suffix: str, description: str, **options: Any) -> "ModelRow":
        """The same weights under another name with other options."""
        name = f"{self.name}-{suffix}"
        return replace(
            self, name=name, description=description, shares=self.name, options=tuple(sorted(options.items()))
        )

    @property
    def delays(self) -> tuple[int, ...]:
        """By how many samples the sound is late in each of the passes whose mean the stems are."""
        return tuple(number * SHIFTED_SAMPLES // self.shifts for number in range(self.shifts))

    @property
    def kept(self) -> tuple[str, ...]:
        """The stems that are asked of the network (see `vidsep.separation.assembly`)."""
        return needed(self.stems, whole=("residual", "pass") in self.options)

    @property
    def is_for_video(self) -> bool:
        """Whether its stems are dialogue, music and effects, and not those of a song."""
        return set(self.stems) <= set(STEM_NAMES)

    @property
    def needs_no_weights(self) -> bool:
        return self.weights is None and self.origin is None

    @property
    def file(self) -> Path:
        """Where its weights are, or will be when they are fetched."""
        return self.weights or store.path_of(self.shares or self.name)

    @property
    def is_here(self) -> bool:
        """Whether its weights are on this machine, or it needs none."""
        return self.needs_no_weights or self.file.is_file()

    @property
    def names(self) -> tuple[str, ...]:
        """The stems that a sound is separated into."""
        return STEM_NAMES if self.is_for_video else tuple(dict.fromkeys(self.stems))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody who remixes a video with it should know."""
        if not self.is_for_video:
            what = "its vocals count as dialogue, all that they leave as music, and there are no effects"
            return (f"{self.name} is made for songs: {what}",)
        if self.kept != ENOUGH:
            return ("with the residual mode pass, the stems do not add up to the sound: what they leave of it is lost",)
        return ()

    @property
    def identity(self) -> str:
        """A hash of the weights, their header and the options: two rows that are equal in it give the same stems."""
        self.check_here()
        content = [self.name, self.sha256] if self.needs_no_weights else fingerprint(self.file)
        parts = [self.network.name, content, list(self.options)] + [self.shifts] * (self.shifts > 1)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]

    def check_weights(self) -> None:
        """Raise `ModelError` if the weights are missing, damaged or not those that the row names."""
        self.read()

    def check_header(self, header: Mapping[str, Any], path: Path) -> None:
        """Raise `ModelError` unless the weights at ``path`` are of this class and have these stems."""
        if header["class"] != self.network.name or tuple(header["stems"]) != self.stems:
            raise ModelError(
                f"the weights {path} are not for {self.name}: they are a {header['class']}'s with the stems "
                f"{', '.join(header['stems'])}",
                "name the model that they are for",
            )

    def load(self) -> SeparationModel:
        """The network with its weights; imports Keras. Raises `ModelError` if the weights are missing or wrong."""
        return self.network.load(self.read())

    def read(self) -> Weights:
        """The weights, with the row's options in their header. Raises `ModelError` if they are missing or wrong."""
        self.check_here()
        if self.needs_no_weights:
            return Weights({}, {"config": dict(self.options)})
        weights = read_weights(self.file, self.sha256)
        self.check_header(weights.header, self.file)
        config = {**weights.header["config"], **dict(self.options)}
        return Weights(weights.arrays, {**weights.header, "config": config})

    def as_dict(self) -> dict[str, object]:
        """The row as data for JSON."""
        return {
            "name": self.name,
            "description": self.description,
            "class": self.network.name,
            "stems": list(self.stems),
            "sample_rate": self.sample_rate,
            "licence": self.licence,
            "citation": self.citation,
            "url": self.origin.url if self.origin else None,
            "n_bytes": self.origin.n_bytes if self.origin else None,
            "sha256": self.origin.sha256 if self.origin else self.sha256,
            "is_here": self.is_here,
            "weights": str(self.file) if self.is_here and not self.needs_no_weights else None,
        }

    def check_here(self) -> None:
        """Raise `ModelError` if the weights are not on this machine."""
        if self.is_here:
            return
        if self.weights is None:
            raise ModelError(f"the weights of {self.name} are not here", f"get them: vidsep models fetch {self.name}")
        raise ModelError(f"the weights {self.weights} cannot be read: there is no such file", REINSTALL)
