"""RESPONSES AS FILES. Pure: packed responses in; CSV, XLSX, Parquet, SPSS and their codebook out."""
