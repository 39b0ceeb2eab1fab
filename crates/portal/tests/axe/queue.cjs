// Gets a place in the queue, works for it, and goes on. The form's bucket is empty already.
// node queue.cjs MODULES CHROMIUM BASE LANGUAGE WIDTH SCREENSHOTS|-
"use strict";
const [modules, chromium, base, language, width, shots] = process.argv.slice(2);

(async () => {
  const { browser, tab, judge, pause, press } =
    await require("./browser.cjs").open({ modules, chromium, language, width, shots });
  await tab.goto(base + "/" + language + "/number", { waitUntil: "load" });
  await tab.type("#number", "07700 900123");
  await pause(1700);
  await press("main form button");
  await judge("queue");
  await tab.waitForFunction(() => document.querySelector("input[name=work]").value !== "", { timeout: 60000 });
  await judge("queue-ready");
  await press("main form button");
  await judge("number-done");
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
