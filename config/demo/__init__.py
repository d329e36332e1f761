"""The demonstration bureau above the cases: what the rooms of supervision have done about its matters."""
