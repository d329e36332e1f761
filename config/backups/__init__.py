"""Backup, restore and digest of a whole house: every table's rows and every file, the same on either engine."""
