// Uses a stand-in as a service does, by the official client; says `ok` at the end.
// Arguments: folder of the peers, base URL, key, template.
'use strict';

const assert = require('node:assert');
const path = require('node:path');

const [, , folder, url, key, template] = process.argv;
const { NotifyClient } = require(path.join(folder, 'node_modules', 'notifications-node-client'));

async function main() {
  const client = new NotifyClient(url, key);
  const shown = (await client.getTemplateById(template)).data;
  assert.equal(shown.body, '((text))');
  const sent = await client.sendSms(template, '07700900123', {
    personalisation: { text: 'Nobody asks.' },
    reference: 'node-1',
  });
  assert.equal(sent.status, 201);
  assert.equal(sent.data.content.body, 'Nobody asks.');
  const found = (await client.getNotifications('sms', undefined, 'node-1')).data.notifications;
  assert.deepEqual(found.map((row) => row.id), [sent.data.id]);
  const one = (await client.getNotificationById(sent.data.id)).data;
  assert.equal(one.reference, 'node-1');
  await assert.rejects(
    client.sendSms(template, '0770', { personalisation: { text: 'x' } }),
    (error) => error.response.status === 400
      && error.response.data.errors[0].message.startsWith('phone_number '),
  );
  const stranger = new NotifyClient(url, key.slice(0, -1) + (key.endsWith('0') ? '1' : '0'));
  await assert.rejects(stranger.getTemplateById(template), (error) => error.response.status === 403);
  console.log('ok');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
