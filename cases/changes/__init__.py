"""Changes of the law and of the calendar: proposed, looked at, and only then carried out. See the room's README."""
