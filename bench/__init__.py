"""Speed and memory, as ratios beside a reference in the same run. Nothing is decided here, and nobody imports it."""
