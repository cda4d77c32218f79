"""Reports: statistics and the pages that show them."""
