"""Computing on other machines, with Dask distributed workers that take tasks from the queue."""
