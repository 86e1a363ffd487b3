"""What is worked out over many projects. Plain Python on integers, since pages compute it: no numeric library."""
