// Splits the texts of standard input, a JSON string a line, as `split-sms` does, and encodes them as
// `smpp` does. Answers: G or U and units:characters of each part, a tab, G or U and all octets.
'use strict';

const readline = require('node:readline');
const path = require('node:path');

const from = path.join(process.argv[2], 'node_modules');
const splitSms = require(path.join(from, 'split-sms'));
const { encodings } = require(path.join(from, 'smpp/lib/defs'));

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  const text = JSON.parse(line);
  const split = splitSms.split(text);
  const gsm = split.characterSet === splitSms.GSM;
  const shape = split.parts.map((part) => `${gsm ? part.bytes : part.bytes / 2}:${part.length}`);
  const isAscii = encodings.ASCII.match(text);
  const octets = encodings[isAscii ? 'ASCII' : 'UCS2'].encode(text).toString('hex');
  process.stdout.write(`${gsm ? 'G' : 'U'} ${shape.join(',')}\t${isAscii ? 'G' : 'U'} ${octets}\n`);
});
