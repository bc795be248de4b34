"""WHAT IS KEPT. The only package with SQL in it: plain functions, connection first; the edge owns the transaction."""
