"""What the suite finds and what it costs, beside other tools on the same servers in the same run."""
