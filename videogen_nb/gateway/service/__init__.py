"""What the gateway does with a request, whatever protocol it came by."""
