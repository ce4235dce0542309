"""The course in a class: one server for all, homework with points, notes for teachers. See README.md here."""
