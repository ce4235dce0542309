"""What the lessons would otherwise repeat. Import the module that you need."""
