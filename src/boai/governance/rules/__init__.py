"""Pure rules: majorities, days, what may be published. No database, no clock, no request."""
