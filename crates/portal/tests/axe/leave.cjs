// Leaves in the midst of a report, with scripts and without, and goes back.
// node leave.cjs MODULES CHROMIUM BASE
"use strict";
const [modules, chromium, base] = process.argv.slice(2);

(async () => {
  const { browser, tab } =
    await require("./browser.cjs").open({ modules, chromium, language: "en", width: 320 });
  // The page that "leave this page" leads to, which is on another host.
  await tab.setRequestInterception(true);
  tab.on("request", (request) => {
    const is_ours = request.url().startsWith(base);
    if (is_ours) request.continue();
    else request.respond({ status: 200, contentType: "text/html", body: "<title>Weather</title><p>Rain" });
  });
  const story = "MARKERLEFT they rang me";
  const leave = () => Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click("a.leave")]);
  const ways = {};
  async function look(name) {
    const left = await tab.title();
    const backs = [];
    for (let n = 0; n < 4; n += 1) {
      await tab.goBack({ waitUntil: "load", timeout: 5000 }).catch(() => {});
      await new Promise((done) => setTimeout(done, 300));
      backs.push(await tab.evaluate(() => {
        const typed = Array.from(document.querySelectorAll("input,textarea"), (one) => one.value).join(" ");
        let held = "";
        try { held = JSON.stringify(sessionStorage); } catch (error) { /* another host */ }
        return document.title + " | " + document.body.innerText + " " + typed + " " + held;
      }));
    }
    const cookies = (await browser.cookies()).filter((one) => one.name.startsWith("__Host-report"));
    ways[name] = { left, told: backs.some((page) => page.includes("MARKERLEFT")), cookies: cookies.length };
  }

  await tab.goto(base + "/en/report", { waitUntil: "load" });
  await Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click("main form button:not(.link)")]);
  await tab.click("#moved-no"); await tab.click("section:not([hidden]) button[data-go=next]");
  await tab.click("#whom-self"); await tab.click("section:not([hidden]) button[data-go=next]");
  await tab.waitForSelector("#story", { visible: true });
  await tab.type("#story", story);
  await tab.click("section:not([hidden]) button[data-go=next]");
  await tab.waitForSelector("#call-time", { visible: true });
  await leave();
  await look("sealing");

  await tab.setJavaScriptEnabled(false);
  await tab.goto(base + "/en/report", { waitUntil: "load" });
  const send = () => Promise.all([tab.waitForNavigation({ waitUntil: "load" }), tab.click("main form button")]);
  await send();
  await tab.goto(base + "/en/report/q/happened", { waitUntil: "load" });
  await tab.type("#story", story);
  await send();
  await tab.goto(base + "/en/report/answers", { waitUntil: "load" });
  const shown = await tab.evaluate(() => document.body.innerText.includes("MARKERLEFT"));
  await leave();
  await look("plain");
  console.log(JSON.stringify({ end: { ways, shown } }));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
