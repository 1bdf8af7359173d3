"""One page that holds all that a study found, to be read offline or printed."""
