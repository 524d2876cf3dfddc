"""Pages of visits: the desk, a visit, the way of a day, the phone."""
