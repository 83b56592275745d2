"""What scapy sees in RoCEv2 packets: IP packets in hexadecimal, one a line, to JSON objects, one a line."""
import json
import logging
import sys

logging.getLogger('scapy').setLevel(logging.ERROR)
from scapy.contrib.roce import AETH, BTH, CNPPadding  # noqa: E402
from scapy.layers.inet import IP  # noqa: E402
from scapy.layers.inet6 import IPv6  # noqa: E402


def seen(data):
    packet = (IP if data[0] >> 4 == 4 else IPv6)(data)
    bth = packet[BTH]
    names = ('opcode', 'solicited', 'migreq', 'padcount', 'version', 'pkey', 'fecn', 'becn', 'resv6', 'dqpn',
             'ackreq', 'resv7', 'psn', 'icrc')
    fields = {name: getattr(bth, name) for name in names}
    if AETH in packet:
        fields['aeth'] = [packet[AETH].syndrome, packet[AETH].msn]
    if CNPPadding in packet:
        fields['cnp'] = [packet[CNPPadding].reserved1, packet[CNPPadding].reserved2]
    if IP in packet:
        del bth.icrc
        fields['built'] = bytes(packet).hex()
    return fields


for line in sys.stdin:
    print(json.dumps(seen(bytes.fromhex(line.strip()))))
