"""The pages of return visits: rounds, visits, replies, checks inside the frame; the form of whoever holds a slip outside."""
