"""Something to look at: the shipped surveys, made-up answers from a fixed seed, and one real data set."""
