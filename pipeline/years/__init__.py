"""Calendar years in news text: finding them, telling relative ones, and what days they cover."""
