"""The stages of a study: one function per rule of the workflow."""
