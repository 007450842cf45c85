"""Computing on other machines: workers of Dask distributed, which this gateway's queue feeds."""
