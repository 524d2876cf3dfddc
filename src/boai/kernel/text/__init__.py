"""Text as Chinese offices write it: folding, numbers of people and organisations, dates, amounts, names, masks.

Pure Python, no Django. Readers (`read_…`) take a cell as a spreadsheet gives it and either return a clean value or
raise `Unreadable` with a code; they never guess. The sentence for a code is written where it is shown.
"""
