"""The pages of inspections: plans and their steps, items and their draws, inspections and their results, the registers."""
