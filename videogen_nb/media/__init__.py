"""Videos and images as files: inspection, provenance, receipts."""
