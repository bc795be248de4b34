"""VERDICTS. Pure: responses -> numbers -> meaning. Alone in knowing both respondents and arrays."""
