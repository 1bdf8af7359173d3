"""Turn conf/ and what the command line selects into a checked plan of cells."""
