"""Finding the same person twice: what is compared, with which weights, and the engine that does it.

Knows no database of ours and no app: a table of people goes in, pairs with their reasons come out. The rules in prose
stand in docs/algorithms/duplicates.md.
"""
