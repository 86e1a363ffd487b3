"""Pages of the room: find, ask, render."""
