"""The demonstration bureau: who works there, and what has happened to its matters up to a given moment."""
