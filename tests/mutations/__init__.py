"""Lines that protect somebody, taken out one by one: shows that the tests which hold them can fail."""
