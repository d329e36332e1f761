"""A seeded year of a bureau that does not exist, lived through the same verbs as a real one."""
