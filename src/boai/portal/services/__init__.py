"""What the public can change: applications being written, and sending them."""
