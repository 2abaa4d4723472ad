"""What the daemon does when there is too much of everything."""
