"""From figures to a circular: what was counted and compared, in words by rules, with every number a figure."""
