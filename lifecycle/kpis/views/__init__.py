"""Pages of the room: find, ask, render. A refused form is shown again with what was typed."""
