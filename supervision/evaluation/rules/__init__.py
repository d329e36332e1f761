"""The arithmetic of the figures: periods, rates, and what is drawn from them. No Django, no clock on the wall."""
