"""Tables, figures and the page that tell a study's result."""
