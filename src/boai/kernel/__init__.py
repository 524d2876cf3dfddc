"""Money, time, ids, transitions, errors, text, row security: tools that know no application."""
