"""vidsep: another soundtrack under the same picture."""

__version__ = "0.1.0"
