"""Pages of the room, one file for each family: find, ask, render."""
