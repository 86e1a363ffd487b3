"""What many post-mortems have in common: counted over those that the reader may see, and never by person."""
