"""Who may do what in sign-off, and why not: one module for each thing that is decided about."""
