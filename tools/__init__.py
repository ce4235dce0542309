"""What contributors run: notebooks executed and stored, pictures of pages."""
