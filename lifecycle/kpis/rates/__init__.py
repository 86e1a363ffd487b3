"""Dated exchange rates of the organisation."""
