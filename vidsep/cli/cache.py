"""``vidsep cache``: the stems kept from earlier runs."""

import click

from vidsep.cli.console import Console, output_options

GIGABYTE = 1e9


@click.group()
def cache() -> None:
    """The stems kept from earlier runs: separate once, remix in seconds.

    The cache lies in the user's cache folder or in VIDSEP_CACHE_DIR; VIDSEP_CACHE_LIMIT_GB bounds its size. The entries
    used longest ago are dropped first.
    """


@cache.command()
@output_options
def info(console: Console) -> None:
    """Show where the cache lies and how full it is.

    \b
    Examples:
      vidsep cache info
      vidsep cache info --json
    """
    from vidsep.separation.cache import StemCache

    state = StemCache().info()
    console.say(f"folder   {state.folder}")
    console.say(f"entries  {state.n_entries}")
    console.say(f"size     {state.n_bytes / GIGABYTE:.2f} of {state.limit_bytes / GIGABYTE:.0f} GB")
    console.result(
        {
            "folder": str(state.folder),
            "n_entries": state.n_entries,
            "n_bytes": state.n_bytes,
            "limit_bytes": state.limit_bytes,
        }
    )


@cache.command()
@output_options
def clear(console: Console) -> None:
    """Delete all kept stems.

    \b
    Example:
      vidsep cache clear
    """
    from vidsep.separation.cache import StemCache

    freed = StemCache().clear()
    console.say(f"freed {freed / GIGABYTE:.2f} GB")
    console.result({"freed_bytes": freed})
