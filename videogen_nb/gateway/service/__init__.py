"""The gateway's service layer, independent of the protocol."""
