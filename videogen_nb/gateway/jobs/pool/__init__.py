"""Tasks of pools, which wait until a member can take them."""
