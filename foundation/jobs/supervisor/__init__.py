"""`python -m foundation.jobs.supervisor`: starts, watches and stops the whole portal on one machine."""
