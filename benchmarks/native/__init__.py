"""What sifting would cost in a compiled language: a prototype, beside the sieve on the same parts."""
