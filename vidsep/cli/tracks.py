"""Audio tracks on the command line: ``2``, ``lang:eng``, ``all``."""

from dataclasses import dataclass

import click


@dataclass
class Track(click.ParamType):
    """The number of an audio track, ``lang:`` and a language, or ``all`` where several tracks can be taken."""

    several: bool = False
    name = "track"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        text = str(value)
        if text.isascii() and text.isdigit() and int(text) > 0:
            return int(text)
        is_language = text.startswith("lang:") and len(text) > len("lang:")
        if not is_language and not (self.several and text == "all"):
            all_of_them = " 'all'," if self.several else ""
            hint = f"{text!r} is neither the number of an audio track,{all_of_them} nor a language as in lang:eng"
            self.fail(hint, param, ctx)
        return text
