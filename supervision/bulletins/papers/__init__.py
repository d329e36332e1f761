"""The four papers of a circular (通报): mail, Word, PDF and Excel, all made of one `document.Circular`."""
