"""Who counts how much of a KPI's change: claims of projects, month by month, never more than the whole."""
