"""Accounts, documents and transfers: money, goods, points and minutes, each counted once."""
