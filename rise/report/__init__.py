"""From the table of results to what may be printed: tables, sentences and a figure."""
