"""What the lessons would otherwise repeat. Each module stands alone; import the one that you need."""
