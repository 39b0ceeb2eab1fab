// A message centre by npm's `smpp`, as fast as it can: prints its port. Sends no receipts.
const smpp = require(process.argv[2] + "/node_modules/smpp");
let count = 0;
const server = smpp.createServer({}, (session) => {
  session.on("bind_transceiver", (pdu) => session.send(pdu.response({ system_id: "npm" })));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => session.send(pdu.response()));
  session.on("submit_sm", (pdu) => session.send(pdu.response({ message_id: (++count).toString(16) })));
  session.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
