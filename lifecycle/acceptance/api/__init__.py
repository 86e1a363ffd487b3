"""REST of the room, one file for each family."""
