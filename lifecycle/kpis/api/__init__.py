"""REST of the room: the same services as the pages."""
