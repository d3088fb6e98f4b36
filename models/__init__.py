"""The shipped model, its card, and the recipe that made it."""
