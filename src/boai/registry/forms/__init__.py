"""Forms of the register, one file a story: they parse and clean, they never save."""
