"""Videos and images as files: inspecting, provenance, receipts."""
