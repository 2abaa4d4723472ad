"""Peers that mean harm: what they do, what they are answered, and what it costs."""
