"""What people fill in for sign-off."""
