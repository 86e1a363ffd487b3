"""Files of a post-mortem to take away: the whole of it, or its outward version, as HTML, Markdown, PDF or JSON."""

from lifecycle.postmortems.exports.files import FORMATS, File, outward_file, whole_file

__all__ = ["FORMATS", "File", "outward_file", "whole_file"]
