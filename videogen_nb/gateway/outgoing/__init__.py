"""Connections to addresses that other people name: checked, guarded, through proxies."""
