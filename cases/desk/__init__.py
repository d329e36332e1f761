"""The desk: pages of this room, and what lists and pages of every room are made with."""
