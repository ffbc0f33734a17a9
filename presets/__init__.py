"""The presets that vidsep ships, one TOML file each."""
