// Stands in for 1.5 MB that the theme would load here: the same icons come from its font.
