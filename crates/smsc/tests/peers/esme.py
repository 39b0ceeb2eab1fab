"""Sends by PyPI smpplib to a port of this machine, and waits for receipts."""

import sys
import time

import smpplib.client
import smpplib.consts
import smpplib.gsm

TEXTS = ["Hello {@} \u00e9", "\u0627\u0644\u0633\u0644\u0627\u0645 \U0001f600", "A long text: " * 20]

client = smpplib.client.Client("127.0.0.1", int(sys.argv[1]), timeout=10)
answers, receipts = [], []
client.set_message_sent_handler(lambda pdu: answers.append(pdu.message_id.decode()))


def received(pdu):
    receipts.append((pdu.receipted_message_id.decode(), pdu.message_state))
    return 0


client.set_message_received_handler(received)
client.connect()
client.bind_transceiver(system_id="peer", password="word")
sent = 0
for number, text in enumerate(TEXTS):
    parts, encoding, flag = smpplib.gsm.make_parts(text)
    for part in parts:
        client.send_message(
            source_addr_ton=5,
            source_addr_npi=0,
            source_addr="Police",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=f"44770090000{number}",
            short_message=part,
            data_coding=encoding,
            esm_class=flag,
            registered_delivery=True,
        )
        sent += 1
until = time.time() + 10
while (len(answers) < sent or len(receipts) < sent) and time.time() < until:
    client.read_once()
assert len(set(answers)) == sent, answers
named = [name.rstrip("\0") if isinstance(name, str) else name for name, _ in receipts]
assert sorted(named) == sorted(answers), (named, answers)
assert all(state == 2 for _, state in receipts), receipts
client.unbind()
client.disconnect()
print("ok")
