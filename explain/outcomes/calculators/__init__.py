"""The calculators that people and scripts call: one reader of JSON, a command line, a child process for the web."""
