"""The tamper-evident log: entries, Merkle tree, signed checkpoints, proofs."""
