"""Example methods and data sets that ``conf/`` names."""
