"""The pages of reviews: rounds and how they were drawn, forms and what may be done with each."""
