"""The table of public addresses: special ranges refused, their neighbours let through."""

from __future__ import annotations

import ipaddress

import pytest

from videogen_nb.security.public_addresses import (
    is_public,
    is_public_host,
    is_within,
    read_networks,
)

NOT_PUBLIC = """
0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255
192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1
::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::10.1.2.3 64:ff9b:1::7f00:1 100::1 2001::1 2001:0:4136:e378::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:808:808:: 3fff::1 5f00::1
fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1 fd12:3456:789a::1
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
168.63.129.15 169.253.255.255 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0
198.17.255.255 198.20.0.0 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8
2606:4700:4700::1111 2400:3200::1 2a00:1450:4001:80b::200e 2003::1
"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_what_is_nearer_than_the_internet_is_not_public(address: str):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC.split())
def test_the_internet_is_public(address: str):
    assert is_public(ipaddress.ip_address(address))


def test_no_address_that_python_calls_private_is_public():
    """Python's own table moves with its versions; ours is at least as strict."""
    for first in range(256):
        for second in (0, 16, 18, 31, 51, 64, 88, 127, 168, 254, 255):
            address = ipaddress.IPv4Address(f"{first}.{second}.0.1")
            if not address.is_global or address.is_multicast:
                assert not is_public(address), address


def test_networks_are_read_and_contain_what_they_carry():
    networks = read_networks(" 198.18.0.0/15, fd00::/8,")
    assert is_within(ipaddress.ip_address("198.18.3.4"), networks)
    assert is_within(ipaddress.ip_address("::ffff:198.18.3.4"), networks)
    assert is_within(ipaddress.ip_address("fd00::1"), networks)
    assert not is_within(ipaddress.ip_address("10.0.0.1"), networks)
    assert read_networks("") == ()
    with pytest.raises(ValueError, match="host bits"):
        read_networks("10.0.0.1/8")


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("example.com", True),
        ("8.8.8.8", True),
        ("[2606:4700::1111]", True),
        ("localhost", False),
        ("a.localhost.", False),
        ("127.0.0.1", False),
        ("[::1]", False),
        ("168.63.129.16", False),  # `ipaddress.is_global` says yes
        ("192.88.99.1", False),  # so it does here
        ("64:ff9b::8.8.8.8", True),
        ("fe80::1%eth0", False),
    ],
)
def test_hosts_are_judged_by_the_same_table(host, public):
    assert is_public_host(host) is public
