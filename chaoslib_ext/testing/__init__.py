"""This room holds the contracts that plugin writers run on their own parts; our tests run the same ones."""
