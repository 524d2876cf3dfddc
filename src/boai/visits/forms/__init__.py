"""What people type about visits. Forms parse and clean; they never save."""
