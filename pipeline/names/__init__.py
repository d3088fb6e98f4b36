"""Parts of names: surnames, given names and titles; places, brands, trades and legal forms."""
