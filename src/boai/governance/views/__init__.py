"""Officer pages of governance."""
