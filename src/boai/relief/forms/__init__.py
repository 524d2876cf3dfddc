"""Parse and clean what officers type; never save."""
