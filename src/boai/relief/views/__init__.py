"""Officer pages of relief: desk, cases, payments, funds."""
