"""How fast the service is, as ratios against something that runs beside it."""
