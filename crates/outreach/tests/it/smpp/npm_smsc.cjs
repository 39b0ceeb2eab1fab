// A message centre by npm's `smpp`: prints its port, then a line for each message as it reads it, and
// one for each receipt that was answered. Ids are hexadecimal in answers and decimal in receipts.
const smpp = require(process.argv[2] + "/node_modules/smpp");
let count = 0x38601f0;
const server = smpp.createServer({}, (session) => {
  session.on("bind_transceiver", (pdu) => session.send(pdu.response({ system_id: "npm" })));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => session.send(pdu.response()));
  session.on("error", () => {});
  session.on("submit_sm", (pdu) => {
    const id = ++count;
    const content = pdu.short_message;
    console.log(JSON.stringify({
      from: [pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr],
      to: [pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr],
      esm_class: pdu.esm_class,
      data_coding: pdu.data_coding,
      registered: pdu.registered_delivery,
      // A relative time, which it reads as what is then the time.
      valid_s: Math.round((new Date(pdu.validity_period) - Date.now()) / 1000),
      udh: content.udh ? content.udh.map((element) => element.toString("hex")) : [],
      text: pdu.message_payload ? pdu.message_payload.message : content.message,
      sar: [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum],
    }));
    session.send(pdu.response({ message_id: id.toString(16) }));
    session.deliver_sm({
      source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr,
      dest_addr_ton: 5, dest_addr_npi: 0, destination_addr: pdu.source_addr,
      esm_class: 4,
      short_message: `id:${String(id).padStart(10, "0")} sub:001 dlvrd:001 submit date:2612011200 ` +
        "done date:2612011201 stat:DELIVRD err:000 text:",
    }, (answer) => console.log(JSON.stringify({ answered: answer.command_status })));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
