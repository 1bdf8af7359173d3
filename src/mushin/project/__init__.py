"""Begin a project of one's own, and add to it."""
