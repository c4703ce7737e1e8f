"""What is asked of one cell: how runs compare, rate against current, latency, thresholds."""
