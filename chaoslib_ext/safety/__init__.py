"""This room answers one question, `guard.refusal`: may this fault run? It touches nothing itself."""
