"""One module a bench: `run()` measures and returns figures and bars."""
