// Header only.
