"""Connections to untrusted addresses: checked, guarded, through proxies."""
