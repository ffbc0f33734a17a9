"""``vidsep doctor``: is everything there that vidsep needs?"""

import click

from vidsep.cli.console import Console, output_options


@click.command()
@output_options
def doctor(console: Console) -> None:
    """Check ffmpeg, TensorFlow, devices, weights, the cache and free disk; each problem comes with its fix.

    Exits with 1 when something is wrong.

    \b
    Examples:
      vidsep doctor
      vidsep doctor --json
    """
    from vidsep.doctor import examine

    checks = examine()
    for check in checks:
        console.say(f"{'ok ' if check.ok else 'BAD'}  {check.name:<12} {check.detail}")
        if not check.ok:
            console.say(f"     {'fix':<12} {check.fix}")
    console.result({"ok": all(check.ok for check in checks), "checks": [check.as_dict() for check in checks]})
    if not all(check.ok for check in checks):
        click.get_current_context().exit(1)
