"""What the public types, parsed and cleaned; nothing here saves."""
